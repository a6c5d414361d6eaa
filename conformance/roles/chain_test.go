package roles

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func TestVerifyChain(t *testing.T) {
	f := newFederation(t)
	a := f.resolver().Anchor
	p, err := a.VerifyChain(f.chain(), f.now)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != peerID || p.Country != "NL" || p.Gateway == nil || len(p.Marks) != 1 || p.Marks[0].Name != ehds.MarkNCP {
		t.Errorf("%+v", p)
	}
	if p.Expires.Sub(f.now) > 12*time.Hour {
		t.Errorf("expires %v", p.Expires)
	}
	if err := p.Holds(f.now, ehds.MarkNCP); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a mark nobody asked about: %v", err)
	}
	other := newKey(t)
	none := func(*forge.Statement) {}
	for name, change := range map[string]func() ([]string, Anchor){
		"other pinned keys":     func() ([]string, Anchor) { return f.chain(), Anchor{anchorID, forge.NewJWKS(other)} },
		"other anchor":          func() ([]string, Anchor) { return f.chain(), Anchor{"https://x.example", a.JWKS} },
		"no statement about it": func() ([]string, Anchor) { c := f.chain(); return []string{c[0], c[2]}, a },
		"too long":              func() ([]string, Anchor) { c := f.chain(); return append(append(c, c...), c...), a },
		"turned round":          func() ([]string, Anchor) { c := f.chain(); return []string{c[2], c[1], c[0]}, a },
		"anchor as its own leaf": func() ([]string, Anchor) {
			c := f.chain()
			return []string{c[2], c[2], c[2]}, a
		},
		"no hint": func() ([]string, Anchor) {
			f.leaf = func(s *forge.Statement) { s.AuthorityHints = nil }
			return f.chain(), a
		},
		"leaf lives two days": func() ([]string, Anchor) {
			f.leaf = func(s *forge.Statement) { s.Exp = s.Iat + 2*86400 }
			return f.chain(), a
		},
		"leaf about another": func() ([]string, Anchor) {
			f.leaf = func(s *forge.Statement) { s.Iss, s.Sub = "https://x.example", "https://x.example" }
			return f.chain(), a
		},
		"leaf with keys the anchor does not know": func() ([]string, Anchor) {
			f.about = func(s *forge.Statement) { s.JWKS = forge.NewJWKS(other) }
			return f.chain(), a
		},
		"leaf that hides its key": func() ([]string, Anchor) {
			f.leaf = func(s *forge.Statement) { s.JWKS = forge.NewJWKS(other) }
			return f.chain(), a
		},
		"about another": func() ([]string, Anchor) {
			f.about = func(s *forge.Statement) { s.Sub = "https://x.example" }
			return f.chain(), a
		},
		"by another": func() ([]string, Anchor) {
			f.about = func(s *forge.Statement) { s.Iss = "https://x.example" }
			return f.chain(), a
		},
		"expired statement": func() ([]string, Anchor) {
			f.about = func(s *forge.Statement) { s.Exp = s.Iat - 61; s.Iat -= 100 }
			return f.chain(), a
		},
		"statement to come": func() ([]string, Anchor) { f.about = func(s *forge.Statement) { s.Iat += 61 }; return f.chain(), a },
		"policy": func() ([]string, Anchor) {
			f.about = func(s *forge.Statement) { s.MetadataPolicy = json.RawMessage(`{}`) }
			return f.chain(), a
		},
		"constraints": func() ([]string, Anchor) {
			f.about = func(s *forge.Statement) { s.Constraints = json.RawMessage(`{}`) }
			return f.chain(), a
		},
		"superior's metadata": func() ([]string, Anchor) {
			f.about = func(s *forge.Statement) { s.Metadata = map[string]json.RawMessage{"x": []byte(`{}`)} }
			return f.chain(), a
		},
		"forged statement": func() ([]string, Anchor) {
			c := f.chain()
			c[1] = f.sign(other, forge.TypStatement, f.statement(anchorID, peerID, f.peerKey, none))
			return c, a
		},
	} {
		f.leaf, f.about = none, none
		tokens, anchor := change()
		if _, err := anchor.VerifyChain(tokens, f.now); !errors.Is(err, ErrChain) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyChainThroughAnIntermediate(t *testing.T) {
	f := newFederation(t)
	body := newKey(t)
	bodyID := peerID + "/hdab/1"
	leaf := f.sign(body, forge.TypStatement, f.statement(bodyID, bodyID, body, func(s *forge.Statement) {
		meta, _ := json.Marshal(map[string]any{"jwks": forge.NewJWKS(f.ex), "country": "NL"})
		s.AuthorityHints, s.Metadata = []string{peerID}, map[string]json.RawMessage{TypeHDAB: meta}
	}))
	about := f.sign(f.peerKey, forge.TypStatement, f.statement(peerID, bodyID, body, func(s *forge.Statement) {
		s.Metadata = StateBody("NL", "ONE")
	}))
	p, err := f.resolver().Anchor.VerifyChain([]string{leaf, about, f.aboutPeer(), f.anchorConfig()}, f.now)
	if err != nil || p.ID != bodyID || len(p.HDAB.Keys) != 1 || p.Gateway != nil || p.Country != "NL" {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := f.resolver().Anchor.VerifyChain([]string{leaf, about, f.anchorConfig()}, f.now); !errors.Is(err, ErrChain) {
		t.Errorf("a link left out: %v", err)
	}
}

func TestHolds(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		name string
		m    Mark
		want error
	}{
		{"active", Mark{Status: forge.MarkActive}, nil},
		{"suspended", Mark{Status: forge.MarkSuspended}, ErrSuspended},
		{"revoked", Mark{Status: forge.MarkRevoked}, ErrNoMark},
		{"invalid", Mark{Status: forge.MarkInvalid}, ErrNoMark},
		{"not asked", Mark{}, ErrUnavailable},
		{"asked an hour ago", Mark{Status: forge.MarkActive, Asked: now.Add(-time.Hour)}, nil},
		{"asked longer ago", Mark{Status: forge.MarkActive, Asked: now.Add(-time.Hour - time.Second)}, ErrUnavailable},
		{"expired", Mark{Status: forge.MarkActive, Expires: now}, ErrNoMark},
		{"another", Mark{Name: ehds.MarkHDAB, Status: forge.MarkActive}, ErrNoMark},
	} {
		m := c.m
		if m.Name == "" {
			m.Name = ehds.MarkNCP
		}
		if m.Expires.IsZero() {
			m.Expires = now.Add(time.Hour)
		}
		if m.Asked.IsZero() {
			m.Asked = now
		}
		p := Peer{Marks: []Mark{m}}
		if err := p.Holds(now, ehds.MarkUHDAS, ehds.MarkNCP); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
