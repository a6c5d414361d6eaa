package trusttest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// AnchorID is the entity identifier of every federation's anchor.
const AnchorID = "https://anchor.test"

// Federation is an anchor and the entities under it.
type Federation struct {
	Clock *Clock
	// Anchor vouches for entities, makes their marks and tells the status of these.
	Anchor *Entity

	t  testing.TB
	mu sync.Mutex

	entities  map[string]*Entity
	requests  []string
	intercept func(http.ResponseWriter, *http.Request) bool
}

// NewFederation makes a federation with nothing but an anchor.
func NewFederation(t testing.TB) *Federation {
	f := &Federation{Clock: &Clock{at: Start()}, t: t, entities: map[string]*Entity{}}
	f.Anchor = f.add(AnchorID, nil)
	return f
}

// NCP adds a national contact point with its mark. Its identifier is https://ncp.<country>.test.
func (f *Federation) NCP(country string) *Entity {
	e := f.Gateway("https://ncp."+strings.ToLower(country)+".test", country, f.Anchor)
	e.Mark("ncp", federation.MarkActive)
	return e
}

// Centre adds the central platform with its mark: https://centre.test.
func (f *Federation) Centre() *Entity {
	e := f.Gateway("https://centre.test", "EU", f.Anchor)
	e.Mark("central-platform", federation.MarkActive)
	return e
}

// HDAB adds a health data access body under a contact point (or any superior), with its mark. Its
// identifier is <superior>/hdab/<id>, its code the id in capitals.
func (f *Federation) HDAB(superior *Entity, id string) *Entity {
	e := f.add(superior.ID+"/hdab/"+id, superior)
	e.settle(superior.country)
	e.hdabCode = strings.ToUpper(id)
	e.Permit = Key(e.ID + " permit")
	e.permits = []jose.SigningKey{e.Permit}
	e.Mark("hdab", federation.MarkActive)
	return e
}

// Gateway adds an entity that exchanges messages, without a mark.
func (f *Federation) Gateway(id, country string, superior *Entity) *Entity {
	e := f.add(id, superior)
	e.settle(country)
	e.Exchange = Key(id + " exchange")
	e.exchanges = []jose.SigningKey{e.Exchange}
	return e
}

// Intermediate adds an entity that does nothing but vouch for others. It is of the country of the
// first entity below it.
func (f *Federation) Intermediate(id string, superior *Entity) *Entity { return f.add(id, superior) }

func (f *Federation) add(id string, superior *Entity) *Entity {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.entities[id] != nil {
		f.t.Fatalf("trusttest: %s exists already", id)
	}
	e := &Entity{ID: id, Federation: Key(id + " federation"), f: f, superior: superior, marks: map[string]federation.MarkStatus{}}
	f.entities[id] = e
	return e
}

// Anchors are the anchor's keys, as pinned out of band.
func (f *Federation) Anchors() []federation.Anchor {
	return []federation.Anchor{{Entity: AnchorID, Keys: KeySet(f.Anchor.Federation)}}
}

// Options are those of a resolver that has onboarded the entities given.
func (f *Federation) Options(onboarded ...*Entity) federation.Options {
	o := federation.Options{
		Anchors: f.Anchors(), HTTP: f.Client(), Clock: f.Clock.Now, Logger: slog.New(slog.DiscardHandler),
	}
	for _, e := range onboarded {
		o.Onboarded = append(o.Onboarded, e.ID)
	}
	return o
}

// Resolver is a resolver that has onboarded the entities given.
func (f *Federation) Resolver(onboarded ...*Entity) *federation.Resolver {
	return federation.NewResolver(f.Options(onboarded...))
}

// Intercept lets do answer before any entity does: it returns true when it has answered. A nil do
// ends that. The request is counted all the same.
func (f *Federation) Intercept(do func(http.ResponseWriter, *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.intercept = do
}

// Requests counts the requests to addresses that start so since the last Forget.
func (f *Federation) Requests(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

// Forget sets the count of requests to zero.
func (f *Federation) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = nil
}

// Client reaches the entities of the federation and nothing else.
func (f *Federation) Client() *http.Client { return &http.Client{Transport: transport{f}} }

type transport struct{ f *Federation }

// RoundTrip answers in the process, as the host named would.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.f.mu.Lock()
	t.f.requests = append(t.f.requests, r.URL.String())
	intercept := t.f.intercept
	t.f.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	if intercept == nil || !intercept(w, r) {
		t.f.serve(w, r)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// owner finds the entity with the longest identifier the address lies under.
func (f *Federation) owner(u *url.URL) *Entity {
	f.mu.Lock()
	defer f.mu.Unlock()
	var best *Entity
	for id, e := range f.entities {
		if strings.HasPrefix(u.String(), id+"/") && (best == nil || len(id) > len(best.ID)) {
			best = e
		}
	}
	return best
}
