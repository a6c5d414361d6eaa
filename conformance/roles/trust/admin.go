package trust

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
)

// maxEnrolment bounds an enrolment, in bytes.
const maxEnrolment = 256 << 10

// enrolment is the body of POST /admin/enroll.
type enrolment struct {
	Sub   string      `json:"sub"`
	JWKS  *forge.JWKS `json:"jwks,omitempty"`
	Marks []string    `json:"marks"`
	EnrollOptions
}

// AdminHandler lets another process enroll and suspend: POST /admin/enroll {sub, jwks, marks,
// metadata, metadata_policy}, and POST /admin/suspend, /admin/resume, /admin/revoke {sub}, each with the secret
// as bearer token. An empty secret lets nobody in. It belongs on a listener of its own.
func (a *Anchor) AdminHandler(secret string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/enroll", func(w http.ResponseWriter, r *http.Request) {
		a.admin(w, r, func(e enrolment) error {
			var keys forge.JWKS
			if e.JWKS != nil {
				keys = *e.JWKS
			}
			return a.Enroll(e.Sub, keys, e.Marks, e.EnrollOptions)
		})
	})
	for path, stand := range map[string]func(string) error{"suspend": a.Suspend, "resume": a.Resume, "revoke": a.Revoke} {
		mux.HandleFunc("POST /admin/"+path, func(w http.ResponseWriter, r *http.Request) {
			a.admin(w, r, func(e enrolment) error { return stand(e.Sub) })
		})
	}
	return bearer(secret, mux)
}

func (a *Anchor) admin(w http.ResponseWriter, r *http.Request, do func(enrolment) error) {
	var e enrolment
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEnrolment))
	if err == nil {
		err = forge.DecodeExact(raw, &e)
	}
	if err != nil {
		roles.WriteProblem(w, roles.NewProblem(http.StatusBadRequest, "malformed", "the body is not a strict JSON object of the known members"))
		return
	}
	switch err := do(e); {
	case errors.Is(err, ErrUnknown):
		roles.WriteProblem(w, roles.NewProblem(http.StatusNotFound, "not-found", "the entity is not enrolled"))
	case errors.Is(err, ErrEnrolment):
		roles.WriteProblem(w, roles.NewProblem(http.StatusUnprocessableEntity, "enrolment", "the enrolment cannot be accepted"))
	case err != nil:
		a.o.Logger.Error("the anchor's state could not be written", "error", err)
		roles.WriteProblem(w, roles.NewProblem(http.StatusServiceUnavailable, "state-unavailable", ""))
	default:
		a.o.Logger.Info("anchor changed", "path", r.URL.Path, "entity", e.Sub)
		w.WriteHeader(http.StatusNoContent)
	}
}

// bearer compares digests, so that neither length nor content of the secret shows in time.
func bearer(secret string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(given))
		if !ok || secret == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			roles.WriteProblem(w, roles.NewProblem(http.StatusUnauthorized, "not-authenticated", ""))
			return
		}
		next.ServeHTTP(w, r)
	})
}
