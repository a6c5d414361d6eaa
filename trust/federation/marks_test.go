package federation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const day = 24 * time.Hour

// mark is a mark for the contact point of France as its claims say, signed by the anchor.
func mark(t *testing.T, key jose.SigningKey, typ string, f *trusttest.Federation, edit func(map[string]any)) string {
	c := map[string]any{
		"iss": trusttest.AnchorID, "sub": "https://ncp.fr.test", "trust_mark_type": federation.MarkType(trusttest.AnchorID, "ncp"),
		"iat": f.Clock.Unix(), "exp": f.Clock.Now().Add(7 * day).Unix(),
	}
	if edit != nil {
		edit(c)
	}
	return trusttest.Sign(t, key, typ, c)
}

func TestMarksThatAreNotOursAreIgnored(t *testing.T) {
	type edit = func(map[string]any)
	set := func(k string, v any) edit { return func(c map[string]any) { c[k] = v } }
	now := trusttest.Start().Unix()
	for name, c := range map[string]struct {
		edit edit
		key  string
		typ  string
		as   string // type in the entry
	}{
		"of another subject":       {edit: set("sub", "https://ncp.de.test")},
		"of another type":          {edit: set("trust_mark_type", trusttest.AnchorID+"/marks/central-platform")},
		"listed as another type":   {as: trusttest.AnchorID + "/marks/central-platform"},
		"by another issuer":        {edit: set("iss", "https://other.test")},
		"of another anchor's type": {edit: set("trust_mark_type", "https://other.test/marks/ncp"), as: "https://other.test/marks/ncp"},
		"signed by another":        {key: "mallory"},
		"signed by the entity":     {key: "https://ncp.fr.test federation"},
		"another typ":              {typ: federation.TypStatement},
		"of more than seven days":  {edit: set("exp", now+7*86400+1)},
		"whose life overflows":     {edit: set("exp", now+18446744074)},
		"without end":              {edit: func(c map[string]any) { delete(c, "exp") }},
		"without beginning":        {edit: func(c map[string]any) { delete(c, "iat") }},
		"from the future":          {edit: set("iat", now+61)},
		"with a number as subject": {edit: set("sub", 7)},
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.Gateway("https://ncp.fr.test", "FR", f.Anchor)
			key, typ, as := f.Anchor.Federation, federation.TypMark, federation.MarkType(trusttest.AnchorID, "ncp")
			if c.key != "" {
				key = trusttest.Key(c.key)
			}
			if c.typ != "" {
				typ = c.typ
			}
			if c.as != "" {
				as = c.as
			}
			token := mark(t, key, typ, f, c.edit)
			fr.EditConfiguration(func(cl *federation.Claims) { cl.TrustMarks = []federation.MarkEntry{{Type: as, Token: token}} })
			if e := resolve(t, f.Resolver(fr), fr); len(e.Marks) != 0 {
				t.Errorf("marks = %+v", e.Marks)
			}
		})
	}
}

func TestOneConfigurationCostsFewMarks(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	fr.EditConfiguration(func(c *federation.Claims) {
		good := c.TrustMarks[0]
		c.TrustMarks = []federation.MarkEntry{{Type: "https://other.test/marks/x", Token: "x"}}
		for range 16 {
			c.TrustMarks = append(c.TrustMarks, federation.MarkEntry{Type: good.Type, Token: "a.b.c"})
		}
		c.TrustMarks = append(c.TrustMarks, good)
	})
	if e := resolve(t, f.Resolver(fr), fr); len(e.Marks) != 0 {
		t.Errorf("the 17th mark was read: %+v", e.Marks)
	}
}

func statusOf(t *testing.T, r *federation.Resolver, e *trusttest.Entity, chain ...string) federation.MarkStatus {
	t.Helper()
	got := resolve(t, r, e, chain...)
	if len(got.Marks) != 1 {
		t.Fatalf("marks = %+v", got.Marks)
	}
	return got.Marks[0].Status
}

func TestStatusIsWhatTheIssuerTells(t *testing.T) {
	for told, want := range map[federation.MarkStatus]federation.MarkStatus{
		"active": "active", "suspended": "suspended", "revoked": "revoked", "expired": "expired", "invalid": "invalid",
		"on holiday": "invalid", "ACTIVE": "invalid", "": "invalid",
	} {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		fr.Mark("ncp", told)
		if got := statusOf(t, f.Resolver(fr), fr); got != want {
			t.Errorf("told %q: %s, want %s", told, got, want)
		}
	}
}

