package federation

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// cacheDocument is how long others may use a document of ours without asking: no longer than a change
// may go unnoticed here.
const cacheDocument = "max-age=30"

// ServeDocument answers GET and HEAD with a document that may be kept for a short while, or confirms
// that the caller has it already (RFC 9110 §13.1.2, §15.4.5). The validator is the document's digest.
func ServeDocument(w http.ResponseWriter, r *http.Request, mediaType string, body []byte) {
	sum := sha256.Sum256(body)
	etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", cacheDocument)
	if has(r.Header, etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	_, _ = w.Write(body) // the client is gone: nothing to mend
}

// has says whether the caller has what a validator of ours stands for. Tags are compared weakly (RFC
// 9110 §8.8.3.2): a cache between us may have weakened them. A comma inside somebody else's tag splits
// it, which is harmless: a part without both quotes is never ours.
func has(h http.Header, etag string) bool {
	for _, line := range h.Values("If-None-Match") {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.Trim(tag, " \t")
			if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
				return true
			}
		}
	}
	return false
}
