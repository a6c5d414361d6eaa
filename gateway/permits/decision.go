package permits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// SignDecision signs a decision with the permit key of a body, its trust chain in the header. It is dated
// now; when it was decided stands in the decision.
func (o *Office) SignDecision(ctx context.Context, hdab string, c ehds.DecisionClaims) (string, error) {
	if c.Iss != hdab {
		return "", fmt.Errorf("a decision of %s cannot be signed by %s", c.Iss, hdab)
	}
	if (c.Decision == nil) == (c.Appeal == nil) {
		return "", errors.New("a signed decision is either on an application or on an appeal")
	}
	seal, err := o.sealer(ctx, hdab, false)
	if err != nil {
		return "", err
	}
	c.Iat = o.clock().Unix()
	return seal(ehds.TypDecision, c)
}

// ProveDecision reads a signed decision under the trust chain in its own header, as the chain stood when it
// was signed. Whether the body's key was revoked since is not looked at.
func ProveDecision(token string, anchors []federation.Anchor, at time.Time) (ehds.DecisionClaims, error) {
	p, err := prove(token, reading[ehds.DecisionClaims]{
		typ: ehds.TypDecision, decode: jose.DecodeStrict,
		names: func(c ehds.DecisionClaims) (string, int64) { return c.Iss, c.Iat },
	}, anchors)
	if err != nil {
		return ehds.DecisionClaims{}, err
	}
	if time.Unix(p.claims.Iat, 0).After(at.Add(leeway)) {
		return ehds.DecisionClaims{}, errors.New("the decision is dated in the future")
	}
	return p.claims, nil
}
