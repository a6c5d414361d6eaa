// Package keys is the key store of a gateway: one directory of files, each
// holding one private key and its state, readable by the daemon's user only.
//
// It serves the signers of the gateway and the publishers of its JWK sets. It
// guarantees that only a key in state active signs, that a next key is
// published before it signs and a revoked key never is, that a file others
// may read is refused, and that two processes starting at once agree on one
// key. A half-written key file is never visible under its name.
//
// A key is next, active, retiring and historical in turn, and revoked from any
// of these for ever. Keys of several algorithms may be active side by side. A
// rotation is one write: the new key's file names the key it replaces. The
// power may fail at any step, and what is left is the state before or after.
//
// It does not encrypt the files, rotates only when told to or when Tick finds
// a rotation asked for and due, and knows nothing of the tokens the keys sign.
package keys
