package gateway

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/search"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// SearchDir is where a data directory keeps the search index: what is in it can be had again.
func SearchDir(dataDir string) string { return filepath.Join(dataDir, "search") }

// descriptions is the part of the record that is searched.
type descriptions interface {
	Description(ctx context.Context, caseID string) (content []byte, digest string, ok bool, err error)
	DescriptionHeads(ctx context.Context, prefix, after string, limit int) ([]store.Description, error)
}

// shelf is what can be searched and read: our own descriptions, from the record, and those of the EU
// catalogue, from the index.
type shelf struct {
	*search.Index
	record  descriptions
	country string
	log     *slog.Logger
	news    chan struct{} // has something when the record has news
}

func (g *Gateway) openSearch(ctx context.Context) error {
	dir := SearchDir(g.cfg.DataDir)
	s := &shelf{record: g.record, country: g.cfg.Country, log: g.log, news: make(chan struct{}, 1)}
	index, opening, err := search.Open(ctx, search.Options{Dir: dir, Logger: g.log, Damaged: s.changed})
	if err != nil {
		return err
	}
	if opening.Why != nil {
		g.log.WarnContext(ctx, "the search index could not be used and is made anew", "error", opening.Why)
	}
	s.Index, g.shelf = index, s
	return g.openMirror()
}

// changed says that the record has news, or the index has lost what it had. It never waits.
func (s *shelf) changed() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// Read gives a document with its content. What is ours comes from the record, whatever the index has.
func (s *shelf) Read(ctx context.Context, key string) (search.Document, bool, error) {
	caseID, own := strings.CutPrefix(key, search.OwnKey(""))
	if !own {
		return s.Get(ctx, key)
	}
	if !strings.HasPrefix(caseID, s.prefix()) {
		return search.Document{}, false, nil
	}
	content, digest, ok, err := s.record.Description(ctx, caseID)
	if err != nil || !ok {
		return search.Document{}, false, err
	}
	d, err := s.document(ctx, caseID, content, digest)
	return d, err == nil, err
}

// prefix begins the cases of our datasets.
func (s *shelf) prefix() string { return string(ehds.CaseDataset) + ":" + s.country + ":" }

// document makes the document of one of our descriptions.
func (s *shelf) document(ctx context.Context, caseID string, content []byte, digest string) (search.Document, error) {
	g := rdf.NewGraph()
	var subject rdf.Term
	err := rdf.ParseNQuads(ctx, bytes.NewReader(content), rdf.ReadOptions{}, func(q rdf.Quad) error {
		if q.P.Value == rdf.RDFType && q.O.Value == rdf.NSDCAT+"Dataset" {
			subject = q.S
		}
		g.Add(q.Triple)
		return nil
	})
	if err != nil {
		return search.Document{}, err
	}
	d := search.Describe(catalogue.Summarise(g, subject))
	d.Key, d.Origin, d.Country, d.Version, d.Content = search.OwnKey(caseID), search.Own, s.country, digest, content
	return d, nil
}

// Sizes of what is read from the record and put into the index at once.
const (
	headsPage = 1000
	ownBatch  = 200
)

// file brings the index up to what the record publishes: what is new or changed is put, what is gone
// deleted, and what is equal only looked at.
func (s *shelf) file(ctx context.Context) error {
	have, err := s.Versions(ctx, search.Own)
	if err != nil {
		return err
	}
	var b search.Batch
	flush := func(least int) error {
		if len(b.Put)+len(b.Delete) < least {
			return nil
		}
		err := s.Apply(ctx, b)
		b = search.Batch{}
		return err
	}
	for after := ""; ; {
		heads, err := s.record.DescriptionHeads(ctx, s.prefix(), after, headsPage)
		if err != nil {
			return err
		}
		for _, h := range heads {
			after = h.Case
			key := search.OwnKey(h.Case)
			same := have[key] == h.Digest
			delete(have, key)
			if same {
				continue
			}
			d, ok, err := s.Read(ctx, key)
			if err != nil {
				return err
			}
			if ok { // else it was withdrawn since
				d.Content = nil // the record has it
				if d.Modified.IsZero() {
					d.Modified = h.At
				}
				b.Put = append(b.Put, d)
			}
			if err := flush(ownBatch); err != nil {
				return err
			}
		}
		if len(heads) < headsPage {
			break
		}
	}
	for key := range have {
		b.Delete = append(b.Delete, key)
		if err := flush(ownBatch); err != nil {
			return err
		}
	}
	return flush(1)
}

// countShelf sets the gauges of the index. What cannot be counted now is told elsewhere.
func (g *Gateway) countShelf(ctx context.Context) {
	for _, o := range []search.Origin{search.Own, search.EU} {
		r, err := g.shelf.Search(ctx, search.Query{Filter: map[search.Facet][]string{search.ByOrigin: {string(o)}}, Limit: 1})
		if err == nil {
			g.metrics.Searched.WithLabelValues(string(o)).Set(float64(r.Total))
		}
	}
}

// Pauses of the work on the index.
const (
	filePause = 2 * time.Second // after news: more may follow
	fileRetry = 30 * time.Second
	fileEvery = time.Hour // in case news was missed
)

// keepShelf keeps the index as the record is, until ctx ends.
func (g *Gateway) keepShelf(ctx context.Context) {
	for {
		pause := fileEvery
		if anew, err := g.shelf.Reset(); err != nil {
			g.log.ErrorContext(ctx, "the search index cannot be made anew", "error", err)
			pause = fileRetry
		} else if anew {
			g.log.InfoContext(ctx, "the search index was made anew")
		}
		if err := g.shelf.file(ctx); err != nil {
			if ctx.Err() != nil {
				return
			}
			g.log.WarnContext(ctx, "the search index is behind the record", "error", err)
			pause = fileRetry
		}
		g.countShelf(ctx)
		select {
		case <-ctx.Done():
			return
		case <-g.shelf.news:
			select { // a pass changes many
			case <-ctx.Done():
				return
			case <-g.o.After(filePause):
			}
		case <-g.o.After(pause):
		}
	}
}
