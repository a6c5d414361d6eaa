package superior_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const (
	anchorID = "https://anchor.test"
	regionID = "https://region.test/fed"
	hubID    = "https://hub.test"
	bodyID   = hubID + "/hdab/north"
)

// ring is the federation keys of one entity, by name.
type ring struct {
	name string
	past []federation.HistoricalKey
}

func (r *ring) Signing() (jose.SigningKey, error)         { return trusttest.Key(r.name), nil }
func (r *ring) Public() (jose.KeySet, error)              { return trusttest.KeySet(trusttest.Key(r.name)), nil }
func (r *ring) Past() ([]federation.HistoricalKey, error) { return r.past, nil }
func keysOf(name string) jose.KeySet                      { return trusttest.KeySet(trusttest.Key(name)) }
func markType(name string) string                         { return federation.MarkType(anchorID, name) }
func gateway(country string) map[string]any {
	return map[string]any{federation.TypeGateway: federation.GatewayMetadata{
		ExchangeEndpoint: "https://hub.test/exchange", Keys: keysOf("exchange"), Country: country, Profiles: []string{"hdeu-r6"}, SigningAlgs: []string{"Ed25519"},
	}}
}

// world is hosts that answer each other in one process, at a clock of its own.
type world struct {
	t     *testing.T
	clock *trusttest.Clock
	mu    sync.Mutex
	hosts map[string]http.Handler
	calls []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, clock: trusttest.NewFederation(t).Clock, hosts: map[string]http.Handler{}}
}

// RoundTrip is the network.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.calls = append(w.calls, r.URL.Host)
	h := w.hosts[r.URL.Host]
	w.mu.Unlock()
	rec := httptest.NewRecorder()
	if h == nil {
		rec.WriteHeader(http.StatusBadGateway)
		return rec.Result(), nil
	}
	r.RequestURI = r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	h.ServeHTTP(rec, r)
	return rec.Result(), nil
}

func (w *world) host(name string, h http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[name] = h
}

func (w *world) called(host string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c == host {
			n++
		}
	}
	return n
}

func (w *world) anchors() []federation.Anchor {
	return []federation.Anchor{{Entity: anchorID, Keys: keysOf(anchorID)}}
}

func (w *world) resolver(o federation.Options) *federation.Resolver {
	o.HTTP, o.Clock, o.Logger = &http.Client{Transport: w}, w.clock.Now, slog.New(slog.DiscardHandler)
	return federation.NewResolver(o)
}

// superior is an anchor or an intermediate that answers under its name.
func (w *world) superior(entity string, edit func(*superior.Options), above ...string) (*superior.Superior, *superior.Registry) {
	w.t.Helper()
	reg, err := superior.OpenRegistry(filepath.Join(w.t.TempDir(), "subordinates"), entity, above, w.clock.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	o := superior.Options{
		Entity: entity, Name: "Superior", Registry: reg, Keys: &ring{name: entity}, Superiors: above,
		Resolver: w.resolver(federation.Options{Anchors: w.anchors()}), Clock: w.clock.Now, Logger: slog.New(slog.DiscardHandler),
	}
	if len(above) > 0 {
		o.Anchors = w.anchors()
	}
	if edit != nil {
		edit(&o)
	}
	s := superior.New(o)
	h, err := s.Handler()
	if err != nil {
		w.t.Fatal(err)
	}
	w.host(strings.Split(entity, "/")[2], h)
	return s, reg
}

// hub is a contact point that hosts a body, as a gateway does, under a superior.
func (w *world) hub(entity, country, under string, marks func() []federation.MarkEntry) *federation.House {
	w.t.Helper()
	md := gateway(country)
	md[federation.TypeFederationEntity] = federation.EndpointsOf(entity, "hub")
	house := &federation.House{Head: federation.NewSelf(federation.SelfOptions{
		Entity: entity, Hints: []string{under}, Keys: &ring{name: entity}, Clock: w.clock.Now, Marks: marks,
		Metadata: func() (map[string]any, error) { return md, nil },
	})}
	house.Bodies = append(house.Bodies, federation.NewSelf(federation.SelfOptions{
		Entity: entity + "/hdab/north", Hints: []string{entity}, Keys: &ring{name: entity + "/hdab/north"}, Clock: w.clock.Now,
		Metadata: func() (map[string]any, error) {
			return map[string]any{federation.TypeHDAB: federation.HDABMetadata{Keys: keysOf("permit"), Country: country, Code: "NORD"}}, nil
		},
	}))
	mux := http.NewServeMux()
	if err := house.Register(mux); err != nil {
		w.t.Fatal(err)
	}
	w.host(strings.Split(entity, "/")[2], mux)
	return house
}

func (w *world) enrol(reg *superior.Registry, own string, s superior.Subordinate) {
	w.t.Helper()
	if len(s.Keys.Keys) == 0 && !s.MarksOnly {
		s.Keys = keysOf(s.Entity)
	}
	if err := reg.Enrol(s, keysOf(own)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) move(reg *superior.Registry, entity string, to superior.State) {
	w.t.Helper()
	if _, err := reg.Move(entity, to); err != nil {
		w.t.Fatal(err)
	}
}

func fresh(mark ...string) map[string]time.Time {
	out := map[string]time.Time{}
	for _, m := range mark {
		out[markType(m)] = time.Time{}
	}
	return out
}
