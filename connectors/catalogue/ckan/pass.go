package ckan

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// unknown is a total nobody told.
const unknown = -1

// position is where a pass stands: what a cursor says.
type position struct {
	n     int    // page, from 1
	given int    // datasets on the pages before
	total int    // that the page before told, or unknown
	blind bool   // the page before was malformed: whether this one exists is a guess
	uri   string // path and query of the page
}

// String is the cursor.
func (p position) String() string {
	return fmt.Sprintf("%d %d %d %t %s", p.n, p.given, p.total, p.blind, p.uri)
}

func parsePosition(cursor string) (position, error) {
	parts := strings.SplitN(cursor, " ", 5)
	if len(parts) != 5 {
		return position{}, ErrCursor
	}
	p := position{uri: parts[4]}
	for i, to := range []*int{&p.n, &p.given, &p.total} {
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < unknown {
			return position{}, ErrCursor
		}
		*to = n
	}
	blind, err := strconv.ParseBool(parts[3])
	p.blind = blind
	if err != nil || p.n < 1 || p.given < 0 || !strings.HasPrefix(p.uri, "/") {
		return position{}, ErrCursor
	}
	return p, nil
}

// pass is what a driver remembers while it reads a listing. One that goes on where another stopped
// knows no more than its cursor says.
type pass struct {
	next  string          // the cursor it expects
	asked map[string]bool // pages
	seen  map[string]bool // datasets
	stale int             // pages in a row that gave nothing new
	last  string          // id of the last package of the page before (action view)
}

// maxStale is how many pages in a row may give nothing new: the last one of a listing that moved may,
// a portal that does not look at the number of the page does for ever.
const maxStale = 1

// begin finds the place of a cursor and the memory that belongs to it.
func (d *Driver) begin(since time.Time, cursor string) (position, error) {
	if cursor == "" {
		d.pass = newPass()
		return position{n: 1, total: unknown, uri: d.first(since).RequestURI()}, nil
	}
	at, err := parsePosition(cursor)
	if err != nil {
		return position{}, err
	}
	if d.pass == nil || d.pass.next != cursor {
		d.pass = newPass()
	}
	if at.n > d.o.MaxPages {
		return position{}, fmt.Errorf("%w: over %d", ErrTooMany, d.o.MaxPages)
	}
	return at, nil
}

func newPass() *pass { return &pass{asked: map[string]bool{}, seen: map[string]bool{}} }

// first is the address of the first page.
func (d *Driver) first(since time.Time) *url.URL {
	u := *d.listing
	q := url.Values{"profiles": {d.o.Profile}, "page": {"1"}}
	if !since.IsZero() {
		q.Set("modified_since", sinceText(since))
	}
	if d.o.View == Action {
		q = d.query(0, since)
	}
	u.RawQuery = q.Encode()
	return &u
}

// address is the full address of a page, once only.
func (d *Driver) address(at position) (string, error) {
	if d.pass.asked[at.uri] {
		return "", ErrLoop
	}
	d.pass.asked[at.uri] = true
	root := d.portal.Root()
	return root.Scheme + "://" + root.Host + at.uri, nil
}

// told is what a page says of the listing.
type told struct {
	names []string // of its datasets, each once
	total int      // or unknown
	next  string   // path and query of the next page, empty on the last
	moved bool     // it does not join the page before
}

// advance compares a page with those before: which of its datasets came already, what has to be told
// beside it, and where the next page is.
func (d *Driver) advance(at position, page told) (again []string, beside []connectors.CatalogueItem, next string, err error) {
	fresh := 0
	for _, name := range page.names {
		if d.pass.seen[name] {
			again = append(again, name)
			continue
		}
		d.pass.seen[name] = true
		fresh++
	}
	if len(d.pass.seen) > d.o.MaxDatasets {
		return nil, nil, "", fmt.Errorf("%w: over %d datasets", ErrTooMany, d.o.MaxDatasets)
	}
	if d.pass.stale++; fresh > 0 || len(again) == 0 {
		d.pass.stale = 0
	}
	if d.pass.stale > maxStale {
		return nil, nil, "", fmt.Errorf("%w: page %d repeats others", ErrLoop, at.n)
	}
	given := at.given + fresh
	if page.moved || len(again) > 0 || at.total != unknown && page.total != unknown && page.total != at.total {
		beside = append(beside, connectors.CatalogueItem{File: d.place(0), Err: ErrMoved})
	}
	if page.next == "" {
		if page.total != unknown && given < page.total {
			beside = append(beside, connectors.CatalogueItem{File: d.place(0), Err: ErrShort})
		}
		return again, beside, "", nil
	}
	d.pass.next = position{n: at.n + 1, given: given, total: page.total, uri: page.next}.String()
	return again, beside, d.pass.next, nil
}
