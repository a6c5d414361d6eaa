package central

import (
	"context"
	"errors"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Properties the central may rewrite when it shows a description, and the nodes it does not own.
var (
	rewrittenIdentifiers = []rdf.Term{dctIdentifier, admsIdentifier} // of the dataset and its distributions
	rewrittenLinks       = []rdf.Term{dctIsPartOf, rdf.NewIRI(rdf.NSFOAF + "isPrimaryTopicOf")}
	described            = []string{"Dataset", "DatasetSeries", "Catalog", "CatalogRecord"} // in descriptions of their own
)

// exchangeDigest is the digest of a description's exchange form: its statements reachable from the
// dataset, without what a centre may rewrite, in RDFC-1.0 canonical form.
func (d *description) exchangeDigest(ctx context.Context) (string, error) {
	has := func(n rdf.Term, class string) bool { return d.graph.Has(n, rdfType, rdf.NewIRI(rdf.NSDCAT+class)) }
	form := rdf.NewGraph()
	seen := map[rdf.Term]bool{d.subject: true}
	for todo := []rdf.Term{d.subject}; len(todo) > 0; todo = todo[1:] {
		node := todo[0]
		skip := map[rdf.Term]bool{}
		if node == d.subject || has(node, "Distribution") {
			for _, p := range rewrittenIdentifiers {
				skip[p] = true
			}
		}
		if node == d.subject {
			for _, p := range rewrittenLinks {
				skip[p] = true
			}
		}
		for t := range d.graph.Match(node, rdf.Term{}, rdf.Term{}) {
			if skip[t.P] {
				continue
			}
			form.Add(t)
			if t.O.Kind == rdf.Literal || seen[t.O] {
				continue
			}
			seen[t.O] = true
			another := false
			for _, class := range described {
				another = another || has(t.O, class)
			}
			if !another {
				todo = append(todo, t.O)
			}
		}
	}
	canonical, err := rdf.Canonical(ctx, form.Quads(), rdf.Limits{})
	if err != nil {
		return "", err
	}
	return rdf.Digest(canonical), nil
}

// exchange is the digest of a dataset's exchange form; a journal of an earlier release has none.
func (d *dataset) exchange(ctx context.Context) (string, error) {
	if d.Exchange != "" {
		return d.Exchange, nil
	}
	read, findings := readRecord(ctx, ehds.RecordContent{Content: d.Content, Digest: d.Digest})
	if findings != nil {
		return "", errNotDigested
	}
	return read.exchangeDigest(ctx)
}

var errNotDigested = errors.New("central: a description of the journal cannot be read")
