package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// memory is what is kept of the last complete pass over a source, so that the next need not do again
// what would come out the same. It is lost with the process, and with it any doubt whether another
// version of the rules would judge the same. Readers do not change it.
type memory struct {
	release   string                   // the rule set it was judged by
	documents map[string]knownDocument // by name
	records   map[string]*judged       // by identifier at origin
}

// knownDocument is a document all of whose descriptions were fit.
type knownDocument struct {
	sum [sha256.Size]byte
	fit []judged
}

// judged is a description that was fit.
type judged struct {
	identifier, iri string
	digest          [sha256.Size]byte
	line            int32
	warnings, notes int32
}

func newMemory(release string) *memory {
	return &memory{release: release, documents: map[string]knownDocument{}, records: map[string]*judged{}}
}

// candidate is the description as it was found then.
func (j *judged) candidate(file, digest string) candidate {
	return candidate{
		identifier: j.identifier, iri: j.iri, digest: digest, at: catalogue.Source{File: file, Line: int(j.line)},
		warnings: int(j.warnings), notes: int(j.notes),
	}
}

// remember replaces what is known of a source after a complete pass.
func (p *Publisher) remember(source string, m *memory) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.memory == nil {
		p.memory = map[string]*memory{}
	}
	p.memory[source] = m
}

// remembered is what is known of a source, nothing when it was judged by other rules.
func (p *Publisher) remembered(s Source) *memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.memory[s.Name]; m != nil && m.release == s.Release {
		return m
	}
	return newMemory(s.Release)
}

// repeated fills in the result of a document that is byte for byte that of the pass before, provided
// that everything in it is published as it is. A dry run reads everything: who asks for it wants to
// see every finding.
func (x *pass) repeated(doc connectors.CatalogueItem, a *assessed) bool {
	if doc.Raw == nil || doc.Err != nil {
		return false
	}
	a.sum = sumOf(doc.Raw)
	before, ok := x.before.documents[doc.File]
	if x.o.DryRun || !ok || before.sum != a.sum {
		return false
	}
	for i := range before.fit {
		j := &before.fit[i]
		have, published := x.standing.have[j.identifier]
		if !published || !sameDigest(have.Digest, j.digest) || have.Lacking || x.standing.undescribed[j.identifier] {
			return false
		}
	}
	a.same, a.fit = true, make([]candidate, 0, len(before.fit))
	for i := range before.fit {
		c := before.fit[i].candidate(doc.File, x.standing.have[before.fit[i].identifier].Digest)
		a.warnings, a.notes = a.warnings+c.warnings, a.notes+c.notes
		a.fit = append(a.fit, c)
	}
	return true
}

// sumOf is the digest of a document with what else its reading depends on.
func sumOf(d *connectors.RawDocument) (sum [sha256.Size]byte) {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q %q\n", d.Format, d.Options.Base) // a hash takes everything
	_, _ = h.Write(d.Content)
	h.Sum(sum[:0])
	return sum
}

// known is the last judgement of a description, if it is published exactly so.
func (x *pass) known(identifier, digest string) (*judged, bool) {
	j, ok := x.before.records[identifier]
	if x.o.DryRun || !ok || !sameDigest(digest, j.digest) || x.standing.have[identifier].Digest != digest {
		return nil, false
	}
	return j, true
}

// sameDigest compares a digest as it is written with its bytes.
func sameDigest(written string, sum [sha256.Size]byte) bool {
	got, ok := sumOfDigest(written)
	return ok && got == sum
}

// sumOfDigest is the bytes of a digest, "sha256:" and hexadecimal.
func sumOfDigest(written string) (sum [sha256.Size]byte, ok bool) {
	text, ok := strings.CutPrefix(written, "sha256:")
	if !ok || len(text) != hex.EncodedLen(len(sum)) {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(text))
	return sum, err == nil
}

// keep puts a document into what the next pass will know. What was known of it before is kept as it
// is, so that unchanged documents cost no memory anew.
func (m *memory) keep(a *assessed, fit []candidate, before *memory) {
	known := knownDocument{sum: a.sum}
	if a.same && len(fit) == len(a.fit) {
		known = before.documents[a.file]
	} else {
		known.fit = make([]judged, 0, len(fit))
		for _, c := range fit {
			sum, ok := sumOfDigest(c.digest)
			if !ok {
				continue // no digest of ours: judged again
			}
			known.fit = append(known.fit, judged{c.identifier, c.iri, sum, int32(c.at.Line), int32(c.warnings), int32(c.notes)})
		}
	}
	for i := range known.fit {
		m.records[known.fit[i].identifier] = &known.fit[i]
	}
	clean := len(a.quarantined) == 0 && len(known.fit) == len(a.fit) && !catalogue.Blocks(a.findings)
	if clean && a.sum != [sha256.Size]byte{} {
		m.documents[a.file] = known
	}
}
