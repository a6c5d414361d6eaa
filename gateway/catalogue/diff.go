package catalogue

import (
	"fmt"
	"slices"
	"strings"
)

// Have is what was last published of a description, as far as a comparison needs it.
type Have struct {
	Published string // identifier the centre knows it by
	Digest    string // of the description as the source had it
	IRI       string
	File      string // document it was read from; empty when unknown
	// Lacking says that something about it is not as it would be told today, though the source did not
	// change: it counts as changed.
	Lacking bool
}

// Verdict is what a comparison makes of a description.
type Verdict int

// The verdicts.
const (
	Create    Verdict = iota // nothing of it is published
	Update                   // published, and changed since
	Unchanged                // as published
	Duplicate                // its identifier was seen before in this pass
	Undecided                // its identifier is new, its IRI is not: Settle decides
)

// Comparison finds what changed between what is published from one source and a pass over it, one
// description after the other. A description is what it was when its identifier at origin is; or
// when its IRI is and nothing speaks against that (Settle). Only a pass that came to its end may ask
// what is gone. It is for one goroutine.
type Comparison struct {
	have    map[string]Have   // by identifier at origin
	byIRI   map[string]string // identifier at origin by IRI; "" where several have it
	seen    map[string]place
	claims  map[string][]string // identifiers not published, by the published one whose IRI they have
	renamed map[string]bool     // published identifiers that go on under another
	held    holds
}

// place is where an identifier was first seen, and whether what has it is fit for publication.
type place struct {
	Source
	fit bool
}

// NewComparison begins with what is published, by identifier at origin. The map is not changed.
func NewComparison(have map[string]Have) *Comparison {
	c := &Comparison{
		have: have, byIRI: make(map[string]string, len(have)), seen: make(map[string]place, len(have)),
		claims: map[string][]string{}, renamed: map[string]bool{}, held: newHolds(),
	}
	for id, h := range have {
		if h.IRI == "" {
			continue
		}
		if _, several := c.byIRI[h.IRI]; several {
			id = ""
		}
		c.byIRI[h.IRI] = id
	}
	return c
}

// See takes a description that is fit for publication. digest is that of what the source says.
func (c *Comparison) See(identifier, iri, digest string, at Source) Verdict {
	if _, twice := c.seen[identifier]; twice {
		return Duplicate
	}
	c.seen[identifier] = place{at, true}
	old, published := c.have[identifier]
	switch {
	case published && old.Digest == digest && !old.Lacking:
		return Unchanged
	case published:
		return Update
	}
	if was := c.byIRI[iri]; was != "" && iri != "" {
		c.claims[was] = append(c.claims[was], identifier)
		return Undecided
	}
	return Create
}

// Unfit takes a description that is not fit for publication: a later one with its identifier is a
// duplicate all the same, for nobody knows which of them is meant.
func (c *Comparison) Unfit(identifier string, at Source) {
	if _, twice := c.seen[identifier]; !twice && identifier != "" {
		c.seen[identifier] = place{at, false}
	}
}

// First is where an identifier was first seen.
func (c *Comparison) First(identifier string) (Source, bool) {
	at, ok := c.seen[identifier]
	return at.Source, ok
}

// Hold notes what a violation speaks of: it is not deleted because it could not be read.
func (c *Comparison) Hold(f Finding) { c.held.add(f) }

// Settle decides on what was undecided: by its new identifier, the one a description was published
// under before. That is so when its IRI was published once, no other new description has it, and the
// old identifier was neither seen nor is held. What is not in the answer is new.
func (c *Comparison) Settle() map[string]string {
	out := map[string]string{}
	for was, claims := range c.claims {
		if _, stays := c.seen[was]; stays || len(claims) != 1 || c.held.identifiers[was] {
			continue
		}
		out[claims[0]] = was
		c.renamed[was] = true
	}
	return out
}

// Gone lists what was published and was not seen, by identifier at origin in order: what has left the
// source, and what may well be in a document or description that has a violation. Call it after
// Settle.
func (c *Comparison) Gone() (deleted, withheld []string) {
	for id, h := range c.have {
		switch {
		case c.seen[id].fit || c.renamed[id]:
		case c.held.cover(id, h):
			withheld = append(withheld, id)
		default:
			deleted = append(deleted, id)
		}
	}
	slices.Sort(deleted)
	slices.Sort(withheld)
	return deleted, withheld
}

// holds is what the violations of a pass speak of.
type holds struct {
	identifiers, subjects, files map[string]bool
}

func newHolds() holds {
	return holds{map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

func (h holds) add(f Finding) {
	if f.Severity != Violation {
		return
	}
	if f.Identifier != "" {
		h.identifiers[f.Identifier] = true
	}
	if f.Subject != "" {
		h.subjects[f.Subject] = true
	}
	if f.Identifier == "" && f.Subject == "" {
		h.files[wholeDocument(f.File)] = true
	}
}

// cover says whether a published record may be in what could not be taken over. With an unreadable
// document, a record whose document is unknown may be in it.
func (h holds) cover(identifier string, old Have) bool {
	if h.identifiers[identifier] || (old.IRI != "" && h.subjects[old.IRI]) {
		return true
	}
	if len(h.files) == 0 {
		return false
	}
	return old.File == "" || h.files[""] || h.files[wholeDocument(old.File)]
}

// wholeDocument is a document's name without the part of it that is meant: what is on one page of a
// listing may have been on another the pass before.
func wholeDocument(file string) string {
	name, _, _ := strings.Cut(file, "#")
	return name
}

// String is the place as file:line.
func (s Source) String() string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}
