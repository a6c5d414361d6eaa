package trust

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// SealingKeyOf is the key to seal to for the reader e, an entity whose chain held: of algs, which are
// ours in order of preference, the first that the reader's metadata lists and has a key of. jose.ErrAlg
// when the two have none in common: nothing is sent in clear instead. jose.ErrKeyUnknown or
// jose.ErrKeyAmbiguous when the metadata lists the algorithm and has no key, or several, for it.
func SealingKeyOf(e *federation.Entity, algs []string) (jose.PublicKey, error) {
	if e == nil || e.Gateway == nil {
		return jose.PublicKey{}, jose.ErrAlg
	}
	for _, alg := range algs {
		if !slices.Contains(e.Gateway.SealingAlgs, alg) || !slices.Contains(jose.SealingAlgs(), alg) {
			continue
		}
		var found []jose.PublicKey
		for _, k := range e.Gateway.Keys.Keys {
			if k.Use == "enc" && k.Alg == alg {
				found = append(found, k)
			}
		}
		switch len(found) {
		case 0:
			return jose.PublicKey{}, jose.ErrKeyUnknown
		case 1: // Select compares what else the key says about itself
			return e.Gateway.Keys.Select(found[0].Kid, alg, "enc")
		}
		return jose.PublicKey{}, jose.ErrKeyAmbiguous
	}
	return jose.PublicKey{}, jose.ErrAlg
}
