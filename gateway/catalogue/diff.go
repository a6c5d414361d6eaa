package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Have is what was last published of a record.
type Have struct {
	Digest string // of the description last queued
	IRI    string
	File   string // document it was read from; empty when unknown
}

// Pass is what one complete reading of a source gave. A reading that stopped early is no pass: then
// there is nothing to compare.
type Pass struct {
	Source   string    // name of the source
	Records  []Record  // fit for publication, unique by identifier
	Findings []Finding // of this pass: violations keep what they speak of from being deleted
}

// Changes is what has to be told to the centre, each part in the order of identifiers.
type Changes struct {
	Create, Update, Unchanged []Record
	// Delete lists what was published and is gone from the source.
	Delete []Key
	// Withheld lists what was published and is not among the records, but may well be in a document
	// or description that has a violation: it stays as it is.
	Withheld []Key
}

// Empty says whether there is nothing to tell.
func (c Changes) Empty() bool { return len(c.Create)+len(c.Update)+len(c.Delete) == 0 }

// Compare finds what changed between what is published and a pass. Identity is the identifier at
// origin within the source; entries of other sources are left alone.
func Compare(have map[Key]Have, pass Pass) Changes {
	var c Changes
	seen := make(map[Key]bool, len(pass.Records))
	for _, r := range pass.Records {
		k := Key{pass.Source, r.Identifier}
		seen[k] = true
		old, published := have[k]
		switch {
		case !published:
			c.Create = append(c.Create, r)
		case old.Digest != r.Digest:
			c.Update = append(c.Update, r)
		default:
			c.Unchanged = append(c.Unchanged, r)
		}
	}
	holds := newHolds(pass.Findings)
	for k, old := range have {
		switch {
		case k.Source != pass.Source || seen[k]:
		case holds.cover(k, old):
			c.Withheld = append(c.Withheld, k)
		default:
			c.Delete = append(c.Delete, k)
		}
	}
	for _, part := range [][]Record{c.Create, c.Update, c.Unchanged} {
		slices.SortFunc(part, func(a, b Record) int { return strings.Compare(a.Identifier, b.Identifier) })
	}
	for _, part := range [][]Key{c.Delete, c.Withheld} {
		slices.SortFunc(part, func(a, b Key) int { return cmp.Compare(a.Identifier, b.Identifier) })
	}
	return c
}

// holds is what the violations of a pass speak of.
type holds struct {
	identifiers, subjects, files map[string]bool
}

func newHolds(findings []Finding) holds {
	h := holds{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, f := range findings {
		if f.Severity != Violation {
			continue
		}
		if f.Identifier != "" {
			h.identifiers[f.Identifier] = true
		}
		if f.Subject != "" {
			h.subjects[f.Subject] = true
		}
		if f.Identifier == "" && f.Subject == "" {
			h.files[f.File] = true
		}
	}
	return h
}

// cover says whether a published record may be in what could not be taken over. With an unreadable
// document, a record whose document is unknown may be in it.
func (h holds) cover(k Key, old Have) bool {
	if h.identifiers[k.Identifier] || (old.IRI != "" && h.subjects[old.IRI]) {
		return true
	}
	if len(h.files) == 0 {
		return false
	}
	return old.File == "" || h.files[""] || h.files[old.File]
}

// String is the place as file:line.
func (s Source) String() string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}
