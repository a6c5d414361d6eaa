package federation

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Keys are the federation keys of one of our entities. They sign statements and nothing else.
type Keys interface {
	Signing() (jose.SigningKey, error)
	Public() (jose.KeySet, error)
}

// SelfOptions describe an entity we host.
type SelfOptions struct {
	Entity string
	Hints  []string // superiors
	Keys   Keys
	// Metadata gives the current metadata by entity type: it changes when keys rotate.
	Metadata func() (map[string]any, error)
	Marks    func() []MarkEntry
	// MarkRules, of an anchor, says who else may issue marks and who owns their types; nil when nobody.
	MarkRules func() (MarkRules, error)
	Clock     func() time.Time
	Life      time.Duration // of a statement; at most 24 h, 12 h when zero
}

// Self is an entity we host: it makes its configuration, and statements about entities below it.
// It is safe for concurrent use.
type Self struct {
	o       SelfOptions
	mu      sync.Mutex
	config  string
	renewAt time.Time // when it is looked at again whether config still says it all
}

// configurationReuse is how long a configuration is served before it is looked at again whether there
// is something new to say, so that a stream of requests costs one look.
const configurationReuse = 30 * time.Second

// NewSelf makes an entity.
func NewSelf(o SelfOptions) *Self {
	if o.Life <= 0 {
		o.Life = 12 * time.Hour
	}
	o.Life = min(o.Life, maxConfigurationLife)
	if o.Marks == nil {
		o.Marks = func() []MarkEntry { return nil }
	}
	if o.MarkRules == nil {
		o.MarkRules = func() (MarkRules, error) { return MarkRules{}, nil }
	}
	return &Self{o: o}
}

// Entity is our identifier.
func (s *Self) Entity() string { return s.o.Entity }

// Configuration is the signed entity configuration (OpenID Federation 1.1 §9).
func (s *Self) Configuration() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Clock()
	if s.config != "" && now.Before(s.renewAt) {
		return s.config, nil
	}
	md, err := s.o.Metadata()
	if err != nil {
		return "", fmt.Errorf("metadata of %s: %w", s.o.Entity, err)
	}
	raw, err := rawMetadata(md, s.o.Entity)
	if err != nil {
		return "", err
	}
	pub, err := s.o.Keys.Public()
	if err != nil {
		return "", err
	}
	rules, err := s.o.MarkRules()
	if err != nil {
		return "", fmt.Errorf("rules about marks of %s: %w", s.o.Entity, err)
	}
	token, err := s.signAgain(Claims{
		Iss: s.o.Entity, Sub: s.o.Entity, JWKS: pub, AuthorityHints: s.o.Hints, Metadata: raw,
		TrustMarks: s.o.Marks(), MarkIssuers: rules.Issuers, MarkOwners: rules.Owners,
	}, s.config, now)
	if err != nil {
		return "", err
	}
	s.config, s.renewAt = token, now.Add(configurationReuse)
	return token, nil
}

// Renew makes the next configuration say what is so then, for instance after a new mark or key.
func (s *Self) Renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewAt = time.Time{}
}

// Vouch is our statement about an entity below us, with the keys we know it by and the metadata we
// state about it, by entity type: it overrides what the entity says of itself (OpenID Federation 1.1
// §3.1.3). About a gateway or a body it holds the Identity, or the entity is nobody's.
func (s *Self) Vouch(sub string, keys jose.KeySet, metadata map[string]any) (string, error) {
	raw, err := rawMetadata(metadata, sub)
	if err != nil {
		return "", err
	}
	return s.sign(Claims{Iss: s.o.Entity, Sub: sub, JWKS: keys, Metadata: raw}, s.o.Clock())
}

func rawMetadata(metadata map[string]any, entity string) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(metadata))
	for t, v := range metadata {
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("metadata %s of %s: %w", t, entity, err)
		}
		out[t] = raw
	}
	return out, nil
}

func (s *Self) sign(c Claims, now time.Time) (string, error) {
	key, err := s.o.Keys.Signing()
	if err != nil {
		return "", err
	}
	return s.signWith(key, c, now)
}

func (s *Self) signWith(key jose.SigningKey, c Claims, now time.Time) (string, error) {
	c.Iat, c.Exp = now.Unix(), now.Add(s.o.Life).Unix()
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("statement of %s: %w", s.o.Entity, err)
	}
	return jose.Sign(key, TypStatement, jose.SignOptions{}, payload)
}
