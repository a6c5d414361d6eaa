package ga4gh

import (
	"fmt"
	"time"
)

// MaxVisas is the largest number of visas in one passport, minted or read.
const MaxVisas = 200

// PassportClaims are a passport's.
type PassportClaims struct {
	Iss   string   `json:"iss"`
	Sub   string   `json:"sub"`
	Aud   string   `json:"aud,omitempty"`
	Jti   string   `json:"jti"`
	Iat   int64    `json:"iat"`
	Exp   int64    `json:"exp"`
	Visas []string `json:"ga4gh_passport_v1"`
}

// Passport bundles visas of one person for one environment, audience. It lives an hour, or until its
// first visa ends: an environment asks anew rather than keep one. The visas must be the issuer's own,
// about the subject, and current (else ErrGrant).
func (m Minter) Passport(subject, audience string, visas []string) (string, error) {
	now := m.Clock()
	exp := now.Add(time.Hour)
	key, err := m.Key()
	if err != nil {
		return "", fmt.Errorf("ga4gh: no key to sign with: %w", err)
	}
	own, err := key.Public()
	if err != nil {
		return "", fmt.Errorf("ga4gh: %w", err)
	}
	reader := Reader{Issuers: []Issuer{{Entity: m.Issuer, JKU: m.JKU, Keys: setOf(own)}}, Clock: m.Clock}
	if subject == "" || len(visas) == 0 || len(visas) > MaxVisas {
		return "", ErrGrant
	}
	for _, v := range visas {
		c, err := reader.Visa([]byte(v))
		if err != nil || c.Sub != subject {
			return "", fmt.Errorf("%w: a visa that is not this issuer's about %q now", ErrGrant, subject)
		}
		if end := time.Unix(c.Exp, 0); end.Before(exp) {
			exp = end
		}
	}
	return m.sign(TypPassport, func(jti string) any {
		return PassportClaims{
			Iss: m.Issuer, Sub: subject, Aud: audience, Jti: jti, Iat: now.Unix(), Exp: exp.Unix(), Visas: visas,
		}
	})
}
