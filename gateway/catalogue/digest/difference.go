package digest

import (
	"bytes"
	"cmp"
	"slices"
)

// Kind says how one entry differs.
type Kind string

// The kinds, seen from our side.
const (
	Missing Kind = "missing" // we hold it, the other side does not show it
	Orphan  Kind = "orphan"  // the other side shows it, we do not hold it
	Stale   Kind = "stale"   // both have it, with different descriptions
)

// Difference is one entry that is not the same on both sides.
type Difference struct {
	Kind         Kind
	Identifier   string
	Ours, Theirs Sum // zero on the side that has none
}

// Compare finds the differences between two trees that are both at hand, by identifier.
func Compare(ours, theirs *Tree) []Difference {
	return byIdentifier(differences(ours.entries, theirs.entries))
}

func byIdentifier(list []Difference) []Difference {
	slices.SortFunc(list, func(a, b Difference) int { return cmp.Compare(a.Identifier, b.Identifier) })
	return list
}

// differences merges two lists that are in the order of keys.
func differences(ours, theirs []keyed) (found []Difference) {
	for len(ours) > 0 || len(theirs) > 0 {
		order := 0
		switch {
		case len(ours) == 0:
			order = 1
		case len(theirs) == 0:
			order = -1
		default:
			order = bytes.Compare(ours[0].key[:], theirs[0].key[:])
		}
		switch {
		case order < 0:
			found = append(found, Difference{Kind: Missing, Identifier: ours[0].Identifier, Ours: ours[0].Digest})
		case order > 0:
			found = append(found, Difference{Kind: Orphan, Identifier: theirs[0].Identifier, Theirs: theirs[0].Digest})
		case ours[0].Digest != theirs[0].Digest:
			found = append(found, Difference{Stale, ours[0].Identifier, ours[0].Digest, theirs[0].Digest})
		}
		if order <= 0 {
			ours = ours[1:]
		}
		if order >= 0 {
			theirs = theirs[1:]
		}
	}
	return found
}
