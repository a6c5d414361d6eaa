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
// A chain is judged as it stood when the newest of its statements was made. Its keys count for tokens
// signed before the chain ended: an entity publishes a key before it signs with it and keeps it
// listed as long as what it signed is alive (wire profile §1). A key the chain does not list is
// "cannot tell", never "false": it may have been retired since.
type Offline struct {
	Anchors []federation.Anchor
	Chains  map[string][]string // entity statements, leaf first, by entity
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
	entity, err := o.entity(c.Iss)
	if err != nil {
		return "", nil, err
	}
	if at.After(entity.Expires.Add(Leeway)) {
		return "", nil, fmt.Errorf("%w: the chain of %s ended before", evidence.ErrCannotTell, c.Iss)
	}
	err = t.Verify(keysFor(entity, ForExchange))
	if errors.Is(err, jose.ErrKeyUnknown) {
		return "", nil, fmt.Errorf("%w: the chain of %s does not list the key", evidence.ErrCannotTell, c.Iss)
	}
	if err != nil {
		return "", nil, err
	}
	return c.Iss, t.Payload(), nil
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
