package fdp

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// contractSource is a point in the hands of the contract suite: a catalogue, and a distribution for
// every dataset. With listed the catalogue's document names its datasets, else only its pages do.
func contractSource(listed bool) func(testing.TB) *connectortest.CatalogueSource {
	return func(t testing.TB) *connectortest.CatalogueSource {
		const pageDatasets, maxBytes = 1, 1 << 16
		p := idle()
		w := connectortest.NewWire(t, p)
		p.base, p.login = w.URL(), Login{"steward@holder.example", "not-for-logs"}
		var paths []string
		write := func() {
			slices.Sort(paths)
			p.docs["/catalog/1"] = catalogOf("/catalog/1")
			if listed {
				p.docs["/catalog/1"] = catalogOf("/catalog/1", paths...)
			}
			p.paged["/catalog/1/page/dataset"] = slices.Clone(paths)
		}
		locked := func(f func()) {
			p.mu.Lock()
			defer p.mu.Unlock()
			f()
			write()
		}
		place := func(path, iri string, d connectortest.Described) {
			p.docs[path] = connectortest.DatasetTurtle(iri, d) +
				fmt.Sprintf("<%s> <http://www.w3.org/ns/dcat#distribution> <BASE/distribution/%s> .\n", iri, d.Identifier)
			p.docs["/distribution/"+d.Identifier] = fmt.Sprintf("<BASE/distribution/%s> a <http://www.w3.org/ns/dcat#Distribution> .\n", d.Identifier)
			if !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
		locked(func() { p.docs[""] = rootOf("/catalog/1") })
		s := &connectortest.CatalogueSource{
			Wire: w, MaxBody: maxBytes, Page: pageDatasets, Secrets: []string{p.login.Email, p.login.Password, "token."},
			Open: func(t testing.TB) connectors.Catalogue {
				d, err := New(Options{Location: w.URL(), HTTP: w.Client(), Login: p.login, PageDatasets: pageDatasets, MaxBytes: maxBytes, Timeout: 20 * time.Second})
				if err != nil {
					t.Fatal(err)
				}
				return d
			},
			Put: func(_ testing.TB, all ...connectortest.Described) {
				locked(func() {
					for _, d := range all {
						delete(p.broken, "/dataset/"+d.Identifier)
						place("/dataset/"+d.Identifier, "BASE/dataset/"+d.Identifier, d)
					}
				})
			},
			Remove: func(_ testing.TB, id string) {
				locked(func() { paths = slices.DeleteFunc(paths, func(s string) bool { return s == "/dataset/"+id }) })
			},
			Spoil: func(_ testing.TB, id string) { locked(func() { p.broken["/dataset/"+id] = true }) },
			Fail: func(testing.TB) {
				locked(func() {
					for path := range p.docs {
						p.faults[path] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
					}
				})
			},
			Relative: func(testing.TB) string {
				locked(func() {
					place("/dataset/relative", "", connectortest.Described{Identifier: "relative", Title: "Relative", Modified: connectortest.Now()})
				})
				return w.URL() + "/dataset/relative"
			},
		}
		if !listed {
			s.Relative = nil // a page has another base
		}
		return s
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: contractSource(true)})
}

func TestContractByPages(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: contractSource(false)})
}
