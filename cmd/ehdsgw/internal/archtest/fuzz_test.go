package archtest

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readerName is what an exported reader of foreign bytes is called.
var readerName = regexp.MustCompile(`^(Parse|Read|Decode|Open|Unmarshal)([A-Z]|$)`)

// notFuzzed are readers without a fuzz target of their own, by "directory Name" with the reason.
var notFuzzed = map[string]string{
	"trust/evidence/witness OpenLedger":      "opens a folder of our own",
	"trust/evidence/witness OpenRegister":    "opens a folder of our own",
	"trust/evidence (tileReader).ReadTiles":  "checks lengths; the tree's hashes judge what it read, and FuzzParseTilePath the path",
	"trust/keys Open":                        "opens a directory of our own; FuzzDecodeKey is for what lies in it",
	"trust/agefile (source).Read":            "counts octets and reads none",
	"trust/egress (cappedBody).Read":         "counts octets and reads none",
	"trust/jose (KeySet).UnmarshalJSON":      "it is ParseKeySet, which FuzzParseKeySet reads",
	"trust/keys/pkcs11 Open":                 "opens a device",
	"trust/federation/superior OpenRegistry": "opens a directory of our own; FuzzRecord is for what lies in it",
}

// fuzzCoverage reports readers of foreign bytes under trust that no fuzz target of their package
// mentions, and exceptions that are none.
func fuzzCoverage(t *tree) (out []string) {
	unused := maps.Clone(notFuzzed)
	dirs, byDir := t.packages()
	for _, dir := range dirs {
		if !inside(dir, "trust") {
			continue
		}
		fuzzed := fuzzedNames(byDir[dir])
		for _, f := range byDir[dir] {
			if f.test {
				continue
			}
			for _, d := range f.ast.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || !readerName.MatchString(fn.Name.Name) {
					continue
				}
				name := dir + " " + receiver(fn) + fn.Name.Name
				_, excused := notFuzzed[name]
				delete(unused, name)
				if !excused && !fuzzed[fn.Name.Name] && !fuzzed[typeOfReceiver(fn)] {
					out = append(out, fmt.Sprintf("%s: %s reads foreign bytes and no Fuzz target in %s mentions it; write one, or a reason in notFuzzed (fuzz_test.go)", f.at(fn), fn.Name.Name, dir))
				}
				if excused && fuzzed[fn.Name.Name] {
					out = append(out, name+" is fuzzed: take it out of notFuzzed")
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		dir, _, _ := strings.Cut(name, " ")
		if len(byDir[dir]) > 0 {
			out = append(out, name+" is in notFuzzed and does not exist")
		}
	}
	return out
}

// fuzzedNames are the names the fuzz targets of a package mention. A target that only mentions a
// method's type (as json.Unmarshal into it does) counts for UnmarshalJSON.
func fuzzedNames(files []*file) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !f.test || fn.Body == nil || !strings.HasPrefix(fn.Name.Name, "Fuzz") {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					out[id.Name] = true
				}
				return true
			})
		}
	}
	return out
}

// receiver is "(Type)." for a method.
func receiver(fn *ast.FuncDecl) string {
	if name := receiverType(fn); name != "" {
		return "(" + name + ")."
	}
	return ""
}

// typeOfReceiver is the type of an UnmarshalJSON or UnmarshalText, which the decoder calls.
func typeOfReceiver(fn *ast.FuncDecl) string {
	if strings.HasPrefix(fn.Name.Name, "Unmarshal") {
		return receiverType(fn)
	}
	return ""
}

func receiverType(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) != 1 {
		return ""
	}
	t := fn.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func TestFuzzCoverage(t *testing.T) { checkModule(t, fuzzCoverage) }

func TestFuzzCoverageBites(t *testing.T) {
	const reader = "package x\nfunc ParseThing(b []byte) error { return nil }\n"
	fuzz := func(body string) string {
		return "package x\nimport \"testing\"\nfunc FuzzThing(f *testing.F) { f.Fuzz(func(t *testing.T, b []byte) { " + body + " }) }\n"
	}
	checkSamples(t, fuzzCoverage, []sample{
		{"none", map[string]string{"trust/x/x.go": reader}, "no Fuzz target in trust/x mentions it"},
		{"of another", map[string]string{"trust/x/x.go": reader, "trust/x/x_test.go": fuzz("ParseOther(b)")}, "ParseThing reads foreign bytes"},
		{"in a plain test", map[string]string{"trust/x/x.go": reader, "trust/x/x_test.go": "package x\nfunc TestThing() { ParseThing(nil) }\n"}, "ParseThing reads foreign bytes"},
		{"in another package", map[string]string{"trust/x/x.go": reader, "trust/y/x_test.go": fuzz("ParseThing(b)")}, "ParseThing reads foreign bytes"},
		{"a method", map[string]string{"trust/x/x.go": "package x\ntype T struct{}\nfunc (t *T) UnmarshalJSON(b []byte) error { return nil }\n"}, "UnmarshalJSON reads foreign bytes"},
		{"excused and fuzzed", map[string]string{"trust/keys/x.go": "package x\nfunc Open(b []byte) {}\n", "trust/keys/x_test.go": fuzz("Open(b)")}, "take it out of notFuzzed"},
		{"excuse of nothing", map[string]string{"trust/keys/x.go": "package x\n"}, "does not exist"},
		{"a method by its type", map[string]string{"trust/x/x.go": "package x\ntype T struct{}\nfunc (t *T) UnmarshalJSON(b []byte) error { return nil }\n",
			"trust/x/x_test.go": fuzz("var v T; _ = json.Unmarshal(b, &v)")}, ""},
		{"fuzzed", map[string]string{"trust/x/x.go": reader, "trust/x/x_test.go": fuzz("ParseThing(b)")}, ""},
		{"excused", map[string]string{"trust/keys/x.go": "package x\nfunc Open(dir string) {}\n"}, ""},
		{"elsewhere", map[string]string{"gateway/x/x.go": reader}, ""},
		{"another word", map[string]string{"trust/x/x.go": "package x\nfunc Reader() {}\nfunc Parser() {}\nfunc Opened() {}\n"}, ""},
	})
}
