package evidence

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Header types of the tokens in a bundle (wire profile §3, §4).
const (
	typMessage = "ehds-message+jwt"
	typReceipt = "ehds-receipt+jwt"
)

// tokenClaims are the claims looked at here; the SignatureChecker has verified their signature.
type tokenClaims struct {
	Iss         string           `json:"iss"`
	Aud         string           `json:"aud"`
	Case        string           `json:"case"`
	Iat         int64            `json:"iat"`
	TokenSHA256 string           `json:"token_sha256"`
	Status      string           `json:"status"`
	Original    string           `json:"original"`
	Evidence    *ReceiptEvidence `json:"evidence"`
}

// token registers an entry's token and checks its signature where the class says it has one.
func (v *verification) token(i int, where string, e Entry) {
	k := known{entry: i, class: e.Class, outgoing: e.Direction == DirectionOut}
	defer func() { v.tokens[sha256Hex(e.Token)] = k }()
	var typ string
	switch e.Class {
	case ClassIn, ClassOut, ClassResponse:
		typ = typMessage
	case ClassReceipt:
		typ = typReceipt
	case ClassRefused:
		// A refused message is logged as it came; what it is signed as was part of the refusal.
		return
	default:
		return // the gateway's own text; its leaf is its proof
	}
	claims, ok := v.signature(where, e.Token, e.Token, typ)
	if !ok {
		return
	}
	k.claims, k.checked = claims, true
	if k.outgoing && claims.Iss != v.bundle.Entity || !k.outgoing && claims.Aud != v.bundle.Entity {
		v.report.add(SeverityError, "party-differs", where, "sender or recipient is not the bundle's entity")
	}
	if typ == typMessage {
		v.message(where, claims)
	}
}

// clockLeeway is how far the clock of a message's sender may be ahead (wire profile §3).
const clockLeeway = time.Minute

// message holds a message against what the bundle says of itself: nothing signs the bundle, so its
// labels are worth what its messages say. A receipt's date is its issuer's alone and proves nothing here.
func (v *verification) message(where string, claims tokenClaims) {
	if v.bundle.Case != "" && claims.Case != v.bundle.Case {
		v.report.add(SeverityError, "case-differs", where, "the message is about another case than the bundle")
	}
	if v.bundle.MadeAt.Add(clockLeeway).Before(time.Unix(claims.Iat, 0)) {
		v.report.add(SeverityError, "made-before", where, "the message is younger than the bundle says to be")
	}
}

// signature asks the checker about one token and reads its claims, which a member that differs from a known
// one only in case would let two readers see differently. logged is the token whose leaf a
// witness may have seen: this one, or the one that holds it.
func (v *verification) signature(where, token, logged, typ string) (tokenClaims, bool) {
	var claims tokenClaims
	if v.checker == nil || v.ctx.Err() != nil {
		v.report.addErr(where, ErrCannotTell)
		return claims, false
	}
	at, err := signedAt(token)
	if err != nil {
		v.report.add(SeverityError, "token-malformed", where, "not a compact JWS with an iat")
		return claims, false
	}
	issuer, payload, err := v.checker.Check(v.ctx, token, typ, at)
	var revoked *RevokedError
	if errors.As(err, &revoked) {
		if seen, ok := v.vouched[logged]; !ok || !seen.Before(revoked.At) {
			v.report.addErr(where, errRevoked)
			return claims, false
		}
		err = nil // it existed before anybody else can have had the key
	}
	switch {
	case errors.Is(err, ErrCannotTell):
		v.report.addErr(where, ErrCannotTell)
		return claims, false
	case err != nil:
		v.report.add(SeverityError, "signature", where, "the token's signature does not hold")
		return claims, false
	}
	if jose.DecodeKnown(payload, &claims) != nil || issuer == "" || claims.Iss != issuer {
		v.report.add(SeverityError, "token-malformed", where, "claims do not name the signer")
		return claims, false
	}
	v.report.Counts.Signatures++
	return claims, true
}

// signedAt reads iat without verifying anything; it only selects which keys may count. A nested
// hybrid token (payload is itself a token, depth one) gives the inner iat.
func signedAt(token string) (time.Time, error) {
	for range 2 {
		parts := strings.Split(token, ".")
		if len(parts) != 3 {
			return time.Time{}, errors.New("not three segments")
		}
		payload, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
		if err != nil {
			return time.Time{}, fmt.Errorf("payload: %w", err)
		}
		if len(payload) == 0 || payload[0] != '{' {
			token = string(payload)
			continue
		}
		var c struct {
			Iat *int64 `json:"iat"`
		}
		if err := json.Unmarshal(payload, &c); err != nil || c.Iat == nil {
			return time.Time{}, errors.New("no iat")
		}
		return time.Unix(*c.Iat, 0).UTC(), nil
	}
	return time.Time{}, errors.New("nested too deep")
}
