package trust

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Verified is a token whose signature held under the issuer's chain. Times and marks are judged by
// Current and Holds, after the caller has looked for a stored duplicate.
type Verified struct {
	Token       string
	TokenSHA256 string      // lower-case hex over the compact token: evidence, never identity
	Digest      string      // content digest: RFC 8785 form of the claims without iat and exp
	Header      jose.Header // of the nested form, the outer one
	Claims      []byte      // the payload; of the nested form, the inner one
	Form        Form
	Issuer      string
	JTI         string
	IssuedAt    time.Time
	Expires     time.Time // zero when the token has none
	Entity      *federation.Entity
	at          time.Time
}

// Current judges iat and exp at the instant of verification, with the leeway.
func (v *Verified) Current() error {
	if v.IssuedAt.After(v.at.Add(Leeway)) {
		return ErrFuture
	}
	if !v.Expires.IsZero() && v.at.After(v.Expires.Add(Leeway)) {
		return ErrExpired
	}
	return nil
}

// Holds judges whether the issuer holds one of the marks, active and not expired, at the instant of
// verification.
func (v *Verified) Holds(names ...string) error { return MarkError(v.Entity, v.at, names...) }

// MarkError says why an entity may not act under any of the marks at a time; nil when it may.
func MarkError(e *federation.Entity, at time.Time, names ...string) error {
	if e == nil {
		return ErrNoMark
	}
	worst := ErrNoMark
	for _, m := range e.Marks {
		if !slices.Contains(names, m.Name) || !at.Before(m.Expires) {
			continue
		}
		switch m.Status {
		case federation.MarkActive:
			return nil
		case federation.MarkSuspended:
			worst = ErrSuspended
		case federation.MarkUnknown:
			if worst == ErrNoMark {
				worst = ErrUnavailable
			}
		}
	}
	return worst
}
