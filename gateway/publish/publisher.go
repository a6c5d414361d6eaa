package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Source is one catalogue source of the nation.
type Source struct {
	Name    string
	Driver  connectors.Catalogue
	Release string // HealthDCAT-AP release of its records, "r8"
	// Validate gives the findings of a record under the source's rule set.
	Validate func(catalogue.Record) []catalogue.Finding
}

// Record is the part of the store publishing uses.
type Record interface {
	store.Updater
	Cases(ctx context.Context, prefix, after string, limit int) ([]store.Case, error)
}

// Publisher runs passes. It is safe for concurrent use; passes of one source, dry runs included,
// run one at a time, those of different sources beside each other.
type Publisher struct {
	Record  Record
	Sources []Source
	Country string
	Centre  string // entity identifier of the centre
	Compose exchange.Composer
	Guard   catalogue.Guard
	Clock   func() time.Time
	Logger  *slog.Logger
	Wake    func() // the outbox
	Observe func(action string, n int)

	mu    sync.Mutex
	turns map[string]chan struct{} // by source: full while a pass runs
}

// Options of one pass.
type Options struct {
	DryRun bool // stop after the comparison and say what would be sent
	Force  bool // let removals and invalid records pass the guard: an operator has looked
}

// Item is one dataset of a report.
type Item struct {
	Identifier string `json:"identifier"`
	IRI        string `json:"iri,omitempty"`
	Title      string `json:"title,omitempty"`
	Place      string `json:"place,omitempty"` // file:line
}

// Report says what a pass did, or with DryRun would do.
type Report struct {
	Source      string              `json:"source"`
	DryRun      bool                `json:"dry_run"`
	Started     time.Time           `json:"started"`
	Took        time.Duration       `json:"took_ns"`
	Read        int                 `json:"read"` // records found, the quarantined included
	Created     []Item              `json:"created"`
	Updated     []Item              `json:"updated"`
	Deleted     []Item              `json:"deleted"`
	Unchanged   int                 `json:"unchanged"`
	Withheld    []Item              `json:"withheld,omitempty"` // published, gone from sight, but maybe in what is quarantined
	Quarantined []Item              `json:"quarantined,omitempty"`
	Findings    []catalogue.Finding `json:"findings,omitempty"`
}

// ErrNoSource is returned for a source that is not configured.
var ErrNoSource = errors.New("no such catalogue source")

// ErrIncomplete is returned when a source could not be read to its end: nothing was sent.
var ErrIncomplete = errors.New("the pass is incomplete")

// Run makes one pass over a source, once no other pass of it runs. The report is meaningful also with an error of the guard.
func (p *Publisher) Run(ctx context.Context, source string, o Options) (Report, error) {
	s, err := p.source(source)
	if err != nil {
		return Report{}, err
	}
	done, err := p.turn(ctx, s.Name)
	if err != nil {
		return Report{Source: s.Name, DryRun: o.DryRun, Started: p.Clock()}, err
	}
	defer done()
	r := Report{Source: s.Name, DryRun: o.DryRun, Started: p.Clock()}
	defer func() { r.Took = p.Clock().Sub(r.Started) }()
	docs, err := collect(ctx, s.Driver)
	if err != nil {
		return r, fmt.Errorf("%w: source %s: %w", ErrIncomplete, s.Name, err)
	}
	pass, quarantined, err := validate(ctx, s, docs)
	if err != nil {
		return r, fmt.Errorf("%w: source %s: %w", ErrIncomplete, s.Name, err)
	}
	published, err := p.published(ctx)
	if err != nil {
		return r, err
	}
	quarantined = append(quarantined, clash(&pass, published)...)
	changes := catalogue.Compare(haves(published), pass)
	r.fill(pass, quarantined, changes)
	if err := p.guard(s.Name, published, changes, r, o); err != nil {
		return r, err
	}
	if !o.DryRun {
		err = p.send(ctx, s, changes)
	}
	r.Took = p.Clock().Sub(r.Started)
	return r, err
}

func (p *Publisher) source(name string) (Source, error) {
	for _, s := range p.Sources {
		if s.Name == name {
			return s, nil
		}
	}
	return Source{}, fmt.Errorf("%w: %q", ErrNoSource, name)
}

func (r *Report) fill(pass catalogue.Pass, quarantined []Item, c catalogue.Changes) {
	r.Findings, r.Quarantined = pass.Findings, quarantined
	r.Read = len(pass.Records) + len(quarantined)
	r.Created, r.Updated, r.Unchanged = items(c.Create), items(c.Update), len(c.Unchanged)
	r.Deleted, r.Withheld = keys(c.Delete), keys(c.Withheld)
}

func items(list []catalogue.Record) []Item {
	out := make([]Item, 0, len(list))
	for _, r := range list {
		out = append(out, itemOf(r))
	}
	return out
}

func itemOf(r catalogue.Record) Item {
	return Item{Identifier: r.Identifier, IRI: r.IRI, Title: anyTitle(r.Title), Place: r.Source.String()}
}

func keys(list []catalogue.Key) []Item {
	out := make([]Item, 0, len(list))
	for _, k := range list {
		out = append(out, Item{Identifier: k.Identifier})
	}
	return out
}

// anyTitle prefers English, then the first language in order: a list for operators needs one title.
func anyTitle(titles map[string]string) string {
	if t, ok := titles["en"]; ok {
		return t
	}
	best := ""
	for lang := range titles {
		if best == "" || lang < best {
			best = lang
		}
	}
	return titles[best]
}
