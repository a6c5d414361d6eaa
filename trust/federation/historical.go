package federation

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// TypHistorical is the typ of a signed list of historical keys (OpenID Federation 1.1, federation
// historical keys endpoint).
const TypHistorical = "jwk-set+jwt"

// ErrHistorical: a list of historical keys is malformed, or nobody believable signed it.
var ErrHistorical = errors.New("the historical keys do not hold")

// HistoricalKey is a key that no longer signs.
type HistoricalKey struct {
	// Key is the public half. Its kid names it.
	Key jose.PublicKey
	// EntityType says whose keys it was among: [TypeGateway] (messages, receipts), [TypeHDAB] (permits,
	// status lists), or empty for a federation key. The specification lists federation keys only; the
	// member entity_type is our extension (wire profile §1).
	EntityType string
	// IssuedAt and Expires bound the time in which it signed. Zero times are filled when a list is signed.
	IssuedAt, Expires time.Time
	// Revoked is nil for a key that was merely retired.
	Revoked *Revocation
}

// Revocation says since when a key is not to be believed, whatever a token it signed says.
type Revocation struct {
	At     time.Time
	Reason string // "unspecified", "compromised", "superseded" or one we do not know
}

// Signed reports whether a token of that iat lies in the time of a key that was merely retired. It is
// false for a revoked key: whoever holds it can write any iat.
func (k HistoricalKey) Signed(iat time.Time) bool {
	return k.Revoked == nil && !iat.Before(k.IssuedAt.Add(-clockLeeway)) && !iat.After(k.Expires.Add(clockLeeway))
}

// Historical is a list of historical keys. One that was parsed is a claim until Verify or
// VerifyHistorical.
type Historical struct {
	Issuer   string
	IssuedAt time.Time
	Keys     []HistoricalKey

	parsed *jose.Token
}

// Token is the list as it was read, to be kept beside what it proves; empty for one that was not parsed.
func (h *Historical) Token() string {
	if h.parsed == nil {
		return ""
	}
	return h.parsed.Raw
}

// Find returns the key of a kid and entity type; ok is false when none or several match. Its algorithm is
// not asked for: Ed25519 has two names, and a key that is gone is gone under both.
func (h *Historical) Find(kid, entityType string) (key HistoricalKey, ok bool) {
	for _, k := range h.Keys {
		if k.Key.Kid != kid || k.EntityType != entityType {
			continue
		}
		if ok {
			return HistoricalKey{}, false
		}
		key, ok = k, true
	}
	return key, ok
}

// The wire form.
type (
	historicalClaims struct {
		Iss  string            `json:"iss"`
		Iat  int64             `json:"iat"`
		Keys []json.RawMessage `json:"keys"`
	}
	historicalMembers struct {
		Iat        int64              `json:"iat"`
		Exp        int64              `json:"exp"`
		EntityType string             `json:"entity_type,omitempty"`
		Revoked    *revocationMembers `json:"revoked,omitempty"`
	}
	revocationMembers struct {
		RevokedAt int64  `json:"revoked_at"`
		Reason    string `json:"reason,omitempty"`
	}
)

// SignHistorical signs a list with a federation key of its issuer. chain, when not nil, is the issuer's
// trust chain, so that the list can be proved from itself, without a network.
func SignHistorical(key jose.SigningKey, h Historical, chain []string) (string, error) {
	c := historicalClaims{Iss: h.Issuer, Iat: h.IssuedAt.Unix(), Keys: make([]json.RawMessage, 0, len(h.Keys))}
	for _, k := range h.Keys {
		raw, err := k.jwk()
		if err != nil {
			return "", fmt.Errorf("historical key %s: %w", k.Key.Kid, err)
		}
		c.Keys = append(c.Keys, raw)
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("historical keys of %s: %w", h.Issuer, err)
	}
	return jose.Sign(key, TypHistorical, jose.SignOptions{TrustChain: chain}, payload)
}

// bounded gives the key both ends of its time, for which the list asks: one that was revoked before it was
// retired ends there, and one that never signed, or was not to be believed from before it did, has no time.
func (k HistoricalKey) bounded() HistoricalKey {
	if k.Expires.IsZero() && k.Revoked != nil {
		k.Expires = k.Revoked.At
	}
	if k.IssuedAt.IsZero() || k.IssuedAt.After(k.Expires) {
		k.IssuedAt = k.Expires
	}
	return k
}

