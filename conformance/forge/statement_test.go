package forge

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

var now = time.Unix(1_800_000_000, 0)

func TestParseStatement(t *testing.T) {
	k := newKey(t, AlgES256)
	good := Statement{Iss: "https://a.example", Sub: "https://b.example", Iat: now.Unix(), Exp: now.Unix() + 60, JWKS: NewJWKS(k),
		Metadata: map[string]json.RawMessage{"federation_entity": json.RawMessage(`{"federation_fetch_endpoint":"https://a.example/f"}`)}}
	for name, c := range map[string]struct {
		change func(*Statement)
		ok     bool
	}{
		"good":        {func(*Statement) {}, true},
		"no iss":      {func(s *Statement) { s.Iss = "" }, false},
		"no keys":     {func(s *Statement) { s.JWKS = JWKS{Keys: []JWK{}} }, false},
		"no life":     {func(s *Statement) { s.Exp = s.Iat }, false},
		"crit":        {func(s *Statement) { s.Crit = []string{"x"} }, false},
		"policy crit": {func(s *Statement) { s.PolicyCrit = []string{"x"} }, false},
	} {
		s := good
		c.change(&s)
		raw, err := Sign(k, TypStatement, s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseStatement(raw)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrStatement) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if got.Verify(NewJWKS(k)) != nil || got.Verify(NewJWKS(newKey(t, AlgES256))) == nil || got.IsConfiguration() {
			t.Errorf("%s: verification", name)
		}
		if got.Federation().Fetch != "https://a.example/f" || got.Raw() != raw {
			t.Errorf("%s: content", name)
		}
		for at, ok := range map[int64]bool{-61: false, -60: true, 0: true, 120: true, 121: false} {
			if err := got.ValidAt(now.Add(time.Duration(at) * time.Second)); (err == nil) != ok {
				t.Errorf("%s at %d s: %v", name, at, err)
			}
		}
	}
}

func TestMarks(t *testing.T) {
	k := newKey(t, AlgEd25519)
	good := Mark{"https://a.example", "https://b.example", MarkType("https://a.example/", "ncp"), now.Unix(), now.Unix() + 7*86400}
	if good.Type != "https://a.example/marks/ncp" {
		t.Error(good.Type)
	}
	for name, c := range map[string]struct {
		change func(*Mark)
		ok     bool
	}{
		"good": {func(*Mark) {}, true}, "longer than a week": {func(m *Mark) { m.Exp++ }, false},
		"no end": {func(m *Mark) { m.Exp = 0 }, false}, "no type": {func(m *Mark) { m.Type = "" }, false},
	} {
		m := good
		c.change(&m)
		raw, err := Sign(k, TypMark, m)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseMark(raw, NewJWKS(k)); (err == nil) != c.ok || c.ok && got != m {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ParseMark(raw, JWKS{}); err == nil {
			t.Errorf("%s: without a key", name)
		}
	}
}

func TestParseMarkStatus(t *testing.T) {
	k := newKey(t, AlgEd25519)
	for name, c := range map[string]struct {
		r    MarkStatusResponse
		want MarkStatus // "" for an error
	}{
		"active":     {MarkStatusResponse{"i", now.Unix(), "m", MarkActive}, MarkActive},
		"suspended":  {MarkStatusResponse{"i", now.Unix(), "m", MarkSuspended}, MarkSuspended},
		"unheard of": {MarkStatusResponse{"i", now.Unix(), "m", "fine"}, MarkInvalid},
		"issuer":     {MarkStatusResponse{"x", now.Unix(), "m", MarkActive}, ""},
		"mark":       {MarkStatusResponse{"i", now.Unix(), "x", MarkActive}, ""},
		"old":        {MarkStatusResponse{"i", now.Unix() - 61, "m", MarkActive}, ""},
		"future":     {MarkStatusResponse{"i", now.Unix() + 61, "m", MarkActive}, ""},
	} {
		raw, err := Sign(k, TypMarkStatus, c.r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseMarkStatus(raw, "m", "i", NewJWKS(k), now)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
