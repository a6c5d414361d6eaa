package catalogue

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// DerivedIdentifier is the identifier a description is published under when its own is another's: the
// same every time, and unlike that of any other source.
func DerivedIdentifier(source, identifier string) string { return source + "/" + identifier }

// admsIdentifierClass is the class of an identifier given elsewhere (DCAT-AP 3.0).
var admsIdentifierClass = rdf.NewIRI(rdf.NSADMS + "Identifier")

// Republished is the description published under another identifier than its own: that one is its
// dct:identifier, and what it was called at origin is in adms:identifier. content is a record's
// canonical form. The exchange form is as before but for that node, which it leaves out.
func Republished(ctx context.Context, content []byte, identifier string) (nquads []byte, digest string, err error) {
	own, err := defaultGraph(ctx, content)
	if err != nil {
		return nil, "", err
	}
	roots := own.Subjects(rdfType, classDataset)
	if len(roots) != 1 {
		return nil, "", fmt.Errorf("catalogue: %d datasets in one description", len(roots))
	}
	root, out := roots[0], rdf.NewGraph()
	known := notations(own, root)
	for t := range own.All() {
		if t.S != root || t.P != dctIdentifier {
			out.Add(t)
		}
	}
	for n, was := range own.Objects(root, dctIdentifier) {
		if known[was.Value] {
			continue
		}
		node := rdf.NewBlank(fmt.Sprintf("origin%d", n)) // canonical labels begin otherwise
		out.Add(rdf.Triple{S: root, P: admsIdentifier, O: node})
		out.Add(rdf.Triple{S: node, P: rdfType, O: admsIdentifierClass})
		out.Add(rdf.Triple{S: node, P: skosNotation, O: rdf.NewString(was.Value)})
	}
	out.Add(rdf.Triple{S: root, P: dctIdentifier, O: rdf.NewString(identifier)})
	nquads, err = rdf.Canonical(ctx, out.Quads(), rdf.Limits{})
	if err != nil {
		return nil, "", err
	}
	if len(nquads) > MaxRecordBytes || bytes.Count(nquads, []byte{'\n'}) > MaxRecordTriples {
		return nil, "", errTooLarge
	}
	return nquads, rdf.Digest(nquads), nil
}

// notations are the identifiers a description says it has elsewhere.
func notations(g *rdf.Graph, root rdf.Term) map[string]bool {
	out := map[string]bool{}
	for _, id := range g.Objects(root, admsIdentifier) {
		for _, n := range g.Objects(id, skosNotation) {
			out[n.Value] = true
		}
	}
	return out
}
