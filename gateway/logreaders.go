package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// A signed pull (wire profile §5). For the log it may be shown again until it ends: reading changes
// nothing, and a tree takes many tiles.
const (
	typPull         = "ehds-pull+jwt"
	pullLifetime    = time.Minute
	maxPull         = 16 << 10
	askLog          = "log"
	pullUnavailable = "the sender's trust chain cannot be fetched now"
)

// logReaders are the marks whose holders may read the evidence log.
var logReaders = []string{
	string(ehds.MarkCentralPlatform), string(ehds.MarkNCP), string(ehds.MarkUHDAS), string(ehds.MarkAuthorisedParticipant),
}

// admitToLog judges a signed pull of the log: {iss, aud, iat, exp ≤ 60 s, jti, ask: "log"}. An issuer
// that is neither onboarded nor proved by its chain causes no call and learns nothing.
func (g *Gateway) admitToLog(ctx context.Context, token string) *fault.Error {
	v, err := g.verifier.Verify(ctx, []byte(token), trust.Expectation{
		Typ: typPull, Audience: g.cfg.Entity, Purpose: trust.ForExchange, MaxLifetime: pullLifetime, Limits: jose.Limits{MaxToken: maxPull},
	})
	if err == nil {
		err = pullOfLog(v)
	}
	if err == nil {
		err = v.Holds(logReaders...)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, trust.ErrUnavailable):
		return fault.Wrap(err, fault.Unavailable, "try-later", pullUnavailable).After(time.Minute)
	case errors.Is(err, trust.ErrSuspended):
		return fault.Wrap(err, fault.Forbidden, "suspended", "the sender's role is suspended")
	case errors.Is(err, trust.ErrNoMark):
		return fault.Wrap(err, fault.Forbidden, "not-allowed", "the sender holds no role that reads the log")
	}
	return fault.Wrap(err, fault.Unauthenticated, "not-authenticated", "")
}

// pullOfLog checks what only pulls have. A pull of messages must not open the log, nor one that is over.
func pullOfLog(v *trust.Verified) error {
	var c struct {
		Jti string `json:"jti"`
		Ask string `json:"ask"`
	}
	if err := jose.DecodeKnown(v.Claims, &c); err != nil {
		return err
	}
	if c.Ask != askLog || c.Jti == "" {
		return trust.ErrMalformed
	}
	return v.Current()
}
