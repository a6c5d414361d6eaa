package fdp

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	good := Login{"steward@example.org", "not-a-secret"}
	p := small(t)
	p.login, p.closed["/dataset/a"] = good, true
	items, _, err := pass(t, p.driver(t, func(o *Options) { o.Login = good }))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(smallTold, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if asked := p.requests(); asked[0] != "POST /tokens" || strings.Count(strings.Join(asked, "\n"), "POST") != 1 {
		t.Errorf("asked %q", asked)
	}
}

// TestATokenIsRenewedOnce: an expired token costs one login, a login that does not help ends it.
func TestATokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	good := Login{"steward@example.org", "not-a-secret"}
	p := small(t)
	p.login, p.uses = good, 3
	items, _, err := pass(t, p.driver(t, func(o *Options) { o.Login = good }))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(smallTold, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	logins := strings.Count(strings.Join(p.requests(), "\n"), "POST /tokens")
	if logins < 2 {
		t.Errorf("%d logins for tokens of three uses", logins)
	}
	p.fault("/catalog/2", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	if _, _, err = pass(t, p.driver(t, func(o *Options) { o.Login = good })); !errors.Is(err, origin.Status(http.StatusUnauthorized)) {
		t.Errorf("%v", err)
	}
	asked := strings.Join(p.requests(), "\n")
	if n := strings.Count(asked, "GET /catalog/2"); n != 2 {
		t.Errorf("a refusal was asked %d times:\n%s", n, asked)
	}
}

func TestLoginsThatFail(t *testing.T) {
	t.Parallel()
	login := Login{"steward@example.org", "hunter2"}
	answer := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, body)
		}
	}
	other := newPoint(t, nil)
	for name, h := range map[string]http.HandlerFunc{
		"wrong password": nil,
		"500":            func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"no token":       answer(`{}`),
		"no JSON":        answer(`token`),
		"for people":     func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"token": "t"}`) },
		"line break":     answer(`{"token": "a\r\nX-Evil: 1"}`),
		"endless":        answer(`{"token": "` + strings.Repeat("a", maxToken) + `"}`),
		"sent on": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.url("/tokens"), http.StatusTemporaryRedirect)
		},
		"sent round": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/tokens2", http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := small(t)
			p.login = Login{login.Email, "other"}
			if h != nil {
				p.fault("/tokens", h)
			}
			_, _, err := pass(t, p.driver(t, func(o *Options) { o.Login = login }))
			if !errors.Is(err, ErrLogin) || strings.Contains(err.Error(), login.Password) || strings.Contains(err.Error(), login.Email) {
				t.Errorf("%v", err)
			}
			if asked := p.requests(); len(asked) != 1 {
				t.Errorf("asked %q", asked)
			}
		})
	}
	t.Cleanup(func() {
		if asked := other.requests(); len(asked) != 0 {
			t.Errorf("the login went to another host: %q", asked)
		}
	})
}

func TestAStaticToken(t *testing.T) {
	t.Parallel()
	p := small(t)
	p.token, p.closed["/dataset/a"] = "api-key", true
	items, _, err := pass(t, p.driver(t, func(o *Options) { o.Token = "api-key" }))
	if err != nil || len(items) != 3 || items[0].Err != nil {
		t.Errorf("%q, %v", p.told(t, items), err)
	}
	if _, _, err := pass(t, p.driver(t, func(o *Options) { o.Token = "another" })); !errors.Is(err, origin.Status(http.StatusUnauthorized)) {
		t.Errorf("%v", err)
	}
}

func TestParseLogin(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{
		`{"email": "a@b.example", "password": "p"}`: true, " {\"email\":\"a\",\"password\":\"p\"}\n": true,
		`{"email": "a@b.example"}`: false, `{"password": "p"}`: false, `{"email":"a","password":"p","x":1}`: false,
		`{"email":"a","password":"p"}{}`: false, `a:p`: false, ``: false, `null`: false, `{"email":1,"password":"p"}`: false,
	} {
		l, err := ParseLogin([]byte(in))
		if (err == nil) != ok || (l == Login{}) == ok {
			t.Errorf("%s: %v", in, err)
		}
	}
	l := Login{"a@b.example", "hunter2"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "login", l)
	for _, s := range []string{fmt.Sprint(l), fmt.Sprintf("%+v %#v", l, l), log.String()} {
		if strings.Contains(s, "hunter2") || strings.Contains(s, "a@b") {
			t.Errorf("shown: %s", s)
		}
	}
}

// TestAServerThatLooksAtTheQueryOnly: a front end for people may answer whatever Accept says.
func TestAServerThatLooksAtTheQueryOnly(t *testing.T) {
	t.Parallel()
	p := small(t)
	for path, doc := range p.docs {
		p.fault(path, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("format") != "ttl" {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<html></html>"))
				return
			}
			w.Header().Set("Content-Type", "text/turtle")
			p.write(w, doc)
		})
	}
	items, _, err := pass(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(smallTold, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	html := 0
	for _, r := range p.requests() {
		if !strings.Contains(r, "format=ttl") {
			html++
		}
	}
	if html != 1 {
		t.Errorf("the driver forgot %d times what the server looks at", html)
	}
}

func TestParseLinks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers []string
		want    string // targets of next, space separated
	}{
		"reference server": {[]string{`<https://f.example/page/dataset/?page=0&size=10>; rel="first", <https://f.example/page/dataset/?page=1&size=10>; rel="next"`}, "https://f.example/page/dataset/?page=1&size=10"},
		"token":            {[]string{`</n>; rel=next`}, "/n"},
		"several rels":     {[]string{`</n>; rel="last NEXT"`}, "/n"},
		"two headers":      {[]string{`</a>; rel=prev`, `</n>; rel=next`}, "/n"},
		"other parameters": {[]string{`</n> ; title="a, b; c=\"d\"" ; rel = "next" ; x`}, "/n"},
		"first rel counts": {[]string{`</n>; rel=prev; rel=next`}, ""},
		"comma in target":  {[]string{`</n,1>; rel=next`}, "/n,1"},
		"no target":        {[]string{`rel=next`}, ""},
		"open target":      {[]string{`</n; rel=next`}, ""},
		"open string":      {[]string{`</n>; rel="next`}, ""},
		"something else":   {[]string{`</a>x; rel=next, </n>; rel=next`}, ""},
		"empty parts":      {[]string{`, ,</n>; rel=next,`}, "/n"},
		"none":             {nil, ""},
	} {
		var got []string
		for _, l := range parseLinks(c.headers) {
			if l.is("next") {
				got = append(got, l.target)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if n := len(parseLinks([]string{strings.Repeat("</n>,", 10_000)})); n > maxLinks {
		t.Errorf("%d links were read", n)
	}
}

// FuzzParseLinks: what is read is within the header, bounded, and reading it again gives the same.
func FuzzParseLinks(f *testing.F) {
	f.Add(`<https://f.example/?page=1>; rel="next", </b>; rel=last; title="x\"y"`)
	f.Add(`</n>;;rel`)
	f.Fuzz(func(t *testing.T, header string) {
		links := parseLinks([]string{header})
		if len(links) > maxLinks {
			t.Fatalf("%d links", len(links))
		}
		for _, l := range links {
			if !strings.Contains(header, "<"+l.target+">") {
				t.Errorf("target %q is not in the header", l.target)
			}
			again := parseLinks([]string{"<" + l.target + `>; rel="` + strings.Join(l.rels, " ") + `"`})
			plain := !strings.ContainsAny(strings.Join(l.rels, ""), `"\`)
			if plain && (len(again) != 1 || again[0].target != l.target || strings.Join(again[0].rels, " ") != strings.Join(l.rels, " ")) {
				t.Errorf("%+v became %+v", l, again)
			}
		}
	})
}
