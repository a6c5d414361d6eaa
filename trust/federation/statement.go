package federation

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Media types of the statements (OpenID Federation 1.1 §3.1, §7.1, §8.4.2).
const (
	TypStatement  = "entity-statement+jwt"
	TypMark       = "trust-mark+jwt"
	TypMarkStatus = "trust-mark-status-response+jwt"
)

// maxConfigurationLife is how long an entity configuration may live (wire profile §1).
const maxConfigurationLife = 24 * time.Hour

// maxNumericDate bounds every time claim to the year 9999, so that arithmetic on it cannot overflow.
const maxNumericDate = 253402300799

// clockLeeway is tolerated between our clock and an issuer's.
const clockLeeway = time.Minute

// Claims is the content of an entity statement (OpenID Federation 1.1 §3.1). A configuration has
// iss equal to sub; a subordinate statement is made by a superior about its subordinate.
type Claims struct {
	Iss            string                     `json:"iss"`
	Sub            string                     `json:"sub"`
	Iat            int64                      `json:"iat"`
	Exp            int64                      `json:"exp"`
	JWKS           jose.KeySet                `json:"jwks"`
	AuthorityHints []string                   `json:"authority_hints,omitempty"`
	Metadata       map[string]json.RawMessage `json:"metadata,omitempty"`
	MetadataPolicy json.RawMessage            `json:"metadata_policy,omitempty"`
	PolicyCrit     []string                   `json:"metadata_policy_crit,omitempty"`
	Constraints    *Constraints               `json:"constraints,omitempty"`
	Crit           []string                   `json:"crit,omitempty"`
	TrustMarks     []MarkEntry                `json:"trust_marks,omitempty"`
	SourceEndpoint string                     `json:"source_endpoint,omitempty"`
	MarkIssuers    map[string][]string        `json:"trust_mark_issuers,omitempty"`
	MarkOwners     map[string]MarkOwner       `json:"trust_mark_owners,omitempty"`
}

// MarkEntry is a trust mark as an entity configuration carries it.
type MarkEntry struct {
	Type  string `json:"trust_mark_type"`
	Token string `json:"trust_mark"`
}

// FederationMetadata is the federation_entity metadata we use (OpenID Federation 1.1 §5.1.1).
type FederationMetadata struct {
	FetchEndpoint      string `json:"federation_fetch_endpoint,omitempty"`
	ListEndpoint       string `json:"federation_list_endpoint,omitempty"`
	ResolveEndpoint    string `json:"federation_resolve_endpoint,omitempty"`
	MarkEndpoint       string `json:"federation_trust_mark_endpoint,omitempty"`
	MarkListEndpoint   string `json:"federation_trust_mark_list_endpoint,omitempty"`
	MarkStatusEndpoint string `json:"federation_trust_mark_status_endpoint,omitempty"`
	HistoricalEndpoint string `json:"federation_historical_keys_endpoint,omitempty"`
	OrganizationName   string `json:"organization_name,omitempty"`
}

// Statement is a parsed statement whose signature is not checked yet.
type Statement struct {
	Claims
	Token  string
	parsed *jose.Token
}

// ParseStatement reads a statement strictly. Nothing in it may be believed before Verify.
func ParseStatement(token string) (*Statement, error) {
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{TypStatement}})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	s := &Statement{Token: token, parsed: t}
	// Statements may carry members of other profiles (OpenID Federation 1.1 §3.1.4); what must be
	// understood is listed in crit, and refused below. A metadata policy is read when the chain holds.
	if err := jose.DecodeKnown(t.Payload, &s.Claims); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if s.Iss == "" || s.Sub == "" || !lifeInOrder(s.Iat, s.Exp) || len(s.JWKS.Keys) == 0 {
		return nil, fmt.Errorf("%w: iss, sub, iat, exp and jwks are required", ErrStatement)
	}
	if err := s.checkClaims(); err != nil {
		return nil, err
	}
	return s, nil
}

// lifeInOrder checks that iat and exp are dates and in order.
func lifeInOrder(iat, exp int64) bool { return iat > 0 && exp > iat && exp <= maxNumericDate }

// livesLonger compares in seconds: the span as a time.Duration could overflow and look short.
func livesLonger(iat, exp int64, most time.Duration) bool { return exp-iat > int64(most/time.Second) }

// Verify checks the signature with one of the keys, the one the header names.
func (s *Statement) Verify(keys jose.KeySet) error {
	key, err := keys.Select(s.parsed.Header.Kid, s.parsed.Header.Alg, "sig")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if err := s.parsed.Verify(key); err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	return nil
}

// ValidAt checks the statement's times.
func (s *Statement) ValidAt(at time.Time) error {
	if time.Unix(s.Iat, 0).After(at.Add(clockLeeway)) || !at.Before(time.Unix(s.Exp, 0).Add(clockLeeway)) {
		return fmt.Errorf("%w: statement about %s", ErrExpired, s.Sub)
	}
	return nil
}

// IsConfiguration says whether an entity speaks of itself.
func (s *Statement) IsConfiguration() bool { return s.Iss == s.Sub }

// metadata decodes one entity type's metadata; ok is false when it is absent. A member that differs
// from a known one only in case is refused: it could slip past a superior's override.
func (s *Statement) metadata(entityType string, into any) (bool, error) {
	raw, ok := s.Metadata[entityType]
	if !ok {
		return false, nil
	}
	if err := jose.DecodeKnown(raw, into); err != nil {
		return false, fmt.Errorf("%w: metadata %s: %w", ErrStatement, entityType, err)
	}
	return true, nil
}
