package federation_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// house is a contact point and one body as a hub serves them.
func house(t *testing.T) (*trusttest.Federation, *federation.House, *trusttest.Entity, *trusttest.Entity, *http.ServeMux) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	hda := f.HDAB(fr, "hdh")
	o := fr.SelfOptions()
	md := o.Metadata
	o.Metadata = func() (map[string]any, error) {
		m, err := md()
		m[federation.TypeFederationEntity] = federation.EndpointsOf(fr.ID+"/", "France")
		return m, err
	}
	h := &federation.House{Head: federation.NewSelf(o), Bodies: []*federation.Self{hda.Self()}}
	mux := http.NewServeMux()
	if err := h.Register(mux); err != nil {
		t.Fatal(err)
	}
	return f, h, fr, hda, mux
}

func get(mux http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestHouseServesItsEntities(t *testing.T) {
	_, _, fr, hda, mux := house(t)
	for path, want := range map[string]string{
		"/.well-known/openid-federation":          fr.ID,
		"/hdab/hdh/.well-known/openid-federation": hda.ID,
	} {
		w := get(mux, "GET", path)
		s, err := federation.ParseStatement(w.Body.String())
		if err != nil || s.Sub != want || s.Iss != want || s.Verify(s.JWKS) != nil {
			t.Errorf("%s: %+v, %v", path, s, err)
		}
		if got := w.Header().Get("Content-Type"); got != "application/entity-statement+jwt" {
			t.Errorf("%s: type %s", path, got)
		}
	}
	w := get(mux, "GET", "/federation/fetch?sub="+hda.ID)
	s, err := federation.ParseStatement(w.Body.String())
	if err != nil || s.Iss != fr.ID || s.Sub != hda.ID || s.Verify(trusttest.KeySet(fr.Federation)) != nil {
		t.Errorf("fetch: %+v, %v", s, err)
	}
	var list []string
	if err := json.Unmarshal(get(mux, "GET", "/federation/list").Body.Bytes(), &list); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{hda.ID}, list); diff != "" {
		t.Error(diff)
	}
}

