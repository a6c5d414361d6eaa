package ingest

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// maxKey bounds the header with the key, in bytes.
const maxKey = 512

var idForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Handler serves the interface.
func (d *Driver) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ingest/datasets", d.asked(RolePublisher, d.post))
	mux.HandleFunc("PUT /ingest/datasets/origin", d.asked(RolePublisher, d.put))
	mux.HandleFunc("DELETE /ingest/datasets/{id}", d.asked(RolePublisher, d.delete))
	mux.HandleFunc("GET /api-keys/whoami", d.asked("", d.whoami))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, fault.New(fault.NotFound, "not-found", "there is nothing at this path"))
	})
	return mux
}

// asked finds out who asks before anything else is looked at. A role of "" is any.
func (d *Driver) asked(role Role, serve func(http.ResponseWriter, *http.Request, Key) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Get("X-API-Key")
		k, known := d.keys[digest(given)] // what is compared is a digest: its time tells nothing of the key
		var err error
		switch {
		case !known || len(given) > maxKey:
			err = fault.New(fault.Unauthenticated, "key-unknown", "")
		case role != "" && k.Role != role:
			err = fault.New(fault.Forbidden, "role", "the key's role does not allow this")
		default:
			err = serve(w, r, k)
		}
		if err != nil {
			d.failed(w, r, k, err)
		}
	}
}

func (d *Driver) failed(w http.ResponseWriter, r *http.Request, k Key, err error) {
	var f *fault.Error
	if !errors.As(err, &f) {
		f = fault.Wrap(err, fault.Internal, "internal", "")
	}
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		d.host.Logger.WarnContext(r.Context(), "a push failed", "key", k.Name, "code", f.Code, "error", err)
	}
	refuse(w, f)
}

func (d *Driver) post(w http.ResponseWriter, r *http.Request, k Key) error {
	e, err := describe(r)
	if err != nil {
		return err
	}
	id, out, err := d.push(r.Context(), k, e, true)
	return answer(w, id, out, err)
}

func (d *Driver) put(w http.ResponseWriter, r *http.Request, k Key) error {
	originalID := r.URL.Query().Get("originalId")
	if originalID == "" || len(originalID) > maxOriginalID || !utf8.ValidString(originalID) || strings.ContainsRune(originalID, 0) {
		return fault.New(fault.Malformed, "original-id", "give originalId, of at most 1024 bytes")
	}
	e, err := describe(r)
	if err != nil {
		return err
	}
	e.OriginalID = originalID
	id, out, err := d.push(r.Context(), k, e, false)
	return answer(w, id, out, err)
}

func answer(w http.ResponseWriter, id string, out outcome, err error) error {
	if err != nil {
		return err
	}
	status := http.StatusOK
	if out == created {
		status = http.StatusCreated
	}
	write(w, "application/json", status, map[string]string{"id": id})
	return nil
}

func (d *Driver) delete(w http.ResponseWriter, r *http.Request, k Key) error {
	id := r.PathValue("id")
	if !idForm.MatchString(id) {
		return fault.New(fault.NotFound, "dataset-unknown", "no dataset of this key has this id")
	}
	if err := d.remove(r.Context(), k, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d *Driver) whoami(w http.ResponseWriter, _ *http.Request, k Key) error {
	write(w, "application/json", http.StatusOK, map[string]string{"name": k.Name, "role": string(k.Role)})
	return nil
}

// refuse answers with a problem (RFC 9457).
func refuse(w http.ResponseWriter, f *fault.Error) {
	p := connectors.ProblemOf(f)
	write(w, "application/problem+json", p.Status, p)
}

func write(w http.ResponseWriter, mediaType string, status int, v any) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nothing to mend
}
