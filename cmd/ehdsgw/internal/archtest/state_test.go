package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// makers are the functions of other modules whose result may be kept in a
// package-level variable, because nothing can change it afterwards.
var makers = map[string]string{
	"errors.New":            "sentinel error",
	"errors.Join":           "sentinel error",
	"fmt.Errorf":            "sentinel error",
	"regexp.MustCompile":    "compiled once, never changed",
	"netip.MustParsePrefix": "value",
	"netip.MustParseAddr":   "value",
	"strings.NewReplacer":   "immutable",
	"reflect.TypeFor":       "immutable",
	"slices.Concat":         "a table made of tables; its writes are watched",
	"goredis.NewScript":     "only its digest is kept: NewScript(…).Hash()",
	"template.Must":         "parsed once; executing it changes nothing",
	"template.New":          "see template.Must",
	"rdf.NewIRI":            "value",
	"rdf.NewString":         "value",
	"rdf.Prefixes":          "a table of its own; its writes are watched",
}

// noImports makes every import an empty package, so that a package can be
// checked alone: names of the package itself resolve, foreign ones do not
// matter.
type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("not read: %s", path)
}

var _ types.Importer = noImports{}

// packageState reports init functions and package-level variables that can
// change after the program started.
func packageState(t *tree) (out []string) {
	dirs, byDir := t.packages()
	for _, dir := range dirs {
		var product []*file
		for _, f := range byDir[dir] {
			if !f.test {
				product = append(product, f)
			}
		}
		out = append(out, stateOf(product)...)
	}
	return out
}

// scope is one package under check.
type scope struct {
	info     *types.Info
	pkg      *types.Package
	pointed  map[*types.TypeName]bool // types that package variables point at
	changing map[string]string        // own types that exist to be changed
}

func stateOf(files []*file) (out []string) {
	if len(files) == 0 {
		return nil
	}
	var parsed []*ast.File
	for _, f := range files {
		parsed = append(parsed, f.ast)
	}
	s := &scope{info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}, pointed: map[*types.TypeName]bool{}, changing: changingTypes(parsed)}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	s.pkg, _ = conf.Check(files[0].dir, files[0].fset, parsed, s.info) // its errors are the unread imports
	for _, f := range files {
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					out = append(out, f.at(d)+": init runs before main can decide anything; make it a call")
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					out = append(out, s.declared(f, d)...)
				}
			}
		}
	}
	for _, f := range files {
		out = append(out, s.written(f)...)
	}
	return out
}

// declared reports variables whose first value is already state.
func (s *scope) declared(f *file, d *ast.GenDecl) (out []string) {
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if allBlank(v.Names) || embedded(d.Doc) || embedded(v.Doc) {
			continue
		}
		if len(v.Values) == 0 {
			out = append(out, fmt.Sprintf("%s: package variable %s has no value: somebody sets it later", f.at(v), v.Names[0].Name))
		}
		for i, e := range v.Values {
			name := v.Names[min(i, len(v.Names)-1)].Name
			if reason := s.holdsState(e); reason != "" {
				out = append(out, fmt.Sprintf("%s: package variable %s %s", f.at(v), name, reason))
			} else if ast.IsExported(name) && !strings.HasPrefix(name, "Err") {
				out = append(out, fmt.Sprintf("%s: exported package variable %s: any importer can change it; only sentinel errors (Err…) may be exported", f.at(v), name))
			}
		}
	}
	return out
}

func allBlank(names []*ast.Ident) bool {
	return !slices.ContainsFunc(names, func(n *ast.Ident) bool { return n.Name != "_" })
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// holdsState tells why an initial value may change behind the program's back,
// or "" when it cannot: literals, tables and the makers above.
func (s *scope) holdsState(e ast.Expr) (reason string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if reason != "" {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // its body runs when it is called
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				reason = s.pointer(s.info.Types[n].Type)
			}
		case *ast.CallExpr:
			reason = s.callHolds(n)
		case *ast.CompositeLit:
			if reason = foreignState(n.Type); reason == "" {
				reason = s.ownState(s.info.Types[n].Type)
			}
		}
		return true
	})
	return reason
}

// stateful are packages whose types exist to be changed.
var stateful = []string{"sync", "atomic", "http", "bytes", "rand"}

