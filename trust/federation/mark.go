package federation

import (
	"fmt"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxMarkLife is how long a role mark may live (wire profile §1).
const maxMarkLife = 7 * 24 * time.Hour

// MarkType is the type of a role mark of an anchor.
func MarkType(anchor, name string) string { return strings.TrimSuffix(anchor, "/") + "/marks/" + name }

type markClaims struct {
	Iss  string `json:"iss"`
	Sub  string `json:"sub"`
	Type string `json:"trust_mark_type"`
	Iat  int64  `json:"iat"`
	Exp  int64  `json:"exp"`

	Delegation string `json:"delegation,omitempty"`
}

// readMarks returns the role marks of a leaf that hold: issued by the anchor, or by a superior the
// anchor names for that, about the leaf, alive. Others are left out: an entity may carry marks that are
// not ours to judge.
func readMarks(chain []*Statement, a Anchor, at time.Time) []TrustMark {
	var out []TrustMark
	leaf := chain[0]
	prefix := MarkType(a.Entity, "")
	examined := 0
	for _, entry := range leaf.TrustMarks {
		if !strings.HasPrefix(entry.Type, prefix) {
			continue
		}
		if examined++; examined > maxMarks {
			break
		}
		c, err := checkMark(chain, entry, at)
		if err != nil {
			continue
		}
		exp := time.Unix(c.Exp, 0).UTC()
		m := TrustMark{
			Type: c.Type, Name: strings.TrimPrefix(c.Type, prefix), Issuer: c.Iss, Expires: exp,
			Status: MarkActive, Checked: time.Unix(c.Iat, 0).UTC(), token: entry.Token,
		}
		if !at.Before(exp) {
			m.Status = MarkExpired
		}
		out = append(out, m)
	}
	return out
}

// maxMarks bounds the role marks examined from one configuration.
const maxMarks = 16

func verifyMark(token string, keys jose.KeySet) (markClaims, error) {
	var c markClaims
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{TypMark}})
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrMark, err)
	}
	key, err := keys.Select(t.Header.Kid, t.Header.Alg, "sig")
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrMark, err)
	}
	if err := t.Verify(key); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMark, err)
	}
	if err := jose.DecodeKnown(t.Payload, &c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMark, err)
	}
	if !lifeInOrder(c.Iat, c.Exp) || livesLonger(c.Iat, c.Exp, maxMarkLife) {
		return c, fmt.Errorf("%w: a role mark lives seven days at most", ErrMark)
	}
	return c, nil
}

// markStatusClaims is an issuer's answer about one mark (OpenID Federation 1.1 §8.4.2).
type markStatusClaims struct {
	Iss    string `json:"iss"`
	Iat    int64  `json:"iat"`
	Mark   string `json:"trust_mark"`
	Status string `json:"status"`
}

// readMarkStatus verifies an issuer's answer about a mark. A status we do not know allows nothing.
func readMarkStatus(token, mark, issuer string, keys jose.KeySet, at time.Time) (MarkStatus, error) {
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{TypMarkStatus}})
	if err != nil {
		return MarkUnknown, fmt.Errorf("%w: %w", ErrMark, err)
	}
	key, err := keys.Select(t.Header.Kid, t.Header.Alg, "sig")
	if err != nil {
		return MarkUnknown, fmt.Errorf("%w: %w", ErrMark, err)
	}
	if err := t.Verify(key); err != nil {
		return MarkUnknown, fmt.Errorf("%w: %w", ErrMark, err)
	}
	var c markStatusClaims
	if err := jose.DecodeKnown(t.Payload, &c); err != nil {
		return MarkUnknown, fmt.Errorf("%w: %w", ErrMark, err)
	}
	if c.Iat <= 0 || c.Iat > maxNumericDate {
		return MarkUnknown, fmt.Errorf("%w: the status has no date", ErrMark)
	}
	age := at.Sub(time.Unix(c.Iat, 0))
	if c.Iss != issuer || c.Mark != mark || age > clockLeeway || age < -clockLeeway {
		return MarkUnknown, fmt.Errorf("%w: the status is about another mark or time", ErrMark)
	}
	switch s := MarkStatus(c.Status); s {
	case MarkActive, MarkSuspended, MarkExpired, MarkRevoked, MarkInvalid:
		return s, nil
	}
	return MarkInvalid, nil
}