// jwk is the key as a JWK with the members of a historical one.
func (k HistoricalKey) jwk() (json.RawMessage, error) {
	public, err := k.Key.MarshalJSON()
	if err != nil {
		return nil, err
	}
	k = k.bounded()
	m := historicalMembers{Iat: k.IssuedAt.Unix(), Exp: k.Expires.Unix(), EntityType: k.EntityType}
	if k.Revoked != nil {
		m.Revoked = &revocationMembers{RevokedAt: k.Revoked.At.Unix(), Reason: k.Revoked.Reason}
	}
	more, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return append(append(public[:len(public)-1], ','), more[1:]...), nil // two objects made into one
}

// ParseHistorical reads a list strictly. Nothing in it may be believed before Verify. Keys of a kind
// that is not used here are left out, as in every key set.
func ParseHistorical(token string) (*Historical, error) {
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{TypHistorical}})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHistorical, err)
	}
	var c struct {
		Iss  string          `json:"iss"`
		Iat  int64           `json:"iat"`
		Keys json.RawMessage `json:"keys"`
	}
	if err := jose.DecodeKnown(t.Payload, &c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHistorical, err)
	}
	if c.Iss == "" || c.Iat <= 0 || c.Iat > maxNumericDate {
		return nil, fmt.Errorf("%w: iss, iat and keys are required", ErrHistorical)
	}
	h := &Historical{Issuer: c.Iss, IssuedAt: time.Unix(c.Iat, 0).UTC(), parsed: t}
	if err := h.read(c.Keys); err != nil {
		return nil, err
	}
	return h, nil
}

// read reads the keys as a key set, and then what makes each a historical one.
func (h *Historical) read(keys json.RawMessage) error {
	set, err := jose.ParseKeySet(append(append([]byte(`{"keys":`), keys...), '}'))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHistorical, err)
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(keys, &entries); err != nil {
		return fmt.Errorf("%w: %w", ErrHistorical, err)
	}
	ignored := map[int]bool{}
	for _, i := range set.Ignored {
		ignored[i.Index] = true
	}
	usable := set.Keys
	for i, raw := range entries {
		if ignored[i] {
			continue
		}
		k, err := readHistorical(usable[0], raw)
		if err != nil {
			return err
		}
		usable = usable[1:]
		h.Keys = append(h.Keys, k)
	}
	return nil
}

// readHistorical adds what makes a key a historical one.
func readHistorical(key jose.PublicKey, raw json.RawMessage) (HistoricalKey, error) {
	var m historicalMembers
	if err := jose.DecodeKnown(raw, &m); err != nil {
		return HistoricalKey{}, fmt.Errorf("%w: %w", ErrHistorical, err)
	}
	if m.Iat < 0 || m.Exp <= 0 || m.Exp > maxNumericDate || m.Iat > m.Exp {
		return HistoricalKey{}, fmt.Errorf("%w: a key without its time", ErrHistorical)
	}
	k := HistoricalKey{Key: key, EntityType: m.EntityType, IssuedAt: time.Unix(m.Iat, 0).UTC(), Expires: time.Unix(m.Exp, 0).UTC()}
	if m.Revoked != nil {
		if m.Revoked.RevokedAt <= 0 || m.Revoked.RevokedAt > maxNumericDate {
			return HistoricalKey{}, fmt.Errorf("%w: a revocation without its time", ErrHistorical)
		}
		k.Revoked = &Revocation{At: time.Unix(m.Revoked.RevokedAt, 0).UTC(), Reason: m.Revoked.Reason}
	}
	return k, nil
}

// Verify checks the list's signature with the federation keys its issuer is known by.
func (h *Historical) Verify(keys jose.KeySet) error {
	key, err := keys.Select(h.parsed.Header.Kid, h.parsed.Header.Alg, "sig")
	if err == nil {
		err = h.parsed.Verify(key)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHistorical, err)
	}
	return nil
}

// VerifyHistorical reads a list and proves it from itself: the trust chain in its header ends at a
// pinned anchor, held when the list was made, and is its issuer's, and a key the superior states signed
// the list.
func VerifyHistorical(token string, anchors []Anchor) (*Historical, error) {
	h, err := ParseHistorical(token)
	if err != nil {
		return nil, err
	}
	r, err := ResolveChain(h.parsed.Header.TrustChain, anchors, h.IssuedAt)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHistorical, err)
	}
	if r.Entity.ID != h.Issuer {
		return nil, fmt.Errorf("%w: the chain is another entity's", ErrHistorical)
	}
	if err := h.Verify(r.Statements[1].JWKS); err != nil {
		return nil, err
	}
	return h, nil
}
