package superior_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
)

// counted counts the answers of hosts, by status.
func (w *world) counted(hosts ...string) map[int]int {
	got := map[int]int{}
	for _, name := range hosts {
		w.mu.Lock()
		inner := w.hosts[name]
		w.mu.Unlock()
		w.host(name, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			inner.ServeHTTP(rec, r)
			got[rec.Code]++
			for k, v := range rec.Header() {
				rw.Header()[k] = v
			}
			rw.WriteHeader(rec.Code)
			_, _ = rw.Write(rec.Body.Bytes())
		}))
	}
	return got
}

// TestOurFetcherConfirmsAgainstOurServers: a body under a hub under a region under an anchor is fetched
// once, and then confirmed until somebody has something new to say.
func TestOurFetcherConfirmsAgainstOurServers(t *testing.T) {
	t.Parallel()
	w, _, _, _, mid := three(t, anchorID)
	w.hub(hubID, "BE", regionID, nil) // without marks: these are fetched, and kept, by its gateway
	got := w.counted("anchor.test", "region.test", "hub.test")
	r := w.resolver(federation.Options{Anchors: w.anchors(), Onboarded: []string{bodyID}, Intermediates: []string{hubID, regionID}})
	resolve := func() *federation.Entity {
		t.Helper()
		e, err := r.Resolve(t.Context(), bodyID, nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	first := resolve()
	const documents = 7 // four configurations, and three statements about those below
	if got[200] != documents || got[304] != 0 {
		t.Fatalf("first: %v", got)
	}
	for range 5 {
		w.clock.Advance(6 * time.Minute)
		if e := resolve(); !slices.Equal(e.Chain, first.Chain) {
			t.Fatal("another chain")
		}
	}
	if got[200] != documents || got[304] != 5*documents {
		t.Errorf("half an hour on: %v", got)
	}
	// The region has something new to say about the hub: that alone is sent.
	sub, err := mid.Get(hubID)
	if err != nil {
		t.Fatal(err)
	}
	sub.Metadata = map[string]json.RawMessage{federation.TypeFederationEntity: json.RawMessage(`{"organization_name":"The hub"}`)}
	if err := mid.Replace(sub, keysOf(regionID)); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(6 * time.Minute)
	resolve()
	if got[200] != documents+1 || got[304] != 6*documents-1 {
		t.Errorf("after a change: %v", got)
	}
	w.clock.Advance(time.Hour) // all are made anew
	resolve()
	if got[200] != 2*documents+1 {
		t.Errorf("an hour on: %v", got)
	}
	// Whoever is withdrawn is not confirmed.
	w.move(mid, hubID, superior.Withdrawn)
	w.clock.Advance(6 * time.Minute)
	if _, err := r.Resolve(t.Context(), bodyID, nil); err == nil {
		t.Error("the body of a withdrawn hub is trusted")
	}
}

// TestWhatHoldsForNowIsNotConfirmed: marks and their status carry no validator.
func TestWhatHoldsForNowIsNotConfirmed(t *testing.T) {
	t.Parallel()
	_, anchor, _, _, _ := three(t, anchorID)
	for target, want := range map[string]bool{
		federation.WellKnown: true, "/federation/fetch?sub=" + regionID: true, "/federation/list": true,
		"/federation/trust-mark-list?trust_mark_type=" + markType("ncp"):              true,
		"/federation/trust-mark?sub=" + hubID + "&trust_mark_type=" + markType("ncp"): false,
	} {
		r := ask(t, anchor, "GET", target, "")
		if r.StatusCode != 200 || (r.Header.Get("ETag") != "") != want || (r.Header.Get("Cache-Control") == "no-store") == want {
			t.Errorf("%s: %d %v", target, r.StatusCode, r.Header)
		}
		if want && r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", target)
		}
	}
}
