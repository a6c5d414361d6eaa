// Package digest is the digest of a whole catalogue: one sum over every dataset description it
// shows, built so that two catalogues that differ find the few descriptions that differ by exchanging
// little.
//
// It serves reconciliation (message type catalogue.digest, profile ext-1): a nation compares what it
// holds with what the centre shows. An entry is a dataset's identifier at origin and the digest of its
// exchange form, which leaves out what the centre may rewrite (catalogue.Record.ExchangeDigest).
//
// The tree is a radix tree over the SHA-256 of the identifier, written in hexadecimal. A prefix with at
// most Bucket entries is a leaf, any other has sixteen children. So the shape, and with it every sum,
// depends on the set of entries only, and any two parties that hold the same set have the same root.
//
//	leaf:  SHA-256(0x00, then for each entry in the order of keys: key, exchange digest)
//	inner: SHA-256(0x01, the sums of the children 0 to f; an empty child is a leaf without entries)
//
// Guarantees: pure; a Descent believes nothing of the other side but what hashes up to the one root it
// has named, so it cannot be led in circles, made to fetch without end, or shown two catalogues at
// once.
//
// It signs nothing and sends nothing (gateway/reconcile).
package digest
