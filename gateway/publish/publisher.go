package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Source is one catalogue source of the nation.
type Source struct {
	Name    string
	Driver  connectors.Catalogue
	Release string // HealthDCAT-AP release of its records, "r8"
	// Normalise rewrites obsolete spellings in a document, with a finding for each; nil leaves it as it
	// is. It may change the graph it is given. It is called by several goroutines.
	Normalise func(ctx context.Context, g *rdf.Graph, file string) (*rdf.Graph, []catalogue.Finding, error)
	// Validate gives the findings of a record under the source's rule set. It depends on the record
	// alone, and is called by several goroutines.
	Validate func(catalogue.Record) []catalogue.Finding
}

// Record is the part of the store publishing uses.
type Record interface {
	store.Updater
	Case(ctx context.Context, caseID string) (store.Case, bool, error)
	Cases(ctx context.Context, prefix, after string, limit int) ([]store.Case, error)
	DescriptionVersions(ctx context.Context, caseID string) ([]store.Description, error)
	MailGet(ctx context.Context, namespace, key string) ([]byte, bool, error)
	MailBatch(ctx context.Context, namespace string, puts []store.Mail, deletes []string) error
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
	// SpoolDir is where what is to be told waits for the end of a pass; "" is the system's directory
	// for temporary files. MaxSpool bounds it in bytes; 0 means DefaultMaxSpool.
	SpoolDir string
	MaxSpool int64
	// StaleAfter is how long a source may go unread before what is published of it is stale; 0 means
	// DefaultStaleAfter.
	StaleAfter time.Duration
	// Calendar is the nation's: yearly checks end by it. The zero value has no holidays.
	Calendar access.Calendar

	mu     sync.Mutex
	turns  map[string]chan struct{} // by source: full while a pass runs
	memory map[string]*memory       // by source, of the last complete pass
}

// Options of one pass.
type Options struct {
	DryRun bool   // stop after the comparison and say what would be sent
	Force  bool   // let removals and invalid records pass the guard: an operator has looked
	By     string // the operator who asked for it; "" is the schedule
	All    bool   // list everything in the report, however much it is
}

// by names who acts, for the history.
func (o Options) by(source string) string {
	if o.By != "" {
		return o.By
	}
	return "source " + source
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
	r := Report{Source: s.Name, DryRun: o.DryRun, Started: p.Clock(), Created: []Item{}, Updated: []Item{}, Deleted: []Item{}}
	done, err := p.turn(ctx, s.Name)
	if err != nil {
		return r, err
	}
	defer done()
	err = p.run(ctx, s, o, &r)
	r.Took = p.Clock().Sub(r.Started)
	return r, err
}

func (p *Publisher) run(ctx context.Context, s Source, o Options, r *Report) error {
	standing, err := p.standing(ctx, s)
	if err != nil {
		return err
	}
	x := p.newPass(s, o, r, standing)
	defer x.spool.close()
	if err := p.flow(ctx, x); err != nil {
		return fmt.Errorf("%w: source %s: %w", ErrIncomplete, s.Name, err)
	}
	x.settle()
	x.tell()
	p.remember(s.Name, x.next)
	if err := p.guard(x); err != nil || o.DryRun {
		return err
	}
	if err := p.send(ctx, x); err != nil {
		return err
	}
	return p.note(ctx, x)
}

func (p *Publisher) source(name string) (Source, error) {
	for _, s := range p.Sources {
		if s.Name == name {
			return s, nil
		}
	}
	return Source{}, fmt.Errorf("%w: %q", ErrNoSource, name)
}
