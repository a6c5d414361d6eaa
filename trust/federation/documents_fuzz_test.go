package federation

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"
)

// FuzzList: whatever is taken is a list of entity identifiers, each once, that reads the same again.
func FuzzList(f *testing.F) {
	for _, s := range []string{`[]`, `["https://a.test"]`, `["https://a.test","https://b.test/x"]`, `["http://a"]`, `[[]]`, `[null]`, `["https://a.test"]]`, `["\u0068ttps://a.test"]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := parseList(raw)
		if err != nil {
			if list != nil || Rule(err) != "list" {
				t.Errorf("%q, %v", list, err)
			}
			return
		}
		seen := map[string]bool{}
		for _, id := range list {
			if _, err := wellKnownOf(id); err != nil || seen[id] {
				t.Errorf("%q is in it", id)
			}
			seen[id] = true
		}
		again, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if other, err := parseList(again); err != nil || !slices.Equal(other, list) {
			t.Errorf("%q reads as %q, %v", list, other, err)
		}
	})
}

// onePlace is a shelf with one value.
type onePlace struct{ value []byte }

func (p *onePlace) Get(context.Context, string) ([]byte, bool)                 { return p.value, p.value != nil }
func (p *onePlace) Put(_ context.Context, _ string, v []byte, _ time.Duration) { p.value = v }

// FuzzShelf: nothing that was not written with the secret is read, whatever stands on the shelf.
func FuzzShelf(f *testing.F) {
	at := time.Unix(1_800_000_000, 0)
	real := &onePlace{}
	genuine := newSealedShelf(real, []byte("a secret long enough"))
	genuine.drop(context.Background(), "https://a.test", at)
	f.Add(real.value)
	f.Add([]byte(nil))
	f.Add(append(make([]byte, 32), `{"token":"a.b.c","fetched":1}`...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := newSealedShelf(&onePlace{raw}, []byte("a secret long enough"))
		d, told := s.get(t.Context(), "https://a.test", at)
		if d != nil || !told.IsZero() && string(raw) != string(real.value) {
			t.Errorf("%v, %v", d, told)
		}
	})
}

// FuzzHeaders: validators and ages of a host are within bounds, whatever it says.
func FuzzHeaders(f *testing.F) {
	f.Add(`"a"`, "max-age=1", "application/entity-statement+jwt")
	f.Add(`W/"a"`, "no-cache, max-age=99999999999", "application/entity-statement+jwt; charset=UTF-8")
	f.Fuzz(func(t *testing.T, etag, control, media string) {
		h := http.Header{"Etag": {etag}, "Cache-Control": {control}, "Content-Type": {media}}
		if got := validator(h); got != "" && got != etag || len(got) > maxValidator {
			t.Errorf("validator %q", got)
		}
		if age := maxAge(h); age < 0 || age > mostKept {
			t.Errorf("age %v", age)
		}
		_ = statementEndpoint.judge(&http.Response{StatusCode: 200, Header: h})
	})
}

func FuzzEntityURL(f *testing.F) {
	for _, s := range []string{"https://a.test", "https://a.test/x/", "http://127.0.0.1:1", "https://u@a.test", "https://a.test?x", "https://", "//a", "http://:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, entity string) {
		address, err := wellKnownOf(entity)
		if err != nil {
			return
		}
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Skip() // net/http says no as well
		}
		if r.URL.Host == "" || r.URL.User != nil || r.URL.RawQuery != "" || r.URL.Fragment != "" {
			t.Errorf("%q leads to %q", entity, address)
		}
	})
}
