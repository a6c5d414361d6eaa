package ga4gh

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Media types of the two tokens (AAI profile 1.2.1, "GA4GH JWT Formats").
const (
	TypVisa     = "vnd.ga4gh.visa+jwt"
	TypPassport = "vnd.ga4gh.passport+jwt"
)

// TypeControlledAccessGrants is the visa type for access to one dataset (Passport 1.2).
const TypeControlledAccessGrants = "ControlledAccessGrants"

// ByDAC says that a data access committee, here the health data access body, made the assertion.
const ByDAC = "dac"

// Lives of visas (wire profile §6).
const (
	DefaultLife = 24 * time.Hour
	MaxLife     = 30 * 24 * time.Hour
)

// maxURL bounds value and source, in bytes (Passport 1.2: 255 characters).
const maxURL = 255

// Object is the visa object, the value of ga4gh_visa_v1.
type Object struct {
	Type     string `json:"type"`
	Asserted int64  `json:"asserted"` // seconds since the epoch
	Value    string `json:"value"`    // the dataset's https IRI
	Source   string `json:"source"`   // URL of the organisation that made the assertion
	By       string `json:"by,omitempty"`
}

// Claims are a visa's.
type Claims struct {
	Iss  string `json:"iss"`
	Sub  string `json:"sub"`
	Jti  string `json:"jti"`
	Iat  int64  `json:"iat"`
	Exp  int64  `json:"exp"`
	Visa Object `json:"ga4gh_visa_v1"`
}

// Grant is what a visa says.
type Grant struct {
	// Subject is the person as the secure processing environment knows her.
	Subject string
	// Dataset is the dataset's https IRI.
	Dataset string
	// Source is the URL of the body that decided.
	Source string
	// Asserted is when it decided.
	Asserted time.Time
	// Until is when the permit ends.
	Until time.Time
}

// Errors of minting.
var (
	// ErrGrant: the grant has no subject, or a URL that is no https URL of at most 255 bytes, or was
	// asserted in the future.
	ErrGrant = errors.New("ga4gh: grant cannot be a visa")
	// ErrOver: the permit has ended.
	ErrOver = errors.New("ga4gh: the permit has ended")
	// ErrLife: a life of zero or less, or of more than 30 days.
	ErrLife = errors.New("ga4gh: a visa lives more than nothing and 30 days at most")
)

// Minter signs visas and passports for one issuer.
type Minter struct {
	// Issuer is the health data access body's entity.
	Issuer string
	// JKU is where the issuer's visa keys are published; readers compare it.
	JKU string
	// Key gives the visa key active now, an ES256 one.
	Key func() (jose.SigningKey, error)
	// Clock and Rand are the sources of time and of token ids.
	Clock func() time.Time
	Rand  io.Reader
	// Life is how long a visa lives if the permit does; zero means DefaultLife.
	Life time.Duration
}

// Visa mints one ControlledAccessGrants visa. Its exp is the earlier of the permit's end and now plus
// the life. ErrGrant, ErrOver, ErrLife, or an error of signing.
func (m Minter) Visa(g Grant) (string, error) {
	now := m.Clock()
	life := m.Life
	if life == 0 {
		life = DefaultLife
	}
	switch {
	case life < 0 || life > MaxLife:
		return "", ErrLife
	case g.Subject == "" || len(g.Subject) > maxURL || g.Asserted.After(now) || !httpsURL(g.Dataset) || !httpsURL(g.Source):
		return "", ErrGrant
	case !now.Before(g.Until):
		return "", ErrOver
	}
	exp := now.Add(life)
	if g.Until.Before(exp) {
		exp = g.Until
	}
	return m.sign(TypVisa, func(jti string) any {
		return Claims{
			Iss: m.Issuer, Sub: g.Subject, Jti: jti, Iat: now.Unix(), Exp: exp.Unix(),
			Visa: Object{
				Type: TypeControlledAccessGrants, Asserted: g.Asserted.Unix(),
				Value: g.Dataset, Source: g.Source, By: ByDAC,
			},
		}
	})
}

func (m Minter) sign(typ string, claims func(jti string) any) (string, error) {
	key, err := m.Key()
	if err != nil {
		return "", fmt.Errorf("ga4gh: no key to sign with: %w", err)
	}
	if key.Alg != "ES256" { // AAI profile 1.2.1: RS256 or ES256, of which we sign the latter
		return "", fmt.Errorf("ga4gh: %w: visas are signed with ES256", jose.ErrAlg)
	}
	id, err := uuid.NewRandomFromReader(m.Rand)
	if err != nil {
		return "", fmt.Errorf("ga4gh: randomness: %w", err)
	}
	payload, err := json.Marshal(claims(id.String()))
	if err != nil {
		return "", fmt.Errorf("ga4gh: %w", err)
	}
	return jose.Sign(key, typ, jose.SignOptions{Extra: map[string]any{"jku": m.JKU}}, payload)
}

func httpsURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(s) <= maxURL
}
