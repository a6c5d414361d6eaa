package console

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// answer is one request and what it is answered with: made first, then delivered.
type answer struct {
	w         http.ResponseWriter
	r         *http.Request
	form      form
	languages []string

	status int
	body   []byte
}

// newAnswer begins the answer of a public page, with the head that every one of them has.
func newAnswer(w http.ResponseWriter, r *http.Request) *answer {
	h := w.Header()
	h.Set("Vary", "Accept, Accept-Language")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	return &answer{w: w, r: r, languages: languages(r.Header.Values("Accept-Language"))}
}

// slotTime is how long a request waits for its turn.
const slotTime = 2 * time.Second

// inSlot makes an answer when it has a slot; who waits too long is refused.
func (a *answer) inSlot(slots chan struct{}, who string, route func() error) error {
	wait, cancel := context.WithTimeout(a.r.Context(), slotTime)
	defer cancel()
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
		return route()
	case <-wait.Done():
		return refusal{http.StatusServiceUnavailable, CodeBusy, who + " answers as many readers as it can"}
	}
}

// serveStyle serves the style sheet of all pages.
func serveStyle(w http.ResponseWriter, r *http.Request) {
	a := &answer{w: w, r: r}
	a.send("text/css; charset=utf-8", style, "max-age=86400")
	a.deliver()
}

// sendPage renders a page and answers with it, or with the refusal that it shows.
func (a *answer) sendPage(t *template.Template, frame any, problem *refusal) error {
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "page.html", frame); err != nil {
		return err
	}
	if problem != nil {
		a.refuseWith(problem.status, formHTML.contentType(), out.Bytes())
		return nil
	}
	a.send(formHTML.contentType(), out.Bytes(), fresh)
	return nil
}

// send answers with bytes, or says that the reader has them (RFC 9110 §13.1.2). To HEAD the server
// sends the head alone.
func (a *answer) send(media string, body []byte, cache string) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := a.w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", cache)
	if has(a.r.Header.Values("If-None-Match"), tag) {
		a.status = http.StatusNotModified
		return
	}
	a.sendAs(http.StatusOK, media, body)
}

// sendAs answers with bytes and a status.
func (a *answer) sendAs(status int, media string, body []byte) {
	a.w.Header().Set("Content-Type", media)
	a.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	a.status, a.body = status, body
}

// deliver writes what the answer was made of.
func (a *answer) deliver() {
	a.w.WriteHeader(a.status)
	_, _ = a.w.Write(a.body) // the reader is gone: nothing to mend
}

// fresh makes a reader ask whether what it has is still right.
const fresh = "public, no-cache"

// has compares entity tags weakly (RFC 9110 §8.8.3.2).
func has(headers []string, tag string) bool {
	for _, t := range strings.Split(strings.Join(headers, ","), ",") {
		t = strings.TrimSpace(t)
		if t == "*" || strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}

func (a *answer) sendJSON(v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	a.send(formJSON.contentType(), append(body, '\n'), fresh)
	return nil
}

// Codes of the problems of the public catalogue.
const (
	CodeBusy          = "busy"                  // as many readers are answered as may be at once
	CodeUnavailable   = "catalogue-unavailable" // the index or the record cannot be read
	CodeNotAcceptable = "not-acceptable"        // RFC 9110 §15.5.7
	CodeNotFound      = "not-found"
	CodeQuery         = "query" // beyond the bounds of a question
)

// refusal is an answer that is none.
type refusal struct {
	status       int
	code, detail string
}

// Error gives code and detail.
func (r refusal) Error() string { return r.code + ": " + r.detail }

// refuse answers with a problem (RFC 9457).
func (a *answer) refuse(r refusal) {
	body, err := json.Marshal(ehds.Problem{
		Type: "urn:ehdsgw:problem:" + r.code, Title: http.StatusText(r.status), Status: r.status, Code: r.code, Detail: r.detail,
	})
	if err != nil {
		body = []byte(`{"type":"about:blank"}`) // strings and a number: they always marshal
	}
	a.refuseWith(r.status, "application/problem+json", append(body, '\n'))
}

// refuseWith answers with a refusal in some form.
func (a *answer) refuseWith(status int, media string, body []byte) {
	h := a.w.Header()
	h.Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "2")
	}
	a.sendAs(status, media, body)
}
