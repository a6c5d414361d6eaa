package profile

import (
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// Validate judges a record. The findings are in the order of place and path and depend on the record
// only; the record may be published when none of them is a violation (catalogue.Blocks).
func (s *RuleSet) Validate(r catalogue.Record) []catalogue.Finding {
	var found []catalogue.Finding
	if r.IRI == "" {
		f := r.Finding(catalogue.CodeUnnamedDataset, catalogue.Warning, s.words.unnamed)
		f.Hint = s.words.nameIt
		found = append(found, f)
	}
	c := s.levels[s.LevelOf(r)]
	report, err := c.shapes.Validate(uninterrupted{}, r.Graph)
	if err != nil { // too much work: nothing is known, so nothing is published
		f := r.Finding(catalogue.CodeRecordTooComplex, catalogue.Violation, s.words.tooComplex)
		f.Hint = s.words.simpler
		return append(found, f)
	}
	for _, result := range defects(r.Graph, report.Results) {
		found = append(found, s.finding(r, c.notes.byShape[result.Shape], result))
	}
	found = append(found, s.obsoleteNames(r)...)
	found = append(found, s.localNames(r)...)
	catalogue.SortFindings(found)
	return found
}

// codes of findings by constraint component. The shapes use no others.
var codes = map[string]string{
	shacl.MinCountComponent: catalogue.CodeMissingProperty,
	shacl.OrComponent:       catalogue.CodeMissingProperty,
	shacl.HasValueComponent: catalogue.CodeMissingValue,
	shacl.MaxCountComponent: catalogue.CodeTooManyValues,
	shacl.NodeKindComponent: catalogue.CodeWrongNodeKind,
	shacl.DatatypeComponent: catalogue.CodeWrongDatatype,
	shacl.NodeComponent:     catalogue.CodeNotInCodelist,
	shacl.ClassComponent:    catalogue.CodeWrongClass,
}

// faults are the components about single values, the most basic first: of a value that is wrong in
// several ways the first is told.
var faults = []string{shacl.NodeKindComponent, shacl.DatatypeComponent, shacl.NodeComponent, shacl.ClassComponent}

// finding is a result as a finding about a record.
func (s *RuleSet) finding(r catalogue.Record, n *annotated, result *shacl.Result) catalogue.Finding {
	f := r.Finding(codes[result.Component], severityOf(result.Severity), s.words.message(result, n))
	f.Hint, f.Clause = s.words.hint(r.Graph, result, n, s.number), s.clause(n)
	f.Property = n.properties[0]
	steps := []string{}
	if result.Focus != r.Subject {
		for _, p := range wayTo(r.Graph, r.Subject, result.Focus, n.ways) {
			steps = append(steps, catalogue.Compact(p))
		}
		f.Line = r.Line(result.Focus)
		if result.Focus.Kind == rdf.IRI {
			f.Node = result.Focus.Value
		}
	}
	f.Path = strings.Join(append(steps, catalogue.Compact(f.Property)), "/")
	if !result.Value.IsZero() && !absence(result.Component) && r.Source.File != "" && result.Line > 0 {
		f.Line, f.Col = result.Line, result.Col
	}
	return f
}

// wayTo is the first of some ways that leads from one node to another.
func wayTo(g *rdf.Graph, from, to rdf.Term, ways [][]string) []string {
	for _, way := range ways {
		nodes := []rdf.Term{from}
		for _, p := range way {
			var next []rdf.Term
			for _, n := range nodes {
				next = append(next, g.Objects(n, rdf.NewIRI(p))...)
			}
			nodes = next
		}
		if slices.Contains(nodes, to) {
			return way
		}
	}
	return nil
}

// defects makes of results what somebody would correct: each thing once, whatever number of shapes and
// ways lead to it, at the highest severity.
//
// A literal where a node is due is one fault, not also one for each thing the node would say. Of a node
// that is only referred to nothing is known here, so it is not of a wrong class. A value that is asked
// for is missing only where the values there are would otherwise do.
func defects(g *rdf.Graph, results []shacl.Result) []*shacl.Result {
	var out []*shacl.Result
	told := map[at]bool{} // of nodes, properties and values
	tell := func(r *shacl.Result, about ...at) {
		if told[about[0]] {
			return
		}
		for _, a := range about {
			told[a] = true
		}
		out = append(out, r)
	}
	for _, r := range inOrder(results) {
		property := at{focus: r.Focus, property: r.Path.String()}
		component, value := property, property
		component.component, value.value = r.Component, r.Value
		switch {
		case r.Focus.Kind == rdf.Literal:
		case r.Component == shacl.ClassComponent && !g.Has(r.Value, rdf.Term{}, rdf.Term{}):
		case r.Component == shacl.HasValueComponent:
			tell(r, property)
		case slices.Contains(faults, r.Component):
			tell(r, value, property)
		default:
			tell(r, component, property)
		}
	}
	return out
}

// at is what a result is about: a component at a property of a node, or a value there.
type at struct {
	focus, value        rdf.Term
	property, component string
}

// inOrder puts first what others follow from: counts, then faults of values, then values that are not
// among them; within each, violations first.
func inOrder(results []shacl.Result) []*shacl.Result {
	out := make([]*shacl.Result, len(results))
	for i := range results {
		out[i] = &results[i]
	}
	rank := func(r *shacl.Result) int {
		n := slices.Index(faults, r.Component)
		if r.Component == shacl.HasValueComponent {
			n = len(faults)
		}
		if r.Severity != shacl.Violation {
			return 2*n + 1
		}
		return 2 * n
	}
	slices.SortStableFunc(out, func(a, b *shacl.Result) int { return rank(a) - rank(b) })
	return out
}

// place points a finding at a statement, in records that were read from a document.
func place(f *catalogue.Finding, r catalogue.Record, t rdf.Triple) {
	if r.Source.File != "" && t.Line > 0 {
		f.Line, f.Col = t.Line, t.Col
	}
}
