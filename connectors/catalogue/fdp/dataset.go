package fdp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds of one dataset.
const (
	maxDistributions = 500
	maxTriples       = 1_000_000 // of one document
	maxOwnTriples    = 50_000    // of a dataset with its distributions
)

// dataset reads one dataset with its distributions. What is wrong with it is an item's error; the
// error is the context's or the login's. Links that were not followed follow as items of their own.
func (d *Driver) dataset(ctx context.Context, l link) ([]connectors.CatalogueItem, error) {
	if l.err != nil {
		return []connectors.CatalogueItem{{File: l.iri, Err: l.err}}, nil
	}
	j := &joint{out: rdf.NewGraph()}
	err := d.join(ctx, l.iri, j)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrLogin):
		return nil, err
	case err != nil && !l.stated && j.documents == 0 && hidden(err):
		return nil, nil // a draft
	case err != nil:
		return []connectors.CatalogueItem{{File: l.iri, Err: err}}, nil
	}
	items := []connectors.CatalogueItem{{File: l.iri, Graph: j.out}}
	for _, iri := range j.elsewhere {
		items = append(items, connectors.CatalogueItem{File: iri, Err: origin.ErrElsewhere})
	}
	return items, nil
}

// join puts the description of a dataset together.
func (d *Driver) join(ctx context.Context, iri string, j *joint) error {
	doc, err := d.wire.get(ctx, iri)
	if err != nil {
		return err
	}
	subject, err := doc.dataset(iri)
	if err != nil {
		return err
	}
	if j.drafts, err = d.draftsOf(ctx, doc, subject); err != nil {
		return err
	}
	if err := j.add(doc, subject, d.wire); err != nil {
		return err
	}
	parts := 0
	for _, relation := range relationsToDistributions {
		for _, node := range j.out.Objects(subject, relation) {
			if node.Kind != rdf.IRI || j.described(node) {
				continue
			}
			if parts++; parts > maxDistributions {
				return fmt.Errorf("%w: over %d distributions", ErrTooLarge, maxDistributions)
			}
			if err := d.distribution(ctx, node, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// draftsOf are the distributions of a dataset that are drafts.
func (d *Driver) draftsOf(ctx context.Context, doc document, subject rdf.Term) (map[string]bool, error) {
	for _, relation := range relationsToDistributions {
		if doc.Has(subject, relation, rdf.Term{}) {
			return d.drafts(ctx, subject.Value)
		}
	}
	return nil, nil
}

// distribution joins the document of a distribution.
func (d *Driver) distribution(ctx context.Context, node rdf.Term, j *joint) error {
	if _, ok := d.wire.within(node.Value); !ok {
		j.elsewhere = append(j.elsewhere, named(node.Value))
		return nil
	}
	part, err := d.wire.get(ctx, node.Value)
	if err == nil && !part.Has(node, rdf.Term{}, rdf.Term{}) {
		err = ErrNotDescribed
	}
	if err != nil {
		return fmt.Errorf("distribution %s: %w", named(node.Value), err)
	}
	return j.add(part, node, d.wire)
}

// dataset is the node a document describes as the dataset it was asked for.
func (doc document) dataset(iri string) (rdf.Term, error) {
	for _, node := range doc.subjectsLike(iri) {
		if doc.isOneDataset(node) {
			return node, nil
		}
	}
	return rdf.Term{}, ErrNotDataset
}

// subjectsLike are the subjects of a document that an IRI means: itself, or the same with a slash at its
// end, or with the other of http and https. A point may know itself by another spelling than the one it
// is reached by.
func (doc document) subjectsLike(iri string) []rdf.Term {
	bare := strings.TrimSuffix(iri, "/")
	other := "http" + strings.TrimPrefix(bare, "https")
	if rest, plain := strings.CutPrefix(bare, "http:"); plain {
		other = "https:" + rest
	}
	var out []rdf.Term
	for _, spelling := range []string{iri, bare, bare + "/", other, other + "/"} {
		node := rdf.NewIRI(spelling)
		if doc.Has(node, rdf.Term{}, rdf.Term{}) && !slices.Contains(out, node) {
			out = append(out, node)
		}
	}
	return out
}

// isOneDataset says whether a node is a dataset that can be published. In the DCAT ontology catalogues
// and series are datasets too.
func (doc document) isOneDataset(node rdf.Term) bool {
	return node.Kind == rdf.IRI && doc.isA(node, classDataset) && !doc.isA(node, classCatalog, classDatasetSeries)
}

// joint is one description made of several documents.
type joint struct {
	out       *rdf.Graph
	documents int
	drafts    map[string]bool // distributions that are left out
	elsewhere []string        // distributions that were not read
}

// described says whether what was read so far already describes a distribution.
func (j *joint) described(node rdf.Term) bool {
	return j.out.Has(node, rdfType, classDistribution) || j.out.Has(node, dcatAccessURL, rdf.Term{})
}

// add takes over what a document says of a node, and forward of the nodes reached from it. It stops
// at other datasets, series, catalogues and their records: the link is kept, the description is not.
func (j *joint) add(doc document, root rdf.Term, point *wire) error {
	j.documents++
	rename := j.renamed()
	skip := doc.defaults(point)
	seen := map[rdf.Term]bool{root: true}
	for queue := []rdf.Term{root}; len(queue) > 0; queue = queue[1:] {
		for t := range doc.Match(queue[0], rdf.Term{}, rdf.Term{}) {
			if skip(t) || t.O.Kind == rdf.IRI && j.drafts[t.O.Value] {
				continue
			}
			if t.O.Kind != rdf.Literal && !seen[t.O] && !doc.isA(t.O, apartClasses...) {
				seen[t.O] = true
				queue = append(queue, t.O)
			}
			t.S, t.O = rename(t.S), rename(t.O)
			if j.out.Add(t); j.out.Len() > maxOwnTriples {
				return fmt.Errorf("%w: over %d statements", ErrTooLarge, maxOwnTriples)
			}
		}
	}
	return nil
}

// renamed keeps the blank nodes of the documents apart: labels hold within one document only.
func (j *joint) renamed() func(rdf.Term) rdf.Term {
	prefix := "d" + strconv.Itoa(j.documents) + "."
	return func(t rdf.Term) rdf.Term {
		if t.Kind == rdf.Blank {
			t.Value = prefix + t.Value
		}
		return t
	}
}

// hasOnly says whether a node has no other properties than these.
func (doc document) hasOnly(node rdf.Term, properties ...rdf.Term) bool {
	for t := range doc.Match(node, rdf.Term{}, rdf.Term{}) {
		if !slices.Contains(properties, t.P) {
			return false
		}
	}
	return true
}
