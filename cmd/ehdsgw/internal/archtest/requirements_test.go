package archtest

import (
	"flag"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/conformance/spec"
)

var update = flag.Bool("update", false, "rewrite the table of docs/requirements.md")

// requirementsDoc shows which test shows which requirement; below the marker it is made from the tests.
const (
	requirementsDoc    = "docs/requirements.md"
	requirementsMarker = "<!-- What follows is made from the tests: go test ./cmd/ehdsgw/internal/archtest -run Requirement -update -->\n"
)

// showsForm is the comment above a test that names the requirements it shows: "// shows R9.3.5 R8.0.1-3".
var (
	showsForm = regexp.MustCompile(`(?m)^shows ((?:R[0-9.-]+ ?)+)$`)
	rangeForm = regexp.MustCompile(`^(R\d+\.\d+\.)(\d+)(?:-(\d+))?$`)
)

// shown finds the tests that name requirements: identifier → tests, as "package.Test".
func shown(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	m, err := theModule()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.files {
		if !f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Doc == nil || !strings.HasPrefix(fn.Name.Name, "Test") {
				continue
			}
			for _, m := range showsForm.FindAllStringSubmatch(fn.Doc.Text(), -1) {
				for _, id := range expand(t, f.name, m[1]) {
					out[id] = append(out[id], f.dir+"."+fn.Name.Name)
				}
			}
		}
	}
	return out
}

// expand reads identifiers and ranges of them.
func expand(t *testing.T, file, list string) (out []string) {
	t.Helper()
	for _, word := range strings.Fields(list) {
		m := rangeForm.FindStringSubmatch(word)
		if m == nil {
			t.Errorf("%s: %q is no requirement", file, word)
			continue
		}
		from, _ := strconv.Atoi(m[2])
		to := from
		if m[3] != "" {
			to, _ = strconv.Atoi(m[3])
		}
		for i := from; i <= to; i++ {
			out = append(out, m[1]+strconv.Itoa(i))
		}
	}
	return out
}

// TestRequirementsAreShown: every requirement of TEHDAS2 D6.4 is shown by a test, or says why none can;
// no test names one that does not exist; the document lists them as they are.
func TestRequirementsAreShown(t *testing.T) {
	all, err := spec.Requirements()
	if err != nil {
		t.Fatal(err)
	}
	by, known := shown(t), map[string]bool{}
	var table strings.Builder
	table.WriteString("| id | level | what | shown by |\n|---|---|---|---|\n")
	for _, r := range all {
		for _, id := range r.IDs {
			known[id] = true
			tests := by[id]
			slices.Sort(tests)
			cell := r.Untested
			switch {
			case r.Untested == "" && len(tests) == 0:
				t.Errorf("%s (%s): no test shows it", id, r.What)
			case r.Untested != "" && len(tests) > 0:
				t.Errorf("%s cannot be tested, and %s shows it", id, tests[0])
			case r.Untested == "":
				cell = "`" + strings.Join(slices.Compact(tests), "`, `") + "`"
			}
			fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", id, r.Level, r.What, cell)
		}
	}
	for id, tests := range by {
		if !known[id] {
			t.Errorf("%s shows %s, which is no requirement", tests[0], id)
		}
	}
	checkRequirementsDoc(t, table.String())
}

func checkRequirementsDoc(t *testing.T, table string) {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(root, requirementsDoc)
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text, found := strings.CutSuffix(string(raw), table)
	if head, _, ok := strings.Cut(string(raw), requirementsMarker); *update && ok {
		if err := os.WriteFile(name, []byte(head+requirementsMarker+table), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !found || !strings.HasSuffix(text, requirementsMarker) {
		t.Errorf("%s is not what the tests say; run the test with -update", requirementsDoc)
	}
}
