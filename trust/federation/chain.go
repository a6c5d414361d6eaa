package federation

import (
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Anchor is a trust anchor with the keys pinned out of band.
type Anchor struct {
	Entity string
	Keys   jose.KeySet
}

// A chain has the leaf's configuration, the statement of each superior about the one below, and the
// anchor's configuration: three statements under an anchor itself, one more for each intermediate.
const (
	minChain = 3
	maxChain = 6
)

// Resolution is a chain that held, in full.
type Resolution struct {
	Entity     *Entity
	Statements []*Statement   // leaf's configuration first, anchor's last
	Policy     MetadataPolicy // of all superiors, merged
	Effects    []Effect       // what superiors changed in the leaf's metadata, in the order of doing
}

// VerifyChain checks a chain of statements, leaf configuration first and anchor configuration last,
// as it stood at a time (OpenID Federation 1.1 §10.2). It needs no network. The marks of the result
// carry the status their own validity gives; their issuer is not asked.
func VerifyChain(tokens []string, anchors []Anchor, at time.Time) (*Entity, error) {
	e, _, err := verifyChain(tokens, anchors, at)
	return e, err
}

// verifyChain is VerifyChain with the statements it read.
func verifyChain(tokens []string, anchors []Anchor, at time.Time) (*Entity, []*Statement, error) {
	r, err := ResolveChain(tokens, anchors, at)
	if err != nil {
		return nil, nil, err
	}
	return r.Entity, r.Statements, nil
}

// ResolveChain is VerifyChain with how the entity's metadata came about. A chain in a token's header and
// one that was fetched are judged here alike.
func ResolveChain(tokens []string, anchors []Anchor, at time.Time) (*Resolution, error) {
	chain, anchor, err := readChain(tokens, anchors, at)
	if err != nil {
		return nil, err
	}
	if err := checkLinks(chain); err != nil {
		return nil, err
	}
	if err := checkConstraints(chain); err != nil {
		return nil, err
	}
	md, policy, effects, err := resolveMetadata(chain)
	if err != nil {
		return nil, err
	}
	e, err := entityOf(chain, md, anchor, at)
	if err != nil {
		return nil, err
	}
	return &Resolution{Entity: e, Statements: chain, Policy: policy, Effects: effects}, nil
}

// readChain reads the statements from the anchor down, each once the one above it has proved its maker: keys
// are dear to read, and a stranger's chain that leads nowhere costs the reading of one statement of it.
func readChain(tokens []string, anchors []Anchor, at time.Time) (chain []*Statement, a Anchor, err error) {
	if len(tokens) < minChain || len(tokens) > maxChain {
		return nil, a, fmt.Errorf("%w: a chain has %d to %d statements", ErrChain, minChain, maxChain)
	}
	chain = make([]*Statement, len(tokens))
	for i, t := range slices.Backward(tokens) {
		s, err := ParseStatement(t)
		if err != nil {
			return nil, a, err
		}
		if err := s.ValidAt(at); err != nil {
			return nil, a, err
		}
		chain[i] = s
		if i == len(tokens)-1 {
			a, err = pinned(s, anchors)
		} else {
			err = s.under(chain[i+1], i)
		}
		if err != nil {
			return nil, a, err
		}
	}
	return chain, a, nil
}

// under checks that a statement, the i-th of its chain, is signed by a key that the one above it lists for its
// issuer.
func (s *Statement) under(upper *Statement, i int) error {
	if s.Iss != upper.Sub {
		return fmt.Errorf("%w: statement %d does not fit the next", ErrChain, i)
	}
	return s.Verify(upper.JWKS)
}

// pinned checks an anchor's configuration against the keys we hold, never against its own claim.
func pinned(s *Statement, anchors []Anchor) (Anchor, error) {
	i := slices.IndexFunc(anchors, func(a Anchor) bool { return a.Entity == s.Sub })
	if i < 0 || !s.IsConfiguration() {
		return Anchor{}, fmt.Errorf("%w: it does not end at a pinned anchor", ErrChain)
	}
	if err := s.Verify(anchors[i].Keys); err != nil {
		return Anchor{}, fmt.Errorf("%w: %s: %w", ErrAnchorMismatch, s.Sub, err)
	}
	return anchors[i], nil
}

// checkLinks checks what readChain left: the leaf's word of itself, and that nobody stands in the chain twice.
func checkLinks(chain []*Statement) error {
	leaf := chain[0]
	if !leaf.IsConfiguration() {
		return fmt.Errorf("%w: it does not start with an entity configuration", ErrChain)
	}
	if livesLonger(leaf.Iat, leaf.Exp, maxConfigurationLife) {
		return fmt.Errorf("%w: an entity configuration lives 24 hours at most", ErrStatement)
	}
	if err := leaf.Verify(leaf.JWKS); err != nil {
		return err
	}
	if !slices.Contains(leaf.AuthorityHints, chain[1].Iss) {
		return fmt.Errorf("%w: %s does not name %s as its superior", ErrChain, leaf.Sub, chain[1].Iss)
	}
	subjects := map[string]bool{}
	for _, upper := range chain[1:] {
		// Nobody stands twice in a chain, as a configuration in its middle would: an entity could
		// vouch for its own superior and so choose which metadata and constraints hold for itself.
		if subjects[upper.Sub] {
			return fmt.Errorf("%w: %s stands in it twice", ErrChain, upper.Sub)
		}
		subjects[upper.Sub] = true
	}
	return nil
}

// entityOf is the leaf with its resolved metadata, the earliest expiry of the chain and its role marks.
func entityOf(chain []*Statement, md metadataByType, a Anchor, at time.Time) (*Entity, error) {
	leaf := chain[0]
	e := &Entity{ID: leaf.Sub, Anchor: a.Entity, Expires: time.Unix(leaf.Exp, 0).UTC()}
	for _, s := range chain {
		e.Chain = append(e.Chain, s.Token)
		if exp := time.Unix(s.Exp, 0).UTC(); exp.Before(e.Expires) {
			e.Expires = exp
		}
	}
	var err error
	if e.Metadata, err = written(md); err != nil {
		return nil, err
	}
	view := &Statement{Claims: Claims{Iss: leaf.Iss, Sub: leaf.Sub, Metadata: e.Metadata}}
	if err := checkIdentity(view, chain); err != nil {
		return nil, err
	}
	var gw GatewayMetadata
	if ok, err := view.metadata(TypeGateway, &gw); err != nil {
		return nil, err
	} else if ok {
		e.Gateway = &gw
	}
	var hdab HDABMetadata
	if ok, err := view.metadata(TypeHDAB, &hdab); err != nil {
		return nil, err
	} else if ok {
		e.HDAB = &hdab
	}
	e.Marks = readMarks(chain, a, at)
	return e, nil
}
