package profile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// Rule is one requirement of a rule set at one place, as its shape says it. Facets that are zero do not
// apply.
type Rule struct {
	Way        []string // properties (IRIs) that lead from the dataset to the node the rule is on
	Properties []string // IRI; further ones are alternatives that count together
	Min, Max   int      // number of values; Max 0 means unbounded
	NodeKind   string   // local name of the SHACL node kind
	Datatype   string   // IRI, of literals
	Class      string   // IRI that a described value must be an instance of
	List       *List    // that values must be in
	Contains   string   // IRI that must be among the values, when there are any
	Choice     bool     // the shape is a choice: the property is due unless the other condition holds
	Severity   catalogue.Severity
	Message    string // when something is missing; empty when the rule is about values
	Hint       string // how to mend it; may be empty
	Clause     string // public source

	shape *annotated
}

// Path is where the rule looks, from the dataset, with customary prefixes:
// dcat:distribution/dcat:accessURL.
func (r Rule) Path() string {
	var steps []string
	for _, p := range append(slices.Clone(r.Way), r.Properties[0]) {
		steps = append(steps, catalogue.Compact(p))
	}
	return strings.Join(steps, "/")
}

// List is a controlled vocabulary.
type List struct {
	Name       string   // in the language of the rule set
	Namespaces []string // of the values
	Codes      []string // the values, IRIs; nil means every name in the namespaces

	names map[string]string // by language
}

// annotated is what the shapes graph says about one shape beside its constraints.
type annotated struct {
	properties      []string
	messages, hints map[string]string // by language
	of, clause      string
	list            *List
	ways            [][]string // to the nodes it judges
}

// Terms of the annotations.
var (
	ruleHint      = rdf.NewIRI("urn:ehdsgw:rule:hint")
	ruleOf        = rdf.NewIRI("urn:ehdsgw:rule:of")
	ruleClause    = rdf.NewIRI("urn:ehdsgw:rule:clause")
	ruleProperty  = rdf.NewIRI("urn:ehdsgw:rule:property")
	ruleNamespace = rdf.NewIRI("urn:ehdsgw:rule:namespace")
	rdfsLabel     = rdf.NewIRI(rdf.NSRDFS + "label")
	shPath        = rdf.NewIRI(shacl.NS + "path")
	shProperty    = rdf.NewIRI(shacl.NS + "property")
	shAlternative = rdf.NewIRI(shacl.NS + "alternativePath")
	shMessage     = rdf.NewIRI(shacl.NS + "message")
	shNode        = rdf.NewIRI(shacl.NS + "node")
	shIn          = rdf.NewIRI(shacl.NS + "in")
	shTargetClass = rdf.NewIRI(shacl.NS + "targetClass")
	classDataset  = rdf.NewIRI(rdf.NSDCAT + "Dataset")
)

// annotations reads what a shapes graph says about its shapes, those of the dataset first.
type annotations struct {
	g       *rdf.Graph
	byShape map[rdf.Term]*annotated
	order   []placed
}

// placed is a shape at one place.
type placed struct {
	shape rdf.Term
	way   []string
}

func readAnnotations(g *rdf.Graph) *annotations {
	a := &annotations{g: g, byShape: map[rdf.Term]*annotated{}}
	for _, root := range g.Subjects(shTargetClass, classDataset) {
		if g.Has(root, ruleOf, rdf.Term{}) {
			a.at(root, nil)
		}
		a.below(root, nil)
	}
	return a
}

// below reads the property shapes of a shape.
func (a *annotations) below(s rdf.Term, way []string) {
	for _, p := range a.g.Objects(s, shProperty) {
		a.at(p, way)
		if path := a.path(p); len(path) == 1 {
			a.below(p, append(slices.Clone(way), path[0]))
		}
	}
}

// at reads one shape, once, and notes a place of it.
func (a *annotations) at(s rdf.Term, way []string) {
	n, known := a.byShape[s]
	if !known {
		n = &annotated{
			properties: a.path(s), messages: a.texts(s, shMessage), hints: a.texts(s, ruleHint),
			of: a.one(s, ruleOf), clause: a.one(s, ruleClause), list: a.list(s),
		}
		a.byShape[s] = n
	}
	n.ways = append(n.ways, way)
	a.order = append(a.order, placed{s, way})
}

// path lists the properties of a shape's path: one, or alternatives.
func (a *annotations) path(s rdf.Term) []string {
	p, ok := a.g.Object(s, shPath)
	if !ok {
		p, _ = a.g.Object(s, ruleProperty)
	}
	if p.Kind == rdf.IRI {
		return []string{p.Value}
	}
	head, _ := a.g.Object(p, shAlternative)
	return a.members(head)
}

// members are the IRIs of an RDF list.
func (a *annotations) members(head rdf.Term) []string {
	var out []string
	for head.Value != rdf.RDFNil && len(out) < a.g.Len() {
		first, ok := a.g.Object(head, rdf.NewIRI(rdf.RDFFirst))
		if !ok {
			break
		}
		out = append(out, first.Value)
		head, _ = a.g.Object(head, rdf.NewIRI(rdf.RDFRest))
	}
	return out
}

// list is the value list a shape's values must be in.
func (a *annotations) list(s rdf.Term) *List {
	l, ok := a.g.Object(s, shNode)
	if !ok {
		return nil
	}
	out := &List{names: a.texts(l, rdfsLabel)}
	for _, ns := range a.g.Objects(l, ruleNamespace) {
		out.Namespaces = append(out.Namespaces, ns.Value)
	}
	if head, closed := a.g.Object(l, shIn); closed {
		out.Codes = a.members(head)
	}
	return out
}

func (a *annotations) texts(s, p rdf.Term) map[string]string {
	out := map[string]string{}
	for _, o := range a.g.Objects(s, p) {
		out[o.Lang] = o.Value
	}
	return out
}

func (a *annotations) one(s, p rdf.Term) string {
	o, _ := a.g.Object(s, p)
	return o.Value
}

// rule is a shape at a place as a rule.
func (a *annotations) rule(at placed) Rule {
	n := a.byShape[at.shape]
	facet := func(name string) string { return a.one(at.shape, rdf.NewIRI(shacl.NS+name)) }
	number := func(name string) int {
		v, _ := strconv.Atoi(facet(name))
		return v
	}
	r := Rule{
		Way: at.way, Properties: n.properties, Min: number("minCount"), Max: number("maxCount"),
		NodeKind: strings.TrimPrefix(facet("nodeKind"), shacl.NS), Datatype: facet("datatype"), Class: facet("class"),
		Contains: facet("hasValue"), Severity: severityOf(facet("severity")), List: n.list, shape: n,
	}
	if a.g.Has(at.shape, ruleProperty, rdf.Term{}) { // a choice that comes down to a value
		r.Min, r.Choice = 1, true
	}
	return r
}

func severityOf(iri string) catalogue.Severity {
	switch iri {
	case shacl.Warning:
		return catalogue.Warning
	case shacl.Info:
		return catalogue.Info
	}
	return catalogue.Violation
}
