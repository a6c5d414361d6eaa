package federation

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// TypDelegation is the media type of an owner's word that another may issue its marks (OpenID
// Federation 1.1 §7.2.1).
const TypDelegation = "trust-mark-delegation+jwt"

// MarkOwner is who a type of marks belongs to, with the keys its delegations are signed with (OpenID
// Federation 1.1, trust_mark_owners).
type MarkOwner struct {
	Sub  string      `json:"sub"`
	JWKS jose.KeySet `json:"jwks"`
}

// MarkRules are an anchor's word about marks, by type.
type MarkRules struct {
	// Issuers are those whose marks count. Where the specification reads an empty list as "anybody",
	// nobody is let in here: a role mark opens doors.
	Issuers map[string][]string
	// Owners are those whose delegation a mark must carry.
	Owners map[string]MarkOwner
}

// ErrForeignMark: the mark is not ours to speak about.
var ErrForeignMark = rule("foreign-mark", ErrMark, "the mark was made by another")

// ErrMarkIssuer: the mark's issuer is neither the anchor nor named by it for this type.
var ErrMarkIssuer = rule("mark-issuer", ErrMark, "the anchor lets nobody of this name issue such marks")

// ErrDelegation: the owner of the mark's type did not let its issuer make it.
var ErrDelegation = rule("mark-delegation", ErrMark, "the mark's owner did not delegate it to its issuer")

type delegationClaims struct {
	Iss  string `json:"iss"`
	Sub  string `json:"sub"`
	Type string `json:"trust_mark_type"`
	Iat  int64  `json:"iat"`
	Exp  int64  `json:"exp,omitempty"`
}

// Delegation is an owner's word that an issuer may make marks of a type, between two times.
type Delegation struct {
	Owner, Issuer, Type string
	IssuedAt, Expires   time.Time // a zero Expires is no end
}

// SignDelegation signs a delegation with a key of its owner.
func SignDelegation(key jose.SigningKey, d Delegation) (string, error) {
	c := delegationClaims{Iss: d.Owner, Sub: d.Issuer, Type: d.Type, Iat: d.IssuedAt.Unix()}
	if !d.Expires.IsZero() {
		c.Exp = d.Expires.Unix()
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("delegation of %s: %w", d.Owner, err)
	}
	return jose.Sign(key, TypDelegation, jose.SignOptions{}, payload)
}

// verifyDelegation checks that the owner lets an issuer make marks of a type at a time.
func verifyDelegation(token string, owner MarkOwner, issuer, markType string, at time.Time) error {
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{TypDelegation}})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDelegation, err)
	}
	key, err := owner.JWKS.Select(t.Header.Kid, t.Header.Alg, "sig")
	if err == nil {
		err = t.Verify(key)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDelegation, err)
	}
	var c delegationClaims
	if err := jose.DecodeKnown(t.Payload, &c); err != nil {
		return fmt.Errorf("%w: %w", ErrDelegation, err)
	}
	switch {
	case c.Iss != owner.Sub || c.Sub != issuer || c.Type != markType:
		return fmt.Errorf("%w: it is about another", ErrDelegation)
	case c.Iat <= 0 || c.Iat > maxNumericDate || time.Unix(c.Iat, 0).After(at.Add(clockLeeway)):
		return fmt.Errorf("%w: it is not of its time", ErrDelegation)
	case c.Exp != 0 && (!lifeInOrder(c.Iat, c.Exp) || !at.Before(time.Unix(c.Exp, 0))):
		return fmt.Errorf("%w: it is over", ErrDelegation)
	}
	return nil
}

// markIssuer gives the keys of an issuer of marks of a type in a chain: the anchor's own, or those a
// superior states for an issuer that the anchor names and that stands in the entity's own chain. No
// other is looked for: a mark never causes a fetch to find out who made it.
func markIssuer(chain []*Statement, issuer, markType string) (jose.KeySet, error) {
	anchor := chain[len(chain)-1]
	if issuer == anchor.Sub {
		return anchor.JWKS, nil
	}
	if slices.Contains(anchor.MarkIssuers[markType], issuer) {
		for _, s := range chain[2 : len(chain)-1] {
			if s.Sub == issuer {
				return s.JWKS, nil
			}
		}
	}
	return jose.KeySet{}, ErrMarkIssuer
}

// checkMark verifies a mark of a leaf: issuer, signature, subject, time, and the owner's delegation.
func checkMark(chain []*Statement, entry MarkEntry, at time.Time) (markClaims, error) {
	anchor := chain[len(chain)-1]
	t, err := jose.Parse([]byte(entry.Token), jose.ParseOptions{Typ: []string{TypMark}})
	if err != nil {
		return markClaims{}, fmt.Errorf("%w: %w", ErrMark, err)
	}
	var claimed markClaims
	if err := jose.DecodeKnown(t.Payload, &claimed); err != nil {
		return markClaims{}, fmt.Errorf("%w: %w", ErrMark, err)
	}
	keys, err := markIssuer(chain, claimed.Iss, entry.Type)
	if err != nil {
		return markClaims{}, err
	}
	c, err := verifyMark(entry.Token, keys)
	if err != nil {
		return c, err
	}
	if c.Sub != chain[0].Sub || c.Type != entry.Type || time.Unix(c.Iat, 0).After(at.Add(clockLeeway)) {
		return c, fmt.Errorf("%w: it is about another entity, role or time", ErrMark)
	}
	if owner, owned := anchor.MarkOwners[entry.Type]; owned {
		return c, verifyDelegation(c.Delegation, owner, c.Iss, c.Type, at)
	}
	return c, nil
}
