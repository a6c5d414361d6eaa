package jose

import (
	"crypto"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// libraryVerify goes to the JOSE library's primitive for one algorithm and one
// key. Its token and key parsers are never used, so no second reader can
// differ from ours.
func libraryVerify(name string) func(crypto.PublicKey, []byte, []byte) error {
	return func(key crypto.PublicKey, input, sig []byte) error {
		v, err := jws.NewVerifier(jwa.SignatureAlgorithm(name))
		if err != nil {
			return err
		}
		return v.Verify(input, sig, key)
	}
}

// librarySign signs with a key held in memory.
func librarySign(name string, s crypto.Signer, input []byte) ([]byte, error) {
	signer, err := jws.NewSigner(jwa.SignatureAlgorithm(name))
	if err != nil {
		return nil, err
	}
	return signer.Sign(input, s)
}
