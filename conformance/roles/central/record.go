package central

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Limits of one description.
const (
	maxRecordBytes   = 1 << 20
	maxRecordTriples = 20_000
	maxFindings      = 500 // in one response
)

const nsAccessRight = "http://publications.europa.eu/resource/authority/access-right/"

// description is what the central reads in a dataset's record.
type description struct {
	graph        *rdf.Graph
	subject      rdf.Term
	iri          string // empty when the dataset is a blank node
	identifiers  []string
	accessRights string
	title        map[string]string
}

// readRecord reads the exchanged form of a record: the digest of exactly these bytes, N-Quads in
// RDFC-1.0 canonical form, one dcat:Dataset in the default graph (wire profile, dataset bodies).
func readRecord(ctx context.Context, r ehds.RecordContent) (*description, []ehds.Finding) {
	content := []byte(r.Content)
	sum := sha256.Sum256(content)
	if r.Digest != "sha256:"+hex.EncodeToString(sum[:]) {
		return nil, violation("/body/record/digest", "record-digest-mismatch", "the digest is not that of the content")
	}
	quads, err := rdf.ReadNQuads(ctx, bytes.NewReader(content), rdf.ReadOptions{MaxBytes: maxRecordBytes, MaxTriples: maxRecordTriples})
	if err != nil {
		return nil, violation("/body/record/content", "record-unreadable", "the content is not N-Quads within the limits")
	}
	canonical, err := rdf.Canonical(ctx, slices.Values(quads), rdf.Limits{})
	if err != nil || !bytes.Equal(canonical, content) {
		return nil, violation("/body/record/content", "record-not-canonical", "the content is not in RDFC-1.0 canonical form")
	}
	d := &description{graph: rdf.NewGraph(), title: map[string]string{}}
	for _, q := range quads {
		if !q.G.IsZero() {
			return nil, violation("/body/record/content", "record-not-canonical", "a description has no named graphs")
		}
		d.graph.Add(q.Triple)
	}
	datasets := d.graph.Subjects(rdf.NewIRI(rdf.RDFType), rdf.NewIRI(rdf.NSDCAT+"Dataset"))
	if len(datasets) != 1 || d.graph.Has(datasets[0], rdf.NewIRI(rdf.RDFType), rdf.NewIRI(rdf.NSDCAT+"Catalog")) {
		return nil, violation("/body/record/content", "record-not-one-dataset", "the content describes exactly one dcat:Dataset")
	}
	d.subject = datasets[0]
	d.read()
	return d, nil
}

func (d *description) read() {
	if d.subject.Kind == rdf.IRI {
		d.iri = d.subject.Value
	}
	for _, o := range d.graph.Objects(d.subject, rdf.NewIRI(rdf.NSDCT+"identifier")) {
		if o.Kind == rdf.Literal {
			d.identifiers = append(d.identifiers, o.Value)
		}
	}
	if rights := d.graph.Objects(d.subject, rdf.NewIRI(rdf.NSDCT+"accessRights")); len(rights) == 1 {
		code, known := strings.CutPrefix(rights[0].Value, nsAccessRight)
		if known && slices.Contains([]string{ehds.AccessPublic, ehds.AccessRestricted, ehds.AccessNonPublic}, code) {
			d.accessRights = code
		}
	}
	for _, o := range d.graph.Objects(d.subject, rdf.NewIRI(rdf.NSDCT+"title")) {
		lang := strings.ToLower(o.Lang)
		if lang == "" {
			lang = "und"
		}
		if old, twice := d.title[lang]; o.Kind == rdf.Literal && (!twice || o.Value < old) {
			d.title[lang] = o.Value
		}
	}
}

// judge validates the description again, by the rules of the metadata profile. The record is filled
// by the central's own reading.
func (d *description) judge(rules *profile.RuleSet) []ehds.Finding {
	r := argument(rules.Validate)
	r.Graph, r.Subject, r.IRI, r.AccessRights, r.Title = d.graph, d.subject, d.iri, d.accessRights, d.title
	if len(d.identifiers) > 0 {
		r.Identifier = slices.Min(d.identifiers)
	}
	var out []ehds.Finding
	for _, f := range rules.Validate(r) {
		if len(out) == maxFindings {
			break
		}
		out = append(out, f.Wire())
	}
	return out
}

// argument is the zero value of a function's argument. The type of a record belongs to a package the
// roles do not share with the product; what goes into it is set field by field above.
func argument[A, R any](func(A) R) (zero A) { return zero }
