package publish

import (
	"crypto/sha256"
	"fmt"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// memory is what is kept of the last complete pass over a source, so that the next need not do again
// what would come out the same. It is lost with the process, and with it any doubt whether another
// version of the rules would judge the same. Readers do not change it.
type memory struct {
	documents map[string]knownDocument // by name
	records   map[string]judged        // by identifier at origin
}

// knownDocument is a document all of whose descriptions were fit.
type knownDocument struct {
	sum [sha256.Size]byte
	fit []candidate // without what was to be told
}

// judged is a description that was fit.
type judged struct {
	digest          string
	warnings, notes int
}

func newMemory() *memory {
	return &memory{documents: map[string]knownDocument{}, records: map[string]judged{}}
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

func (p *Publisher) remembered(source string) *memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := p.memory[source]; m != nil {
		return m
	}
	return newMemory()
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
	for _, c := range before.fit {
		have, published := x.standing.have[c.identifier]
		if !published || have.Digest != c.digest || have.Lacking || x.standing.undescribed[c.identifier] {
			return false
		}
	}
	a.same, a.fit = true, before.fit
	for _, c := range before.fit {
		a.warnings, a.notes = a.warnings+c.warnings, a.notes+c.notes
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
func (x *pass) known(identifier, digest string) (judged, bool) {
	j, ok := x.before.records[identifier]
	if x.o.DryRun || !ok || j.digest != digest || x.standing.have[identifier].Digest != digest {
		return judged{}, false
	}
	return j, true
}

// keep puts a document into what the next pass will know.
func (m *memory) keep(a *assessed, fit []candidate) {
	for _, c := range fit {
		m.records[c.identifier] = judged{c.digest, c.warnings, c.notes}
	}
	clean := len(a.quarantined) == 0 && len(fit) == len(a.fit) && !catalogue.Blocks(a.findings)
	if clean && a.sum != [sha256.Size]byte{} {
		m.documents[a.file] = knownDocument{a.sum, fit}
	}
}
