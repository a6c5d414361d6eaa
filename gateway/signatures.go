package gateway

import (
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// openSignatures takes the signature policies from the configuration (wire profile §2). They are ours
// alone: nothing a peer says or publishes changes them.
func (g *Gateway) openSignatures() error {
	t := g.cfg.Trust
	g.policies = trust.SignaturePolicies{
		Default: trust.SignaturePolicy(t.SignaturePolicy), Peers: map[string]trust.SignaturePolicy{}, Algs: t.SignatureAlgorithms,
	}
	for _, p := range t.SignaturePolicies {
		g.policies.Peers[p.Entity] = trust.SignaturePolicy(p.Policy)
		if p.SignHybrid {
			g.policies.SignHybrid = append(g.policies.SignHybrid, p.Entity)
		}
	}
	if err := g.policies.Check(); err != nil {
		return fmt.Errorf("trust.signature_policies: %w", err)
	}
	return nil
}

// signer signs messages and receipts with the exchange keys active at that moment, in the form that the
// policy toward their reader asks for.
func (g *Gateway) signer() *trust.Signer {
	return trust.NewSigner(signingRing{g.keys, keys.Exchange, ownerNCP}).Under(g.policies)
}

// readable reports whether a peer reads what the policy toward it makes us sign.
func (g *Gateway) readable(peer *federation.Entity) error {
	return g.signer().ReadableBy(peer.ID, peer.Gateway.SigningAlgs)
}

// signingRing gives one owner's active keys for one purpose.
type signingRing struct {
	store   *keys.Store
	purpose keys.Purpose
	owner   string
}

var _ trust.AlgKeyring = signingRing{}

// SigningKey implements trust.Keyring.
func (r signingRing) SigningKey() (jose.SigningKey, error) { return r.store.Active(r.purpose, r.owner) }

// SigningKeyFor implements trust.AlgKeyring.
func (r signingRing) SigningKeyFor(alg string) (jose.SigningKey, error) {
	return r.store.ActiveAlg(r.purpose, r.owner, alg)
}

// hybridReady says which key is missing to sign what the policies ask for: nothing weaker is signed
// instead.
func (g *Gateway) hybridReady() error {
	for _, peer := range g.policies.Hybrid() {
		if err := g.signer().Ready(peer); err != nil {
			return fmt.Errorf("signature policy: %w; see 'ehdsgw keys generate --purpose exchange --alg %s', then 'ehdsgw keys rotate'", err, jose.AlgMLDSA65)
		}
	}
	return nil
}
