package console

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// Shelf is what can be searched and read.
type Shelf interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
	// Read gives a document with its content as N-Quads; ok is false when it is not there.
	Read(ctx context.Context, key string) (d search.Document, ok bool, err error)
}

// Catalogue serves the catalogue's pages below Base.
type Catalogue struct {
	Shelf  Shelf
	Base   string // URL of the entity, without a last slash; paths follow it
	Title  map[string]string
	Logger *slog.Logger
	// Slots bounds the answers that are being made; a request that waits too long is told to come back.
	Slots chan struct{}
}

// requestTime bounds what one answer may take.
const requestTime = 10 * time.Second

//go:embed style.css
var style []byte

// Handler assembles the routes: /catalogue, /catalogue/datasets/{key} and the style sheet.
func (c *Catalogue) Handler() (http.Handler, error) {
	u, err := url.Parse(c.Base)
	if err != nil {
		return nil, err
	}
	root := strings.TrimSuffix(u.Path, "/") + "/catalogue"
	p, err := newPages(root)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root, c.bounded(p, c.list))
	mux.HandleFunc("GET "+root+"/datasets/{key}", c.bounded(p, c.dataset))
	mux.HandleFunc("GET "+root+"/style.css", serveStyle)
	return mux, nil
}

// bounded makes the answer of a route within the slots and the time of a request, and sends it when it
// is whole: a slow reader holds a connection, never a slot.
func (c *Catalogue) bounded(p *pages, route func(*answer, *pages) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		a := newAnswer(w, r.WithContext(ctx))
		f, ok := negotiate(r.URL.Query().Get("format"), r.Header.Values("Accept"))
		if !ok {
			a.refuse(refusal{http.StatusNotAcceptable, CodeNotAcceptable, "the catalogue is served as " + mediaTypes(forms())})
			a.deliver()
			return
		}
		a.form = f
		c.make(a, p, route)
		a.deliver()
	}
}

// make makes the answer when it has a slot.
func (c *Catalogue) make(a *answer, p *pages, route func(*answer, *pages) error) {
	if err := a.inSlot(c.Slots, "the catalogue", func() error { return route(a, p) }); err != nil {
		c.failed(a, p, err)
	}
}

// failed answers an error.
func (c *Catalogue) failed(a *answer, p *pages, err error) {
	var r refusal
	switch {
	case errors.As(err, &r):
	case errors.Is(err, search.ErrQuery):
		r = refusal{http.StatusBadRequest, CodeQuery, "the question cannot be answered: " + strings.TrimPrefix(err.Error(), search.ErrQuery.Error()+": ")}
	case errors.Is(err, search.ErrClosed), errors.Is(err, search.ErrDamaged), errors.Is(err, context.DeadlineExceeded):
		r = refusal{http.StatusServiceUnavailable, CodeUnavailable, "the catalogue cannot be read now"}
	case errors.Is(err, context.Canceled):
		r = refusal{http.StatusServiceUnavailable, CodeUnavailable, "the reader is gone"} // nobody reads it
	default:
		c.Logger.ErrorContext(a.r.Context(), "the catalogue cannot be read", "error", err)
		r = refusal{http.StatusServiceUnavailable, CodeUnavailable, "the catalogue cannot be read now"}
	}
	if a.form.name == formHTML.name && p.problem(a, c, r) == nil {
		return
	}
	a.refuse(r)
}
