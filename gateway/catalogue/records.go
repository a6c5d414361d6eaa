package catalogue

import (
	"context"
	"errors"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Records takes a document apart into its dataset descriptions, in the order of the document. source
// names the document in findings. A subject that is also a dcat:Catalog is the wrapping and is left
// out (in the DCAT ontology every catalogue is a dataset).
//
// A dataset that cannot become a record (too large, too complex, an identifier already taken in the
// document) is a finding of severity violation instead. The work for one document is bounded: once
// its datasets together exceed that, the remaining ones are findings too. The error is the context's:
// what is returned with it is not a complete pass.
func Records(ctx context.Context, g *rdf.Graph, source string) ([]Record, []Finding, error) {
	var records []Record
	var findings []Finding
	d := newDocument(g)
	for _, s := range g.Subjects(rdfType, classDataset) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if g.Has(s, rdfType, classCatalog) {
			continue
		}
		r, err := newRecord(ctx, d, s, Source{File: source, Line: g.Line(s)})
		switch {
		case err == nil:
			records = append(records, r)
		case errors.Is(err, errTooLarge), errors.Is(err, rdf.ErrPoison), errors.Is(err, errWork):
			findings = append(findings, unfit(r, err))
		default:
			return nil, nil, err
		}
	}
	records, duplicates := Unique(records)
	findings = append(findings, duplicates...)
	SortFindings(findings)
	return records, findings, nil
}

// newRecord makes the record of one dataset. On an error the record has its names and its place.
func newRecord(ctx context.Context, d document, s rdf.Term, at Source) (Record, error) {
	r := Record{Subject: s, Graph: d.Graph, Source: at}
	r.name()
	if d.work.over {
		return r, errWork
	}
	own, lines, err := d.subgraph(s)
	if err != nil {
		return r, err
	}
	r.Graph, r.lines = own, lines
	r.describe()
	if r.NQuads, err = d.work.canonical(ctx, own); err != nil {
		return r, err
	}
	if len(r.NQuads) > MaxRecordBytes {
		return r, errTooLarge
	}
	r.Digest = rdf.Digest(r.NQuads)
	if r.ExchangeDigest, err = d.exchangeDigest(ctx, own, s, r.NQuads); err != nil {
		return r, err
	}
	return r, nil
}

// unfit is the finding for a dataset that cannot become a record.
func unfit(r Record, err error) Finding {
	f := r.Finding(CodeRecordTooLarge, Violation, "the description is too large to be exchanged")
	f.Hint = "move the description of variables or lists to documents the record links to"
	switch {
	case errors.Is(err, rdf.ErrPoison):
		f.Code, f.Message = CodeRecordTooComplex, "the blank nodes of the description are too entangled to be told apart"
		f.Hint = "give the nodes IRIs"
	case errors.Is(err, errWork):
		f.Code, f.Message = CodeRecordTooComplex, "the datasets of the document together take too much work; this one was not reached"
		f.Hint = "split the document, and describe what many datasets share in a document of its own"
	}
	return f
}

// Finding makes a finding about the record as a whole.
func (r Record) Finding(code string, severity Severity, message string) Finding {
	return Finding{
		File: r.Source.File, Line: r.Source.Line, Code: code, Severity: severity,
		Subject: r.IRI, Identifier: r.Identifier, Message: message,
	}
}

// Unique keeps the first record of each identifier and reports the later ones. Use it on the records
// of all documents of one source together. Records without identifier are kept: the profile reports
// them.
func Unique(records []Record) ([]Record, []Finding) {
	first := make(map[string]Source, len(records))
	var kept []Record
	var findings []Finding
	for _, r := range records {
		at, taken := first[r.Identifier]
		if !taken || r.Identifier == "" {
			first[r.Identifier] = r.Source
			kept = append(kept, r)
			continue
		}
		findings = append(findings, r.DuplicateOf(at))
	}
	return kept, findings
}

// DuplicateOf is the finding for a record whose identifier the source has before, at first.
func (r Record) DuplicateOf(first Source) Finding {
	f := r.Finding(CodeDuplicateIdentifier, Violation, "another dataset of this source has the same dct:identifier; the first is kept")
	f.Property, f.Path = dctIdentifier.Value, Compact(dctIdentifier.Value)
	f.Hint = "the first is at " + first.String()
	return f
}

// customary maps the customary prefixes to their namespaces.
var customary = rdf.Prefixes()

// Compact writes an IRI with the customary prefix of its namespace, such as "dct:title", or in angle
// brackets when it has none.
func Compact(iri string) string {
	best, short := "", ""
	for prefix, ns := range customary {
		if len(ns) > len(best) && strings.HasPrefix(iri, ns) {
			best, short = ns, prefix
		}
	}
	if best == "" {
		return "<" + iri + ">"
	}
	return short + ":" + iri[len(best):]
}
