package federation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// told is what the owner of a resolver hears of anchors.
type told struct {
	mu    sync.Mutex
	lines []string
	log   bytes.Buffer
}

func (w *told) options(f *trusttest.Federation, onboarded ...*trusttest.Entity) federation.Options {
	o := f.Options(onboarded...)
	o.Logger = slog.New(slog.NewTextHandler(&w.log, nil))
	o.Alarm = func(_ context.Context, anchor string, raised bool) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.lines = append(w.lines, fmt.Sprint(anchor, " ", raised))
	}
	return o
}

func (w *told) expect(t *testing.T, want ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.lines, want) {
		t.Errorf("the owner was told %q, want %q", w.lines, want)
	}
}

func TestAnchorThatBreaksItsPinStopsAllTrustInIt(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de, it := f.NCP("FR"), f.NCP("DE"), f.NCP("IT")
	var w told
	r := federation.NewResolver(w.options(f, fr, de))
	resolve(t, r, fr)
	f.Clock.Advance(4 * time.Minute)
	resolve(t, r, de)
	chain := it.Chain()
	resolve(t, r, it, chain...)
	above, err := r.Above(t.Context(), it.Configuration())
	if err != nil || len(above) != 2 {
		t.Fatal(err)
	}
	w.expect(t)

	genuine := f.Anchor.Federation
	f.Anchor.Federation = trusttest.Key("mallory")
	f.Clock.Advance(2 * time.Minute) // fr is asked for again; de and it are fresh
	refused(t, r, fr, federation.ErrAnchorMismatch)
	w.expect(t, trusttest.AnchorID+" true")
	if !strings.Contains(w.log.String(), "ALARM") {
		t.Error("nothing in the log")
	}
	f.Forget()
	for range 3 {
		refused(t, r, fr, federation.ErrAnchorMismatch)
		refused(t, r, de, federation.ErrAnchorMismatch)
		refused(t, r, it, federation.ErrAnchorMismatch, chain...)
		if _, err := r.Above(t.Context(), it.Configuration()); !errors.Is(err, federation.ErrAnchorMismatch) {
			t.Errorf("above: %v", err)
		}
		if _, err := r.FetchMark(t.Context(), trusttest.AnchorID, "ncp", fr.ID); !errors.Is(err, federation.ErrAnchorMismatch) {
			t.Errorf("mark: %v", err)
		}
		if _, err := r.List(t.Context(), trusttest.AnchorID, federation.ListFilter{}); !errors.Is(err, federation.ErrAnchorMismatch) {
			t.Errorf("list: %v", err)
		}
	}
	if n := f.Requests(trusttest.AnchorID); n != 0 {
		t.Errorf("%d requests at once to an anchor under alarm", n)
	}
	// It falls silent: that ends nothing.
	f.Anchor.Down(true)
	f.Clock.Advance(30 * time.Second)
	refused(t, r, it, federation.ErrAnchorMismatch, chain...)
	// It shows an old configuration of the genuine key, expired since.
	f.Anchor.Down(false)
	f.Anchor.Federation = genuine
	old := f.Anchor.Configuration()
	f.Clock.Advance(trusttest.Life + time.Hour)
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.String() != trusttest.AnchorID+federation.WellKnown {
			return false
		}
		trusttest.Answer(w, federation.TypStatement, old)
		return true
	})
	refused(t, r, de, federation.ErrAnchorMismatch)
	// It shows the pinned key again: trust goes on at once, for whoever asks.
	f.Intercept(nil)
	f.Clock.Advance(30 * time.Second)
	resolve(t, r, it, it.Chain()...)
	resolve(t, r, de)
	w.expect(t, trusttest.AnchorID+" true", trusttest.AnchorID+" false")
}

func TestRestartDoesNotForgetAnAlarm(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, it := f.NCP("FR"), f.NCP("IT")
	chain := it.Chain()
	var w told
	o := w.options(f, fr)
	genuine := f.Anchor.Federation
	f.Anchor.Federation = trusttest.Key("mallory")
	o.Alarmed = []string{trusttest.AnchorID}
	r := federation.NewResolver(o)
	refused(t, r, it, federation.ErrAnchorMismatch, chain...) // rightly signed, and no anchor to ask
	refused(t, r, fr, federation.ErrAnchorMismatch)
	w.expect(t) // the owner knows already
	f.Anchor.Federation = genuine
	f.Clock.Advance(30 * time.Second)
	resolve(t, r, it, chain...)
	resolve(t, r, fr)
	w.expect(t, trusttest.AnchorID+" false")
}

