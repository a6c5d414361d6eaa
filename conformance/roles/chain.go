package roles

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// maxChain is the longest chain accepted, leaf and anchor included.
const maxChain = 6

// ErrChain means that a chain does not lead from an entity to the pinned anchor.
var ErrChain = errors.New("roles: trust chain does not hold")

// Anchor is the trust anchor with the keys pinned out of band.
type Anchor struct {
	Entity string
	JWKS   forge.JWKS
}

// VerifyChain checks a chain, leaf configuration first and anchor configuration last (OpenID
// Federation 1.1 §10.2), at a time and without any network. Metadata policies and constraints are
// refused: nothing is accepted that a superior might have forbidden. The country is the superiors'.
func (a Anchor) VerifyChain(tokens []string, at time.Time) (*Peer, error) {
	if len(tokens) < 3 || len(tokens) > maxChain {
		return nil, fmt.Errorf("%w: length", ErrChain)
	}
	chain := make([]*forge.Statement, len(tokens))
	expires := int64(1<<62 - 1)
	for i, raw := range tokens {
		s, err := forge.ParseStatement(raw)
		if err == nil {
			err = s.ValidAt(at)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: statement %d: %w", ErrChain, i, err)
		}
		if len(s.MetadataPolicy) > 0 || len(s.Constraints) > 0 {
			return nil, fmt.Errorf("%w: policies and constraints are not applied here", ErrChain)
		}
		chain[i], expires = s, min(expires, s.Exp)
	}
	if err := a.links(chain); err != nil {
		return nil, err
	}
	leaf, top := chain[0], chain[len(chain)-1]
	p := &Peer{ID: leaf.Sub, Expires: time.Unix(expires, 0), chain: tokens, leaf: leaf}
	if err := p.describe(leaf.Metadata); err != nil {
		return nil, err
	}
	if err := p.identify(chain); err != nil {
		return nil, err
	}
	p.readMarks(a.Entity, top.JWKS)
	return p, nil
}

// links checks names and signatures: the anchor by the pinned keys, every other statement by a key
// the statement above it lists for its issuer.
func (a Anchor) links(chain []*forge.Statement) error {
	leaf, top := chain[0], chain[len(chain)-1]
	if top.Sub != a.Entity || !top.IsConfiguration() {
		return fmt.Errorf("%w: it does not end at the anchor", ErrChain)
	}
	if err := top.Verify(a.JWKS); err != nil {
		return fmt.Errorf("%w: the anchor does not show its pinned keys: %w", ErrChain, err)
	}
	if !leaf.IsConfiguration() || !slices.Contains(leaf.AuthorityHints, chain[1].Iss) {
		return fmt.Errorf("%w: the leaf does not name its superior", ErrChain)
	}
	if leaf.Exp-leaf.Iat > int64(forge.MaxConfigurationLife/time.Second) {
		return fmt.Errorf("%w: the leaf's configuration lives too long", ErrChain)
	}
	if err := leaf.Verify(leaf.JWKS); err != nil {
		return fmt.Errorf("%w: leaf: %w", ErrChain, err)
	}
	// chain[i].Iss is chain[i+1].Sub, but for the leaf, about which chain[1] speaks.
	if chain[1].Sub != leaf.Sub || chain[1].IsConfiguration() {
		return fmt.Errorf("%w: no superior speaks about the leaf", ErrChain)
	}
	if err := leaf.Verify(chain[1].JWKS); err != nil {
		return fmt.Errorf("%w: leaf: %w", ErrChain, err)
	}
	for i := 1; i < len(chain)-1; i++ {
		if chain[i].Iss != chain[i+1].Sub || chain[i].IsConfiguration() {
			return fmt.Errorf("%w: statement %d does not fit the next", ErrChain, i)
		}
		if err := chain[i].Verify(chain[i+1].JWKS); err != nil {
			return fmt.Errorf("%w: statement %d: %w", ErrChain, i, err)
		}
	}
	return nil
}
