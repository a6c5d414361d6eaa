package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Validate judges a record at the level of its own access rights, or at NON_PUBLIC when they are
// missing, unknown or contradictory (which is a finding of its own).
func Validate(r catalogue.Record) []catalogue.Finding {
	return ValidateAt(r, LevelOf(r.AccessRights))
}

// ValidateAt judges a record at the given levels. The findings are in the order of place and path;
// the record may be published when none of them is a violation (catalogue.Blocks).
func ValidateAt(r catalogue.Record, levels Levels) []catalogue.Finding {
	v := validation{record: r, seen: map[at]bool{}}
	if r.IRI == "" {
		f := r.Finding(catalogue.CodeUnnamedDataset, catalogue.Warning, "the dataset has no IRI; nobody can refer to it")
		f.Hint = "give the dataset an IRI instead of a blank node"
		v.findings = append(v.findings, f)
	}
	found := find(r)
	for _, rule := range Rules() {
		if rule.Levels&levels == 0 {
			continue
		}
		for _, n := range found[rule.On] {
			v.apply(rule, n)
		}
	}
	v.findings = append(v.findings, obsoleteNames(r, releaseNumber(Release))...)
	v.findings = append(v.findings, localNames(r)...)
	catalogue.SortFindings(v.findings)
	return v.findings
}

// spot is a node to judge and the way to it from the dataset, as compact property names.
type spot struct {
	node rdf.Term
	path []string
}

// find locates the nodes of every shape, each once, by the first way that leads to it.
func find(r catalogue.Record) map[Shape][]spot {
	found := map[Shape][]spot{Dataset: {{node: r.Subject}}}
	for _, s := range shapes {
		seen := map[rdf.Term]bool{}
		for _, parent := range found[s.from] {
			for _, p := range s.via {
				for _, o := range r.Graph.Objects(parent.node, rdf.NewIRI(p)) {
					if o.Kind == rdf.Literal || seen[o] {
						continue
					}
					seen[o] = true
					path := append(slices.Clone(parent.path), catalogue.Compact(p))
					found[s.name] = append(found[s.name], spot{o, path})
				}
			}
		}
	}
	return found
}

// validation collects the findings of one record.
type validation struct {
	record   catalogue.Record
	findings []catalogue.Finding
	seen     map[at]bool
}

// at is where a rule looked: two rules that find the same there are one finding.
type at struct {
	code, property string
	node, value    rdf.Term // value is zero when the finding is about the node
}

// add takes a finding unless an earlier rule found the same.
func (v *validation) add(where at, f catalogue.Finding) {
	where.code, where.property = f.Code, f.Property
	if !v.seen[where] {
		v.seen[where] = true
		v.findings = append(v.findings, f)
	}
}

// apply judges one node by one rule.
func (v *validation) apply(rule Rule, n spot) {
	g := v.record.Graph
	if rule.When != nil && !rule.When.holds(g, n.node) {
		return
	}
	var values []rdf.Triple
	for _, p := range rule.Properties {
		values = slices.AppendSeq(values, g.Match(n.node, rdf.NewIRI(p), rdf.Term{}))
	}
	switch {
	case len(values) < rule.Min:
		f := v.finding(rule, n, catalogue.CodeMissingProperty, rule.Message)
		if old, ok := obsoleteSpelling(g, n.node, rule.Properties[0]); ok {
			f.Hint = "it is there under an obsolete name, <" + old + ">"
		}
		v.add(at{node: n.node}, f)
		return
	case rule.Max > 0 && len(values) > rule.Max:
		message := fmt.Sprintf("%s has %d values, at most %d allowed", catalogue.Compact(rule.Properties[0]), len(values), rule.Max)
		v.add(at{node: n.node}, v.finding(rule, n, catalogue.CodeTooManyValues, message))
	}
	if rule.Contains != "" && len(values) > 0 && !slices.ContainsFunc(values, func(t rdf.Triple) bool { return t.O == rdf.NewIRI(rule.Contains) }) {
		v.add(at{node: n.node}, v.finding(rule, n, catalogue.CodeMissingValue, rule.Message))
	}
	for _, t := range values {
		if code, message := rule.fault(g, t.O); code != "" {
			f := v.finding(rule, n, code, catalogue.Compact(rule.Properties[0])+" "+message)
			place(&f, v.record, t)
			v.add(at{node: n.node, value: t.O}, f)
		}
	}
}

