package connectortest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
)

// Fault answers a request badly. honest is what would have answered it well.
type Fault func(w http.ResponseWriter, r *http.Request, honest http.Handler)

// endless is where an endless body ends all the same, so that a driver without bounds fails its test
// rather than the machine; a bomb inflates to as much.
const endless = 24 << 20

// filler is a line that Turtle and N-Triples read over.
func filler() []byte { return []byte("# " + strings.Repeat("again and ", 400) + "again\n") }

// answer is what the double says to a request.
func answer(honest http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	honest.ServeHTTP(rec, r)
	return rec
}

// send passes an answer on with another body.
func send(w http.ResponseWriter, rec *httptest.ResponseRecorder, body []byte) {
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body) // the client may have gone
}

// Status answers with a status and a page for people.
func Status(code int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(code)
		_, _ = w.Write([]byte("<!doctype html><title>Sorry</title>")) // the client may have gone
	}
}

// Later answers with a status and says when to come back.
func Later(code, seconds int) Fault {
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		Status(code)(w, r, honest)
	}
}

// Dropped breaks the connection before anything is done.
func Dropped() Fault {
	return func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
}

// Lost does what was asked and breaks the connection before the answer.
func Lost() Fault {
	return func(_ http.ResponseWriter, r *http.Request, honest http.Handler) {
		answer(honest, r)
		panic(http.ErrAbortHandler)
	}
}

// Garbled gives something else for the honest body, which is what was asked and done.
func Garbled(body string) Fault { return Rewrite(func(string) string { return body }) }

// WrongType gives the honest answer another Content-Type.
func WrongType(contentType string) Fault {
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		rec := answer(honest, r)
		rec.Header().Set("Content-Type", contentType)
		send(w, rec, rec.Body.Bytes())
	}
}

// Rewrite gives the honest answer with another body. Targets of the Link header are rewritten too.
func Rewrite(change func(body string) string) Fault {
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		rec := answer(honest, r)
		for i, l := range rec.Header()["Link"] {
			rec.Header()["Link"][i] = change(l)
		}
		send(w, rec, []byte(change(rec.Body.String())))
	}
}

// LinksElsewhere replaces every address of one origin in the answer by those of another.
func LinksElsewhere(from, to string) Fault {
	return Rewrite(func(body string) string { return strings.ReplaceAll(body, from, to) })
}

// RedirectElsewhere sends the client to the same path of another origin.
func RedirectElsewhere(origin string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Redirect(w, r, origin+r.URL.RequestURI(), http.StatusFound)
	}
}

// RedirectLoop sends the client to where it is.
func RedirectLoop() Fault {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Redirect(w, r, r.URL.RequestURI(), http.StatusFound)
	}
}

// CutBody gives half of the honest body and breaks the connection. Without announced the length was
// not told before.
func CutBody(announced bool) Fault {
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		rec := answer(honest, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		if announced {
			w.Header().Set("Content-Length", strconv.Itoa(rec.Body.Len()))
		}
		w.WriteHeader(rec.Code)
		body := rec.Body.Bytes()
		// Whole lines: what is there must not betray by its form that something is missing.
		_, _ = w.Write(body[:bytes.LastIndexByte(body[:len(body)/2], '\n')+1])
		_ = http.NewResponseController(w).Flush() // the cut comes in any case
		panic(http.ErrAbortHandler)
	}
}

// EndlessBody gives the honest body and goes on with what means nothing.
func EndlessBody() Fault {
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		rec := answer(honest, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, err := w.Write(rec.Body.Bytes())
		line := filler()
		for n := 0; err == nil && n < endless; n += len(line) {
			_, err = w.Write(line)
		}
	}
}

// GzipBomb gives a small body, encoded though that was not asked for, that inflates to a huge one.
func GzipBomb() Fault {
	bomb := sync.OnceValue(func() []byte {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is one
		}
		line := filler()
		for n := 0; n < endless; n += len(line) {
			_, _ = z.Write(line) // into memory
		}
		_ = z.Close() // into memory
		return b.Bytes()
	})
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		rec := answer(honest, r)
		rec.Header().Set("Content-Encoding", "gzip")
		send(w, rec, bomb())
	}
}

// Repeat answers whatever is asked with the answer to the first question.
func Repeat() Fault {
	var mu sync.Mutex
	var first *httptest.ResponseRecorder
	return func(w http.ResponseWriter, r *http.Request, honest http.Handler) {
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = answer(honest, r)
		}
		send(w, first, first.Body.Bytes())
	}
}

// Hang calls asked and answers nothing until the client goes away.
func Hang(asked func()) Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body) // before that the server does not look whether the client went away
		asked()
		<-r.Context().Done()
	}
}
