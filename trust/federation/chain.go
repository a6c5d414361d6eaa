package federation

import (
	"encoding/json"
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

// VerifyChain checks a chain of statements, leaf configuration first and anchor configuration last,
// as it stood at a time (OpenID Federation 1.1 §10.2). It needs no network. The marks of the result
// carry the status their own validity gives; their issuer is not asked.
func VerifyChain(tokens []string, anchors []Anchor, at time.Time) (*Entity, error) {
	e, _, err := verifyChain(tokens, anchors, at)
	return e, err
}

// verifyChain is VerifyChain with the statements it read.
func verifyChain(tokens []string, anchors []Anchor, at time.Time) (*Entity, []*Statement, error) {
	chain, err := readChain(tokens, at)
	if err != nil {
		return nil, nil, err
	}
	anchor, err := pinned(chain[len(chain)-1], anchors)
	if err != nil {
		return nil, nil, err
	}
	if err := checkLinks(chain); err != nil {
		return nil, nil, err
	}
	if err := checkConstraints(chain); err != nil {
		return nil, nil, err
	}
	if err := checkIdentity(chain); err != nil {
		return nil, nil, err
	}
	e, err := entityOf(chain, anchor, at)
	return e, chain, err
}

func readChain(tokens []string, at time.Time) ([]*Statement, error) {
	if len(tokens) < minChain || len(tokens) > maxChain {
		return nil, fmt.Errorf("%w: a chain has %d to %d statements", ErrChain, minChain, maxChain)
	}
	chain := make([]*Statement, len(tokens))
	for i, t := range tokens {
		s, err := ParseStatement(t)
		if err != nil {
			return nil, err
		}
		if err := s.ValidAt(at); err != nil {
			return nil, err
		}
		chain[i] = s
	}
	return chain, nil
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

// checkLinks checks signatures and names from the anchor down: each statement is signed by a key the
// statement above it lists for its issuer.
func checkLinks(chain []*Statement) error {
	leaf, last := chain[0], len(chain)-1
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
	for i := 0; i < last; i++ {
		lower, upper := chain[i], chain[i+1]
		if lower.Iss != upper.Sub {
			return fmt.Errorf("%w: statement %d does not fit the next", ErrChain, i)
		}
		// Nobody stands twice in a chain, as a configuration in its middle would: an entity could
		// vouch for its own superior and so choose which metadata and constraints hold for itself.
		if subjects[upper.Sub] {
			return fmt.Errorf("%w: %s stands in it twice", ErrChain, upper.Sub)
		}
		subjects[upper.Sub] = true
		if err := lower.Verify(upper.JWKS); err != nil {
			return err
		}
	}
	return nil
}

// checkConstraints applies max_path_length and allowed_entity_types of every superior. An empty list
// of types allows none but federation_entity.
func checkConstraints(chain []*Statement) error {
	for i := 1; i < len(chain); i++ {
		c := chain[i].Constraints
		if c == nil {
			continue
		}
		// Intermediates between this statement's issuer and the leaf. The anchor's configuration has
		// the same issuer as the statement before it.
		between := min(i-1, len(chain)-3)
		if c.MaxPathLength != nil && between > *c.MaxPathLength {
			return fmt.Errorf("%w: longer than %s allows", ErrChain, chain[i].Iss)
		}
		for t := range chain[0].Metadata {
			if c.AllowedEntityTypes != nil && t != TypeFederationEntity && !slices.Contains(c.AllowedEntityTypes, t) {
				return fmt.Errorf("%w: %s does not allow entity type %s", ErrChain, chain[i].Iss, t)
			}
		}
	}
	return nil
}

// entityOf is the leaf with the metadata its immediate superior may override (OpenID Federation 1.1
// §3.1.3), the earliest expiry of the chain and its role marks.
func entityOf(chain []*Statement, a Anchor, at time.Time) (*Entity, error) {
	leaf := chain[0]
	e := &Entity{ID: leaf.Sub, Anchor: a.Entity, Expires: time.Unix(leaf.Exp, 0).UTC()}
	for _, s := range chain {
		e.Chain = append(e.Chain, s.Token)
		if exp := time.Unix(s.Exp, 0).UTC(); exp.Before(e.Expires) {
			e.Expires = exp
		}
	}
	merged, err := override(leaf.Metadata, chain[1].Metadata)
	if err != nil {
		return nil, err
	}
	view := &Statement{Claims: Claims{Metadata: merged}}
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
	e.Marks = readMarks(leaf, chain[len(chain)-1], a, at)
	return e, nil
}

// override lays a superior's metadata over the leaf's, member by member, for the types the leaf has.
func override(leaf, superior map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	if len(superior) == 0 {
		return leaf, nil
	}
	out := make(map[string]json.RawMessage, len(leaf))
	for t, raw := range leaf {
		over, ok := superior[t]
		if !ok {
			out[t] = raw
			continue
		}
		members := map[string]json.RawMessage{}
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, fmt.Errorf("%w: metadata %s: %w", ErrStatement, t, err)
		}
		if err := json.Unmarshal(over, &members); err != nil {
			return nil, fmt.Errorf("%w: metadata %s of the superior: %w", ErrStatement, t, err)
		}
		b, err := json.Marshal(members)
		if err != nil {
			return nil, fmt.Errorf("%w: metadata %s: %w", ErrStatement, t, err)
		}
		out[t] = b
	}
	return out, nil
}
