package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// statusOfKind is the HTTP status of each kind of fault; the wire profile fixes it (§5).
var statusOfKind = map[string]int{
	"Malformed": 400, "Unauthenticated": 401, "Forbidden": 403, "NotFound": 404, "Conflict": 409, "TooLarge": 413,
	"UnsupportedMedia": 415, "Invalid": 422, "RateLimited": 429, "Internal": 500, "Unavailable": 503,
}

// codebook is what the sources can say: codes by group, with the HTTP statuses they come with.
type codebook struct {
	groups  map[string]map[string]*code
	unclear []string // places whose code cannot be followed
}

type code struct {
	at       string
	statuses map[int]bool
}

func (b *codebook) add(group, value, at string, status int) {
	if b.groups[group] == nil {
		b.groups[group] = map[string]*code{}
	}
	c := b.groups[group][value]
	if c == nil {
		c = &code{at: at, statuses: map[int]bool{}}
		b.groups[group][value] = c
	}
	if status != 0 {
		c.statuses[status] = true
	}
}

// faultGroups says under which heading of the document the faults of a package stand.
var faultGroups = map[string]string{
	"gateway": "Problems", "gateway/exchange": "Problems", "gateway/httpapi": "Problems", "gateway/access": "Findings", "gateway/access/filing": "Filings", "gateway/biennial": "Problems",
	"connectors": "Handover", "connectors/permits/desk": "Desk", "connectors/permits/dispatcher": "Dispatcher", "connectors/permits/rems": "REMS", "connectors/permits/recipients": "Handover", "connectors/catalogue/ingest": "Ingest", "gateway/catalogue": "Catalogue",
}

// collectCodes reads every stable code off the sources of the product.
func collectCodes(t *tree) *codebook {
	b := &codebook{groups: map[string]map[string]*code{}}
	consts := codeConstants(t)
	dirs, byDir := t.packages()
	for _, dir := range dirs {
		if inside(dir, "conformance") || inside(dir, "cmd/ehdsgw/internal") {
			continue // counterparts have codes of their own
		}
		p := &codeReader{dir: dir, book: b, consts: consts, makers: map[string]maker{}}
		for _, f := range byDir[dir] {
			if !f.test {
				p.files = append(p.files, f)
			}
		}
		for before := -1; before < len(p.makers); { // until no new maker is found
			before = len(p.makers)
			p.read()
		}
		if dir == "gateway/console" {
			for name, value := range consts[dir] {
				b.add("Public catalogue", value, dir+"."+name, 0)
			}
		}
		if dir == "gateway/catalogue" || dir == "gateway/catalogue/rdf" {
			for name, value := range consts[dir] {
				b.add("Catalogue", value, dir+"."+name, 0)
			}
		}
	}
	return b
}

// codeConstants are the constants called Code… by package directory.
func codeConstants(t *tree) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, f := range t.files {
		for _, d := range f.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST || f.test {
				continue
			}
			for _, s := range g.Specs {
				v := s.(*ast.ValueSpec)
				for i, name := range v.Names {
					if text, ok := literal(at(v.Values, i)); ok && strings.HasPrefix(name.Name, "Code") {
						if out[f.dir] == nil {
							out[f.dir] = map[string]string{}
						}
						out[f.dir][name.Name] = text
					}
				}
			}
		}
	}
	return out
}

func at(list []ast.Expr, i int) ast.Expr {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// A maker is a function that puts one of its parameters into a code.
type maker struct {
	arg    int
	group  string
	status int
}

// codeReader follows the codes of one package.
type codeReader struct {
	dir    string
	files  []*file
	book   *codebook
	consts map[string]map[string]string
	makers map[string]maker
	f      *file
	stack  []ast.Node // from the declaration down to the node being looked at
}

func (p *codeReader) read() {
	for _, f := range p.files {
		p.f = f
		for _, d := range f.ast.Decls {
			p.stack = nil
			ast.Inspect(d, func(n ast.Node) bool {
				if n == nil {
					p.stack = p.stack[:len(p.stack)-1]
					return true
				}
				p.look(n)
				p.stack = append(p.stack, n)
				return true
			})
		}
	}
}

func (p *codeReader) look(n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		p.call(n)
	case *ast.CompositeLit:
		p.composite(n)
	case *ast.ReturnStmt:
		if fn := p.enclosing(); fn == "publishCode" && len(n.Results) == 1 {
			if text, ok := literal(n.Results[0]); ok {
				p.book.add("Publication", text, p.f.at(n), 0)
			}
		}
	}
}

// enclosing is the name of the declared function around the node.
func (p *codeReader) enclosing() string {
	if len(p.stack) > 0 {
		if d, ok := p.stack[0].(*ast.FuncDecl); ok {
			return d.Name.Name
		}
	}
	return ""
}

func (p *codeReader) call(n *ast.CallExpr) {
	name, pkg := calleeOf(n)
	switch {
	case pkg == "fault" && (name == "New" || name == "Wrap"):
		i := map[string]int{"New": 0, "Wrap": 1}[name]
		if group, ours := faultGroups[p.dir]; ours && len(n.Args) > i+1 {
			p.follow(n.Args[i+1], group, kindStatus(n.Args[i]))
		} else if !ours {
			p.book.unclear = append(p.book.unclear, p.f.at(n)+": faults of "+p.dir+" belong to no section of "+problemsDoc)
		}
	case name == "because" && p.dir == "gateway/permits" && len(n.Args) > 1:
		p.follow(n.Args[1], "Permit verification", 0)
	case name == "add" && p.dir == "trust/evidence" && len(n.Args) == 4:
		p.follow(n.Args[1], "Evidence verification", 0)
	default:
		if m, ok := p.makers[name]; ok && pkg == "" && m.arg < len(n.Args) {
			p.follow(n.Args[m.arg], m.group, m.status)
		}
	}
}

