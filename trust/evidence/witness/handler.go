package witness

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

// sizeType is the media type of a size in a 409 (C2SP tlog-witness).
const sizeType = "text/x.tlog.size"

// maxAtOnce bounds the requests that are answered at the same time, and so the memory they take: logs
// ask once in minutes.
const maxAtOnce = 64

// Handler serves POST /add-checkpoint below the witness's submission prefix. Whoever comes while
// 64 requests are under way is told to come again (503). The server bounds how long a body may take.
func Handler(w *Witness, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	slots := make(chan struct{}, maxAtOnce)
	mux.HandleFunc("POST /add-checkpoint", func(rw http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			rw.Header().Set("Retry-After", "1")
			http.Error(rw, "too many ask at once", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, MaxRequest))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			http.Error(rw, "the request is too long", http.StatusRequestEntityTooLarge)
			return
		case err != nil:
			http.Error(rw, "the request ended early", http.StatusBadRequest)
			return
		}
		line, size, err := answer(w, body)
		status := statusOf(err)
		switch {
		case err == nil:
			_, _ = io.WriteString(rw, line) // the log is gone: nothing to mend
		case errors.Is(err, ErrConflict):
			rw.Header().Set("Content-Type", sizeType)
			rw.WriteHeader(status)
			_, _ = fmt.Fprintf(rw, "%d\n", size)
		default:
			http.Error(rw, http.StatusText(status), status)
		}
		if err != nil {
			log.WarnContext(r.Context(), "witness refused", slog.Int("status", status), slog.String("reason", reasonOf(err)))
		}
	})
	return mux
}

func answer(w *Witness, body []byte) (string, int64, error) {
	req, err := ParseRequest(body)
	if err != nil {
		return "", 0, err
	}
	return w.AddCheckpoint(req)
}

func statusOf(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrUnknownLog):
		return http.StatusNotFound
	case errors.Is(err, ErrUnsigned):
		return http.StatusForbidden
	case errors.Is(err, ErrConflict):
		return http.StatusConflict
	case errors.Is(err, ErrProof):
		return http.StatusUnprocessableEntity
	case errors.Is(err, ErrRequest), errors.Is(err, ErrOldSize):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// reasonOf is a constant text: a request may hold anything.
func reasonOf(err error) string {
	for _, known := range []error{ErrUnknownLog, ErrUnsigned, ErrConflict, ErrProof, ErrOldSize, ErrRequest} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return err.Error() // our own trouble with the folder
}
