package forge

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Types of federation tokens (OpenID Federation 1.1 §3.1, §7.1, §8.4.2). The media types are the same
// with "application/" before them.
const (
	TypStatement  = "entity-statement+jwt"
	TypMark       = "trust-mark+jwt"
	TypMarkStatus = "trust-mark-status-response+jwt"
)

// Times of federation documents (wire profile §1).
const (
	MaxConfigurationLife = 24 * time.Hour
	MaxMarkLife          = 7 * 24 * time.Hour
	Leeway               = 60 * time.Second // tolerated between clocks
)

// ErrStatement means that a federation document is not acceptable.
var ErrStatement = errors.New("forge: not an acceptable federation document")

// Statement is the content of an entity statement (OpenID Federation 1.1 §3.1): of a configuration
// when iss equals sub, of a superior's statement about a subordinate otherwise.
type Statement struct {
	Iss            string                     `json:"iss"`
	Sub            string                     `json:"sub"`
	Iat            int64                      `json:"iat"`
	Exp            int64                      `json:"exp"`
	JWKS           JWKS                       `json:"jwks"`
	AuthorityHints []string                   `json:"authority_hints,omitempty"`
	Metadata       map[string]json.RawMessage `json:"metadata,omitempty"`
	MetadataPolicy json.RawMessage            `json:"metadata_policy,omitempty"`
	PolicyCrit     []string                   `json:"metadata_policy_crit,omitempty"`
	Constraints    json.RawMessage            `json:"constraints,omitempty"`
	Crit           []string                   `json:"crit,omitempty"`
	TrustMarks     []MarkEntry                `json:"trust_marks,omitempty"`
	SourceEndpoint string                     `json:"source_endpoint,omitempty"`

	token *Token
}

// MarkEntry is a trust mark inside a configuration (OpenID Federation 1.1 §3.1.2).
type MarkEntry struct {
	Type string `json:"trust_mark_type"`
	Mark string `json:"trust_mark"`
}

// FederationMetadata is the federation_entity metadata in use (OpenID Federation 1.1 §5.1.1).
type FederationMetadata struct {
	Fetch      string `json:"federation_fetch_endpoint,omitempty"`
	List       string `json:"federation_list_endpoint,omitempty"`
	MarkStatus string `json:"federation_trust_mark_status_endpoint,omitempty"`
	Mark       string `json:"federation_trust_mark_endpoint,omitempty"`
	Name       string `json:"organization_name,omitempty"`
}

// ParseStatement reads a statement strictly. Nothing in it may be believed before Verify.
func ParseStatement(raw string) (*Statement, error) {
	t, err := Parse(raw, TypStatement)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	s := &Statement{token: t}
	if err := DecodeKnown(t.Payload, s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	switch {
	case s.Iss == "" || s.Sub == "" || s.Iat <= 0 || s.Exp <= s.Iat || len(s.JWKS.Keys) == 0:
		return nil, fmt.Errorf("%w: iss, sub, iat, exp and jwks are required", ErrStatement)
	case len(s.Crit) > 0 || len(s.PolicyCrit) > 0:
		return nil, fmt.Errorf("%w: crit names what is not understood here", ErrStatement)
	}
	return s, nil
}

// Raw is the token the statement was read from.
func (s *Statement) Raw() string { return s.token.Raw }

// Verify checks the signature with one of the keys.
func (s *Statement) Verify(keys JWKS) error {
	if err := s.token.Verify(keys); err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	return nil
}

// ValidAt checks iat and exp against a time, with the leeway.
func (s *Statement) ValidAt(at time.Time) error {
	if time.Unix(s.Iat, 0).After(at.Add(Leeway)) || at.After(time.Unix(s.Exp, 0).Add(Leeway)) {
		return fmt.Errorf("%w: outside its time", ErrStatement)
	}
	return nil
}

// IsConfiguration says whether the entity speaks of itself.
func (s *Statement) IsConfiguration() bool { return s.Iss == s.Sub }

// Federation is the federation_entity metadata, zero when absent or malformed.
func (s *Statement) Federation() FederationMetadata {
	var m FederationMetadata
	if raw, ok := s.Metadata["federation_entity"]; ok && DecodeKnown(raw, &m) != nil {
		return FederationMetadata{}
	}
	return m
}

// MarkType is the type of an anchor's role mark (wire profile §1).
func MarkType(anchor, name string) string { return strings.TrimSuffix(anchor, "/") + "/marks/" + name }

// Mark is the content of a trust mark (OpenID Federation 1.1 §7.1).
type Mark struct {
	Iss  string `json:"iss"`
	Sub  string `json:"sub"`
	Type string `json:"trust_mark_type"`
	Iat  int64  `json:"iat"`
	Exp  int64  `json:"exp"`
}

// ParseMark reads a mark and checks its signature and that it lives a week at most; not its times.
func ParseMark(raw string, issuer JWKS) (Mark, error) {
	var m Mark
	t, err := Parse(raw, TypMark)
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if err := t.Verify(issuer); err != nil {
		return m, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if err := DecodeKnown(t.Payload, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if m.Iss == "" || m.Sub == "" || m.Type == "" || m.Exp <= m.Iat || m.Exp-m.Iat > int64(MaxMarkLife/time.Second) {
		return m, fmt.Errorf("%w: claims of the mark", ErrStatement)
	}
	return m, nil
}

// MarkStatus says what a mark is worth. Only active allows anything; suspended is this profile's
// value, for Art. 75(12).
type MarkStatus string

// The statuses.
const (
	MarkActive    MarkStatus = "active"
	MarkSuspended MarkStatus = "suspended"
	MarkExpired   MarkStatus = "expired"
	MarkRevoked   MarkStatus = "revoked"
	MarkInvalid   MarkStatus = "invalid"
)

// MarkStatusResponse is an issuer's answer about one mark (OpenID Federation 1.1 §8.4.2).
type MarkStatusResponse struct {
	Iss    string     `json:"iss"`
	Iat    int64      `json:"iat"`
	Mark   string     `json:"trust_mark"`
	Status MarkStatus `json:"status"`
}

// ParseMarkStatus reads an answer about a mark: signed by its issuer, about that mark, made now. A
// status outside the known ones allows nothing.
func ParseMarkStatus(raw, mark, issuer string, keys JWKS, at time.Time) (MarkStatus, error) {
	t, err := Parse(raw, TypMarkStatus)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if err := t.Verify(keys); err != nil {
		return "", fmt.Errorf("%w: %w", ErrStatement, err)
	}
	var c MarkStatusResponse
	if err := DecodeKnown(t.Payload, &c); err != nil {
		return "", fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if age := at.Sub(time.Unix(c.Iat, 0)); c.Iss != issuer || c.Mark != mark || age > Leeway || age < -Leeway {
		return "", fmt.Errorf("%w: about another mark or time", ErrStatement)
	}
	switch c.Status {
	case MarkActive, MarkSuspended, MarkExpired, MarkRevoked:
		return c.Status, nil
	}
	return MarkInvalid, nil
}