// foreignState judges a type of another package.
func foreignState(e ast.Expr) string {
	if sel, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(stateful, x.Name) {
			return "holds a " + x.Name + "." + sel.Sel.Name
		}
	}
	return ""
}

// ownState judges a type of this package.
func (s *scope) ownState(t types.Type) string {
	if named, ok := t.(*types.Named); ok {
		return s.changing[named.Obj().Name()]
	}
	return ""
}

// changingTypes are the struct types of a package with a lock, a channel or the
// like in them, with the reason. The fields are read as written: their types
// belong to packages that are not read.
func changingTypes(files []*ast.File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if st, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range st.Fields.List {
					if _, isChan := field.Type.(*ast.ChanType); isChan {
						out[spec.Name.Name] = "holds a channel"
					} else if reason := foreignState(field.Type); reason != "" {
						out[spec.Name.Name] = reason
					}
				}
			}
			return true
		})
	}
	return out
}

// pointer judges a pointer that a package variable holds: to a type of this
// package it may, if nothing in the package writes to that type (written); to
// anything else it may not.
func (s *scope) pointer(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		if named, ok := p.Elem().(*types.Named); ok && named.Obj().Pkg() == s.pkg && s.ownState(named) == "" {
			s.pointed[named.Obj()] = true
			return ""
		}
	}
	return "holds a pointer: what it points at can change"
}

// callHolds judges a call in an initial value.
func (s *scope) callHolds(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	if ix, ok := fun.(*ast.IndexExpr); ok { // a generic function
		fun = ix.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		switch fun.Name {
		case "make":
			return "is made empty: somebody fills it later"
		case "new":
			return "holds a pointer: what it points at can change"
		}
		switch t := s.info.Types[call].Type; t.(type) {
		case *types.Pointer:
			return s.pointer(t)
		case *types.Chan:
			return "holds a channel"
		}
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		if !ok {
			return "" // a method of a call, which is itself judged
		}
		if name := x.Name + "." + fun.Sel.Name; makers[name] == "" {
			return fmt.Sprintf("is made by %s: if its result can never change, add it to makers in state_test.go", name)
		}
	}
	return ""
}

// written reports statements that change a package-level variable of this or
// of another package, or a value such a variable points at.
func (s *scope) written(f *file) (out []string) {
	report := func(n ast.Node, e ast.Expr, how string) {
		if what := s.target(f, e); what != "" {
			out = append(out, fmt.Sprintf("%s: %s %s: state belongs in a value that somebody owns", f.at(n), how, what))
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if n.Tok != token.DEFINE {
					report(n, l, "assigns to")
				}
			}
		case *ast.IncDecStmt:
			report(n, n.X, "counts in")
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				for _, l := range []ast.Expr{n.Key, n.Value} {
					if l != nil {
						report(n, l, "assigns to")
					}
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				if _, lit := ast.Unparen(n.X).(*ast.CompositeLit); !lit {
					report(n, n.X, "takes the address of")
				}
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && slices.Contains([]string{"delete", "clear", "copy"}, id.Name) {
				report(n, n.Args[0], id.Name+"s in")
			}
		}
		return true
	})
	return out
}

// target names what an assignable expression changes, if that is package state.
func (s *scope) target(f *file, e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			if v, ok := s.info.Uses[x].(*types.Var); ok && s.pkg != nil && v.Parent() == s.pkg.Scope() {
				return "the package variable " + x.Name
			}
			return ""
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && f.imports()[id.Name] != "" && s.isPackage(id) {
				return "the variable " + id.Name + "." + x.Sel.Name + " of another package"
			}
			if t := s.info.Types[x.X].Type; t != nil {
				if p, ok := t.Underlying().(*types.Pointer); ok {
					t = p.Elem()
				}
				if named, ok := t.(*types.Named); ok && s.pointed[named.Obj()] {
					return "a " + named.Obj().Name() + ", which a package variable points at"
				}
			}
			e = x.X
		default:
			return ""
		}
	}
}

func (s *scope) isPackage(id *ast.Ident) bool {
	_, ok := s.info.Uses[id].(*types.PkgName)
	return ok
}

func TestPackageState(t *testing.T) { checkModule(t, packageState) }
