package federation_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// tagged serves every statement with an ETag, and says "not modified" to whoever has it already.
type tagged struct {
	mu       sync.Mutex
	tokens   map[string]string // by address; made once
	control  string            // Cache-Control
	answered map[int]int       // by status
}

func tag(f *trusttest.Federation, entities ...*trusttest.Entity) *tagged {
	s := &tagged{tokens: map[string]string{}, answered: map[int]int{}}
	for _, e := range append(entities, f.Anchor) {
		s.tokens[e.ID+federation.WellKnown] = e.Configuration()
		if e != f.Anchor {
			s.tokens["sub="+e.ID] = e.Statement()
		}
	}
	f.Intercept(s.serve)
	return s
}

func (s *tagged) serve(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.URL.String()
	if sub := r.URL.Query().Get("sub"); sub != "" {
		key = "sub=" + sub
	}
	token, ok := s.tokens[key]
	if !ok {
		return false
	}
	etag := `"` + token[len(token)-20:] + `"`
	w.Header().Set("ETag", etag)
	if s.control != "" {
		w.Header().Set("Cache-Control", s.control)
	}
	if r.Header.Get("If-None-Match") == etag {
		s.answered[http.StatusNotModified]++
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	s.answered[http.StatusOK]++
	trusttest.Answer(w, federation.TypStatement, token)
	return true
}

func (s *tagged) count(status int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answered[status]
}

func (s *tagged) set(control string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control = control
}

func TestWhatIsKeptIsConfirmedByItsETag(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	served := tag(f, fr)
	r := f.Resolver(fr)
	first := resolve(t, r, fr)
	f.Clock.Advance(6 * time.Minute)
	again := resolve(t, r, fr)
	if served.count(200) != 3 || served.count(304) != 3 || !slices.Equal(first.Chain, again.Chain) {
		t.Errorf("sent %d times, confirmed %d times", served.count(200), served.count(304))
	}
	// What has changed is sent, and replaces what was kept.
	f.Clock.Advance(6 * time.Minute)
	fr.Rotate(false)
	served.tokens[fr.ID+federation.WellKnown] = fr.Configuration()
	if e := resolve(t, r, fr); e.Gateway.Keys.Keys[0].Kid != fr.Exchange.Kid || served.count(200) != 4 {
		t.Error("the changed configuration was not taken")
	}
	// A confirmed statement does not live longer than its own time.
	f.Clock.Advance(trusttest.Life)
	refused(t, r, fr, federation.ErrExpired)
}

func TestNotModifiedIsBelievedOnlyOfWhatIsKept(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	resolve(t, r, fr) // without an ETag
	f.Clock.Advance(6 * time.Minute)
	f.Intercept(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(304); return true })
	resolve(t, r, fr) // stands in, as after any other failure
	f.Clock.Advance(time.Hour)
	refused(t, r, fr, federation.ErrFetchStatus)
}

func TestETagsThatCannotBeSentBackAreNotKept(t *testing.T) {
	for _, etag := range []string{"", "x", `"`, `W/"`, `"a b"`, `"a"b"`, "\"\x7f\"", `"` + strings.Repeat("a", 256) + `"`} {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		r := f.Resolver(fr)
		f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("ETag", etag)
			if got := r.Header.Get("If-None-Match"); got != "" {
				t.Errorf("ETag %q came back as %q", etag, got)
			}
			return false
		})
		resolve(t, r, fr)
		f.Clock.Advance(6 * time.Minute)
		resolve(t, r, fr)
	}
}

// Two entities under one anchor: its configuration is asked for once while it is fresh.
func TestCacheControlIsABoundFromAbove(t *testing.T) {
	for control, asked := range map[string]bool{
		"": false, "max-age=240": false, "max-age=90": true, "max-age=0": true, "no-cache": true, "no-store": true,
		"public, Max-Age=10": true, `max-age="10"`: true, "max-age=x": true, "max-age=-1": true, "max-age": true,
		"max-age=99999999": false, "max-age=99999999999999999999": true, "max-age=900, max-age=10": true, "max-agent=0": false,
	} {
		t.Run(control, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr, de := f.NCP("FR"), f.NCP("DE")
			served := tag(f, fr, de)
			served.set(control)
			r := f.Resolver(fr, de)
			resolve(t, r, fr)
			f.Clock.Advance(2 * time.Minute)
			f.Forget()
			resolve(t, r, de)
			if n := f.Requests(trusttest.AnchorID + federation.WellKnown); (n == 1) != asked {
				t.Errorf("%d requests", n)
			}
			// However long the host allows, we ask again after Refresh: and at once for the oldest part.
			f.Clock.Advance(3*time.Minute + time.Second)
			f.Forget()
			resolve(t, r, fr)
			if n := f.Requests(trusttest.AnchorID + federation.WellKnown); n != 1 {
				t.Errorf("%d requests after the refresh time", n)
			}
		})
	}
}

