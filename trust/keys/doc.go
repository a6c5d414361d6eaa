// Package keys is the key store of a gateway: one directory of files, each
// holding one private key and its state, readable by the daemon's user only.
//
// It serves the signers of the gateway and the publishers of its JWK sets. It
// guarantees that only a key in state active signs, that a next key is
// published before it signs and a revoked key never is, that a file others
// may read is refused, and that two processes starting at once agree on one
// key. A half-written key file is never visible under its name.
//
// It does not encrypt the files, does not rotate keys by itself, and knows
// nothing of the tokens the keys sign.
package keys
