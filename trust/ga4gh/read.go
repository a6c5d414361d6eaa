package ga4gh

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Leeway is the clock difference tolerated, as for all tokens of the wire profile.
const Leeway = 60 * time.Second

// MaxToken is the largest visa or passport read, in bytes.
const MaxToken = 512 << 10

// Issuer is one whose visas count. What is not configured is not believed.
type Issuer struct {
	// Entity is its iss.
	Entity string
	// JKU is the one value its tokens may carry; empty means that they carry none.
	JKU string
	// Keys are its visa keys, obtained apart from any token.
	Keys jose.KeySet
	// Plain takes visas in the form of the AAI profile before 1.2, which REMS writes: header typ "JWT", a
	// value that is any identifier of a resource, and a life of a year.
	Plain bool
}

// typPlain is the header typ of visas in the older form.
const typPlain = "JWT"

// maxPlainLife is the longest life of a visa in the older form: a leap year and a day.
const maxPlainLife = 367 * 24 * time.Hour

// typ is the header typ of its visas.
func (x Issuer) typ() string {
	if x.Plain {
		return typPlain
	}
	return TypVisa
}

// Reader reads visas and passports as a clearinghouse does (AAI profile 1.2.1).
type Reader struct {
	Issuers []Issuer
	Clock   func() time.Time
	// Audience is what a passport's aud must be when it has one; empty accepts none but absent.
	Audience string
}

// Errors of reading; others are rules of the strict reader, see jose.Rule.
var (
	// ErrClaims: a claim is missing, of the wrong type or out of range.
	ErrClaims = errors.New("ga4gh: claims are missing or malformed")
	// ErrIssuer: no such issuer is configured.
	ErrIssuer = errors.New("ga4gh: issuer is not configured")
	// ErrJKU: jku is not the one configured for the issuer. It is never followed.
	ErrJKU = errors.New("ga4gh: jku is not the issuer's")
	// ErrConditions: the visa names conditions; a clearinghouse that cannot judge them must not accept it.
	ErrConditions = errors.New("ga4gh: the visa names conditions")
	// ErrType: not a ControlledAccessGrants visa.
	ErrType = errors.New("ga4gh: not a ControlledAccessGrants visa")
	// ErrTime: issued in the future, expired, or longer-lived than 30 days.
	ErrTime = errors.New("ga4gh: not valid at this time")
	// ErrSubject: the visa is about somebody else than the passport.
	ErrSubject = errors.New("ga4gh: the visa is about somebody else")
	// ErrAudience: the passport is for another environment.
	ErrAudience = errors.New("ga4gh: the passport is for another reader")
)

// Visa reads one visa. It is valid when the error is nil.
func (r Reader) Visa(raw []byte) (Claims, error) {
	var c struct {
		Claims
		Visa *object `json:"ga4gh_visa_v1"`
	}
	issuer, err := r.open(raw, []string{TypVisa, typPlain}, &c, func() string { return c.Iss })
	if err != nil {
		return Claims{}, err
	}
	if c.Visa == nil || c.Sub == "" {
		return Claims{}, ErrClaims
	}
	o := c.Visa
	switch {
	case o.Type != TypeControlledAccessGrants:
		return Claims{}, ErrType
	case len(o.Conditions) > 0:
		return Claims{}, ErrConditions
	case !httpsURL(o.Source) || o.Asserted <= 0 || o.Asserted > c.Iat:
		return Claims{}, ErrClaims
	case !httpsURL(o.Value) && (!issuer.Plain || o.Value == "" || len(o.Value) > maxURL):
		return Claims{}, ErrClaims
	}
	c.Claims.Visa = o.Object
	life := MaxLife
	if issuer.Plain {
		life = maxPlainLife
	}
	return c.Claims, r.current(c.Iat, c.Exp, life)
}

// object is the visa object as others write it.
type object struct {
	Object
	Conditions json.RawMessage `json:"conditions"`
}

// Refusal says why one visa of a passport does not count.
type Refusal struct {
	Index int // from 0
	Err   error
}

// Passport reads a passport and its visas. A visa that does not hold is refused by itself, and does not
// count; the others do. The error is the passport's own.
func (r Reader) Passport(raw []byte) (PassportClaims, []Claims, []Refusal, error) {
	var c PassportClaims
	if _, err := r.open(raw, []string{TypPassport}, &c, func() string { return c.Iss }); err != nil {
		return PassportClaims{}, nil, nil, err
	}
	switch {
	case c.Sub == "" || len(c.Visas) > MaxVisas:
		return PassportClaims{}, nil, nil, ErrClaims
	case c.Aud != r.Audience && c.Aud != "":
		return PassportClaims{}, nil, nil, ErrAudience
	}
	if err := r.current(c.Iat, c.Exp, MaxLife); err != nil {
		return PassportClaims{}, nil, nil, err
	}
	var visas []Claims
	var refused []Refusal
	for i, token := range c.Visas {
		v, err := r.Visa([]byte(token))
		if err == nil && v.Sub != c.Sub {
			err = ErrSubject
		}
		if err != nil {
			refused = append(refused, Refusal{i, err})
			continue
		}
		visas = append(visas, v)
	}
	return c, visas, refused, nil
}

// open reads one token strictly into claims and verifies it with a key of its configured issuer, whose
// visas have one typ of those given.
func (r Reader) open(raw []byte, typs []string, claims any, iss func() string) (Issuer, error) {
	t, err := jose.Parse(raw, jose.ParseOptions{
		Limits: jose.Limits{MaxToken: MaxToken}, Typ: typs,
		Algs: []string{"ES256", "RS256"}, ExtraHeaders: []string{"jku"},
	})
	if err != nil {
		return Issuer{}, err
	}
	if err := jose.DecodeKnown(t.Payload, claims); err != nil {
		return Issuer{}, fmt.Errorf("%w: %w", ErrClaims, err)
	}
	i := slices.IndexFunc(r.Issuers, func(x Issuer) bool { return x.Entity == iss() })
	if i < 0 {
		return Issuer{}, ErrIssuer
	}
	x := r.Issuers[i]
	if slices.Contains(typs, TypVisa) && t.Header.Typ != x.typ() {
		return Issuer{}, jose.ErrTyp
	}
	if !x.goesWith(t.Header) {
		return Issuer{}, ErrJKU
	}
	key, err := x.Keys.Select(t.Header.Kid, t.Header.Alg, "sig")
	if err != nil {
		return Issuer{}, err
	}
	return x, t.Verify(key)
}

// goesWith compares jku with the configuration.
func (x Issuer) goesWith(h jose.Header) bool {
	var jku string
	if raw, ok := h.Extra["jku"]; ok && (json.Unmarshal(raw, &jku) != nil || jku == "") {
		return false
	}
	return jku == x.JKU
}

// maxNumericDate is the end of year 9999: arithmetic on dates up to it cannot overflow.
const maxNumericDate = 253402300799

func (r Reader) current(iat, exp int64, life time.Duration) error {
	now := r.Clock()
	switch {
	case iat <= 0 || exp <= iat || exp > maxNumericDate:
		return ErrClaims
	case time.Unix(iat, 0).After(now.Add(Leeway)), now.After(time.Unix(exp, 0).Add(Leeway)):
		return ErrTime
	case exp-iat > int64(life/time.Second):
		return ErrTime
	}
	return nil
}

func setOf(k jose.PublicKey) jose.KeySet { return jose.KeySet{Keys: []jose.PublicKey{k}} }
