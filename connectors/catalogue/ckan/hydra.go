package ckan

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

const nsHydra = "http://www.w3.org/ns/hydra/core#"

// Terms of Hydra, of today and of the drafts that portals still write by.
var (
	hydraClasses = []rdf.Term{
		rdf.NewIRI(nsHydra + "PagedCollection"), rdf.NewIRI(nsHydra + "PartialCollectionView"), rdf.NewIRI(nsHydra + "Collection"),
	}
	hydraNext  = []rdf.Term{rdf.NewIRI(nsHydra + "next"), rdf.NewIRI(nsHydra + "nextPage")}
	hydraTotal = rdf.NewIRI(nsHydra + "totalItems")
	rdfType    = rdf.NewIRI(rdf.RDFType)
)

// paging reads what a page says of the listing: the total and the path and query of the next page. It
// looks at the nodes of Hydra's classes only. at is the page's own address.
func paging(g *rdf.Graph, at *url.URL, portal *origin.Reader) (found bool, total int, next string, err error) {
	total = unknown
	for _, class := range hydraClasses {
		for _, node := range g.Subjects(rdfType, class) {
			found = true
			for _, o := range g.Objects(node, hydraTotal) {
				if n, err := strconv.Atoi(o.Value); err == nil && n >= 0 && o.Kind == rdf.Literal {
					total = max(total, n)
				}
			}
			for _, p := range hydraNext {
				for _, o := range g.Objects(node, p) {
					uri, err := link(o, at, portal)
					if err != nil {
						return true, total, "", err
					}
					if next != "" && uri != next {
						return true, total, "", fmt.Errorf("%w: it names more than one next page", ErrNotCatalogue)
					}
					next = uri
				}
			}
		}
	}
	return found, total, next, nil
}

// link is the path and query of a link within the portal, written as an IRI or as text.
func link(o rdf.Term, at *url.URL, portal *origin.Reader) (string, error) {
	if o.Kind == rdf.Blank {
		return "", fmt.Errorf("%w: the next page has no address", ErrNotCatalogue)
	}
	u, err := at.Parse(o.Value)
	if err != nil || !portal.Within(u) {
		return "", fmt.Errorf("next page: %w; if the portal has another name, make it the location", origin.ErrElsewhere)
	}
	u.Fragment, u.RawFragment = "", ""
	return u.RequestURI(), nil
}
