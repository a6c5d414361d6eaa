package federation

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Constraints limit what may stand below a superior (OpenID Federation 1.1 §6.2). A constraint not
// understood is ignored, as §6.2 asks.
type Constraints struct {
	// MaxPathLength is the most intermediates between the superior and the leaf; nil is no limit.
	MaxPathLength *int `json:"max_path_length,omitempty"`
	// NamingConstraints bound the hosts of the entities below; nil is no bound.
	NamingConstraints *NamingConstraints `json:"naming_constraints,omitempty"`
	// AllowedEntityTypes are what a leaf below may be, beside a federation entity. Nil allows all,
	// an empty list nothing else.
	AllowedEntityTypes []string `json:"allowed_entity_types,omitzero"`
}

// NamingConstraints are host names, or domains with a leading dot, in the manner of RFC 5280 §4.2.1.10.
type NamingConstraints struct {
	// Permitted names one of which every entity below has; nil permits all, an empty list none.
	Permitted []string `json:"permitted,omitzero"`
	// Excluded names no entity below has, whatever is permitted.
	Excluded []string `json:"excluded,omitzero"`
}

// check refuses constraints that say what cannot be meant.
func (c *Constraints) check() error {
	if c == nil {
		return nil
	}
	if c.MaxPathLength != nil && *c.MaxPathLength < 0 {
		return fmt.Errorf("%w: max_path_length is below zero", ErrConstraints)
	}
	if slices.Contains(c.AllowedEntityTypes, TypeFederationEntity) {
		return fmt.Errorf("%w: allowed_entity_types names %s, which is always allowed (§6.2.3)", ErrConstraints, TypeFederationEntity)
	}
	if c.NamingConstraints == nil {
		return nil
	}
	for _, name := range slices.Concat(c.NamingConstraints.Permitted, c.NamingConstraints.Excluded) {
		if !isNameConstraint(name) {
			return fmt.Errorf("%w: naming_constraints has what is neither a host nor a domain", ErrConstraints)
		}
	}
	return nil
}

// checkConstraints applies every superior's path length and naming constraints (§6.2: each by itself).
// Entity types are taken away where metadata is resolved.
func checkConstraints(chain []*Statement) error {
	for i := 1; i < len(chain)-1; i++ {
		c := chain[i].Constraints
		if c == nil {
			continue
		}
		if between := i - 1; c.MaxPathLength != nil && between > *c.MaxPathLength {
			return fmt.Errorf("%w: %s allows %d intermediates", ErrPathLength, chain[i].Iss, *c.MaxPathLength)
		}
		if c.NamingConstraints == nil {
			continue
		}
		for _, below := range chain[1 : i+1] {
			if !c.NamingConstraints.allow(below.Sub) {
				return fmt.Errorf("%w: %s has no such name as %s", ErrNaming, chain[i].Iss, below.Sub)
			}
		}
	}
	return nil
}

// allow judges an entity identifier by its host. One without a host, or with an address for one, has
// no name that could be permitted (RFC 5280 §4.2.1.10); neither has a name that is absolute, whose dot
// at the end would slip past what is excluded.
func (n *NamingConstraints) allow(entity string) bool {
	u, err := url.Parse(entity)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if _, err := netip.ParseAddr(host); err == nil || !isHost(host) {
		return false
	}
	matches := func(constraint string) bool { return matchesName(host, strings.ToLower(constraint)) }
	if slices.ContainsFunc(n.Excluded, matches) {
		return false
	}
	return n.Permitted == nil || slices.ContainsFunc(n.Permitted, matches)
}

// matchesName: ".example.org" is every host below example.org, and "example.org" that host alone.
func matchesName(host, constraint string) bool {
	if strings.HasPrefix(constraint, ".") {
		return strings.HasSuffix(host, constraint) // and more: no host starts with a dot
	}
	return host == constraint
}

func isNameConstraint(name string) bool { return isHost(strings.TrimPrefix(name, ".")) }

// isHost checks the form of a host name (RFC 1123 §2.1) in ASCII: two spellings of one name must not be
// two names. An underscore is let pass, as it is in the names of machines.
func isHost(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label {
			return false
		}
		for _, r := range label {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", r) {
				return false
			}
		}
	}
	return true
}
