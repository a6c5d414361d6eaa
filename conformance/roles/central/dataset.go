package central

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// dataset is an entry of the EU catalogue. A deleted one keeps its central id for the day it returns.
type dataset struct {
	CentralID    string            `json:"central_id"`
	Nation       string            `json:"nation"`
	Entity       string            `json:"entity"` // contact point that published it
	Identifier   string            `json:"identifier"`
	IRI          string            `json:"iri,omitempty"`
	AccessRights string            `json:"access_rights"`
	Title        map[string]string `json:"title"`
	Digest       string            `json:"digest"`
	Content      string            `json:"content"`            // canonical N-Quads
	Exchange     string            `json:"exchange,omitempty"` // digest of the exchange form
	Deleted      bool              `json:"deleted,omitempty"`
	Changed      time.Time         `json:"changed"`
}

// publish handles dataset.create and dataset.update (TEHDAS2 D7.3, use cases 1 and 2).
func (h *handling) publish() []ehds.Finding {
	var b ehds.DatasetBody
	if f := h.body(&b); f != nil {
		return f
	}
	if f := h.ownDataset(b.Identifier); f != nil {
		return f
	}
	if b.Release != profile.Release {
		return violation("/body/release", "release-not-supported", "this release of the metadata profile is not validated here")
	}
	d, findings := readRecord(h.ctx, b.Record)
	if findings != nil {
		return findings
	}
	old := h.datasetOf(h.nation, b.Identifier)
	if f := h.fits(b, d, old); f != nil {
		return f
	}
	findings = d.judge(h.c.rules)
	if refused(findings) {
		return findings
	}
	if old == nil {
		id, err := uuid.NewRandomFromReader(h.c.o.Rand)
		h.fail(err)
		old = &dataset{CentralID: id.String(), Nation: h.nation, Identifier: b.Identifier}
	}
	old.Entity, old.IRI, old.AccessRights, old.Title = h.env.Iss, d.iri, d.accessRights, d.title
	old.Digest, old.Content, old.Deleted, old.Changed = b.Record.Digest, b.Record.Content, false, h.now
	var err error
	old.Exchange, err = d.exchangeDigest(h.ctx)
	h.fail(err)
	h.datasets[old.CentralID] = old
	h.response.CentralID = old.CentralID
	return findings
}

// ownDataset binds a record to the nation of the sender's credential (TEHDAS2 D5.3).
func (h *handling) ownDataset(identifier string) []ehds.Finding {
	if f := h.ownCase(); f != nil {
		return f
	}
	if ehds.DatasetCase(h.nation, identifier).String() != h.env.Case {
		return violation("/body/identifier", "case-mismatch", "identifier and case name different datasets")
	}
	return nil
}

// fits compares body, record and what the catalogue holds.
func (h *handling) fits(b ehds.DatasetBody, d *description, old *dataset) []ehds.Finding {
	published := old != nil && !old.Deleted
	switch {
	case !slices.Contains(d.identifiers, b.Identifier):
		return violation("/body/identifier", "identifier-differs", "the record has no such dct:identifier")
	case d.accessRights != b.AccessRights:
		return violation("/body/access_rights", "access-rights-differ", "the record states other access rights")
	case h.env.Type == ehds.DatasetCreate && published:
		return violation("/case", "dataset-exists", "the dataset is published; send dataset.update")
	case h.env.Type == ehds.DatasetUpdate && !published:
		return violation("/case", "unknown-case", "no such dataset is published")
	case b.CentralID != "" && (old == nil || old.CentralID != b.CentralID):
		return violation("/body/central_id", "central-id-differs", "the dataset has another central id")
	}
	// Somebody else's record under a nation's own identifier is still somebody else's.
	claimed := func(o *dataset) bool {
		return o.IRI == d.iri && d.iri != "" && o.Nation != h.nation && !o.Deleted
	}
	for _, o := range h.datasets {
		if claimed(o) {
			return violation("/body/record", "record-of-another-nation", "another nation publishes this record")
		}
	}
	if o := h.c.state.datasets[h.c.state.iris[d.iri]]; o != nil && claimed(o) {
		return violation("/body/record", "record-of-another-nation", "another nation publishes this record")
	}
	return nil
}

// withdrawDataset handles dataset.delete (TEHDAS2 D7.3, use case 3).
func (h *handling) withdrawDataset() []ehds.Finding {
	var b ehds.DatasetDeleteBody
	if f := h.body(&b); f != nil {
		return f
	}
	if f := h.ownDataset(b.Identifier); f != nil {
		return f
	}
	d := h.datasetOf(h.nation, b.Identifier)
	if d == nil || d.Deleted {
		return violation("/case", "unknown-case", "no such dataset is published")
	}
	if b.CentralID != "" && b.CentralID != d.CentralID {
		return violation("/body/central_id", "central-id-differs", "the dataset has another central id")
	}
	var findings []ehds.Finding
	if b.LastDigest != d.Digest {
		findings = append(findings, ehds.Finding{
			Pointer: "/body/last_digest", Code: "digest-differs", Severity: "warning",
			Message: "the catalogue held another version of the record",
		})
	}
	d.Deleted, d.Content, d.Changed = true, "", h.now
	h.datasets[d.CentralID] = d
	return findings
}

// find looks a dataset up by any of its names; nil when there is none, or when two nations use the
// name and no country tells them apart. c.mu is held.
func (c *Central) find(name, country string) *dataset {
	var found *dataset
	for _, d := range c.state.datasets {
		named := d.CentralID == name || d.Identifier == name || d.IRI == name && name != ""
		if !named || d.Deleted || country != "" && d.Nation != country {
			continue
		}
		if found != nil {
			return nil
		}
		found = d
	}
	return found
}
