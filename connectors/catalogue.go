package connectors

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Catalogue reads a national catalogue. Implementations are safe for one List at a time.
type Catalogue interface {
	// Capabilities says what the source can do; it does not change while the driver lives.
	Capabilities() CatalogueCapabilities
	// List returns one page. since is the zero time for everything, cursor is empty for the first
	// page and otherwise a Next of the page before. An error means the pass is incomplete: nothing
	// may be deleted because of it.
	List(ctx context.Context, since time.Time, cursor string) (CataloguePage, error)
}

// CatalogueCapabilities are the abilities of a source.
type CatalogueCapabilities struct {
	Since      bool // honours since
	Tombstones bool // reports deletions itself; otherwise absence from a complete pass means deleted
	Paged      bool // may return more than one page
}

// CataloguePage is part of a pass.
type CataloguePage struct {
	Items      []CatalogueItem
	Tombstones []string // identifiers the source says are gone
	Next       string   // cursor of the next page; empty on the last
}

// ErrUnsettled is wrapped by the error of an item that stands for what a listing may have left out: it
// changed while it was read, or ended before everything was given that it counts. The other items are
// good; what is missing among them is not to be taken for deleted.
var ErrUnsettled = errors.New("the listing may have left something out")

// CatalogueItem is one document of a source: a graph, the bytes it is to be read from, or the reason
// why there is neither.
type CatalogueItem struct {
	// File is the place for findings: path relative to the source, or URL. What follows a "#" is a part
	// of a document whose parts change places, such as a page of a listing: an error in one may concern
	// what was on another before.
	File  string
	Graph *rdf.Graph
	// Raw stands for Graph where the driver has no business with the statements: who takes the item
	// reads several at once, and none whose bytes are those of the pass before.
	Raw *RawDocument
	// Err is why this document could not be read: a *rdf.SyntaxError when its content is malformed.
	// The other documents of the pass are not affected.
	Err error
}

// MaxRawDocument is the largest document a driver passes on unread, in bytes: the documents of a page
// are in memory together.
const MaxRawDocument = 1 << 20

// RawDocument is a document as the source gave it.
type RawDocument struct {
	Content []byte
	Format  rdf.Format
	Options rdf.ReadOptions
}

// Open gives the graph of a document, reading it when that was left to the caller. The error is Err,
// a *rdf.SyntaxError, or the context's; a document with neither graph nor error has none.
func (i CatalogueItem) Open(ctx context.Context) (*rdf.Graph, error) {
	if i.Err != nil || i.Raw == nil {
		return i.Graph, i.Err
	}
	return rdf.Read(ctx, bytes.NewReader(i.Raw.Content), i.Raw.Format, i.Raw.Options)
}
