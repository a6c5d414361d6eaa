package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
)

// version is the version of what is written: another one is made anew.
const version = "1"

var versionKey = []byte("version")

// Options of an index.
type Options struct {
	// Dir is the index's own directory; it is made, and emptied when what it holds is of no use.
	Dir    string
	Logger *slog.Logger
	// Damaged is told once when the index turns out to be damaged in use: it is of no use until Reset. It
	// must not wait. May be nil.
	Damaged func()
}

// Index is the index. It is safe for concurrent use.
type Index struct {
	o     Options
	words *words

	cabinet *cabinet

	mu     sync.RWMutex // held for reading during every use of index
	index  bleve.Index  // nil when closed
	writes sync.Mutex   // one Apply at a time
	broken atomic.Value // the error because of which it must be made anew
}

// Opening says what became of the index found.
type Opening struct {
	// New is true when the index is empty because there was none, or none that could be used.
	New bool
	// Why it could not be used; nil when there was none.
	Why error
}

// Open opens the index of a directory, or makes it anew. An error means that the directory cannot be
// used.
func Open(ctx context.Context, o Options) (*Index, Opening, error) {
	w, err := newWords()
	if err != nil {
		return nil, Opening{}, err
	}
	x := &Index{o: o, words: w, cabinet: newCabinet()}
	if _, err := os.Stat(o.Dir); errors.Is(err, os.ErrNotExist) {
		return x, Opening{New: true}, x.create()
	}
	why := x.open(ctx)
	if why == nil {
		return x, Opening{}, nil
	}
	if ctx.Err() != nil {
		return nil, Opening{}, ctx.Err()
	}
	return x, Opening{New: true, Why: why}, x.create()
}

// open opens what the directory holds, if it is sound and of this version.
func (x *Index) open(ctx context.Context) (err error) {
	defer damaged(&err)
	if err := checkFiles(ctx, x.o.Dir); err != nil {
		return err
	}
	index, err := bleve.OpenUsing(x.o.Dir, map[string]any{"bolt_timeout": "5s"})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	x.index = index // closed by create if it is of no use
	written, err := index.GetInternal(versionKey)
	if err == nil && string(written) != version {
		err = fmt.Errorf("version %q, this program has %q", written, version)
	}
	if err == nil {
		_, err = x.find(ctx, Query{Limit: 1})
	}
	return err
}

// create makes an empty index in place of what the directory holds.
func (x *Index) create() error {
	if x.index != nil {
		_ = x.index.Close() // it is thrown away
		x.index = nil
	}
	if err := os.RemoveAll(x.o.Dir); err != nil {
		return fmt.Errorf("search: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(x.o.Dir), 0o700); err != nil {
		return fmt.Errorf("search: %w", err)
	}
	index, err := bleve.NewUsing(x.o.Dir, newMapping(), scorch.Name, scorch.Name, map[string]any{"bolt_timeout": "5s"})
	if err == nil {
		err = os.Chmod(x.o.Dir, 0o700)
	}
	if err == nil {
		err = index.SetInternal(versionKey, []byte(version))
	}
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	x.index, x.broken, x.cabinet = index, atomic.Value{}, newCabinet()
	return nil
}

// newMapping maps nothing by itself: documents are made field by field.
func newMapping() mapping.IndexMapping {
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentDisabledMapping()
	return m
}

// Reset makes the index anew when it turned out to be damaged, and reports whether it did.
func (x *Index) Reset() (bool, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.broken.Load() == nil {
		return false, nil
	}
	return true, x.create()
}

// Close closes the index. Calls under way end first, later ones give ErrClosed.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.index == nil {
		return nil
	}
	err := x.index.Close()
	x.index = nil
	return err
}

// use runs f on the open index. A panic of the library over damaged files is an error, and the last use.
func (x *Index) use(f func(bleve.Index) error) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.index == nil {
		return ErrClosed
	}
	if why, broken := x.broken.Load().(error); broken {
		return why
	}
	err := func() (err error) {
		defer damaged(&err)
		return f(x.index)
	}()
	if errors.Is(err, ErrDamaged) && x.broken.CompareAndSwap(nil, fmt.Errorf("%w", err)) {
		x.o.Logger.Error("the search index is damaged and will be made anew", "error", err)
		if x.o.Damaged != nil {
			x.o.Damaged()
		}
	}
	return err
}

// damaged turns a panic into ErrDamaged.
func damaged(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrDamaged, r)
	}
}
