// Package ingest is the catalogue connector for holders that push: the interface of the French national
// catalogue, served by the gateway.
//
// It is a driver behind connectors.Catalogue with an HTTP face (connectors.Served). A holder's system
// sends one description in Turtle at a time:
//
//	POST   /ingest/datasets                          a new one; gives {"id"}
//	PUT    /ingest/datasets/origin?originalId=ID     a new one or a newer form of it; gives {"id"}
//	DELETE /ingest/datasets/{id}                     takes one back
//	GET    /api-keys/whoami                          the name and role of the key in X-API-Key
//
// Guarantees: what was answered with 200 or 201 is durable in the mailbox and in the next pass. A key
// sees and changes only what was pushed with it, and cannot take the place of what another pushed: an
// identifier belongs to the first description that has it, until that is taken back. A description that cannot become a record (malformed,
// empty, more or less than one dataset, too large, too complex) is refused at once, with line and
// column; whether it meets the release is judged by the pass, as for every source. Repeating a request
// changes nothing. Only digests of keys are known here.
//
// List gives everything pushed since a time, and tombstones of what was taken back. Tombstones are kept
// until a dataset with the identifier is pushed again.
package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds. The defaults are what zero Options stand for.
const (
	DefaultPageDatasets = 32
	DefaultMaxPerKey    = 20_000 // descriptions of one key
	maxBytes            = connectors.MaxRawDocument
	maxTriples          = 20_000
	maxOriginalID       = 1024 // bytes
)

// Errors of New and List.
var (
	// ErrHost is returned when the host lends no mailbox or clock.
	ErrHost = errors.New("ingest: the host lends no mailbox or clock")
	// ErrCursor is returned for a cursor that is none of this driver.
	ErrCursor = errors.New("ingest: the cursor is none of this driver")
)

// Options of the driver.
type Options struct {
	Keys         []byte // JSON; see ParseKeys
	PageDatasets int    // descriptions a page; 0 means DefaultPageDatasets
	MaxPerKey    int    // 0 means DefaultMaxPerKey
}

// Driver keeps what was pushed. It is safe for concurrent use.
type Driver struct {
	host connectors.Host
	o    Options
	keys map[string]Key // by digest

	mu     sync.Mutex     // one change at a time
	counts map[string]int // descriptions by name of the key; nil until counted
	// taken is which description has an identifier; nil until counted.
	taken map[string]string
}

var (
	_ connectors.Catalogue = (*Driver)(nil)
	_ connectors.Served    = (*Driver)(nil)
)

// New makes the driver.
func New(host connectors.Host, o Options) (*Driver, error) {
	if host.Mailbox == nil || host.Clock == nil {
		return nil, ErrHost
	}
	if host.Logger == nil {
		host.Logger = slog.New(slog.DiscardHandler)
	}
	if o.PageDatasets <= 0 {
		o.PageDatasets = DefaultPageDatasets
	}
	if o.MaxPerKey <= 0 {
		o.MaxPerKey = DefaultMaxPerKey
	}
	keys, err := ParseKeys(o.Keys)
	if err != nil {
		return nil, err
	}
	d := &Driver{host: host, o: o, keys: map[string]Key{}}
	for _, k := range keys {
		d.keys[k.SHA256] = k
	}
	return d, nil
}

// Capabilities: since is honoured, and deletions are told.
func (d *Driver) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Since: true, Tombstones: true, Paged: true}
}

// Prefixes of the mailbox's keys. The order is that of a pass.
const (
	pushedPrefix = "d/" // descriptions
	gonePrefix   = "t/" // tombstones
)

// entry is a description, or without content the tombstone of one.
type entry struct {
	Owner      string    `json:"owner"` // name of the key
	OriginalID string    `json:"original_id"`
	Identifier string    `json:"identifier"` // dct:identifier, or the IRI without one
	At         time.Time `json:"at"`         // of the last change
	Content    string    `json:"content,omitempty"`
}

// List gives the next descriptions, then the tombstones. The cursor is the mailbox key of the last entry
// of the page before.
func (d *Driver) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	prefix := pushedPrefix
	switch {
	case strings.HasPrefix(cursor, gonePrefix):
		prefix = gonePrefix
	case cursor != "" && !strings.HasPrefix(cursor, pushedPrefix):
		return connectors.CataloguePage{}, ErrCursor
	}
	mails, err := d.host.Mailbox.Scan(ctx, prefix, cursor, d.o.PageDatasets)
	if err != nil {
		return connectors.CataloguePage{}, fmt.Errorf("ingest: %w", err)
	}
	var page connectors.CataloguePage
	for _, m := range mails {
		var e entry
		if err := json.Unmarshal(m.Value, &e); err != nil {
			return connectors.CataloguePage{}, fmt.Errorf("ingest: entry %s: %w", m.Key, err)
		}
		switch id := m.Key[len(prefix):]; {
		case e.At.Before(since):
		case prefix == gonePrefix:
			page.Tombstones = append(page.Tombstones, e.Identifier)
		default:
			page.Items = append(page.Items, item(id, e))
		}
	}
	switch {
	case len(mails) == d.o.PageDatasets:
		page.Next = mails[len(mails)-1].Key
	case prefix == pushedPrefix:
		page.Next = gonePrefix
	}
	return page, nil
}

func item(id string, e entry) connectors.CatalogueItem {
	name := e.Owner + "/" + id
	return connectors.CatalogueItem{File: name, Raw: &connectors.RawDocument{
		Content: []byte(e.Content), Format: rdf.Turtle, Options: readOptions(name),
	}}
}

// readOptions are those of every description: without a base, relative references are refused.
func readOptions(name string) rdf.ReadOptions {
	return rdf.ReadOptions{File: name, MaxBytes: maxBytes, MaxTriples: maxTriples}
}
