package config

import "slices"

// The signature algorithms and policies of wire profile §2.
var (
	signatureAlgorithms = []string{"Ed25519", "EdDSA", "ES256", "ML-DSA-65", "ML-DSA-65-Ed25519"}
	signaturePolicies   = []string{classical, "hybrid", "post-quantum"}
	// hybridAlgorithms are those of which one is needed for every policy but classical.
	hybridAlgorithms = []string{"ML-DSA-65", "ML-DSA-65-Ed25519"}
)

const classical = "classical"

// checkSignatures refuses policies that no token could meet: every message would be turned away.
func (b *builder) checkSignatures(t Trust, development bool) {
	seen := map[string]int{}
	for i, alg := range t.SignatureAlgorithms {
		path := at("trust.signature_algorithms", i)
		b.oneOf(path, alg, signatureAlgorithms...)
		b.unique(path, seen, alg, i)
	}
	if !slices.Contains(t.SignatureAlgorithms, "Ed25519") {
		b.refuse("trust.signature_algorithms", "must hold Ed25519, which everybody signs with unless told otherwise")
	}
	b.policy("trust.signature_policy", t.SignaturePolicy, t.SignatureAlgorithms)
	peers := map[string]int{}
	for i, p := range t.SignaturePolicies {
		path := at("trust.signature_policies", i)
		if b.required(path+".entity", p.Entity) {
			b.entityURL(path+".entity", p.Entity, development)
			b.unique(path+".entity", peers, p.Entity, i)
		}
		b.policy(path+".policy", p.Policy, t.SignatureAlgorithms)
	}
}

func (b *builder) policy(path, policy string, algorithms []string) {
	strong := slices.ContainsFunc(algorithms, func(alg string) bool { return slices.Contains(hybridAlgorithms, alg) })
	b.oneOf(path, policy, signaturePolicies...)
	if policy != classical && slices.Contains(signaturePolicies, policy) && !strong {
		b.refuse(path, "%s needs ML-DSA-65 in trust.signature_algorithms", policy)
	}
}