func calleeOf(n *ast.CallExpr) (name, pkg string) {
	switch fn := n.Fun.(type) {
	case *ast.Ident:
		return fn.Name, ""
	case *ast.SelectorExpr:
		if x, ok := fn.X.(*ast.Ident); ok {
			return fn.Sel.Name, x.Name
		}
		return fn.Sel.Name, "."
	}
	return "", ""
}

func kindStatus(e ast.Expr) int {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return statusOfKind[s.Sel.Name]
	}
	return 0
}

// composite looks into findings, flags and the table of the evidence report.
func (p *codeReader) composite(n *ast.CompositeLit) {
	name := ""
	switch t := n.Type.(type) {
	case *ast.Ident:
		name = t.Name
	case *ast.SelectorExpr:
		name = t.Sel.Name
	case *ast.ArrayType:
		if e, ok := t.Elt.(*ast.SelectorExpr); ok {
			name = e.Sel.Name
		}
	}
	if name == "FlagForStaff" && len(n.Elts) == 3 {
		p.follow(n.Elts[1], "Flags", 0)
	}
	if p.dir == "trust/evidence" && n.Type == nil && len(n.Elts) == 3 {
		if text, ok := literal(n.Elts[2]); ok {
			p.book.add("Evidence verification", text, p.f.at(n), 0)
		}
	}
	group := map[string]string{
		"Flag gateway/exchange": "Flags", "Finding gateway/exchange": "Findings", "Finding cmd/ehdsgw": "Evidence verification",
	}[name+" "+p.dir]
	for _, e := range n.Elts {
		inner, ok := e.(*ast.CompositeLit)
		if !ok || inner.Type != nil {
			inner = n
		}
		for _, kv := range inner.Elts {
			if kv, ok := kv.(*ast.KeyValueExpr); ok && group != "" && fmt.Sprint(kv.Key) == "Code" {
				p.follow(kv.Value, group, 0)
			}
		}
	}
}

// follow finds the values an expression in the place of a code can have.
func (p *codeReader) follow(e ast.Expr, group string, status int) {
	if text, ok := literal(e); ok {
		p.book.add(group, text, p.f.at(e), status)
		return
	}
	switch e := e.(type) {
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			for dir, names := range p.consts {
				if text, ok := names[e.Sel.Name]; ok && strings.HasSuffix("/"+dir, "/"+x.Name) {
					p.book.add(group, text, p.f.at(e), status)
					return
				}
			}
		}
		if strings.EqualFold(e.Sel.Name, "code") {
			return // a code found elsewhere is passed on
		}
	case *ast.Ident:
		if text, ok := p.consts[p.dir][e.Name]; ok {
			p.book.add(group, text, p.f.at(e), status)
			return
		}
		if p.parameter(e.Name, group, status) || p.variable(e.Name, group, status) {
			return
		}
	}
	problem := p.f.at(e) + ": this code cannot be followed; write a literal"
	if !slices.Contains(p.book.unclear, problem) {
		p.book.unclear = append(p.book.unclear, problem)
	}
}

// parameter makes the innermost function with a parameter of that name a maker.
func (p *codeReader) parameter(name, group string, status int) bool {
	for i := len(p.stack) - 1; i >= 0; i-- {
		maker, params := "", (*ast.FieldList)(nil)
		switch fn := p.stack[i].(type) {
		case *ast.FuncDecl:
			maker, params = fn.Name.Name, fn.Type.Params
		case *ast.FuncLit:
			params = fn.Type.Params
			if as, ok := p.stack[max(i-1, 0)].(*ast.AssignStmt); ok && len(as.Lhs) == 1 {
				maker = fmt.Sprint(as.Lhs[0])
			}
		default:
			continue
		}
		n := 0
		for _, field := range params.List {
			for _, id := range field.Names {
				if id.Name == name {
					p.makers[maker] = makerOf(n, group, status)
					return maker != ""
				}
				n++
			}
		}
	}
	return false
}

func makerOf(arg int, group string, status int) maker { return maker{arg, group, status} }

// variable takes the literals assigned to a local variable, also through a function of the package.
func (p *codeReader) variable(name, group string, status int) (found bool) {
	ast.Inspect(p.stack[0], func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, l := range as.Lhs {
			if id, ok := l.(*ast.Ident); !ok || id.Name != name {
				continue
			}
			if call, ok := at(as.Rhs, 0).(*ast.CallExpr); ok && len(as.Rhs) == 1 {
				fn, _ := calleeOf(call)
				found = p.returned(fn, i, group) || found
			} else if text, ok := literal(at(as.Rhs, i)); ok {
				p.book.add(group, text, p.f.at(as), status)
				found = true
			}
		}
		return true
	})
	return found
}

// returned takes the literals a function of the package returns at a place.
func (p *codeReader) returned(fn string, i int, group string) (found bool) {
	for _, f := range p.files {
		for _, d := range f.ast.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == fn {
				ast.Inspect(d, func(n ast.Node) bool {
					if r, ok := n.(*ast.ReturnStmt); ok {
						if text, ok := literal(at(r.Results, i)); ok && text != "" {
							p.book.add(group, text, f.at(r), 0)
							found = true
						}
					}
					return true
				})
			}
		}
	}
	return found
}
