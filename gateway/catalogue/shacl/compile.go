package shacl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// compiler turns a shapes graph into Shapes.
type compiler struct {
	g       *rdf.Graph
	origin  origin
	out     *Shapes
	numbers map[rdf.Term]constant
	parsed  map[rdf.Term][]*shape
	queue   []*draft // shapes whose constraints are not read yet

	parameters []parameter
	known      map[string]bool // terms that may be said of a shape
}

// draft is a shape with the statements about it, by the name of the property in the SHACL namespace and
// by IRI where it is of another.
type draft struct {
	*shape
	statements map[string][]statement
}

// statement is an object of a statement about a shape, and where it is said.
type statement struct {
	value rdf.Term
	index int // of the triple
}

// Compile reads a shapes graph. What is wrong with a shape is no error but a defect: Shapes.Defects.
func Compile(g *rdf.Graph, o Options) (*Shapes, error) {
	if g == nil {
		return nil, errors.New("shacl: no shapes graph")
	}
	merged, origin := merge(append([]Source{{File: o.File, Graph: g}}, o.More...))
	c := &compiler{
		g: merged, origin: origin, numbers: map[rdf.Term]constant{}, parsed: map[rdf.Term][]*shape{},
		parameters: parameters(), known: map[string]bool{}, out: &Shapes{options: o.withDefaults()},
	}
	for _, p := range c.parameters {
		c.known[p.name] = true
	}
	for _, name := range otherTerms {
		c.known[name] = true
	}
	c.background(o.Background)
	c.constant(rdfType)
	c.constant(subClassOf)
	c.imports()
	roots := c.roots()
	for _, term := range roots {
		for _, s := range c.shape(term) {
			if len(s.targets) > 0 {
				c.out.roots = append(c.out.roots, s)
			}
		}
		c.drain()
	}
	c.out.byTerm = c.parsed
	c.markRecursive(roots)
	slices.SortStableFunc(c.out.defects, func(a, b Defect) int {
		return cmp.Or(origin.order(a.File)-origin.order(b.File), a.Line-b.Line, a.Col-b.Col)
	})
	return c.out, nil
}

func (o Options) withDefaults() Options {
	if o.MaxResults <= 0 {
		o.MaxResults = DefaultMaxResults
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	return o
}

// drain reads the constraints of the shapes met so far, and of those these lead to.
func (c *compiler) drain() {
	for len(c.queue) > 0 {
		d := c.queue[0]
		c.queue = c.queue[1:]
		c.constrain(d)
	}
}

// constant numbers a term.
func (c *compiler) constant(t rdf.Term) constant {
	k, ok := c.numbers[t]
	if !ok {
		k = constant(len(c.out.constants))
		c.numbers[t] = k
		ct := constantTerm{term: t}
		if c.out.back != nil {
			ct.back, ct.inBack = c.out.back.ID(t)
		}
		c.out.constants = append(c.out.constants, ct)
	}
	return k
}

// The numbers of the terms every validation needs.
const (
	constType       constant = 0
	constSubClassOf constant = 1
)

// background makes one graph of the background graphs.
func (c *compiler) background(graphs []*rdf.Graph) {
	if len(graphs) == 0 {
		return
	}
	sources := make([]Source, len(graphs))
	for i, g := range graphs {
		sources[i].Graph = g
	}
	c.out.back, _ = merge(sources)
	c.out.backClass = c.out.back.Has(rdf.Term{}, subClassOf, rdf.Term{})
}

// imports reports owl:imports.
func (c *compiler) imports() {
	for t := range c.g.Match(rdf.Term{}, owlImports, rdf.Term{}) {
		d := Defect{Code: DefectImport, What: "owl:imports " + t.O.String(), Action: "nothing is fetched: name the file as another shapes file or as background if it is needed"}
		d.File, d.Line, d.Col = c.origin.place(c.g, t)
		c.out.defects = append(c.out.defects, d)
	}
}

// roots are the nodes that are shapes by their type or by their targets, in the order of the graph.
func (c *compiler) roots() []rdf.Term {
	var out []rdf.Term
	seen := map[rdf.Term]bool{}
	add := func(t rdf.Term) {
		if !seen[t] && t.Kind != rdf.Literal {
			seen[t] = true
			out = append(out, t)
		}
	}
	for t := range c.g.All() {
		target := strings.HasPrefix(t.P.Value, NS+"target") && targetBuilders[t.P] != nil
		if target || t.P == rdfType && (t.O == shNodeShape || t.O == shPropertyShape) {
			add(t.S)
		}
	}
	return out
}

// shape returns what a node stands for as a shape: one shape, or several when it was taken apart.
func (c *compiler) shape(term rdf.Term) []*shape {
	if s, ok := c.parsed[term]; ok {
		return s
	}
	d := &draft{shape: &shape{term: term, severity: Violation}, statements: c.describe(term)}
	drafts := c.parts(d)
	shapes := make([]*shape, len(drafts))
	for i, d := range drafts {
		shapes[i] = d.shape
	}
	c.parsed[term] = shapes
	c.queue = append(c.queue, drafts...)
	return shapes
}

// describe collects the statements about a shape.
func (c *compiler) describe(term rdf.Term) map[string][]statement {
	out := map[string][]statement{}
	id, ok := c.g.ID(term)
	if !ok {
		return out
	}
	for cur := c.g.Find(id, rdf.AnyID, rdf.AnyID); cur.Next(); {
		name := strings.TrimPrefix(c.g.Term(cur.P()).Value, NS)
		out[name] = append(out[name], statement{value: c.g.Term(cur.O()), index: cur.Index()})
	}
	return out
}

// defect records something wrong with a shape; at is the statement that is, or nil.
func (c *compiler) defect(s *shape, at *statement, code string, skipped bool, action, format string, args ...any) {
	d := Defect{Code: code, Shape: s.term, Name: c.named(s.term), What: fmt.Sprintf(format, args...), Action: action, Skipped: skipped}
	if at != nil {
		d.File, d.Line, d.Col = c.origin.placeOf(c.g, at.index)
	} else if id, ok := c.g.ID(s.term); ok {
		if cur := c.g.Find(id, rdf.AnyID, rdf.AnyID); cur.Next() {
			d.File, _, _ = c.origin.placeOf(c.g, cur.Index())
			d.Line = c.g.Line(s.term)
		}
	}
	c.out.defects = append(c.out.defects, d)
}

// named is the name of a shape in N-Triples, or of the nearest shape with a name that leads to it.
func (c *compiler) named(t rdf.Term) string {
	id, ok := c.g.ID(t)
	for i := 0; ok && t.Kind == rdf.Blank && i < maxOwnerDepth; i++ {
		cur := c.g.Find(rdf.AnyID, rdf.AnyID, id)
		if !cur.Next() {
			return ""
		}
		id = cur.S()
		t = c.g.Term(id)
	}
	if t.Kind == rdf.Blank {
		return ""
	}
	return t.String()
}