func TestHouseRefusesWhatItDoesNotHost(t *testing.T) {
	_, _, fr, _, mux := house(t)
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		"/federation/fetch?sub=https://ncp.de.test": {404, "not_found"},
		"/federation/fetch?sub=" + fr.ID:            {404, "not_found"},
		"/federation/fetch?sub=":                    {400, "invalid_request"},
		"/federation/fetch":                         {400, "invalid_request"},
	} {
		w := get(mux, "GET", path)
		var body map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != want.status || body["error"] != want.code {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := get(mux, "POST", "/federation/fetch"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	if w := get(mux, "GET", "/hdab/other/.well-known/openid-federation"); w.Code != http.StatusNotFound {
		t.Errorf("another body: %d", w.Code)
	}
}

func TestHouseWithPathsThatCannotBeServed(t *testing.T) {
	self := func(id string) *federation.Self { return federation.NewSelf(federation.SelfOptions{Entity: id}) }
	for name, h := range map[string]*federation.House{
		"two entities on one path": {Head: self("https://a.test"), Bodies: []*federation.Self{self("https://b.test/")}},
		"a wildcard":               {Head: self("https://a.test/{x}")},
		"no address":               {Head: self("https://a.test/%zz")},
	} {
		if err := h.Register(http.NewServeMux()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	below := &federation.House{Head: self("https://a.test/ncp/")}
	mux := http.NewServeMux()
	if err := below.Register(mux); err != nil {
		t.Fatal(err)
	}
	if w := get(mux, "GET", "/ncp/federation/list"); w.Code != 200 || strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("list below a path: %d %s", w.Code, w.Body)
	}
}

// A configuration that says the same is given again, so that peers can confirm what they keep; one that
// has something new to say is made within 30 seconds, and at once when its owner is told.
func TestConfigurationIsKeptAndRenewed(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	self := fr.Self()
	read := func() string {
		token, err := self.Configuration()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	first := read()
	self.Renew()
	f.Clock.Advance(time.Hour - time.Second)
	if read() != first {
		t.Error("signed again with nothing new to say")
	}
	f.Clock.Advance(30 * time.Second)
	second := read()
	if second == first {
		t.Error("not renewed after an hour")
	}
	fr.Rotate(true)
	f.Clock.Advance(29 * time.Second)
	if read() != second {
		t.Error("looked at again within 30 seconds")
	}
	f.Clock.Advance(time.Second)
	third := read()
	if third == second {
		t.Error("a new key is not shown")
	}
	fr.Rotate(true)
	self.Renew()
	if read() == third {
		t.Error("not renewed when asked")
	}
	s, err := federation.ParseStatement(read())
	if err != nil || s.Exp-s.Iat != 12*3600 {
		t.Errorf("lives %d s, %v", s.Exp-s.Iat, err)
	}
	// A clock that was put right: what is dated in the future is made anew.
	last := read()
	f.Clock.Advance(-time.Minute)
	self.Renew()
	if read() == last {
		t.Error("a statement of the future is given")
	}
}

// A short life is not half used up when others get the statement.
func TestShortLivedConfigurationIsMadeAnewSooner(t *testing.T) {
	f := trusttest.NewFederation(t)
	o := f.NCP("FR").SelfOptions()
	o.Life = 10 * time.Minute
	self := federation.NewSelf(o)
	first, err := self.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []struct {
		wait time.Duration
		same bool
	}{{4*time.Minute + 59*time.Second, true}, {time.Second, true}, {30 * time.Second, false}} {
		f.Clock.Advance(after.wait)
		if got, err := self.Configuration(); err != nil || (got == first) != after.same {
			t.Errorf("%s on: the same = %v, %v", after.wait, got == first, err)
		}
	}
}

// The statement signed before is not given when another key signs now, though nothing else changed.
func TestStatementOfAFormerKeyIsNotGivenAgain(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	said := federation.Claims{Sub: "https://b.test", JWKS: trusttest.KeySet(trusttest.Key("b"))}
	self := f.Anchor.Self()
	first, err := self.State(said, "")
	if err != nil {
		t.Fatal(err)
	}
	f.Clock.Advance(time.Minute)
	if again, err := self.State(said, first); err != nil || again != first {
		t.Errorf("the same said twice: %v", err)
	}
	for name, last := range map[string]string{
		"another's": fr.Statement(), "of another kind": fr.MarkToken("ncp"), "no statement": "x",
		"no dates": trusttest.Sign(t, f.Anchor.Federation, federation.TypStatement, map[string]any{"iat": "now"}),
	} {
		if got, err := self.State(said, last); err != nil || got == last {
			t.Errorf("%s was given: %v", name, err)
		}
	}
	f.Anchor.Federation = trusttest.Key("the next")
	if again, err := self.State(said, first); err != nil || again == first {
		t.Errorf("by a former key: %v", err)
	}
	said.JWKS = trusttest.KeySet(trusttest.Key("c"))
	if again, err := self.State(said, first); err != nil || again == first {
		t.Errorf("about other keys: %v", err)
	}
}

// A stream of anonymous requests costs one signature in an hour, and no statement about keys that are
// not there any more.
func TestStatementAboutABodyIsKeptAndRenewed(t *testing.T) {
	f, h, fr, hda, mux := house(t)
	fetch := func() string {
		t.Helper()
		w := get(mux, "GET", "/federation/fetch?sub="+hda.ID)
		if w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return w.Body.String()
	}
	first := fetch()
	f.Clock.Advance(time.Hour - time.Second)
	if fetch() != first {
		t.Error("signed again within the hour")
	}
	f.Clock.Advance(30 * time.Second)
	second := fetch()
	if second == first {
		t.Error("not renewed")
	}
	for name, e := range map[string]struct {
		at   *federation.Self
		with *trusttest.Entity
	}{"the body's": {h.Bodies[0], hda}, "the head's": {h.Head, fr}} {
		before := fetch()
		f.Clock.Advance(time.Second)
		e.with.Rotate(false)
		e.at.Renew()
		if fetch() == before {
			t.Errorf("%s key was changed, and the statement was not", name)
		}
	}
	s, err := federation.ParseStatement(fetch())
	if err != nil || s.Verify(trusttest.KeySet(fr.Federation)) != nil {
		t.Errorf("statement = %+v, %v", s, err)
	}
	chain, err := h.ChainOf(h.Bodies[0], nil)
	if err != nil || chain[1] != fetch() {
		t.Errorf("the chain has a statement of its own, %v", err)
	}
}

// What is kept is kept for each body.
func TestStatementsAreKeptForEachBody(t *testing.T) {
	f, h, fr, hda, _ := house(t)
	other := f.HDAB(fr, "other")
	h = &federation.House{Head: h.Head, Bodies: []*federation.Self{hda.Self(), other.Self()}}
	mux := http.NewServeMux()
	if err := h.Register(mux); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, b := range []*trusttest.Entity{hda, other} {
			s, err := federation.ParseStatement(get(mux, "GET", "/federation/fetch?sub="+b.ID).Body.String())
			if err != nil || s.Sub != b.ID {
				t.Errorf("%s: %+v, %v", b.ID, s, err)
			}
		}
	}
}

func TestConfigurationLivesADayAtMost(t *testing.T) {
	f := trusttest.NewFederation(t)
	o := f.NCP("FR").SelfOptions()
	o.Life, o.Marks = 48*time.Hour, nil
	token, err := federation.NewSelf(o).Configuration()
	if err != nil {
		t.Fatal(err)
	}
	if s, err := federation.ParseStatement(token); err != nil || s.Exp-s.Iat != 86400 || len(s.TrustMarks) != 0 {
		t.Errorf("statement = %+v, %v", s, err)
	}
}

// noKeys fails where it is told to.
type noKeys struct {
	federation.Keys
	signing, public error
}

func (k noKeys) Signing() (jose.SigningKey, error) {
	if k.signing != nil {
		return jose.SigningKey{}, k.signing
	}
	return k.Keys.Signing()
}

func (k noKeys) Public() (jose.KeySet, error) {
	if k.public != nil {
		return jose.KeySet{}, k.public
	}
	return k.Keys.Public()
}

func TestEntityThatCannotSpeak(t *testing.T) {
	broken := errors.New("broken")
	for name, spoil := range map[string]func(*federation.SelfOptions){
		"no signing key": func(o *federation.SelfOptions) { o.Keys = noKeys{o.Keys, broken, nil} },
		"no public keys": func(o *federation.SelfOptions) { o.Keys = noKeys{o.Keys, nil, broken} },
		"no metadata": func(o *federation.SelfOptions) {
			o.Metadata = func() (map[string]any, error) { return nil, broken }
		},
		"metadata that cannot be written": func(o *federation.SelfOptions) {
			o.Metadata = func() (map[string]any, error) { return map[string]any{"x": func() {}}, nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			hda := f.HDAB(fr, "hdh")
			o, b := fr.SelfOptions(), hda.SelfOptions()
			spoil(&o)
			spoil(&b)
			h := &federation.House{Head: federation.NewSelf(o), Bodies: []*federation.Self{federation.NewSelf(b)}}
			if _, err := h.Head.Configuration(); err == nil {
				t.Error("a configuration was made")
			}
			if _, err := h.ChainOf(h.Bodies[0], nil); err == nil {
				t.Error("a chain was made")
			}
			mux := http.NewServeMux()
			if err := h.Register(mux); err != nil {
				t.Fatal(err)
			}
			w := get(mux, "GET", "/.well-known/openid-federation")
			if w.Code != 500 || strings.Contains(w.Body.String(), "broken") {
				t.Errorf("answer: %d %s", w.Code, w.Body)
			}
			if strings.Contains(name, "key") && get(mux, "GET", "/federation/fetch?sub="+hda.ID).Code != 500 {
				t.Error("a statement was made")
			}
		})
	}
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	hda := f.HDAB(fr, "hdh")
	o := fr.SelfOptions()
	o.Keys = noKeys{o.Keys, broken, nil}
	h := &federation.House{Head: federation.NewSelf(o), Bodies: []*federation.Self{hda.Self()}}
	if _, err := h.ChainOf(h.Bodies[0], nil); !errors.Is(err, broken) {
		t.Errorf("a chain without the head's word: %v", err)
	}
}

func TestOwnChain(t *testing.T) {
	f, h, fr, hda, _ := house(t)
	config, err := h.Head.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	r := f.Resolver()
	above, err := r.Above(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := h.ChainOf(h.Bodies[0], above)
	if err != nil {
		t.Fatal(err)
	}
	e, err := federation.VerifyChain(chain, f.Anchors(), f.Clock.Now())
	if err != nil || e.ID != hda.ID {
		t.Fatalf("the body's chain: %v", err)
	}
	// Kept for a while, and while nobody answers.
	f.Forget()
	again, err := r.Above(t.Context(), config)
	if diff := cmp.Diff(above, again); err != nil || diff != "" || f.Requests("") != 0 {
		t.Errorf("second: %v, %d requests, %s", err, f.Requests(""), diff)
	}
	f.Clock.Advance(6 * time.Minute)
	f.Anchor.Down(true)
	again, err = r.Above(t.Context(), config)
	if diff := cmp.Diff(above, again); err != nil || diff != "" || f.Requests("") == 0 {
		t.Errorf("while the anchor is down: %v, %s", err, diff)
	}
	if _, err := f.Resolver().Above(t.Context(), config); !errors.Is(err, federation.ErrUnavailable) {
		t.Errorf("with nothing kept: %v", err)
	}
	// A refusal is not papered over.
	f.Anchor.Down(false)
	fr.Disown()
	if _, err := r.Above(t.Context(), config); !errors.Is(err, federation.ErrChain) {
		t.Errorf("disowned: %v", err)
	}
	if _, err := r.Above(t.Context(), "x"); !errors.Is(err, federation.ErrStatement) {
		t.Errorf("no statement: %v", err)
	}
}

func TestOwnChainIsVerified(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	fr.EditStatement(func(c *federation.Claims) { c.JWKS = trusttest.KeySet(trusttest.Key("before the rotation")) })
	if _, err := f.Resolver().Above(t.Context(), fr.Configuration()); !errors.Is(err, federation.ErrStatement) {
		t.Errorf("the anchor does not know our keys: %v", err)
	}
}

func TestFetchMark(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver()
	got, err := r.FetchMark(t.Context(), trusttest.AnchorID, "ncp", fr.ID)
	want := federation.MarkEntry{Type: federation.MarkType(trusttest.AnchorID, "ncp"), Token: fr.MarkToken("ncp")}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for name, c := range map[string]struct {
		anchor, mark string
		answer       string
		want         error
	}{
		"not made":         {trusttest.AnchorID, "uhdas", "", federation.ErrMark},
		"not an anchor":    {fr.ID, "ncp", "", federation.ErrChain},
		"nobody there":     {"https://nobody.test", "ncp", "", federation.ErrChain},
		"of another":       {trusttest.AnchorID, "ncp", f.NCP("DE").MarkToken("ncp"), federation.ErrMark},
		"of another role":  {trusttest.AnchorID, "ncp", fr.MarkToken("uhdas"), federation.ErrMark},
		"no mark":          {trusttest.AnchorID, "ncp", "x.y.z", federation.ErrMark},
		"over":             {trusttest.AnchorID, "ncp", mark(t, f.Anchor.Federation, federation.TypMark, f, func(c map[string]any) { c["iat"], c["exp"] = f.Clock.Unix()-9, f.Clock.Unix() }), federation.ErrMark},
		"not begun":        {trusttest.AnchorID, "ncp", mark(t, f.Anchor.Federation, federation.TypMark, f, func(c map[string]any) { c["iat"] = f.Clock.Unix() + 2*3600 }), federation.ErrMark},
		"endpoint missing": {trusttest.AnchorID, "ncp", "-", federation.ErrStatement},
	} {
		t.Run(name, func(t *testing.T) {
			f.Intercept(nil)
			f.Anchor.EditConfiguration(nil)
			if c.answer == "-" {
				editEndpoints(f.Anchor, `{}`)
			} else if c.answer != "" {
				f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
					if !strings.HasSuffix(r.URL.Path, "/mark") {
						return false
					}
					trusttest.Answer(w, federation.TypMark, c.answer)
					return true
				})
			}
			f.Clock.Advance(6 * time.Minute) // the anchor's configuration is asked for again
			if _, err := r.FetchMark(t.Context(), c.anchor, c.mark, fr.ID); !errors.Is(err, c.want) {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
}
