package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// LogPath is the log's prefix below the entity (C2SP tlog-tiles: checkpoint and tiles lie under it).
const LogPath = "/log"

// logReads bounds the reads of the log at once. A tile costs up to 256 look-ups.
const logReads = 16

// Log is the committed evidence log.
type Log interface {
	Checkpoint(ctx context.Context) ([]byte, error)
	Tile(ctx context.Context, t tlog.Tile) ([]byte, error)
}

// EvidenceLog serves hash tiles and the checkpoint (wire profile §7): to whoever the listener knows by
// a client certificate, or who proves itself with a signed pull. Entry bundles are not served.
type EvidenceLog struct {
	Log Log
	// Admit judges a signed pull, `ehds-pull+jwt` with ask "log"; nil lets its sender read.
	Admit func(ctx context.Context, token string) *fault.Error

	slots chan struct{}
}

// register mounts the routes below root.
func (l *EvidenceLog) register(mux *http.ServeMux, root string) {
	l.slots = make(chan struct{}, logReads)
	mux.HandleFunc("GET "+root+LogPath+"/checkpoint", func(w http.ResponseWriter, r *http.Request) {
		l.serve(w, r, "text/plain; charset=utf-8", "private, no-cache", l.Log.Checkpoint)
	})
	mux.HandleFunc("GET "+root+LogPath+"/tile/{tile...}", func(w http.ResponseWriter, r *http.Request) {
		tile, err := evidence.ParseTilePath(strings.TrimPrefix(r.URL.EscapedPath(), root+LogPath+"/"))
		if err != nil { // before any signature is looked at
			writeProblem(w, fault.Wrap(err, fault.NotFound, "not-found", "no hash tile has this path"))
			return
		}
		// Every width of a tile is the same for ever. A partial one is soon of no use to anybody.
		cache := "private, max-age=300"
		if tile.W == evidence.TileWidth {
			cache = "private, max-age=31536000, immutable"
		}
		l.serve(w, r, "application/octet-stream", cache, func(ctx context.Context) ([]byte, error) { return l.Log.Tile(ctx, tile) })
	})
}

// serve admits a reader and answers. What may be kept is kept by the reader alone: the answer was for
// who proved itself.
func (l *EvidenceLog) serve(w http.ResponseWriter, r *http.Request, media, cache string, read func(context.Context) ([]byte, error)) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	default:
		writeProblem(w, busy())
		return
	}
	if f := l.admit(r); f != nil {
		if f.Kind == fault.Unauthenticated {
			w.Header().Set("WWW-Authenticate", "Bearer") // RFC 6750 §3
		}
		writeProblem(w, f)
		return
	}
	data, err := read(r.Context())
	switch {
	case errors.Is(err, store.ErrNotFound):
		writeProblem(w, fault.Wrap(err, fault.NotFound, "not-found", "the log has not grown so far"))
		return
	case err != nil:
		writeProblem(w, fault.Wrap(err, fault.Unavailable, "record-unavailable", "the log cannot be read now").After(minute))
		return
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", cache)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // the reader is gone: nothing to mend
}

// admit says why a request may not read; nil when it may.
func (l *EvidenceLog) admit(r *http.Request) *fault.Error {
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return nil
	}
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return fault.New(fault.Unauthenticated, "not-authenticated", "the log is read with a client certificate or a signed pull")
	}
	token, ok := strings.CutPrefix(values[0], "Bearer ")
	if !ok || token == "" {
		return fault.New(fault.Unauthenticated, "not-authenticated", "the log is read with a client certificate or a signed pull")
	}
	return l.Admit(r.Context(), token)
}
