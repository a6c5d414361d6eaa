// Package reconcile proves that the centre shows exactly what the nation holds, or finds where it
// does not: a list of missing, stale and orphan descriptions, each with its cause.
//
// It is for the operator API and the command line, and for auditors, to whom the result is handed with
// its evidence. There are two modes. In messages, both sides sign: one catalogue.digest (profile ext-1)
// carries our root, its response the centre's, and only where they differ more is asked. Over HTTP the
// public catalogue of the centre is read and both sides are computed here; nothing is signed then, and
// the report says so.
//
// What the nation holds is what it last told the centre and has not withdrawn, from the record. A
// comparison is a case of its own (cat:<country>:<id>), so that its messages, receipts and responses
// are evidence like any other.
//
// It changes nothing: what differs is mended by publishing.
package reconcile
