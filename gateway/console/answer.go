package console

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

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
