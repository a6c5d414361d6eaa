package evidence

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrEquivocation means that one log signed two trees of which neither extends the other. Both
// checkpoints together prove misbehaviour of the log.
var ErrEquivocation = errors.New("the log signed two different histories")

// ErrConsistency means that a consistency proof does not show that the older tree is the beginning
// of the newer one. Unlike ErrEquivocation it may be the proof's fault.
var ErrConsistency = errors.New("consistency not proven")

// StoredHashes returns what a store writes when leaf becomes entry index: the record hash and the
// nodes it completes, to be stored from tlog.StoredHashIndex(0, index) on. r gives back hashes
// written before, by the same numbering. Bytes that are no leaf are refused with ErrLeaf.
func StoredHashes(index int64, leaf []byte, r tlog.HashReader) ([]tlog.Hash, error) {
	if index < 0 {
		return nil, fmt.Errorf("%w: negative index", ErrLeaf)
	}
	if _, _, err := ParseLeaf(leaf); err != nil {
		return nil, err
	}
	hashes, err := tlog.StoredHashes(index, leaf, r)
	if err != nil {
		return nil, fmt.Errorf("hashes of leaf %d: %w", index, err)
	}
	return hashes, nil
}

// Consistent checks that new extends old (RFC 6962 §2.1.2). Two roots for one size are
// ErrEquivocation whatever the proof; checkpoints of different origins, a shrinking tree, or a proof
// that does not fit are ErrConsistency. Where none is needed (equal sizes, empty old tree) the proof
// must be empty.
func Consistent(old, new Checkpoint, proof tlog.TreeProof) error {
	switch {
	case old.Origin != new.Origin:
		return fmt.Errorf("%w: different origins", ErrConsistency)
	case old.Size == new.Size && old.Root != new.Root:
		return fmt.Errorf("%w: two roots for size %d", ErrEquivocation, old.Size)
	case old.Size < 0 || old.Size > new.Size:
		return fmt.Errorf("%w: size went from %d to %d", ErrConsistency, old.Size, new.Size)
	case old.Size == new.Size || old.Size == 0:
		if len(proof) != 0 {
			return fmt.Errorf("%w: superfluous proof", ErrConsistency)
		}
		return nil
	}
	if err := tlog.CheckTree(proof, new.Size, new.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("%w: %v", ErrConsistency, err)
	}
	return nil
}
