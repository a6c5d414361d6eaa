package statuslist

import (
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Requests that have no answer here.
var (
	// ErrPast: a list of the past is asked for (draft §8.4): 501.
	ErrPast = errors.New("status lists of the past are not served")
	// ErrAccept: the reader takes another form only (draft §8.1; RFC 9110 §12.5.1): 406.
	ErrAccept = errors.New("status lists are served as " + MediaType + " only")
)

// Servable says whether a request can be answered with the list of now: nil, ErrPast or ErrAccept.
func Servable(r *http.Request) error {
	if r.URL.Query().Has("time") {
		return ErrPast
	}
	if accept := r.Header.Values("Accept"); len(accept) > 0 && !accepts(strings.Join(accept, ",")) {
		return ErrAccept
	}
	return nil
}

// accepts looks for a range that covers the one type there is. What cannot be read excludes nothing.
func accepts(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		kind, params, err := mime.ParseMediaType(part)
		switch {
		case err != nil:
			return true
		case kind != MediaType && kind != "application/*" && kind != "*/*":
			continue
		}
		if q, err := strconv.ParseFloat(params["q"], 64); err != nil || q > 0 {
			return true
		}
	}
	return false
}

// Refuse answers a request that is not servable, in the one line that err is.
func Refuse(w http.ResponseWriter, err error) {
	status := http.StatusNotAcceptable
	if errors.Is(err, ErrPast) {
		status = http.StatusNotImplemented
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, err.Error(), status)
}

// Serve answers with a signed list. Nothing in the answer depends on who asks: no cookie, no
// credential, any origin (draft §8.1, CORS; §12.1). It is not compressed again, which the draft would
// like (§8.2): the list in it is, and anybody may ask as often as they like.
func Serve(w http.ResponseWriter, token string) {
	h := w.Header()
	h.Del("Set-Cookie")
	h.Set("Content-Type", MediaType)
	h.Set("Cache-Control", "max-age="+strconv.Itoa(int(TTL/time.Second)))
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Vary", "Accept")
	_, _ = w.Write([]byte(token)) // the reader is gone: nothing to mend
}