// What is used is never older than Refresh, though its parts were fetched for somebody else.
func TestAChainIsAsOldAsItsOldestStatement(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de := f.NCP("FR"), f.NCP("DE")
	r := f.Resolver(fr, de)
	resolve(t, r, fr)
	f.Clock.Advance(4 * time.Minute)
	resolve(t, r, de) // with the anchor's configuration of four minutes ago
	f.Clock.Advance(2 * time.Minute)
	f.Forget()
	resolve(t, r, de)
	if own, anchor := f.Requests(de.ID), f.Requests(trusttest.AnchorID+federation.WellKnown); own != 0 || anchor != 1 {
		t.Errorf("%d requests to the entity, %d to the anchor", own, anchor)
	}
}

func TestAddressIsAskedOnceForAllWhoWantIt(t *testing.T) {
	f := trusttest.NewFederation(t)
	var all []*trusttest.Entity
	for _, c := range []string{"FR", "DE", "IT", "ES", "PL", "PT", "SE", "FI"} {
		all = append(all, f.NCP(c))
	}
	r := f.Resolver(all...)
	release := make(chan struct{})
	waiting := make(chan struct{}, len(all))
	f.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.String() == trusttest.AnchorID+federation.WellKnown:
			<-release
		case strings.HasSuffix(r.URL.Path, federation.WellKnown):
			waiting <- struct{}{}
		}
		return false
	})
	var wg sync.WaitGroup
	for _, e := range all {
		wg.Go(func() {
			if _, err := r.Resolve(context.Background(), e.ID, nil); err != nil {
				t.Error(err)
			}
		})
	}
	for range all {
		<-waiting
	}
	close(release)
	wg.Wait()
	if n := f.Requests(trusttest.AnchorID + federation.WellKnown); n != 1 {
		t.Errorf("%d requests for one configuration", n)
	}
}

func TestWhatStandsInIsAskedAboutAgain(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	resolve(t, r, fr)
	f.Anchor.Down(true)
	f.Clock.Advance(10 * time.Minute)
	resolve(t, r, fr)
	f.Forget()
	for range 5 {
		resolve(t, r, fr)
	}
	if n := f.Requests(trusttest.AnchorID + federation.WellKnown); n != 0 {
		t.Errorf("%d requests while the anchor is known to be silent", n)
	}
	f.Anchor.Down(false)
	fr.Disown()
	f.Clock.Advance(30 * time.Second)
	refused(t, r, fr, federation.ErrChain)
}

// A mark that was suspended stays so when nobody can be asked, whatever stands in.
func TestSuspensionDoesNotStandInAsActive(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	o := f.Options(fr)
	o.StaleIfError, o.MarkGrace = 4*time.Hour, 4*time.Hour
	r := federation.NewResolver(o)
	resolve(t, r, fr)
	fr.Mark("ncp", federation.MarkSuspended)
	f.Clock.Advance(6 * time.Minute)
	if got := statusOf(t, r, fr); got != federation.MarkSuspended {
		t.Fatalf("status = %s", got)
	}
	fr.Mark("ncp", federation.MarkActive)
	f.Anchor.Down(true)
	fr.Down(true)
	f.Clock.Advance(time.Hour)
	if got := statusOf(t, r, fr); got != federation.MarkSuspended {
		t.Errorf("status = %s", got)
	}
}

// shelf is a shared place that anybody may write to.
type shelf struct {
	mu     sync.Mutex
	values map[string][]byte
	reads  int
	down   bool
}

func newShelf() *shelf { return &shelf{values: map[string][]byte{}} }

func (s *shelf) Get(_ context.Context, key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	v, ok := s.values[key]
	return slices.Clone(v), ok && !s.down
}

func (s *shelf) Put(_ context.Context, key string, value []byte, ttl time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ttl <= 0 || ttl > 24*time.Hour {
		panic("a lifetime that makes no sense")
	}
	if !s.down {
		s.values[key] = slices.Clone(value)
	}
}

func (s *shelf) copy() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.values)
}

