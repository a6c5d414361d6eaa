package statuslist

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const (
	issuer = "https://hda.example"
	uri    = "https://hda.example/status/2027"
)

var at = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func issued(t testing.TB) Token {
	t.Helper()
	l := New(131072)
	if err := l.Set(7, 1); err != nil {
		t.Fatal(err)
	}
	c, err := Issue(issuer, uri, at, l)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The claims are those of draft §5.1 and of the wire profile §6, and nothing besides.
func TestIssue(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(issued(t))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	list := got["status_list"].(map[string]any)
	if list["bits"] != 2.0 || list["lst"] == "" || len(list) != 2 {
		t.Errorf("status_list = %v", list)
	}
	delete(got, "status_list")
	want := map[string]any{"iss": issuer, "sub": uri, "iat": float64(at.Unix()), "exp": float64(at.Unix() + 86400), "ttl": 300.0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, names := range [][2]string{{"", uri}, {issuer, ""}} {
		if _, err := Issue(names[0], names[1], at, New(4)); !errors.Is(err, ErrForeign) {
			t.Errorf("a list of %q: %v", names, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := func(d time.Duration) func(*Token, *time.Time) { return func(_ *Token, t *time.Time) { *t = at.Add(d) } }
	set := func(f func(*Token)) func(*Token, *time.Time) { return func(c *Token, _ *time.Time) { f(c) } }
	for name, tt := range map[string]struct {
		change func(*Token, *time.Time)
		age    time.Duration
		want   error
	}{
		"fresh":                     {now(0), day, nil},
		"a clock a minute behind":   {now(-Leeway), day, nil},
		"issued later":              {now(-Leeway - time.Second), day, ErrLater},
		"a second before exp":       {now(day - time.Second), day, nil},
		"at exp":                    {now(day), 2 * day, ErrOld},
		"at the reader's bound":     {now(time.Hour), time.Hour, nil},
		"beyond the reader's bound": {now(time.Hour + 1), time.Hour, ErrOld},
		"a foreign sub":             {set(func(c *Token) { c.Sub = "https://hda.example/status/2026" }), day, ErrForeign},
		"sub in other letters":      {set(func(c *Token) { c.Sub = "https://HDA.example/status/2027" }), day, ErrForeign},
		"no sub":                    {set(func(c *Token) { c.Sub = "" }), day, ErrForeign},
		"a foreign iss":             {set(func(c *Token) { c.Iss = "https://other.example" }), day, ErrForeign},
		"no iat":                    {set(func(c *Token) { c.Iat = 0 }), day, ErrClaims},
		"iat before all time":       {set(func(c *Token) { c.Iat = math.MinInt64 }), day, ErrClaims},
		"iat after all time":        {set(func(c *Token) { c.Iat = math.MaxInt64 }), day, ErrClaims},
		"no exp":                    {set(func(c *Token) { c.Exp = 0 }), day, ErrOld},
		"exp after all time":        {set(func(c *Token) { c.Exp = math.MaxInt64 }), day, ErrClaims},
		"a life of two days":        {set(func(c *Token) { c.Exp = c.Iat + 2*86400 }), day, ErrClaims},
		"no ttl":                    {set(func(c *Token) { c.TTL = 0 }), day, ErrClaims},
		"a ttl below zero":          {set(func(c *Token) { c.TTL = -1 }), day, ErrClaims},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, when := issued(t), at
			tt.change(&c, &when)
			if err := c.Check(issuer, uri, when, tt.age); !errors.Is(err, tt.want) {
				t.Errorf("error = %v, want %v", err, tt.want)
			}
		})
	}
	if err := (Token{Iss: issuer, Iat: at.Unix(), Exp: at.Unix() + 60, TTL: 60}).Check(issuer, "", at, day); !errors.Is(err, ErrForeign) {
		t.Errorf("a token that names no list takes a list without sub: %v", err)
	}
}

// A copy is used for ttl and never beyond exp, whatever either says.
func TestFreshUntil(t *testing.T) {
	t.Parallel()
	c := issued(t)
	if got := c.FreshUntil(at.Add(time.Hour)); !got.Equal(at.Add(time.Hour + TTL)) {
		t.Errorf("fresh until %s", got)
	}
	if got := c.FreshUntil(at.Add(MaxLife - time.Minute)); !got.Equal(at.Add(MaxLife)) {
		t.Errorf("near its end, fresh until %s", got)
	}
	never := func(ttl int64, after uint32) bool {
		c := issued(t)
		c.TTL = ttl
		return !c.FreshUntil(at.Add(time.Duration(after) * time.Second)).After(time.Unix(c.Exp, 0))
	}
	if err := quick.Check(never, nil); err != nil {
		t.Error(err)
	}
}

// FuzzToken: whatever a list says, a check that passes means the one list, in force, in range.
func FuzzToken(f *testing.F) {
	text, err := json.Marshal(issued(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"sub":"` + uri + `","iss":"` + issuer + `","iat":1,"exp":2,"ttl":1,"status_list":{"bits":2,"lst":""}}`))
	f.Add([]byte(`{"iat":1e3}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var c Token
		if jose.DecodeKnown(payload, &c) != nil || c.Check(issuer, uri, at, time.Hour) != nil {
			return
		}
		if c.Sub != uri || c.Iss != issuer || c.Exp <= at.Unix() || c.Iat > at.Add(Leeway).Unix() || c.Exp-c.Iat > 86400 || c.TTL <= 0 {
			t.Fatalf("%+v passed", c)
		}
		if l, err := Decode(c.StatusList); err == nil && l.Len() > MaxBytes*4 {
			t.Fatal("over the cap")
		}
	})
}
