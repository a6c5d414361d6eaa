package central

import (
	"net/http"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// A Finnish contact point with a good mark writes FR, or EU, into its own configuration and publishes.
func TestContactPointDoesNotChooseItsNation(t *testing.T) {
	w := newWorld(t)
	fi := newNCP(t, w, "FI")
	fi.wantValid(fi.tell(fi.create(t, "ours")))
	for _, country := range []string{"FR", "EU"} {
		fi.country = country
		w.clock.pass(10 * time.Minute) // the centre reads the configuration again
		e := fi.next(fi.create(t, "theirs"))
		if status, r, _ := fi.post(e); status != http.StatusUnauthorized || r.Status != "" {
			t.Errorf("as %s: %d %s", country, status, r.Status)
		}
	}
	got := catalogueOf(t, w.central)
	if len(got) != 1 || got[0].Nation != "FI" || got[0].Identifier != "ours" {
		t.Errorf("catalogue %+v", got)
	}
}

// A body cannot sign for another nation than its own.
func TestPermitOfAnotherNation(t *testing.T) {
	w := newWorld(t)
	nl := published(t, w, "NL")["NL"]
	id := w.front(http.MethodPost, "", filingOf("NL", "set-NL"), http.StatusCreated).ID
	nl.acknowledge(id)
	for _, s := range []string{"PRE_SCREENING", "PROCESSING"} {
		nl.wantValid(nl.status(id, ehds.AxisApplication, s))
	}
	nl.wantValid(nl.decide(id, "D-1", ehds.Positive))
	w.front(http.MethodPost, "/"+id+"/answer", map[string]string{"decision_id": "D-1", "answer": "ACCEPT"}, http.StatusAccepted)
	nl.wantCode(nl.issue(id, "D-1", "DP-FR-HDH-2026-0001-v1", asIs), "permit-of-another-nation")
	nl.wantValid(nl.issue(id, "D-1", "DP-NL-2026-0001-v1", asIs))
}
