package exchange

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// HDAB is a health data access body this gateway hosts.
type HDAB struct {
	Entity string // entity identifier, {ncp}/hdab/{id}
	Code   string // part of permit identifiers
	Name   string
	Agents []string // IRIs by which catalogue records name it (healthdcatap:hdab)
	// Catalogues are the ids of catalogues whose datasets are its own where the published record does
	// not say whose they are.
	Catalogues []string
	// TrustedHolders are the names of the data holders it designated as trusted (Art. 72(2)).
	TrustedHolders []string
	Coordinator    bool // Art. 55(1); the first body where none is marked
}

// Router finds the bodies an application concerns: by our own published record of each dataset, then by
// the table of catalogues, then to the coordinator with a finding; never by a name in the payload
// (TEHDAS2 D6.4). It is safe for concurrent use. What it knows is rebuilt from the record.
type Router struct {
	Country string
	Bodies  []HDAB

	reading  sync.Mutex // held while one publication is read again
	mu       sync.RWMutex
	datasets map[string]place
}

// place is where a dataset of ours belongs. local says that the name it was found under is unique in
// this nation only.
type place struct {
	local         bool
	hdab, catalog string
	facts         connectors.DatasetFacts
	trusted       bool // its holder is a trusted data holder
}

// NewRouter makes a router for one nation. bodies must not be empty.
func NewRouter(country string, bodies []HDAB) *Router {
	return &Router{Country: country, Bodies: bodies, datasets: map[string]place{}}
}

// Load reads every publication of the record.
func (r *Router) Load(ctx context.Context, rec store.Reader) error {
	return store.EachCase(ctx, rec, r.prefix(), "", func(c store.Case) error {
		var p catalogue.Publication
		if json.Unmarshal(c.Doc, &p) == nil {
			r.Learn(p)
		}
		return nil
	})
}

// prefix begins the identifiers of our dataset cases.
func (r *Router) prefix() string { return string(ehds.CaseDataset) + ":" + r.Country + ":" }

// Learn takes note of a publication, under each name an application may use for it, and forgets one
// that is gone.
func (r *Router) Learn(p catalogue.Publication) {
	body := r.bodyOf(p.HDAB)
	to := place{hdab: body, catalog: p.Source, trusted: p.Trusted || r.designated(firstOf(body, r.bodyOfCatalogue(p.Source), r.Coordinator()), p.Holder), facts: connectors.DatasetFacts{
		Categories: p.Categories, Holder: p.Holder, AccessRights: p.AccessRights, CentralID: p.CentralID,
	}}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range []string{p.Identifier, p.IRI, p.CentralID} {
		switch {
		case id == "":
		case p.State == catalogue.Deleted:
			delete(r.datasets, id)
		default:
			to.local = id == p.Identifier && id != p.IRI && id != p.CentralID
			r.datasets[id] = to
		}
	}
}

// bodyOf is the body a record names, or "" when it is none of ours.
func (r *Router) bodyOf(agent string) string {
	for _, b := range r.Bodies {
		if agent == b.Entity {
			return b.Entity
		}
		for _, a := range b.Agents {
			if a == agent {
				return b.Entity
			}
		}
	}
	return ""
}

// Coordinator is the body that takes what no rule gives to another.
func (r *Router) Coordinator() string {
	for _, b := range r.Bodies {
		if b.Coordinator {
			return b.Entity
		}
	}
	return r.Bodies[0].Entity
}

// bodyOfCatalogue is the body that answers for a catalogue, or "" when none does.
func (r *Router) bodyOfCatalogue(id string) string {
	for _, b := range r.Bodies {
		if id != "" && slices.Contains(b.Catalogues, id) {
			return b.Entity
		}
	}
	return ""
}

// place says where a dataset belongs: catalogue and body, as far as record and table know; r.mu is
// held.
func (r *Router) place(d ehds.ApplicationDataset) (p place, known bool) {
	p, known = r.find(d)
	p.catalog = firstOf(p.catalog, d.CatalogID)
	p.hdab = firstOf(p.hdab, r.bodyOfCatalogue(p.catalog))
	return p, known
}

// find looks a dataset up in our published record; r.mu is held. An identifier of our own making may
// be another nation's too, so it counts only where the message says the dataset is ours; an IRI or a
// central id counts whatever it says.
func (r *Router) find(d ehds.ApplicationDataset) (place, bool) {
	p, ok := r.datasets[d.DatasetID]
	if ok && p.local && d.Country != r.Country {
		return place{}, false
	}
	return p, ok
}

// Tracks are the tracks an application opens in this nation, in the order its datasets name them. A
// dataset of our published record is ours and stands in our catalogue, whatever the message says of
// it; the country and catalogue in the message count for what the record does not know.
func (r *Router) Tracks(datasets []ehds.ApplicationDataset) ([]ehds.Track, []ehds.Finding) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var tracks []ehds.Track
	var findings []ehds.Finding
	warn := func(code, message string) {
		findings = append(findings, ehds.Finding{Pointer: "/body/datasets", Code: code, Severity: "warning", Message: message})
	}
	seen := map[ehds.Track]bool{}
	for _, d := range datasets {
		p, known := r.place(d)
		if !known && d.Country != r.Country {
			continue
		}
		if d.Country != r.Country {
			warn("country-differs", "a dataset of our published record is said to be of another country; it is ours")
		}
		if p.hdab == "" {
			warn("routed-to-coordinator", "a dataset is not in our published record or names no body of ours, and its catalogue is in no table; the coordinator takes it")
		}
		t := r.trackOf(p)
		if !seen[t] {
			seen[t] = true
			tracks = append(tracks, t)
		}
	}
	if len(tracks) == 0 {
		return nil, violation("/body/datasets", "no-dataset-here", "no dataset of this nation is asked for")
	}
	return tracks, findings
}

// trackOf is the track of a dataset's place; the coordinator takes one that is no body's.
func (r *Router) trackOf(p place) ehds.Track {
	return ehds.Track{CatalogID: firstOf(p.catalog, "national"), HDAB: firstOf(p.hdab, r.Coordinator())}
}

// Facts are what we published of the datasets an application asks for, as far as one body decides on
// them: a body is not shown, and cannot grant, what another answers for.
func (r *Router) Facts(datasets []ehds.ApplicationDataset, hdab string) map[string]connectors.DatasetFacts {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := map[string]connectors.DatasetFacts{}
	for _, d := range datasets {
		if p, ok := r.place(d); ok && firstOf(p.hdab, r.Coordinator()) == hdab {
			out[d.DatasetID] = p.facts
		}
	}
	return out
}

// Located are the datasets with the country and catalogue our published record has for them, as in the
// tracks they open. What it does not know stays as asked for.
func (r *Router) Located(datasets []ehds.ApplicationDataset) []ehds.ApplicationDataset {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := append([]ehds.ApplicationDataset(nil), datasets...)
	for i, d := range out {
		if p, ok := r.find(d); ok {
			out[i].Country, out[i].CatalogID = r.Country, firstOf(p.catalog, d.CatalogID)
		}
	}
	return out
}

// Body finds a body by its entity identifier.
func (r *Router) Body(entity string) (HDAB, bool) {
	for _, b := range r.Bodies {
		if b.Entity == entity {
			return b, true
		}
	}
	return HDAB{}, false
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
