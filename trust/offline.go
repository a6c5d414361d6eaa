package trust

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Offline checks signatures with nothing but pinned anchors and the chains at hand: no network, no
// gateway. It implements evidence.SignatureChecker.
//
// A key that the chain lists no more counts when the entity's historical keys say that it was merely
// retired and the token lies in its time. One they say was revoked gives an *evidence.RevokedError,
// whatever an older chain says of it.
//
// A chain is judged as it stood when the newest of its statements was made. Its keys count for tokens
// signed before the chain ended: an entity publishes a key before it signs with it and keeps it
// listed as long as what it signed is alive (wire profile §1). A key the chain does not list is
// "cannot tell", never "false": it may have been retired since.
type Offline struct {
	Anchors []federation.Anchor
	Chains  map[string][]string // entity statements, leaf first, by entity
	// Historical holds the signed lists of historical keys by entity (OpenID Federation 1.1,
	// jwk-set+jwt). Each is proved from itself, or counts for nothing.
	Historical map[string]string
}

var _ evidence.SignatureChecker = (*Offline)(nil)

// Check verifies a message or receipt of an entity whose chain is at hand, in any form of the wire
// profile §2: what policy there was when it was taken is not a matter of whether it holds.
func (o *Offline) Check(_ context.Context, token, typ string, at time.Time) (string, []byte, error) {
	t, err := ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{typ}, Algs: jose.ProfileAlgs()})
	if err != nil {
		return "", nil, err
	}
	var c registered
	if err := jose.DecodeKnown(t.Payload(), &c); err != nil {
		return "", nil, err
	}
	keys, err := o.keysAt(c.Iss, at)
	if err != nil {
		return "", nil, err
	}
	by, err := t.VerifiedBy(keys.set)
	if errors.Is(err, jose.ErrKeyUnknown) {
		if keys.chain != nil {
			return "", nil, keys.chain
		}
		return "", nil, fmt.Errorf("%w: the chain of %s does not list the key", evidence.ErrCannotTell, c.Iss)
	}
	if err != nil {
		return "", nil, err
	}
	return c.Iss, t.Payload(), keys.revocation(by)
}

// entity verifies the chain at hand at the time of its newest statement. An absent chain, or one that ends
// at an anchor that is not pinned here, tells nothing either way.
func (o *Offline) entity(id string) (*federation.Entity, error) {
	chain := o.Chains[id]
	if len(chain) == 0 {
		return nil, fmt.Errorf("%w: no chain of %s", evidence.ErrCannotTell, id)
	}
	var newest int64
	for _, token := range chain {
		s, err := federation.ParseStatement(token)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", evidence.ErrCannotTell, err)
		}
		newest = max(newest, s.Iat)
	}
	e, err := federation.VerifyChain(chain, o.Anchors, time.Unix(newest, 0))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", evidence.ErrCannotTell, err)
	}
	if e.ID != id {
		return nil, fmt.Errorf("%w: the chain is about another entity", evidence.ErrCannotTell)
	}
	return e, nil
}
