package shacl

import (
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// codes of findings by constraint component; the others are not-conforming.
var codes = map[string]string{
	MinCountComponent:          catalogue.CodeMissingProperty,
	QualifiedMinCountComponent: catalogue.CodeMissingValue,
	HasValueComponent:          catalogue.CodeMissingValue,
	MaxCountComponent:          catalogue.CodeTooManyValues,
	QualifiedMaxCountComponent: catalogue.CodeTooManyValues,
	UniqueLangComponent:        catalogue.CodeTooManyValues,
	NodeKindComponent:          catalogue.CodeWrongNodeKind,
	DatatypeComponent:          catalogue.CodeWrongDatatype,
	ClassComponent:             catalogue.CodeWrongClass,
	InComponent:                catalogue.CodeNotInCodelist,
	ClosedComponent:            catalogue.CodeUnexpectedProperty,
	MinExclusiveComponent:      catalogue.CodeWrongValue,
	MinInclusiveComponent:      catalogue.CodeWrongValue,
	MaxExclusiveComponent:      catalogue.CodeWrongValue,
	MaxInclusiveComponent:      catalogue.CodeWrongValue,
	MinLengthComponent:         catalogue.CodeWrongValue,
	MaxLengthComponent:         catalogue.CodeWrongValue,
	PatternComponent:           catalogue.CodeWrongValue,
	LanguageInComponent:        catalogue.CodeWrongValue,
	EqualsComponent:            catalogue.CodeWrongValue,
	DisjointComponent:          catalogue.CodeWrongValue,
	LessThanComponent:          catalogue.CodeWrongValue,
	LessThanOrEqualsComponent:  catalogue.CodeWrongValue,
}

// severities of findings. One that SHACL does not know weighs as much as a violation.
var severities = map[string]catalogue.Severity{Warning: catalogue.Warning, Info: catalogue.Info}

// Finding is a result as a finding about a file, without literals of the description.
func (w *Wording) Finding(file string, r *Result) catalogue.Finding {
	f := catalogue.Finding{
		File: file, Line: r.Line, Col: r.Col, Code: codes[r.Component], Severity: severities[r.Severity],
		Path: r.Path.Compact(w.prefixes), Message: w.Message(r), Hint: w.Hint(r),
	}
	if f.Code == "" {
		f.Code = catalogue.CodeNotConforming
	}
	if f.Severity == "" {
		f.Severity = catalogue.Violation
	}
	if p, ok := r.Path.Predicate(); ok {
		f.Property = p.Value
	}
	switch {
	case r.Focus.Kind == rdf.IRI:
		f.Subject = r.Focus.Value
	case r.Owner.Kind == rdf.IRI:
		f.Subject = r.Owner.Value
	}
	if r.Shape.Kind == rdf.IRI {
		f.Clause = r.Shape.Value
	}
	return f
}
