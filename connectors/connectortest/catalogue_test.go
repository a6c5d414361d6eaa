package connectortest

import (
	"strings"
	"testing"
)

func TestCatalogueContractHolds(t *testing.T) {
	t.Parallel()
	RunCatalogue(t, CatalogueHarness{New: broken("")})
}

// Each fault of a driver is found by the rule made for it.
// shows R14.0.5
func TestCatalogueContractBites(t *testing.T) {
	t.Parallel()
	for fault, found := range map[string]string{
		"pages untold":        "a source of one page says so",
		"since ignored":       "since is honoured as far as the driver says",
		"since hidden":        "since is honoured as far as the driver says",
		"tombstones promised": "a removal is told or seen",
		"cursor in memory":    "a cursor is resumed by another driver",
		"failure is the end":  "a source that fails is an error",
		"the last one twice":  "every dataset is given once",
		"malformed hidden":    "a malformed document is an item with an error and the rest goes on",
		"malformed stops":     "a malformed document is an item with an error and the rest goes on",
		"secret in names":     "names and errors carry no secrets",
		"address in errors":   "names and errors carry no secrets",
		"no names":            "an item is a graph or bytes or an error, with a name",
		"names differ":        "the same listing gives the same items",
		"graph and error":     "an item is a graph or bytes or an error, with a name",
		"context ignored":     "a cancelled context ends a listing",
		"no bound":            "an endless body makes no pass short",
		"cut unseen":          "half a body makes no pass short",
		"circles":             "the first answer for ever makes no pass short",
		"follows redirects":   "a redirect to another host makes no pass short",
	} {
		t.Run(strings.ReplaceAll(fault, " ", "-"), func(t *testing.T) {
			t.Parallel()
			for _, r := range catalogueRules() {
				if r.name != found {
					continue
				}
				s := broken(fault)(t)
				if err := r.run(t.Context(), &catalogueCase{t, s}); err == nil {
					t.Errorf("%q holds for a driver with the fault", r.name)
				}
				return
			}
			t.Errorf("there is no rule %q", found)
		})
	}
}
