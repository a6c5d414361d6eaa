package jose

import "fmt"

// Verify checks the signature with exactly this key. Before any arithmetic it
// compares kid, then the key's type, curve and alg with the header's alg
// (ErrKey), then use and key_ops (ErrKeyUse); a wrong length or value of the
// signature is ErrSignature. The key's alg must equal the header's, but for
// the header alg EdDSA, which goes with an Ed25519 key whose alg is absent,
// EdDSA or Ed25519 (wire profile §2).
func (t *Token) Verify(k PublicKey) error {
	if k.Kid == "" || k.Kid != t.Header.Kid {
		return fmt.Errorf("%w: kid differs from the header's", ErrKey)
	}
	alg, ok := algorithmNamed(t.Header.Alg)
	if !ok {
		return ErrAlg
	}
	if !k.goesWith(alg.name) {
		return fmt.Errorf("%w: type, curve or alg", ErrKey)
	}
	if !k.isFor("sig") || !k.allows("verify") {
		return ErrKeyUse
	}
	if len(t.Signature) != alg.size(k.Key) {
		return fmt.Errorf("%w: wrong length", ErrSignature)
	}
	if err := alg.verify(k.Key, t.SigningInput, t.Signature); err != nil {
		return ErrSignature
	}
	return nil
}
