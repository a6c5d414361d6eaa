package ckan

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// TestContract: catalogue pages of two datasets, for those with a token.
func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: func(t testing.TB) *connectortest.CatalogueSource {
		p := newPortal(t, 2)
		p.token = "hush"
		return &connectortest.CatalogueSource{
			Wire: p.Wire, MaxBody: 1 << 20, Page: 2, Secrets: []string{p.token},
			Open: func(t testing.TB) connectors.Catalogue {
				return p.driver(t, func(o *Options) { o.Credentials = origin.Static{Name: "Authorization", Value: p.token} })
			},
			Put: func(_ testing.TB, all ...connectortest.Described) {
				for _, d := range all {
					p.put(dataset{d.Identifier, connectortest.DatasetTurtle("BASE/dataset/"+d.Identifier, d), d.Modified})
				}
			},
			Remove: func(_ testing.TB, id string) { p.remove(id) },
			Spoil: func(_ testing.TB, id string) {
				for _, d := range p.sets {
					if d.id == id {
						d.turtle += "<<"
						p.put(d)
						return
					}
				}
			},
			Fail: func(testing.TB) { p.locked(func() { p.failed = true }) },
			Relative: func(testing.TB) string {
				d := made("relative", 1)
				d.turtle = connectortest.DatasetTurtle("dataset/relative", connectortest.Described{Identifier: "relative"})
				p.put(d)
				return p.URL() + "/dataset/relative"
			},
		}
	}})
}
