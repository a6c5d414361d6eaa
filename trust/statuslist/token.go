package statuslist

import (
	"errors"
	"fmt"
	"time"
)

// Typ is the typ of a status list token (draft §5.1), and MediaType how it is served (draft §8.2).
const (
	Typ       = "statuslist+jwt"
	MediaType = "application/" + Typ
)

// Times of a list (wire profile §6).
const (
	// TTL is how long a copy is used before a fresh one is fetched.
	TTL = 5 * time.Minute
	// MaxLife is the longest from iat to exp.
	MaxLife = 24 * time.Hour
	// Leeway is the clock difference tolerated (wire profile §3).
	Leeway = time.Minute
)

// Token is the claims set of a statuslist+jwt (draft §5.1). The wire profile requires all of it.
type Token struct {
	Iss        string `json:"iss"`
	Sub        string `json:"sub"` // the URI of the list
	Iat        int64  `json:"iat"` // seconds since the epoch
	Exp        int64  `json:"exp"` // seconds since the epoch
	TTL        int64  `json:"ttl"` // seconds
	StatusList Claims `json:"status_list"`
}

// Reasons why a list says nothing about a token. The draft's rule then is that nothing is known
// (§8.3): a caller must not take the token for valid.
var (
	// ErrForeign: the list is another one than the token names, or of another issuer (§8.3, sub).
	ErrForeign = errors.New("the status list is not the one asked for")
	// ErrLater: the list was issued after the instant asked for.
	ErrLater = errors.New("the status list is of a later time")
	// ErrOld: the list has expired, or is older than the caller's bound (§8.3, exp and iat).
	ErrOld = errors.New("the status list is too old")
	// ErrClaims: iat, exp or ttl is missing or outside the wire profile's range (§13.7, reasonable values).
	ErrClaims = errors.New("the status list's times are missing or out of range")
)

// Issue makes the claims of a list as it stands at an instant, to be signed as they are.
func Issue(iss, uri string, at time.Time, l *List) (Token, error) {
	if iss == "" || uri == "" {
		return Token{}, ErrForeign
	}
	encoded, err := l.Encode()
	if err != nil {
		return Token{}, err
	}
	return Token{
		Iss: iss, Sub: uri, Iat: at.Unix(), Exp: at.Add(MaxLife).Unix(),
		TTL: int64(TTL / time.Second), StatusList: encoded,
	}, nil
}

// Check says whether the list, whose signature the caller has verified, answers at an instant for
// tokens of an issuer that name uri. age is how old an answer the caller takes. nil, ErrForeign,
// ErrLater, ErrOld or ErrClaims.
func (t Token) Check(iss, uri string, at time.Time, age time.Duration) error {
	const maxDate = 253402300799 // the end of year 9999: no sum below can overflow
	switch {
	case uri == "" || t.Sub != uri || t.Iss != iss:
		return ErrForeign
	case t.Iat <= 0 || t.Iat > maxDate || t.Exp > maxDate:
		return ErrClaims
	case t.AsOf().After(at.Add(Leeway)):
		return ErrLater
	case at.Sub(t.AsOf()) > age || !at.Before(time.Unix(t.Exp, 0)):
		return ErrOld
	case t.Exp-t.Iat > int64(MaxLife/time.Second):
		return fmt.Errorf("%w: it lives longer than %s", ErrClaims, MaxLife)
	case t.TTL <= 0:
		return fmt.Errorf("%w: ttl", ErrClaims)
	}
	return nil
}

// AsOf is the instant the list speaks of.
func (t Token) AsOf() time.Time { return time.Unix(t.Iat, 0).UTC() }

// FreshUntil is when a copy fetched at an instant must be fetched again: after ttl, and not after exp
// (draft §13.7). It holds whatever the answer's HTTP headers said.
func (t Token) FreshUntil(fetched time.Time) time.Time {
	fresh, over := fetched.Add(time.Duration(min(t.TTL, int64(MaxLife/time.Second)))*time.Second), time.Unix(t.Exp, 0)
	if over.Before(fresh) {
		return over.UTC()
	}
	return fresh.UTC()
}
