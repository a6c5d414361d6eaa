package trust

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// SignaturePolicy is the least that a signature of a peer must be made of (wire profile §2). It is
// configuration of the side that reads, so a peer cannot lower it. The empty policy is Classical.
type SignaturePolicy string

// The policies.
const (
	// Classical takes Ed25519, EdDSA and ES256, and the hybrid forms where they are read at all: a peer
	// may start to sign hybrid before the other side asks for it. It does not take ML-DSA-65 alone,
	// which nobody here asked to rely on by itself.
	Classical SignaturePolicy = "classical"
	// Hybrid takes what holds only if a classical and a post-quantum signature both hold: the nested
	// form and the composite.
	Hybrid SignaturePolicy = "hybrid"
	// PostQuantum takes what a quantum computer does not forge: the hybrid forms, and ML-DSA-65 alone.
	PostQuantum SignaturePolicy = "post-quantum"
)

// Form is what a token's signature is made of.
type Form string

// The forms.
const (
	FormClassical Form = "classical" // Ed25519, EdDSA or ES256
	FormNested    Form = "nested"    // an Ed25519 token within an ML-DSA-65 token
	FormComposite Form = "composite" // ML-DSA-65-Ed25519
	FormMLDSA     Form = "ml-dsa"    // ML-DSA-65 alone
)

// admits is the table of the policies.
var admits = map[SignaturePolicy][]Form{
	Classical:   {FormClassical, FormNested, FormComposite},
	Hybrid:      {FormNested, FormComposite},
	PostQuantum: {FormNested, FormComposite, FormMLDSA},
}

// Admits reports whether the policy takes a form. An unknown policy takes none.
func (p SignaturePolicy) Admits(f Form) bool { return slices.Contains(admits[p.orClassical()], f) }

// Known reports whether the policy is one of those above, or empty.
func (p SignaturePolicy) Known() bool {
	_, ok := admits[p.orClassical()]
	return ok
}

func (p SignaturePolicy) orClassical() SignaturePolicy {
	if p == "" {
		return Classical
	}
	return p
}

var (
	// ErrPolicy: the signature is not of a form that the policy for its issuer takes.
	ErrPolicy = errors.New("the signature does not meet the policy for its issuer")
	// ErrNestedIssuer: a token within a token, where the outer key is not one of the inner issuer's.
	ErrNestedIssuer = errors.New("the outer key is not of the inner token's issuer")
)

// SignaturePolicies are the policies of one side, and the algorithms it reads. The zero value is the
// default of the wire profile: classical toward everybody.
type SignaturePolicies struct {
	// Default is for those not in Peers.
	Default SignaturePolicy
	// Peers holds policies by entity. One for an entity counts for the entities under its identifier as
	// well, as a contact point's does for its bodies' permits, unless they have their own.
	Peers map[string]SignaturePolicy
	// SignHybrid are entities that get hybrid signatures from us though we do not ask for theirs yet, so
	// that they can raise their policy before we raise ours. One counts for those under it as well.
	SignHybrid []string
	// Algs are the signature algorithms read; empty means [jose.DefaultAlgs]. The post-quantum ones are
	// opt-in: hybrid forms are read only where their algorithms are here.
	Algs []string
}

// For is the policy toward an entity.
func (p SignaturePolicies) For(entity string) SignaturePolicy {
	best, policy := "", p.Default
	for id, own := range p.Peers {
		if under(entity, id) && len(id) >= len(best) {
			best, policy = id, own
		}
	}
	return policy.orClassical()
}

// HybridFor reports whether what is signed for an entity is hybrid.
func (p SignaturePolicies) HybridFor(entity string) bool {
	return p.For(entity) != Classical || slices.ContainsFunc(p.SignHybrid, func(id string) bool { return under(entity, id) })
}

// Hybrid are the configured entities that get hybrid signatures, in order; "" stands for all others when
// they do.
func (p SignaturePolicies) Hybrid() []string {
	named := append(slices.Collect(maps.Keys(p.Peers)), p.SignHybrid...)
	slices.Sort(named)
	return slices.DeleteFunc(append([]string{""}, slices.Compact(named)...), func(entity string) bool { return !p.HybridFor(entity) })
}

// under takes a slash at the end for nothing: a policy must not miss those it was meant for.
func under(entity, superior string) bool {
	rest, ok := strings.CutPrefix(entity, strings.TrimSuffix(superior, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// Listed are the algorithms as metadata names them (signing_alg_values_supported, wire profile §1):
// those read, without EdDSA, the older name of Ed25519.
func (p SignaturePolicies) Listed() []string {
	return slices.DeleteFunc(p.reads(), func(alg string) bool { return alg == jose.AlgEdDSA })
}

func (p SignaturePolicies) reads() []string {
	if len(p.Algs) == 0 {
		return jose.DefaultAlgs()
	}
	return slices.Clone(p.Algs)
}

// Check refuses policies that are unknown, and those that no token could meet with the algorithms read.
func (p SignaturePolicies) Check() error {
	known := jose.ProfileAlgs()
	for _, alg := range p.Algs {
		if !slices.Contains(known, alg) {
			return fmt.Errorf("signature algorithm %q is not one of %s", alg, strings.Join(known, ", "))
		}
	}
	if len(p.Algs) > 0 && !slices.Contains(p.Algs, jose.AlgEd25519) {
		return fmt.Errorf("the signature algorithms lack %s, which every participant signs with unless told otherwise", jose.AlgEd25519)
	}
	for entity, policy := range p.Peers {
		if err := p.checkOne(policy); err != nil {
			return fmt.Errorf("signature policy for %s: %w", entity, err)
		}
	}
	if err := p.checkOne(p.Default); err != nil {
		return fmt.Errorf("default signature policy: %w", err)
	}
	return nil
}

func (p SignaturePolicies) checkOne(policy SignaturePolicy) error {
	if !policy.Known() {
		return fmt.Errorf("%q is not one of %s, %s, %s", string(policy), Classical, Hybrid, PostQuantum)
	}
	strong := slices.Contains(p.Algs, jose.AlgMLDSA65) || slices.Contains(p.Algs, jose.AlgComposite)
	if policy.orClassical() != Classical && !strong {
		return fmt.Errorf("%s cannot be met: add %s to the signature algorithms", policy, jose.AlgMLDSA65)
	}
	return nil
}
