package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Severity says what a finding means for the record.
type Severity string

// The severities, as in SHACL: a record with a violation is quarantined, the others are told.
const (
	Violation Severity = "violation"
	Warning   Severity = "warning"
	Info      Severity = "info"
)

// Codes of findings. Those of malformed documents are the codes of package rdf, such as
// "turtle-syntax" and "undefined-prefix". They are stable: programs match on them.
const (
	CodeMissingProperty     = "missing-property"
	CodeMissingValue        = "missing-value" // the property is there, a value it must include is not
	CodeTooManyValues       = "too-many-values"
	CodeWrongNodeKind       = "wrong-node-kind" // a literal where an IRI is due, or the reverse
	CodeWrongDatatype       = "wrong-datatype"
	CodeWrongClass          = "wrong-class"
	CodeNotInCodelist       = "not-in-codelist"
	CodeDuplicateIdentifier = "duplicate-identifier"
	CodeObsoleteNamespace   = "obsolete-namespace"
	CodeLocalName           = "local-name"      // an IRI that is relative or names a file
	CodeUnnamedDataset      = "unnamed-dataset" // the dataset is a blank node
	CodeRecordTooLarge      = "record-too-large"
	CodeRecordTooComplex    = "record-too-complex"  // its blank nodes cannot be canonicalised in bounded work
	CodeWrongValue          = "wrong-value"         // out of its range, form, length or language
	CodeUnexpectedProperty  = "unexpected-property" // a property that a closed shape does not list
	CodeNotConforming       = "not-conforming"      // a shape's conditions are not met
	CodeUnreadable          = "unreadable"          // the document could not be fetched or opened
)

// Finding is something to tell the data holder about a description, with its place.
type Finding struct {
	File       string   `json:"file"`
	Line       int      `json:"line"`          // from 1; 0 when unknown
	Col        int      `json:"col,omitempty"` // from 1, in code points; 0 when unknown
	Code       string   `json:"code"`
	Severity   Severity `json:"severity"`
	Subject    string   `json:"subject,omitempty"`    // IRI of the dataset
	Identifier string   `json:"identifier,omitempty"` // identifier at origin, when known
	Node       string   `json:"node,omitempty"`       // IRI of the node within the description, when not the dataset
	Property   string   `json:"property,omitempty"`   // IRI
	Path       string   `json:"path,omitempty"`       // compact, from the dataset: dcat:distribution/dcat:accessURL
	Message    string   `json:"message"`
	Hint       string   `json:"hint,omitempty"`   // what to do about it
	Clause     string   `json:"clause,omitempty"` // where the rule comes from
}

// String is the finding on one line, as a compiler would print it.
func (f Finding) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File + ":")
	}
	if f.Line > 0 {
		fmt.Fprintf(&b, "%d:", f.Line)
		if f.Col > 0 {
			fmt.Fprintf(&b, "%d:", f.Col)
		}
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	fmt.Fprintf(&b, "%s: %s", f.Severity, f.Message)
	if f.Subject != "" {
		fmt.Fprintf(&b, " <%s>", f.Subject)
	}
	fmt.Fprintf(&b, " [%s]", f.Code)
	return b.String()
}

// Wire is the finding as a business response carries it. The place within the sender's file stays
// at home; the message names the property by its path.
func (f Finding) Wire() ehds.Finding {
	return ehds.Finding{Pointer: "/body/record", Code: f.Code, Severity: string(f.Severity), Message: f.Message}
}

// Blocks says whether any of the findings keeps a record from being published.
func Blocks(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Violation })
}

// SyntaxFinding is the finding for a document that is malformed.
func SyntaxFinding(e *rdf.SyntaxError) Finding {
	return Finding{
		File: e.File, Line: e.Line, Col: e.Col, Code: e.Code, Severity: Violation, Message: e.Msg,
		Hint: "correct the document; nothing in it can be read until then",
	}
}

// SortFindings puts findings in the order of file, place and path.
func SortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			strings.Compare(a.Subject, b.Subject), strings.Compare(a.Path, b.Path), strings.Compare(a.Code, b.Code))
	})
}
