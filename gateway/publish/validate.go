package publish

import (
	"crypto/sha256"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// assessed is a document after validation.
type assessed struct {
	file string
	sum  [sha256.Size]byte // of its bytes; zero when the source gave no bytes
	same bool              // byte for byte that of the pass before
	fit  []candidate
	// quarantined are what is not fit, and the document itself when it could not be read.
	quarantined []quarantined
	findings    []catalogue.Finding
	// repeat are findings that are as they were: they are counted.
	warnings, notes int
}

// candidate is a description that is fit for publication.
type candidate struct {
	identifier, iri, title string
	at                     catalogue.Source
	digest                 string
	warnings, notes        int
	told                   *told // nil where nothing has to be told
}

// quarantined is an item with its place.
type quarantined struct {
	Item
	at catalogue.Source
}

// unread notes that there is nothing to be had of the document.
func (a *assessed) unread(err error) {
	a.findings = append(a.findings, unreadable(a.file, err))
	a.quarantined = append(a.quarantined, quarantined{Item: Item{Place: a.file}})
}

// refuse takes the findings about what could not become a record.
func (a *assessed) refuse(findings []catalogue.Finding) {
	a.findings = append(a.findings, findings...)
	for _, f := range findings {
		if f.Severity == catalogue.Violation {
			at := catalogue.Source{File: f.File, Line: f.Line}
			a.quarantined = append(a.quarantined, quarantined{Item{Identifier: f.Identifier, IRI: f.Subject, Place: at.String()}, at})
		}
	}
}

// validate judges a record, unless it is as it was when it was judged last.
func (x *pass) validate(a *assessed, r catalogue.Record) {
	// What is kept longer than the document must not keep its text with it.
	c := candidate{
		identifier: strings.Clone(r.Identifier), iri: strings.Clone(r.IRI), title: strings.Clone(anyTitle(r.Title)),
		at: r.Source, digest: r.Digest,
	}
	if known, ok := x.known(r.Identifier, r.Digest); ok {
		c.warnings, c.notes = int(known.warnings), int(known.notes)
		a.warnings, a.notes = a.warnings+c.warnings, a.notes+c.notes
	} else {
		findings := x.s.Validate(r)
		if r.Identifier == "" && !catalogue.Blocks(findings) { // whatever the rule set asks for
			f := r.Finding(catalogue.CodeMissingProperty, catalogue.Violation, "the dataset has no identifier")
			f.Hint = "give the identifier the holder will keep for this dataset, as a literal"
			findings = append(findings, f)
		}
		a.findings = append(a.findings, findings...)
		if catalogue.Blocks(findings) {
			item := Item{Identifier: r.Identifier, IRI: r.IRI, Title: c.title, Place: r.Source.String()}
			a.quarantined = append(a.quarantined, quarantined{item, r.Source})
			return
		}
		for _, f := range findings {
			if f.Severity == catalogue.Warning {
				c.warnings++
			} else {
				c.notes++
			}
		}
	}
	if x.toTell(r) {
		c.told = toldOf(r)
	}
	a.fit = append(a.fit, c)
}

// toTell says whether something of a record may have to be told or kept: it is not as published.
func (x *pass) toTell(r catalogue.Record) bool {
	have, published := x.standing.have[r.Identifier]
	return !x.o.DryRun && (!published || have.Digest != r.Digest || have.Lacking || x.standing.undescribed[r.Identifier])
}