// fault is what is wrong with one value by itself, at most one thing.
func (rule Rule) fault(g *rdf.Graph, o rdf.Term) (code, message string) {
	switch {
	case rule.Kind == IRIValue && o.Kind != rdf.IRI:
		return catalogue.CodeWrongNodeKind, "must be an IRI"
	case rule.Kind == NodeValue && o.Kind == rdf.Literal:
		return catalogue.CodeWrongNodeKind, "must be an IRI or a blank node, not a literal"
	case rule.Kind == TextValue && o.Kind != rdf.Literal:
		return catalogue.CodeWrongNodeKind, "must be a literal"
	case rule.Datatype != "" && o.Datatype != rule.Datatype:
		return catalogue.CodeWrongDatatype, "must be of the datatype " + catalogue.Compact(rule.Datatype)
	case rule.Datatype != "" && !wellFormed(o.Value, rule.Datatype):
		return catalogue.CodeWrongDatatype, "is not written as the datatype " + catalogue.Compact(rule.Datatype) + " requires"
	case rule.List != nil && !rule.List.Has(o.Value):
		return catalogue.CodeNotInCodelist, "is not in the list of " + rule.List.Name
	case len(rule.Classes) > 0 && !hasClass(g, o, rule.Classes):
		return catalogue.CodeWrongClass, "must be a " + catalogue.Compact(rule.Classes[0])
	}
	return "", ""
}

// wellFormed checks the lexical form of the datatypes in the table.
func wellFormed(value, datatype string) bool {
	switch datatype {
	case rdf.XSDBoolean:
		return slices.Contains([]string{"true", "false", "1", "0"}, value)
	case xsdNonNegative:
		digits := strings.TrimPrefix(value, "+")
		return digits != "" && strings.Trim(digits, "0123456789") == ""
	}
	return true
}

// hasClass says whether a node has one of the classes. Of a node that is only referred to nothing is
// known here: what it must say is missing and reported as such.
func hasClass(g *rdf.Graph, node rdf.Term, classes []string) bool {
	if !g.Has(node, rdf.Term{}, rdf.Term{}) {
		return true
	}
	return slices.ContainsFunc(classes, func(c string) bool {
		return g.Has(node, rdf.NewIRI(rdf.RDFType), rdf.NewIRI(c))
	})
}

// holds says whether the condition is met at a node.
func (c *Condition) holds(g *rdf.Graph, node rdf.Term) bool {
	return slices.ContainsFunc(g.Objects(node, rdf.NewIRI(c.Property)), func(o rdf.Term) bool {
		return o.Kind == rdf.Literal && slices.Contains(c.Values, o.Value)
	})
}

// finding makes the finding of a rule at a node.
func (v *validation) finding(rule Rule, n spot, code, message string) catalogue.Finding {
	f := v.record.Finding(code, rule.Severity, message)
	f.Property = rule.Properties[0]
	f.Path = strings.Join(append(slices.Clone(n.path), catalogue.Compact(f.Property)), "/")
	f.Hint, f.Clause = rule.Hint, rule.Clause
	if len(n.path) > 0 {
		f.Line = v.record.Line(n.node)
		if n.node.Kind == rdf.IRI {
			f.Node = n.node.Value
		}
	}
	return f
}

// place points a finding at a statement, in records that were read from a document.
func place(f *catalogue.Finding, r catalogue.Record, t rdf.Triple) {
	if r.Source.File != "" && t.Line > 0 {
		f.Line, f.Col = t.Line, t.Col
	}
}