func TestStatusIsAskedAgain(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	o := f.Options(fr)
	o.Refresh = day
	r := federation.NewResolver(o)
	resolve(t, r, fr)
	fr.Mark("ncp", federation.MarkSuspended)
	f.Clock.Advance(5*time.Minute - time.Second)
	if got := statusOf(t, r, fr); got != federation.MarkActive {
		t.Errorf("before it is asked: %s", got)
	}
	f.Clock.Advance(time.Second)
	if got := statusOf(t, r, fr); got != federation.MarkSuspended {
		t.Errorf("suspended: %s", got)
	}
	fr.Mark("ncp", federation.MarkActive)
	f.Clock.Advance(5 * time.Minute)
	if got := statusOf(t, r, fr); got != federation.MarkActive {
		t.Errorf("active again: %s", got)
	}
}

const statusEndpoint = trusttest.AnchorID + "/federation/mark-status"

func TestLastAnswerIsUsableForAnHour(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	o := f.Options(fr)
	o.Refresh = 12 * time.Hour
	r := federation.NewResolver(o)
	resolve(t, r, fr)
	f.Anchor.Down(true)
	f.Forget()
	f.Clock.Advance(time.Hour)
	if got := statusOf(t, r, fr); got != federation.MarkActive {
		t.Errorf("after an hour: %s", got)
	}
	f.Clock.Advance(time.Second)
	if got := statusOf(t, r, fr); got != federation.MarkUnknown || f.Requests(statusEndpoint) != 1 {
		t.Errorf("after more than an hour: %s, %d questions", got, f.Requests(statusEndpoint))
	}
	f.Anchor.Down(false)
	f.Clock.Advance(28 * time.Second)
	if got := statusOf(t, r, fr); got != federation.MarkUnknown || f.Requests(statusEndpoint) != 1 {
		t.Errorf("asked again after 29 seconds: %s, %d questions", got, f.Requests(statusEndpoint))
	}
	f.Clock.Advance(time.Second)
	if got := statusOf(t, r, fr); got != federation.MarkActive {
		t.Errorf("after the retry: %s", got)
	}
}

func TestMarkEndsByItself(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	token := mark(t, f.Anchor.Federation, federation.TypMark, f, func(c map[string]any) { c["exp"] = f.Clock.Unix() + 3600 })
	fr.EditConfiguration(func(c *federation.Claims) { c.TrustMarks[0].Token = token })
	r := f.Resolver(fr)
	f.Clock.Advance(3599 * time.Second)
	if got := statusOf(t, r, fr); got != federation.MarkActive {
		t.Errorf("a second before: %s", got)
	}
	f.Clock.Advance(time.Second)
	if got := statusOf(t, r, fr); got != federation.MarkExpired {
		t.Errorf("at its end: %s", got)
	}
	if e, err := federation.VerifyChain(fr.Chain(), f.Anchors(), f.Clock.Now()); err != nil || e.Marks[0].Status != federation.MarkExpired {
		t.Errorf("offline: %+v, %v", e, err)
	}
}

func TestStatusAnswersThatProveNothing(t *testing.T) {
	for name, answer := range map[string]func(t *testing.T, f *trusttest.Federation, mark string) string{
		"replayed": func(_ *testing.T, f *trusttest.Federation, mark string) string {
			return f.StatusAnswer(mark, "active", f.Clock.Unix()-61)
		},
		"from the future": func(_ *testing.T, f *trusttest.Federation, mark string) string {
			return f.StatusAnswer(mark, "active", f.Clock.Unix()+61)
		},
		"without date": func(_ *testing.T, f *trusttest.Federation, mark string) string {
			return f.StatusAnswer(mark, "active", 0)
		},
		"about another mark": func(_ *testing.T, f *trusttest.Federation, _ string) string {
			return f.StatusAnswer(f.NCP("DE").MarkToken("ncp"), "active", f.Clock.Unix())
		},
		"by another issuer": func(t *testing.T, f *trusttest.Federation, mark string) string {
			return trusttest.Sign(t, f.Anchor.Federation, federation.TypMarkStatus, map[string]any{
				"iss": "https://other.test", "iat": f.Clock.Unix(), "trust_mark": mark, "status": "active",
			})
		},
		"signed by another": func(t *testing.T, f *trusttest.Federation, mark string) string {
			return trusttest.Sign(t, trusttest.Key("mallory"), federation.TypMarkStatus, map[string]any{
				"iss": trusttest.AnchorID, "iat": f.Clock.Unix(), "trust_mark": mark, "status": "active",
			})
		},
		"signature spoilt": func(_ *testing.T, f *trusttest.Federation, mark string) string {
			a, b := f.StatusAnswer(mark, "active", f.Clock.Unix()), f.StatusAnswer(mark, "revoked", f.Clock.Unix())
			return a[:strings.LastIndex(a, ".")] + b[strings.LastIndex(b, "."):]
		},
		"of another shape": func(t *testing.T, f *trusttest.Federation, _ string) string {
			return trusttest.Sign(t, f.Anchor.Federation, federation.TypMarkStatus, map[string]any{"iss": 7})
		},
		"the mark itself": func(_ *testing.T, _ *trusttest.Federation, mark string) string { return mark },
		"plain JSON":      func(*testing.T, *trusttest.Federation, string) string { return `{"status":"active"}` },
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			old := mark(t, f.Anchor.Federation, federation.TypMark, f, func(c map[string]any) {
				c["iat"], c["exp"] = f.Clock.Unix()-3601, f.Clock.Unix()+3600
			})
			fr.EditConfiguration(func(c *federation.Claims) { c.TrustMarks[0].Token = old })
			f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.String() != statusEndpoint {
					return false
				}
				trusttest.Answer(w, federation.TypMarkStatus, answer(t, f, r.FormValue("trust_mark")))
				return true
			})
			if got := statusOf(t, f.Resolver(fr), fr); got != federation.MarkUnknown {
				t.Errorf("status = %s", got)
			}
		})
	}
}

