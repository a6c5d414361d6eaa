package roles

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// said is metadata of one type, as text.
func said(entityType, text string) map[string]json.RawMessage {
	return map[string]json.RawMessage{entityType: json.RawMessage(text)}
}

// gatewayOf is a leaf's metadata that names a country, or none.
func (f *federation) gatewayOf(country string) func(*forge.Statement) {
	return func(s *forge.Statement) {
		m := map[string]any{"exchange_endpoint": peerID + "/x", "jwks": forge.NewJWKS(f.ex)}
		if country != "" {
			m["country"] = country
		}
		raw, err := json.Marshal(m)
		if err != nil {
			f.t.Fatal(err)
		}
		s.Metadata = map[string]json.RawMessage{TypeGateway: raw}
	}
}

func TestCountryIsTheAnchors(t *testing.T) {
	for name, c := range map[string]struct {
		own    string
		stated map[string]json.RawMessage
		want   string // refused when empty
	}{
		"both agree":                      {"NL", StateGateway("NL"), "NL"},
		"the peer is silent":              {"", StateGateway("NL"), "NL"},
		"the peer names another":          {"FR", StateGateway("NL"), ""},
		"the peer names the centre's":     {"EU", StateGateway("NL"), ""},
		"the anchor is silent":            {"NL", nil, ""},
		"the anchor names none":           {"NL", said(TypeGateway, `{}`), ""},
		"the anchor knows it as a body":   {"NL", StateBody("NL", "ONE"), ""},
		"the anchor names two":            {"NL", map[string]json.RawMessage{TypeGateway: json.RawMessage(`{"country":"NL"}`), TypeHDAB: json.RawMessage(`{"country":"BE"}`)}, ""},
		"the anchor names two, body's":    {"BE", map[string]json.RawMessage{TypeGateway: json.RawMessage(`{"country":"NL"}`), TypeHDAB: json.RawMessage(`{"country":"BE"}`)}, ""},
		"the anchor says more":            {"NL", said(TypeGateway, `{"country":"NL","jwks":{"keys":[]}}`), ""},
		"the anchor gives a gateway code": {"NL", said(TypeGateway, `{"country":"NL","hdab_code":"X"}`), ""},
		"in another case":                 {"NL", said(TypeGateway, `{"Country":"NL"}`), ""},
		"no text":                         {"NL", said(TypeGateway, `{"country":7}`), ""},
		"of another type too":             {"NL", map[string]json.RawMessage{TypeGateway: json.RawMessage(`{"country":"NL"}`), "x": json.RawMessage(`{}`)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFederation(t)
			f.leaf = f.gatewayOf(c.own)
			f.about = func(s *forge.Statement) { s.Metadata = c.stated }
			p, err := f.resolver().Anchor.VerifyChain(f.chain(), f.now)
			if c.want == "" {
				if !errors.Is(err, ErrChain) || p != nil {
					t.Fatalf("%+v, %v", p, err)
				}
				if _, err := f.resolver().Resolve(t.Context(), peerID, nil); !errors.Is(err, ErrChain) {
					t.Errorf("resolved: %v", err)
				}
				return
			}
			if err != nil || p.Country != c.want || p.Gateway.Country != c.want {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

// The chain: 0 the body, 1 its contact point about it, 2 the anchor about the contact point.
func TestBodyIsOfItsContactPointsCountry(t *testing.T) {
	for name, c := range map[string]struct {
		own            string // of the body, beside its keys
		stated, anchor map[string]json.RawMessage
		holds          bool
	}{
		"all agree":                        {`,"country":"NL","hdab_code":"ONE"`, StateBody("NL", "ONE"), StateGateway("NL"), true},
		"the body is silent":               {``, StateBody("NL", "ONE"), StateGateway("NL"), true},
		"nobody names a code":              {`,"country":"NL"`, StateBody("NL", ""), StateGateway("NL"), true},
		"the body names another country":   {`,"country":"FR"`, StateBody("NL", "ONE"), StateGateway("NL"), false},
		"the body names another code":      {`,"hdab_code":"TWO"`, StateBody("NL", "ONE"), StateGateway("NL"), false},
		"a code only the body names":       {`,"hdab_code":"ONE"`, StateBody("NL", ""), StateGateway("NL"), false},
		"both below name another country":  {`,"country":"FR"`, StateBody("FR", "ONE"), StateGateway("NL"), false},
		"the contact point names another":  {``, StateBody("FR", "ONE"), StateGateway("NL"), false},
		"the contact point is silent":      {`,"country":"NL"`, nil, StateGateway("NL"), false},
		"the contact point says a gateway": {`,"country":"NL"`, StateGateway("NL"), StateGateway("NL"), false},
		"the anchor is silent":             {`,"country":"NL"`, StateBody("NL", "ONE"), nil, false},
		"the anchor's word is malformed":   {`,"country":"NL"`, StateBody("NL", "ONE"), said(TypeGateway, `[]`), false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFederation(t)
			key, id := newKey(t), peerID+"/hdab/1"
			keys, err := json.Marshal(forge.NewJWKS(f.ex))
			if err != nil {
				t.Fatal(err)
			}
			leaf := f.sign(key, forge.TypStatement, f.statement(id, id, key, func(s *forge.Statement) {
				s.AuthorityHints, s.Metadata = []string{peerID}, said(TypeHDAB, `{"jwks":`+string(keys)+c.own+`}`)
			}))
			about := f.sign(f.peerKey, forge.TypStatement, f.statement(peerID, id, key, func(s *forge.Statement) { s.Metadata = c.stated }))
			f.about = func(s *forge.Statement) { s.Metadata = c.anchor }
			p, err := f.resolver().Anchor.VerifyChain([]string{leaf, about, f.aboutPeer(), f.anchorConfig()}, f.now)
			if c.holds && (err != nil || p.Country != "NL") || !c.holds && !errors.Is(err, ErrChain) {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}