// Who asks the anchors under alarm asks those that are pinned, seldom, and nobody without an alarm.
func TestAnchorsUnderAlarmAreAsked(t *testing.T) {
	f := trusttest.NewFederation(t)
	var w told
	o := w.options(f)
	o.Alarmed = []string{"https://pinned.no.more.test"}
	federation.NewResolver(o).AskAlarmed(t.Context())
	if n := f.Requests(""); n != 0 {
		t.Errorf("%d requests without an alarm", n)
	}
	o.Alarmed = append(o.Alarmed, trusttest.AnchorID)
	genuine := f.Anchor.Federation
	f.Anchor.Federation = trusttest.Key("mallory")
	r := federation.NewResolver(o)
	for range 3 {
		r.AskAlarmed(t.Context())
	}
	if n := f.Requests(""); n != 1 {
		t.Errorf("%d requests at once", n)
	}
	w.expect(t)
	f.Anchor.Federation = genuine
	f.Clock.Advance(30 * time.Second)
	r.AskAlarmed(t.Context())
	w.expect(t, trusttest.AnchorID+" false")
}

func TestForgedAnchorInAHeaderRaisesNoAlarm(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	var w told
	r := federation.NewResolver(w.options(f))
	chain := fr.Chain()
	genuine := f.Anchor.Federation
	f.Anchor.Federation = trusttest.Key("mallory")
	forged := fr.Chain()
	f.Anchor.Federation = genuine
	refused(t, r, fr, federation.ErrAnchorMismatch, forged...)
	w.expect(t)
	resolve(t, r, fr, chain...)
}

// Two anchors; one breaks its pin. Whoever stands under the other too is reached through it.
func TestOtherAnchorsAreNotConcerned(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	second := f.Gateway("https://second.test", "EU", f.Anchor) // any entity can be somebody's anchor
	de := f.Gateway("https://ncp.de.test", "DE", second)
	both := f.Gateway("https://both.test", "DE", second)
	both.EditConfiguration(func(c *federation.Claims) {
		c.AuthorityHints = []string{trusttest.AnchorID, second.ID}
	})
	var w told
	o := w.options(f, fr, de, both)
	o.Anchors = append(o.Anchors, federation.Anchor{Entity: second.ID, Keys: trusttest.KeySet(second.Federation)})
	second.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = nil })
	r := federation.NewResolver(o)
	f.Anchor.Federation = trusttest.Key("mallory")
	refused(t, r, fr, federation.ErrAnchorMismatch)
	for _, e := range []*trusttest.Entity{de, both} {
		if got := resolve(t, r, e); got.Anchor != second.ID {
			t.Errorf("%s stands under %s", e.ID, got.Anchor)
		}
	}
	w.expect(t, trusttest.AnchorID+" true")
}

// The pins were changed by the operator while statements of before are on the shelf: nobody is accused.
func TestNewPinsAndAnOldShelf(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	s := newShelf()
	resolve(t, instance(f, s, secret, fr), fr)
	f.Anchor.Federation = trusttest.Key("the anchor's next key")
	var w told
	o := w.options(f, fr)
	o.Shelf, o.ShelfSecret = s, []byte(secret)
	resolve(t, federation.NewResolver(o), fr)
	w.expect(t)
}

// Not modified, says the host, of a configuration that the pins no longer fit: that is no way around.
func TestAlarmEndsByWhatTheHostShowsNow(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	s := newShelf()
	served := tag(f, fr)
	resolve(t, instance(f, s, secret, fr), fr)
	var w told
	o := w.options(f, fr)
	o.Shelf, o.ShelfSecret = s, []byte(secret)
	o.Anchors = []federation.Anchor{{Entity: trusttest.AnchorID, Keys: trusttest.KeySet(trusttest.Key("another"))}}
	refused(t, federation.NewResolver(o), fr, federation.ErrAnchorMismatch)
	if served.count(304) != 0 {
		t.Error("the kept configuration was offered to the host")
	}
	w.expect(t, trusttest.AnchorID+" true")
}

// A superior changes its key between two fetches: that is no refusal of anybody.
func TestSuperiorThatChangesItsKeyRefusesNobody(t *testing.T) {
	f := trusttest.NewFederation(t)
	mid := f.Intermediate("https://mid.test", f.Anchor)
	fr := f.Gateway("https://ncp.fr.test", "FR", mid)
	de := f.Gateway("https://ncp.de.test", "FR", mid)
	r := f.Resolver(mid, fr, de)
	resolve(t, r, fr)
	mid.Federation = trusttest.Key("the next key of mid")
	f.Clock.Advance(time.Minute)
	resolve(t, r, de) // its statement by the new key, the configuration kept from before with the old one
	if _, err := r.Above(t.Context(), fr.Configuration()); err != nil {
		t.Error(err)
	}
	// The same while the superior cannot be asked for its configuration: unknown, not refused.
	mid.Federation = trusttest.Key("its third key")
	f.Clock.Advance(6 * time.Minute)
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		down := r.URL.String() == mid.ID+federation.WellKnown
		if down {
			w.WriteHeader(http.StatusBadGateway)
		}
		return down
	})
	resolve(t, r, de) // as it was known
	refused(t, f.Resolver(mid, fr, de), de, federation.ErrUnavailable)
}
