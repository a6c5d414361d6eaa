//go:build !pkcs11

package pkcs11

import "crypto"

// Token is one PKCS#11 token; there is none in this build.
type Token struct{}

// Open returns ErrNotBuilt.
func Open(Options) (*Token, error) { return nil, ErrNotBuilt }

// Generate returns ErrNotBuilt.
func (*Token) Generate(string, []byte) (crypto.Signer, error) { return nil, ErrNotBuilt }

// Find returns ErrNotBuilt.
func (*Token) Find(string, []byte) (crypto.Signer, error) { return nil, ErrNotBuilt }

// Close does nothing.
func (*Token) Close() error { return nil }
