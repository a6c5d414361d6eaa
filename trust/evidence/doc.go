// Package evidence is the arithmetic of the evidence log: leaves, checkpoints, inclusion and
// consistency proofs, and the offline check of an evidence bundle.
//
// It is for the record (which appends leaves and signs one checkpoint a commit group), for whoever
// gets or gives a receipt, and for the offline verifier. The log is an RFC 6962 tree over SHA-256
// (golang.org/x/mod/sumdb/tlog); its formats are those of C2SP: signed-note, tlog-checkpoint,
// tlog-proof, tlog-cosignature, tlog-tiles. A leaf commits to salt ‖ token and shows neither, so
// that erasing both leaves a leaf linkable to nothing.
//
// Guarantees: no I/O, no clock, no randomness, no package state; everything read is bounded and has
// exactly one accepted spelling; nothing is taken for a log key but what the caller passes in. It
// does not verify tokens (a SignatureChecker is injected), stores nothing, and fetches nothing.
package evidence
