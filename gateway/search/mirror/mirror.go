package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// Marks kept in the index.
const (
	markSince    = "eu/since"    // the last change seen, RFC 3339
	markComplete = "eu/complete" // when a complete pass last ended, RFC 3339
	markGone     = "eu/gone"     // the removals that wait for a second complete pass
	markPass     = "eu/pass"     // the pass that was begun last
)

// Bounds of a pass.
const (
	maxPages    = 20_000
	maxDatasets = 1_000_000
	maxSpool    = 4 << 30 // bytes of a pass, on disk
	batchSize   = 500
	batchBytes  = 16 << 20 // of content applied together, to which the last description is added
	// completeEvery is how often everything is read, to learn what is gone.
	completeEvery = 24 * time.Hour
)

// A pass that would remove more than this share of what is mirrored, and not just a few, waits for the
// next complete pass to say the same.
const (
	removedShare = 0.2
	removedFew   = 10
)

// Errors of a pass. Nothing was changed, except with ErrForgotten.
var (
	ErrPage    = errors.New("a page of the EU catalogue cannot be read") // status, form, size
	ErrLoop    = errors.New("the pages of the EU catalogue run in circles")
	ErrForeign = errors.New("a page of the EU catalogue leads to another host")
	ErrHalf    = errors.New("the EU catalogue showed less than it announced")
	ErrEmpty   = errors.New("the EU catalogue came back empty")
	ErrBounds  = errors.New("the EU catalogue is larger than is read")
	// ErrForgotten leaves some of the descriptions behind, and no mark: the next pass is complete.
	ErrForgotten = errors.New("the index was made anew while the EU catalogue was read")
	ErrRoom      = errors.New("there is no room on disk for the EU catalogue")
)

// Index is where what is mirrored is kept; *search.Index implements it.
type Index interface {
	Apply(ctx context.Context, b search.Batch) error
	Mark(ctx context.Context, name string) (string, error)
	Versions(ctx context.Context, origin search.Origin) (map[string]string, error)
}

// Mirror reads one centre's catalogue.
type Mirror struct {
	URL    string       // of the public catalogue
	HTTP   *http.Client // guarded
	Index  Index
	Skip   string // country whose descriptions are left out: our own are in the record
	Clock  func() time.Time
	Logger *slog.Logger
	// TempDir is where a pass is spooled; the files go with it.
	TempDir string
	// Room says whether there is room on disk: what can be fetched again must not crowd out what cannot.
	// It is asked before every page and every write; nil is always.
	Room func() error
}

// Report is what a pass did.
type Report struct {
	Complete  bool
	Pages     int
	Read      int // datasets
	Put       int // new or changed
	Removed   int
	Unchanged int
	Skipped   int // of the country left out
	Unfit     int // that could not be read
	// Withheld are removals that wait for the next complete pass.
	Withheld int
}

// Run makes one pass: a complete one when none was made, or the last is a day old.
func (m *Mirror) Run(ctx context.Context) (Report, error) {
	since, complete, err := m.window(ctx)
	if err != nil {
		return Report{}, err
	}
	have, err := m.Index.Versions(ctx, search.EU)
	if err != nil {
		return Report{}, err
	}
	file, err := os.CreateTemp(m.TempDir, "mirror-*.spool")
	if err != nil {
		return Report{}, fmt.Errorf("mirror: %w", err)
	}
	defer func() {
		_ = file.Close()           // nothing in it is needed any more
		_ = os.Remove(file.Name()) // a start without it makes it anew
	}()
	p := &pass{m: m, have: have, seen: map[string]bool{}, spool: newSpool(file), since: since, total: -1, report: Report{Complete: complete}}
	p.began, p.name = m.Clock(), file.Name()
	if err := m.Index.Apply(ctx, search.Batch{Marks: map[string]string{markPass: p.name}}); err != nil {
		return Report{}, err
	}
	p.each = p.dataset
	if err := p.read(ctx); err != nil {
		return p.report, err
	}
	p.took = m.Clock().Sub(p.began)
	return p.report, p.apply(ctx)
}

// window says since when changes are read; zero and true for everything.
func (m *Mirror) window(ctx context.Context) (time.Time, bool, error) {
	since, err := m.time(ctx, markSince)
	if err != nil {
		return time.Time{}, false, err
	}
	last, err := m.time(ctx, markComplete)
	if err != nil || since.IsZero() || last.IsZero() || m.Clock().Sub(last) >= completeEvery {
		return time.Time{}, true, err
	}
	return since, false, nil
}

// time reads a mark; what is not a time is none.
func (m *Mirror) time(ctx context.Context, name string) (time.Time, error) {
	text, err := m.Index.Mark(ctx, name)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, nil // it was never set
	}
	return at, nil
}

// room asks for room on disk.
func (m *Mirror) room() error {
	if m.Room == nil {
		return nil
	}
	if err := m.Room(); err != nil {
		return fmt.Errorf("%w: %w", ErrRoom, err)
	}
	return nil
}
