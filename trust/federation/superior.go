package federation

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// State is our statement about a subordinate (OpenID Federation 1.1 §3.1.3): sub, jwks, metadata,
// policy, constraints and source endpoint of said; who says it and until when is ours. last, or empty,
// is what State returned before: it is returned again while it is young and nothing has changed. What
// would be refused when it is read is not made: the error is that of reading. What is critical is not left
// out in silence either, it is refused: ErrCrit, ErrPolicyCrit.
func (s *Self) State(said Claims, last string) (string, error) {
	switch {
	case said.Crit != nil:
		return "", ErrCrit
	case said.PolicyCrit != nil:
		return "", ErrPolicyCrit
	}
	token, err := s.signAgain(Claims{
		Iss: s.o.Entity, Sub: said.Sub, JWKS: said.JWKS, Metadata: said.Metadata, MetadataPolicy: said.MetadataPolicy,
		Constraints: said.Constraints, SourceEndpoint: said.SourceEndpoint,
	}, last, s.o.Clock())
	if err != nil || token == last {
		return token, err
	}
	read, err := ParseStatement(token)
	if err != nil {
		return "", err
	}
	if read.IsConfiguration() {
		return "", fmt.Errorf("%w: %s is no subordinate of itself", ErrStatement, short(said.Sub))
	}
	if err := CheckPolicy(read.Claims); err != nil {
		return "", err
	}
	return token, nil
}

// IssueMark makes a mark of a type about an entity, alive for life, seven days at most. delegation is
// the owner's word for types that others own, or empty (OpenID Federation 1.1 §7.1).
func (s *Self) IssueMark(sub, markType, delegation string, life time.Duration) (string, error) {
	now := s.o.Clock()
	if life <= 0 || life > maxMarkLife {
		life = maxMarkLife
	}
	return s.signOther(TypMark, markClaims{
		Iss: s.o.Entity, Sub: sub, Type: markType, Delegation: delegation, Iat: now.Unix(), Exp: now.Add(life).Unix(),
	})
}

// Issued reads a mark that says it is ours. ErrForeignMark when it is another's or no mark at all,
// ErrMark when it names us and we did not sign it with a key we still stand by.
func (s *Self) Issued(token string) (m IssuedMark, err error) {
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{TypMark}})
	if err != nil {
		return m, fmt.Errorf("%w: %w", ErrForeignMark, err)
	}
	var c markClaims
	if err := jose.DecodeKnown(t.Payload, &c); err != nil || c.Iss != s.o.Entity {
		return m, ErrForeignMark
	}
	keys, err := s.o.Keys.Public()
	if err != nil {
		return m, err
	}
	if c, err = verifyMark(token, keys); err != nil {
		return m, err
	}
	return IssuedMark{Sub: c.Sub, Type: c.Type, IssuedAt: time.Unix(c.Iat, 0).UTC(), Expires: time.Unix(c.Exp, 0).UTC()}, nil
}

// IssuedMark is a mark we made.
type IssuedMark struct {
	Sub, Type         string
	IssuedAt, Expires time.Time
}

// AnswerMark is our signed answer about a mark (OpenID Federation 1.1 §8.4.2).
func (s *Self) AnswerMark(mark string, status MarkStatus) (string, error) {
	return s.signOther(TypMarkStatus, markStatusClaims{Iss: s.o.Entity, Iat: s.o.Clock().Unix(), Mark: mark, Status: string(status)})
}

// TypResolved is the media type of a resolve response (OpenID Federation 1.1 §8.3.2).
const TypResolved = "resolve-response+jwt"

type resolvedClaims struct {
	Iss      string                     `json:"iss"`
	Sub      string                     `json:"sub"`
	Iat      int64                      `json:"iat"`
	Exp      int64                      `json:"exp"`
	Metadata map[string]json.RawMessage `json:"metadata"`
	Marks    []MarkEntry                `json:"trust_marks,omitempty"`
	Chain    []string                   `json:"trust_chain"`
}

// AnswerResolve is our signed answer about an entity we resolved (OpenID Federation 1.1 §8.3.2): its
// metadata and chain, and those of its marks that are active. It lives no longer than the chain, nor
// than any mark in it.
func (s *Self) AnswerResolve(e *Entity) (string, error) {
	c := resolvedClaims{
		Iss: s.o.Entity, Sub: e.ID, Iat: s.o.Clock().Unix(), Exp: e.Expires.Unix(), Metadata: e.Metadata, Chain: e.Chain,
	}
	for _, m := range e.Marks {
		if m.Status != MarkActive {
			continue
		}
		c.Marks = append(c.Marks, MarkEntry{Type: m.Type, Token: m.token})
		c.Exp = min(c.Exp, m.Expires.Unix())
	}
	return s.signOther(TypResolved, c)
}

// AnswerHistorical is the signed list of keys (OpenID Federation 1.1 §8.7). chain may be nil.
func (s *Self) AnswerHistorical(keys []HistoricalKey, chain []string) (string, error) {
	key, err := s.o.Keys.Signing()
	if err != nil {
		return "", err
	}
	return SignHistorical(key, Historical{Issuer: s.o.Entity, IssuedAt: s.o.Clock(), Keys: keys}, chain)
}

// signOther signs what is no statement with the key that signs statements.
func (s *Self) signOther(typ string, claims any) (string, error) {
	key, err := s.o.Keys.Signing()
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("%s of %s: %w", typ, s.o.Entity, err)
	}
	return jose.Sign(key, typ, jose.SignOptions{}, payload)
}
