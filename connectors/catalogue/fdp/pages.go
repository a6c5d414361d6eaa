package fdp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
)

// pageSize is how many children a page is asked to describe: their documents come with it. A server
// that makes its pages larger than maxPageSize is not believed about their number.
const (
	pageSize    = 50
	maxPageSize = 10_000
)

// paged asks the server for the parts of one kind page by page (/page/{child}, 0-based) when the
// container's document does not list them all; the last link of pages of one tells how many there
// are. A server that has no such pages, or fails to begin them, is taken at its document's word if that
// lists any. Pages that were begun must be read to their end.
func (w *walker) paged(ctx context.Context, c container, kind child, listed int) ([]member, error) {
	base, err := url.Parse(c.iri)
	if err != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, nil // no resource of the reference server is called so
	}
	base = base.JoinPath("page", kind.prefix)
	first := func(size int) (document, error) {
		base.RawQuery = "page=0&size=" + strconv.Itoa(size)
		return w.wire.get(ctx, base.String())
	}
	if listed > 0 {
		probe, err := first(1)
		var status origin.Status
		switch {
		case errors.As(err, &status), errors.Is(err, origin.ErrMediaType):
			return nil, nil
		case err != nil:
			return nil, err
		case probe.count() <= listed:
			return nil, nil
		}
	}
	doc, err := first(pageSize)
	if listed == 0 && notOffered(err) {
		return nil, nil // the container is empty
	}
	var out []member
	least := 0 // how many there are at least, as far as that was told
	for {
		if err != nil {
			return nil, fmt.Errorf("page of %s: %w", kind.prefix, err)
		}
		parts := doc.described(kind)
		if len(parts) == 0 && doc.Len() > 0 {
			return nil, fmt.Errorf("page of %s: %w", kind.prefix, ErrNotContainer)
		}
		if out = append(out, parts...); len(out) > w.o.MaxDatasets {
			return nil, fmt.Errorf("%w: over %d parts", ErrTooMany, w.o.MaxDatasets)
		}
		if last, size, told := doc.lastPage(); told && last >= 0 {
			least = max(least, last*size+1)
		}
		if doc.next == "" {
			break
		}
		doc, err = w.page(ctx, doc.next)
	}
	if len(out) < least {
		return nil, fmt.Errorf("pages of %s: %w: %d of at least %d", kind.prefix, ErrShort, len(out), least)
	}
	return out, nil
}

// notOffered says whether an answer means that there is no such address. A refusal, a failure or a page
// for people mean nothing of the kind.
func notOffered(err error) bool {
	return slices.ContainsFunc([]origin.Status{http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone},
		func(s origin.Status) bool { return errors.Is(err, s) })
}

// page follows a link to a next page.
func (w *walker) page(ctx context.Context, address string) (document, error) {
	if w.seen[address] {
		return document{}, ErrLoop
	}
	if w.pages++; w.pages > w.o.MaxContainers {
		return document{}, fmt.Errorf("%w: over %d pages", ErrTooMany, w.o.MaxContainers)
	}
	w.seen[address] = true
	return w.wire.get(ctx, address)
}

// lastPage reads the last link of a page: its number, from 0, and the size of pages.
func (doc document) lastPage() (last, size int, told bool) {
	u, err := url.Parse(doc.last)
	if err != nil || doc.last == "" {
		return 0, 0, false
	}
	last, errLast := strconv.Atoi(u.Query().Get("page"))
	size, errSize := strconv.Atoi(u.Query().Get("size"))
	told = errLast == nil && errSize == nil && last >= -1 && size > 0 && last < math.MaxInt32 && size <= maxPageSize
	return last, size, told
}

// count is how many parts there are, told by the last of pages of one; 0 when it is not told.
func (doc document) count() int {
	if last, size, told := doc.lastPage(); told && size == 1 {
		return last + 1
	}
	return 0
}
