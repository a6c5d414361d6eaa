package publish

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// owner is who publishes under an identifier.
type owner struct{ source, origin string }

// standing is what is published when a pass begins.
type standing struct {
	have map[string]catalogue.Have // of the source, by identifier at origin
	// behind are those of the source that are marked as not confirmed, undescribed those whose
	// description the record does not hold yet.
	behind, undescribed map[string]bool
	owners              map[string]owner // by identifier the centre knows, of all sources
}

// standing reads what stands in the record: every dataset the centre was told of and was not told to
// delete.
func (p *Publisher) standing(ctx context.Context, s Source) (*standing, error) {
	st := &standing{
		have: map[string]catalogue.Have{}, behind: map[string]bool{}, undescribed: map[string]bool{}, owners: map[string]owner{},
	}
	names := map[string]string{} // each name of a file or source once
	once := func(name string) string {
		if _, known := names[name]; !known {
			names[name] = name
		}
		return names[name]
	}
	err := p.each(ctx, func(pub catalogue.Publication) error {
		if pub.State == catalogue.Deleting || pub.State == catalogue.Deleted || pub.RemovalRefused() {
			return nil
		}
		pub.File, pub.Source = once(pub.File), once(pub.Source)
		st.take(s, pub)
		return nil
	})
	return st, err
}

func (st *standing) take(s Source, pub catalogue.Publication) {
	origin := pub.OriginIdentifier()
	if pub.Published() || pub.Source == s.Name {
		st.owners[pub.Identifier] = owner{pub.Source, origin}
	}
	if pub.Source != s.Name {
		return
	}
	st.have[origin] = catalogue.Have{
		Published: pub.Identifier, Digest: pub.SourceDigest(), IRI: pub.IRI, File: pub.File,
		Lacking: pub.Release != "" && pub.Release != s.Release,
	}
	if pub.Behind != nil {
		st.behind[origin] = true
	}
	if pub.Exchange == "" {
		st.undescribed[origin] = true
	}
}

// each reads every publication of the nation.
func (p *Publisher) each(ctx context.Context, f func(catalogue.Publication) error) error {
	return p.eachAfter(ctx, "", func(_ string, pub catalogue.Publication) error { return f(pub) })
}

// prefix begins the identifiers of the nation's dataset cases.
func (p *Publisher) prefix() string { return string(ehds.CaseDataset) + ":" + p.Country + ":" }

// eachAfter reads the publications whose case comes after one.
func (p *Publisher) eachAfter(ctx context.Context, after string, f func(caseID string, pub catalogue.Publication) error) error {
	return store.EachCase(ctx, p.Record, p.prefix(), after, func(c store.Case) error {
		var pub catalogue.Publication
		if err := json.Unmarshal(c.Doc, &pub); err != nil {
			return fmt.Errorf("publication %s: %w", c.ID, err)
		}
		return f(c.ID, pub)
	})
}
