package jose

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fenced are the modules that only trust/jose may import.
var fenced = []string{"github.com/lestrrat-go/jwx", "github.com/cloudflare/circl"}

// banned are calls that read tokens or key sets with a second, laxer parser,
// fetch keys by themselves, or let a token choose its key; by the last element
// of the import path, as prefixes of the name.
var banned = map[string][]string{
	"jwt": {"Parse", "ReadFile"},
	"jwk": {"Parse", "ReadFile", "Cache", "NewCache", "NewCachedSet", "Fetch"},
	"jws": {"Verify", "Parse", "ReadFile", "WithVerifyAuto", "NewVerifierProvider"},
	"jwe": {"Decrypt", "Parse", "ReadFile"},
}

// fences reports what one source file does against the rules above.
func fences(file string, src any) []string {
	var out []string
	f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil // the compiler reports it
	}
	names := map[string]string{}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !slices.ContainsFunc(fenced, func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") }) {
			continue
		}
		if path.Dir(file) != "trust/jose" {
			out = append(out, fmt.Sprintf("%s imports %s; only trust/jose may", file, imported))
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			out = append(out, fmt.Sprintf("%s imports %s with a dot", file, imported))
		}
		names[name] = path.Base(imported)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.ContainsFunc(banned[names[x.Name]], func(p string) bool { return strings.HasPrefix(sel.Sel.Name, p) }) {
			out = append(out, fmt.Sprintf("%s uses %s.%s", file, names[x.Name], sel.Sel.Name))
		}
		return true
	})
	for _, d := range f.Decls {
		if exported := exportedWith(d, names); exported != "" {
			out = append(out, fmt.Sprintf("%s: exported %s shows a type of the library", file, exported))
		}
	}
	return out
}

// exportedWith names an exported declaration whose signature or type mentions
// one of the imports.
func exportedWith(d ast.Decl, imports map[string]string) string {
	mentions := func(n ast.Node) (found bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && imports[x.Name] != "" {
					found = true
				}
			}
			return !found
		})
		return found
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && mentions(d.Type) {
			return d.Name.Name
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && mentions(s.Type) {
					return s.Name.Name
				}
			case *ast.ValueSpec:
				if slices.ContainsFunc(s.Names, (*ast.Ident).IsExported) && mentions(s) {
					return s.Names[0].Name
				}
			}
		}
	}
	return ""
}

// TestLibraryFence reads every Go file of the module.
func TestLibraryFence(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	module, files := os.DirFS(root), 0
	err = fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // removed while walking
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		src, err := fs.ReadFile(module, name)
		if err != nil {
			return nil
		}
		files++
		for _, problem := range fences(name, src) {
			t.Error(problem)
		}
		return nil
	})
	if err != nil || files < 10 {
		t.Errorf("read %d files, %v", files, err)
	}
}

func TestFencesNotice(t *testing.T) {
	tests := []struct{ name, file, src, want string }{
		{"import elsewhere", "trust/verifier.go", `import "github.com/lestrrat-go/jwx/v2/jwa"`, "only trust/jose may"},
		{"circl elsewhere", "trust/keys/x.go", `import _ "github.com/cloudflare/circl/sign/mldsa/mldsa65"`, "only trust/jose may"},
		{"import in a sub-directory", "trust/jose/sub/x.go", `import "github.com/lestrrat-go/jwx/v2/jwa"`, "only trust/jose may"},
		{"dot import", "trust/jose/x.go", `import . "github.com/lestrrat-go/jwx/v2/jws"`, "with a dot"},
		{"jws.Verify", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jws"; func f() { jws.Verify(nil) }`, "uses jws.Verify"},
		{"jws.Parse renamed", "trust/jose/x.go", `import x "github.com/lestrrat-go/jwx/v2/jws"; func f() { x.ParseString("") }`, "uses jws.ParseString"},
		{"WithVerifyAuto", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jws"; var _ = jws.WithVerifyAuto(nil)`, "uses jws.WithVerifyAuto"},
		{"jwt.Parse", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jwt"; func f() { jwt.ParseInsecure(nil) }`, "uses jwt.ParseInsecure"},
		{"jwk.ParseKey", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jwk"; func f() { jwk.ParseKey(nil) }`, "uses jwk.ParseKey"},
		{"jwk.Cache", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jwk"; var c *jwk.Cache`, "uses jwk.Cache"},
		{"jwk.Fetch", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jwk"; var c = jwk.Fetch`, "uses jwk.Fetch"},
		{"exported func", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jwa"; func F(jwa.SignatureAlgorithm) {}`, "exported F"},
		{"exported type", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jwk"; type T struct { K jwk.Key }`, "exported T"},
		{"exported value", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jwa"; var V = jwa.EdDSA`, "exported V"},
		{"what is allowed", "trust/jose/x.go", `import "github.com/lestrrat-go/jwx/v2/jws"; func f() { jws.NewVerifier(""); jws.NewSigner("") }`, ""},
		{"another jws", "trust/x.go", `import "example.org/jws"; func F() { jws.Verify() }`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(fences(tt.file, "package x; "+tt.src), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("reported %q, want %q", got, tt.want)
			}
		})
	}
}
