// Package pkcs11 keeps signing keys in a PKCS#11 token: Ed25519 (CKM_EDDSA) and
// ES256 (CKM_ECDSA). It is for the key store, as a keys.Device.
//
// It guarantees that a key is made in the token, sensitive and not extractable,
// that it is found again by the id it was made under, and that a session the
// token dropped is opened once more. The private half never enters the process.
//
// The code needs cgo and a vendor's library, so it is built with the tag pkcs11
// only; without it Open says so. It does not initialise tokens, make backups of
// them or change PINs.
package pkcs11

import "errors"

var (
	// ErrNotBuilt: this program was built without the tag pkcs11.
	ErrNotBuilt = errors.New("pkcs11: this program was built without PKCS#11; build with -tags pkcs11 and cgo")
	// ErrToken: the module or the token cannot be used. The error says why and
	// never shows the PIN.
	ErrToken = errors.New("pkcs11: token")
	// ErrKey: no key, or not exactly one, has the id.
	ErrKey = errors.New("pkcs11: key")
)

// Options name a token.
type Options struct {
	// Module is the path of the vendor's library.
	Module string
	// TokenLabel is the label of the token.
	TokenLabel string
	// PIN is the user's.
	PIN string
}
