package archtest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const modulePath = "github.com/ehdsgw/ehdsgw"

// file is one parsed Go file of the module.
type file struct {
	name string // slash-separated, from the module root
	dir  string // the package's directory; "." is the root
	test bool   // _test.go
	ast  *ast.File
	src  []byte
	fset *token.FileSet
}

// at names the place of a node.
func (f *file) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.name, f.fset.Position(n.Pos()).Line)
}

// imports maps the name an import has in the file to its path; dot and blank
// imports are under their path.
func (f *file) imports() map[string]string {
	out := map[string]string{}
	for _, spec := range f.ast.Imports {
		p := importPath(spec)
		name := path.Base(p)
		if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
			name = path.Base(path.Dir(p))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." || name == "_" {
			name = p
		}
		out[name] = p
	}
	return out
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic(err) // the parser only lets string literals through
	}
	return p
}

// tree is the module as the rules see it: its Go files by name, in order, and
// every other text file.
type tree struct {
	files []*file
	texts map[string][]byte // all text files, the Go files among them
}

// packages are the files by directory, in order.
func (t *tree) packages() (dirs []string, byDir map[string][]*file) {
	byDir = map[string][]*file{}
	for _, f := range t.files {
		byDir[f.dir] = append(byDir[f.dir], f)
	}
	return slices.Sorted(maps.Keys(byDir)), byDir
}

// treeOf parses sources given by name.
func treeOf(sources map[string][]byte) (*tree, error) {
	t := &tree{texts: sources}
	fset := token.NewFileSet()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		if !strings.HasSuffix(name, ".go") || strings.Contains("/"+name, "/testdata/") {
			continue
		}
		parsed, err := parser.ParseFile(fset, name, sources[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		t.files = append(t.files, &file{
			name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			ast: parsed, src: sources[name], fset: fset,
		})
	}
	return t, nil
}

// skipped are directories that hold no source: what the ignore file names.
var skipped = []string{"bin", "dist", "ehdsgw-demo"}

// readModule reads the text files of the module around this test.
func readModule() (*tree, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	sources, module := map[string][]byte{}, os.DirFS(root)
	err = fs.WalkDir(module, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed while walking
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || slices.Contains(skipped, name)):
			return fs.SkipDir
		case !d.Type().IsRegular() || d.Name() == ".git" || strings.HasSuffix(name, ".test") || strings.HasSuffix(name, ".out"):
			return nil
		}
		info, err := d.Info()
		if err != nil || info.Size() > 4<<20 { // a built binary
			return nil
		}
		b, err := fs.ReadFile(module, name)
		if errors.Is(err, fs.ErrNotExist) || bytes.IndexByte(b, 0) >= 0 {
			return nil
		}
		sources[name] = b
		return err
	})
	if err != nil {
		return nil, err
	}
	return treeOf(sources)
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// theModule reads the module once for all rules.
var theModule = sync.OnceValues(readModule)

// A rule reports what breaks it, one line each, starting with the place.
type rule func(*tree) []string

// checkModule runs a rule on the module.
func checkModule(t *testing.T, r rule) {
	t.Helper()
	m, err := theModule()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.files) < 50 {
		t.Fatalf("read only %d Go files: the rule would hold for an empty module", len(m.files))
	}
	for _, problem := range r(m) {
		t.Error(problem)
	}
}

// A sample is a small tree and what a rule must say about it.
type sample struct {
	name  string
	files map[string]string
	want  string // part of the one report; empty: nothing is reported
}

// checkSamples proves that a rule can fail, and that it does not cry wolf.
func checkSamples(t *testing.T, r rule, samples []sample) {
	t.Helper()
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			sources := map[string][]byte{}
			for name, src := range s.files {
				sources[name] = []byte(src)
			}
			tr, err := treeOf(sources)
			if err != nil {
				t.Fatal(err)
			}
			got := r(tr)
			switch {
			case s.want == "" && len(got) > 0:
				t.Errorf("reported %q about good sources", got)
			case s.want != "" && (len(got) != 1 || !strings.Contains(got[0], s.want)):
				t.Errorf("reported %q, want one with %q", got, s.want)
			}
		})
	}
}

// inside tells whether a package directory is dir or below it.
func inside(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }
