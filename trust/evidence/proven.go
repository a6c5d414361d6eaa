package evidence

import "time"

// Witnessed is when a known witness first vouched for the tree: the earliest time of a verified
// cosignature. ok is false when none did.
func (c Checkpoint) Witnessed() (at time.Time, ok bool) {
	for _, s := range c.Cosignatures {
		if !ok || s.At.Before(at) {
			at, ok = s.At, true
		}
	}
	return at, ok
}

// ProvenBefore reports whether everything in the tree existed before t by the word of a known witness.
// The log's own word counts for nothing here: whoever holds a stolen key may hold the log too (wire
// profile §6, permits of a revoked key). The Checkpoint is the one Proof.Verify or OpenCheckpoint
// returned for the witness keys of the caller.
func (c Checkpoint) ProvenBefore(t time.Time) bool {
	at, ok := c.Witnessed()
	return ok && at.Before(t)
}
