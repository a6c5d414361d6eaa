package fdp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
)

// pageSize is how many children a page is asked to describe: their documents come with it.
const pageSize = 50

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
	for {
		if err != nil {
			return nil, fmt.Errorf("page of %s: %w", kind.prefix, err)
		}
		if out = append(out, doc.described(kind)...); len(out) > w.o.MaxDatasets {
			return nil, fmt.Errorf("%w: over %d parts", ErrTooMany, w.o.MaxDatasets)
		}
		if doc.next == "" {
			return out, nil
		}
		doc, err = w.page(ctx, doc.next)
	}
}

// notOffered says whether an answer means that there are no pages to be had: the address is not known,
// or something else answers there. Too many requests and timeouts mean nothing of the kind.
func notOffered(err error) bool {
	var status origin.Status
	known := errors.As(err, &status) && status >= 400 && status < 500 &&
		status != http.StatusTooManyRequests && status != http.StatusRequestTimeout && status != http.StatusUnauthorized
	return known || errors.Is(err, origin.ErrMediaType)
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

// count is how many children there are, told by the last of pages of one; 0 when it is not told.
func (doc document) count() int {
	u, err := url.Parse(doc.last)
	if err != nil || doc.last == "" {
		return 0
	}
	q := u.Query()
	last, err := strconv.Atoi(q.Get("page"))
	if err != nil || q.Get("size") != "1" {
		return 0
	}
	return last + 1
}