func (s *shelf) restore(values map[string][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = map[string][]byte{}
	maps.Copy(s.values, values)
}

func instance(f *trusttest.Federation, s federation.Shelf, secret string, onboarded ...*trusttest.Entity) *federation.Resolver {
	o := f.Options(onboarded...)
	o.Shelf, o.ShelfSecret = s, []byte(secret)
	return federation.NewResolver(o)
}

const secret = "a secret of all instances"

func TestInstancesShareWhatWasFetched(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	s := newShelf()
	resolve(t, instance(f, s, secret, fr), fr)
	if len(s.values) != 3 {
		t.Fatalf("%d statements on the shelf", len(s.values))
	}
	f.Clock.Advance(time.Minute)
	f.Forget()
	second := instance(f, s, secret, fr)
	resolve(t, second, fr)
	if n := f.Requests("") - f.Requests(trusttest.AnchorID+"/federation/mark-status"); n != 0 {
		t.Errorf("%d requests for statements", n)
	}
	// One instance is told that an entity is gone; the other does not bring back what it has.
	fr.Disown()
	f.Clock.Advance(5 * time.Minute)
	refused(t, instance(f, s, secret, fr), fr, federation.ErrChain)
	f.Anchor.Down(true)
	f.Clock.Advance(time.Minute)
	if _, err := second.Refresh(t.Context(), fr.ID); !errors.Is(err, federation.ErrUnavailable) {
		t.Errorf("error = %v", err)
	}
	// After a restart, with the anchor gone, what is on the shelf stands in within the bound.
	f.Anchor.Down(false)
	f2 := trusttest.NewFederation(t)
	de := f2.NCP("DE")
	s = newShelf()
	resolve(t, instance(f2, s, secret, de), de)
	de.Down(true)
	f2.Anchor.Down(true)
	f2.Clock.Advance(59 * time.Minute)
	resolve(t, instance(f2, s, secret, de), de)
	f2.Clock.Advance(2 * time.Minute)
	refused(t, instance(f2, s, secret, de), de, federation.ErrUnavailable)
}

func TestPoisonedShelfIsNeverTrusted(t *testing.T) {
	type world struct {
		f     *trusttest.Federation
		fr    *trusttest.Entity
		s     *shelf
		old   map[string][]byte // as before the exchange key was revoked
		leaf  string
		other string
	}
	for name, poison := range map[string]func(w world){
		"wiped":   func(w world) { w.s.restore(nil) },
		"down":    func(w world) { w.s.down = true },
		"garbage": func(w world) { w.s.values[w.leaf] = []byte("garbage") },
		"empty":   func(w world) { w.s.values[w.leaf] = nil },
		"large":   func(w world) { w.s.values[w.leaf] = make([]byte, 4<<20) },
		"one bit": func(w world) { w.s.values[w.leaf][40] ^= 1 },
		"moved":   func(w world) { w.s.values[w.leaf] = w.s.values[w.other] },
		"swapped": func(w world) {
			w.s.values[w.leaf], w.s.values[w.other] = w.s.values[w.other], w.s.values[w.leaf]
		},
		"an older state": func(w world) { w.s.restore(w.old) },
		"another secret": func(w world) {
			foreign := newShelf()
			resolve(t, instance(w.f, foreign, "a secret of somebody else", w.fr), w.fr)
			w.s.restore(foreign.copy())
		},
		"a token in plain": func(w world) { w.s.values[w.leaf] = []byte(w.fr.Configuration()) },
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			s := newShelf()
			resolve(t, instance(f, s, secret, fr), fr)
			w := world{f: f, fr: fr, s: s, old: s.copy(), leaf: fr.ID + federation.WellKnown, other: trusttest.AnchorID + federation.WellKnown}
			f.Clock.Advance(6 * time.Minute)
			fr.Rotate(false)
			resolve(t, instance(f, s, secret, fr), fr)
			poison(w)
			e := resolve(t, instance(f, s, secret, fr), fr)
			if e.Gateway.Keys.Keys[0].Kid != fr.Exchange.Kid {
				t.Error("a revoked key came back from the shelf")
			}
		})
	}
}

func TestShelfWithoutASecretIsNotUsed(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	s := newShelf()
	resolve(t, instance(f, s, "short", fr), fr)
	if len(s.values) != 0 || s.reads != 0 {
		t.Error("the shelf was used")
	}
}

// TestSharedAnswerIsForEachWhoAsked: two identifiers have one address, and one exchange serves both. Only one
// of them is the entity that answers.
func TestSharedAnswerIsForEachWhoAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		o := f.Options()
		answer := make(chan struct{})
		served := o.HTTP.Transport
		o.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-answer
			return served.RoundTrip(r)
		})}
		r := federation.NewResolver(o)
		errs := map[string]error{}
		var mu sync.Mutex
		ask := func(entity string) {
			_, err := r.Configuration(t.Context(), entity)
			mu.Lock()
			defer mu.Unlock()
			errs[entity] = err
		}
		go ask(fr.ID)
		synctest.Wait()
		go ask(fr.ID + "/")
		synctest.Wait()
		close(answer)
		synctest.Wait()
		if errs[fr.ID] != nil || !errors.Is(errs[fr.ID+"/"], federation.ErrStatement) {
			t.Errorf("errors = %v", errs)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