func TestStatusEndpointOnAnotherHostIsNotAsked(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	editEndpoints(f.Anchor, `{"federation_fetch_endpoint":"https://anchor.test/federation/fetch","federation_trust_mark_status_endpoint":"https://evil.test/"}`)
	resolve(t, f.Resolver(fr), fr)
	if n := f.Requests("https://evil.test"); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestSuspensionSurvivesANewChain(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	token := fr.MarkToken("ncp")
	fr.EditConfiguration(func(c *federation.Claims) { c.TrustMarks[0].Token = token })
	f.Clock.Advance(time.Minute)
	fr.Mark("ncp", federation.MarkSuspended)
	r, stranger := f.Resolver(fr), f.Resolver()
	if got := statusOf(t, r, fr); got != federation.MarkSuspended {
		t.Fatalf("told: %s", got)
	}
	statusOf(t, stranger, fr, fr.Chain()...)
	// The mark is younger than an hour, and the status can no longer be asked.
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.String() == statusEndpoint {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	f.Clock.Advance(6 * time.Minute)
	if got := statusOf(t, r, fr); got != federation.MarkSuspended {
		t.Errorf("after a new fetch: %s", got)
	}
	if got := statusOf(t, stranger, fr, fr.Chain()...); got != federation.MarkSuspended {
		t.Errorf("after a new header chain: %s", got)
	}
	// A chain that leaves the mark out and one that brings it again.
	fr.EditConfiguration(func(c *federation.Claims) { c.TrustMarks = nil })
	f.Clock.Advance(6 * time.Minute)
	if e := resolve(t, r, fr); len(e.Marks) != 0 {
		t.Errorf("marks = %+v", e.Marks)
	}
	fr.EditConfiguration(func(c *federation.Claims) { c.TrustMarks[0].Token = token })
	f.Clock.Advance(6 * time.Minute)
	if got := statusOf(t, r, fr); got != federation.MarkSuspended {
		t.Errorf("after the mark was left out for a while: %s", got)
	}
}

func TestNewChainsDoNotMultiplyQuestions(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	token := fr.MarkToken("ncp")
	fr.EditConfiguration(func(c *federation.Claims) { c.TrustMarks[0].Token = token })
	r := f.Resolver()
	for range 20 {
		f.Clock.Advance(time.Second)
		statusOf(t, r, fr, fr.Chain()...)
	}
	if n := f.Requests(""); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// Two copies of a mark in one configuration: what was told of the mark counts for both.
func TestSuspensionCountsForEveryCopyOfAMark(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	first := fr.MarkToken("ncp")
	f.Clock.Advance(time.Second)
	second := fr.MarkToken("ncp")
	show := func(tokens ...string) {
		fr.EditConfiguration(func(c *federation.Claims) {
			entry := c.TrustMarks[0]
			c.TrustMarks = nil
			for _, entry.Token = range tokens {
				c.TrustMarks = append(c.TrustMarks, entry)
			}
		})
	}
	show(first)
	f.Clock.Advance(time.Minute)
	fr.Mark("ncp", federation.MarkSuspended)
	r := f.Resolver()
	if got := statusOf(t, r, fr, fr.Chain()...); got != federation.MarkSuspended {
		t.Fatalf("told: %s", got)
	}
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.String() == statusEndpoint {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	f.Clock.Advance(6 * time.Minute)
	show(first, second)
	for _, m := range resolve(t, r, fr, fr.Chain()...).Marks {
		if m.Status != federation.MarkSuspended {
			t.Errorf("status = %s", m.Status)
		}
	}
}
