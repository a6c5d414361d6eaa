package roles

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// WellKnown is where an entity serves its configuration (OpenID Federation 1.1 §9).
const WellKnown = "/.well-known/openid-federation"

// Media types.
const (
	MediaStatement  = "application/entity-statement+jwt"
	MediaMark       = "application/trust-mark+jwt"
	MediaMarkStatus = "application/trust-mark-status-response+jwt"
	MediaMessage    = "application/ehds-message+jwt"
	MediaReceipt    = "application/ehds-receipt+jwt"
	MediaProblem    = "application/problem+json"
)

// BasePath is the path below which an entity's routes lie, without the last slash.
func BasePath(entity string) (string, error) {
	u, err := url.Parse(entity)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(u.Path, "/"), nil
}

// WriteToken answers with a token.
func WriteToken(w http.ResponseWriter, status int, media, token string) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(token)) // the client is gone: nothing to mend
}

// WriteJSON answers with JSON.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nothing to mend
}

// FederationError answers as OpenID Federation 1.1 §8.9 says.
func FederationError(w http.ResponseWriter, status int, code, description string) {
	WriteJSON(w, status, map[string]string{"error": code, "error_description": description})
}

// NewProblem is the RFC 9457 object of a refusal.
func NewProblem(status int, code, detail string) ehds.Problem {
	return ehds.Problem{
		Type: "urn:ehdsgw:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail,
	}
}

// WriteProblem answers with a problem and no receipt.
func WriteProblem(w http.ResponseWriter, p ehds.Problem) {
	w.Header().Set("Content-Type", MediaProblem)
	w.Header().Set("Cache-Control", "no-store")
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone: nothing to mend
}
