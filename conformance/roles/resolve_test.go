package roles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func TestResolve(t *testing.T) {
	f := newFederation(t)
	r := f.resolver()
	p, err := r.Resolve(t.Context(), peerID, nil)
	if err != nil || p.Holds(f.now, ehds.MarkNCP) != nil {
		t.Fatalf("%+v, %v", p, err)
	}
	calls := f.called("peer.example")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := r.Resolve(t.Context(), peerID, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f.called("peer.example") != calls {
		t.Error("a known peer is fetched again at once")
	}
	f.status = forge.MarkSuspended
	f.pass(peerRefresh + time.Second)
	if p, err = r.Resolve(t.Context(), peerID, nil); err != nil || !errors.Is(p.Holds(f.clock(), ehds.MarkNCP), ErrSuspended) {
		t.Errorf("the suspension is not seen: %v", err)
	}
	f.status = forge.MarkActive
	f.pass(peerRefresh + time.Second)
	if p, err = r.Resolve(t.Context(), peerID, nil); err != nil || p.Holds(f.clock(), ehds.MarkNCP) != nil {
		t.Error(err)
	}
	f.down["anchor.example"], f.down["peer.example"] = true, true
	f.pass(59 * time.Minute)
	if p, err = r.Resolve(t.Context(), peerID, nil); err != nil || p.Holds(f.clock(), ehds.MarkNCP) != nil {
		t.Errorf("within the hour: %v", err)
	}
	f.pass(2 * time.Minute)
	if p, err = r.Resolve(t.Context(), peerID, nil); err != nil || !errors.Is(p.Holds(f.clock(), ehds.MarkNCP), ErrUnavailable) {
		t.Errorf("after the hour: %v", err)
	}
	f.pass(12 * time.Hour)
	if _, err = r.Resolve(t.Context(), peerID, nil); !errors.Is(err, ErrUnavailable) {
		t.Errorf("after the chain's end: %v", err)
	}
}

// TestNobodyIsCalledUnvouched wants the anchor asked first, and nobody else for a stranger.
func TestNobodyIsCalledUnvouched(t *testing.T) {
	for name, change := range map[string]func(*federation){
		"the anchor does not know it": func(f *federation) {
			f.answer = func(r *http.Request) *http.Response {
				if r.URL.Path == "/fetch" {
					return respond(404, "application/json", "{}")
				}
				return nil
			}
		},
		"a statement about another": func(f *federation) { f.about = func(s *forge.Statement) { s.Sub = "https://x.example" } },
		"a forged statement": func(f *federation) {
			other := newKey(f.t)
			f.answer = func(r *http.Request) *http.Response {
				if r.URL.Path == "/fetch" {
					return respond(200, MediaStatement, f.sign(other, forge.TypStatement, f.statement(anchorID, peerID, f.peerKey, func(*forge.Statement) {})))
				}
				return nil
			}
		},
		"an endpoint elsewhere": func(f *federation) {
			f.anchor = func(s *forge.Statement) {
				s.Metadata[TypeFederation] = json.RawMessage(`{"federation_fetch_endpoint":"https://peer.example/fetch"}`)
			}
		},
		"another anchor key": func(f *federation) { f.anchorKey = newKey(f.t) },
		"a redirect": func(f *federation) {
			f.answer = func(r *http.Request) *http.Response {
				if r.URL.Path == "/fetch" {
					resp := respond(302, "text/plain", "")
					resp.Header.Set("Location", peerID+"/fetch")
					return resp
				}
				return nil
			}
		},
		"a huge document": func(f *federation) {
			f.answer = func(r *http.Request) *http.Response {
				if r.URL.Path == "/fetch" {
					return respond(200, MediaStatement, strings.Repeat("a", maxDocument+1))
				}
				return nil
			}
		},
		"another media type": func(f *federation) {
			f.answer = func(r *http.Request) *http.Response {
				if r.URL.Path == "/fetch" {
					return respond(200, "text/html", f.aboutPeer())
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFederation(t)
			r := f.resolver()
			change(f)
			if _, err := r.Resolve(t.Context(), peerID, nil); err == nil {
				t.Error("resolved")
			}
			if f.called("peer.example") != 0 {
				t.Error("the host was called")
			}
		})
	}
}

func TestStrangersCostLittle(t *testing.T) {
	f := newFederation(t)
	r := f.resolver()
	for range 5 {
		if _, err := r.Resolve(t.Context(), "https://nobody.example", nil); !errors.Is(err, ErrUnknownEntity) {
			t.Fatal(err)
		}
	}
	if n := f.called("anchor.example"); n != 2 { // configuration and statement, once
		t.Errorf("the anchor was asked %d times", n)
	}
	f.pass(unknownFor)
	if _, err := r.Resolve(t.Context(), "https://nobody.example", nil); !errors.Is(err, ErrUnknownEntity) || f.called("anchor.example") != 4 {
		t.Errorf("%v after %d calls", err, f.called("anchor.example"))
	}
	for i := range 2 * maxStrangers {
		if _, err := r.Resolve(t.Context(), fmt.Sprintf("https://n%d.example", i), nil); !errors.Is(err, ErrUnknownEntity) {
			t.Fatal(err)
		}
	}
	if n := f.called("anchor.example"); n > 4+2*maxStrangers {
		t.Errorf("%d calls for strangers", n)
	}
	for _, id := range []string{"", "x", "http://peer.example", "ftp://peer.example", "https://u:p@peer.example", peerID + "?a=b", peerID + "#a",
		"https://" + strings.Repeat("a", 2048)} {
		if _, err := r.Resolve(t.Context(), id, nil); !errors.Is(err, ErrUnknownEntity) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestHeaderChain(t *testing.T) {
	f := newFederation(t)
	r := f.resolver()
	old := f.chain()
	f.pass(time.Second)
	p, err := r.Resolve(t.Context(), peerID, f.chain())
	if err != nil || p.Holds(f.clock(), ehds.MarkNCP) != nil || f.called("peer.example") != 0 {
		t.Fatalf("%v, calls %d", err, f.called("peer.example"))
	}
	if _, err := r.Resolve(t.Context(), peerID, old); !errors.Is(err, ErrChain) {
		t.Errorf("an older configuration than seen: %v", err)
	}
	if _, err := r.Resolve(t.Context(), "https://other.example", f.chain()); !errors.Is(err, ErrChain) {
		t.Errorf("another's chain: %v", err)
	}
}

func TestVerifyOrder(t *testing.T) {
	f := newFederation(t)
	r := f.resolver()
	same := func(map[string]any) {}
	v, err := r.Verify(t.Context(), f.message(f.ex, same), ehds.TypMessage, "https://us.example")
	if err != nil || v.Iss != peerID || !v.Current() || v.Digest == "" {
		t.Fatalf("%+v, %v", v, err)
	}
	claims := func(change func(map[string]any)) string { return f.message(f.ex, change) }
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"federation key":   {f.message(f.peerKey, same), ErrNotAuthenticated},
		"another audience": {claims(func(c map[string]any) { c["aud"] = "https://x.example" }), ErrNotAuthenticated},
		"two audiences":    {claims(func(c map[string]any) { c["aud"] = []string{"https://us.example"} }), ErrMalformed},
		"no expiry":        {claims(func(c map[string]any) { delete(c, "exp") }), ErrMalformed},
		"ends before":      {claims(func(c map[string]any) { c["exp"] = c["iat"] }), ErrMalformed},
		"a day and more":   {claims(func(c map[string]any) { c["exp"] = c["iat"].(int64) + 86401 }), ErrMalformed},
		"far future":       {claims(func(c map[string]any) { c["iat"], c["exp"] = int64(maxDate), int64(maxDate+1) }), ErrMalformed},
		"fraction":         {claims(func(c map[string]any) { c["n"] = 1.5 }), ErrMalformed},
		"claim case":       {claims(func(c map[string]any) { c["Iss"] = "x" }), ErrMalformed},
		"stranger":         {claims(func(c map[string]any) { c["iss"] = "https://nobody.example" }), ErrNotAuthenticated},
		"no token":         {"a.b", ErrMalformed},
		"too large":        {strings.Repeat("a", forge.MaxToken+1), forge.ErrTooLarge},
	} {
		if _, err := r.Verify(t.Context(), c.token, ehds.TypMessage, "https://us.example"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for at, want := range map[int64]bool{-61: false, -60: true, 0: true, 60: true} { // iat against now
		token := claims(func(c map[string]any) { c["iat"], c["exp"] = f.now.Unix()-at, f.now.Unix()-at+1 })
		v, err := r.Verify(t.Context(), token, ehds.TypMessage, "https://us.example")
		if err != nil || v.Current() != want {
			t.Errorf("iat %d s ago: %v, %v", at, v.Current(), err)
		}
	}
}

func TestNewKidCausesOneRefresh(t *testing.T) {
	f := newFederation(t)
	r := f.resolver()
	verify := func(k *forge.Key) error {
		_, err := r.Verify(t.Context(), f.message(k, func(map[string]any) {}), ehds.TypMessage, "https://us.example")
		return err
	}
	if err := verify(f.ex); err != nil {
		t.Fatal(err)
	}
	calls := f.called("peer.example")
	stranger := newKey(t)
	f.pass(kidRefresh)
	for range 5 {
		if err := verify(stranger); !errors.Is(err, ErrNotAuthenticated) {
			t.Fatal(err)
		}
	}
	if n := f.called("peer.example") - calls; n != 1 {
		t.Errorf("%d refreshes in a minute", n)
	}
	f.ex = newKey(t)
	f.pass(kidRefresh)
	if err := verify(f.ex); err != nil {
		t.Errorf("a new key: %v", err)
	}
	f.down["anchor.example"] = true
	if err := verify(newKey(t)); !errors.Is(err, ErrNotAuthenticated) {
		t.Errorf("an unknown kid within the minute: %v", err)
	}
	f.pass(kidRefresh)
	if err := verify(newKey(t)); !errors.Is(err, ErrUnavailable) {
		t.Errorf("an unknown kid while the anchor is away: %v", err)
	}
}

func TestEntityShowsItsMarks(t *testing.T) {
	f := newFederation(t)
	e := &Entity{ID: peerID, Key: f.peerKey, Roles: []ehds.Mark{ehds.MarkNCP}, Resolver: f.resolver(), Gateway: func() GatewayMetadata {
		return GatewayMetadata{Country: "NL", JWKS: forge.NewJWKS(f.ex)}
	}}
	f.down["anchor.example"] = true
	if e.Ready(t.Context()) {
		t.Error("ready without a mark")
	}
	show := func(ctx context.Context) *forge.Statement {
		raw, err := e.Configuration(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s, err := forge.ParseStatement(raw)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := show(t.Context()); len(s.TrustMarks) != 0 {
		t.Error("a mark out of nowhere")
	}
	f.down["anchor.example"] = false
	first := show(t.Context())
	if len(first.TrustMarks) != 1 || !e.Ready(t.Context()) || first.AuthorityHints[0] != anchorID {
		t.Fatalf("%+v", first)
	}
	f.pass(24 * time.Hour)
	if again := show(t.Context()); again.TrustMarks[0] != first.TrustMarks[0] {
		t.Error("a good mark is fetched anew")
	}
	f.pass(5*24*time.Hour + time.Second)
	if again := show(t.Context()); again.TrustMarks[0] == first.TrustMarks[0] {
		t.Error("a mark near its end is shown")
	}
	if _, _, err := e.Resolver.FetchMark(t.Context(), "hdab", peerID); !errors.Is(err, ErrChain) {
		t.Errorf("a mark of another type: %v", err)
	}
}
