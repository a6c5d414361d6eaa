package rems

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// maxNotification bounds a notification, in bytes: it holds the whole application.
const maxNotification = 8 << 20

// Handler takes the event notifications of REMS: PUT /events, with the secret in Authorization. What a
// notification says is not believed; it only says which application to read. So it may come twice, late,
// out of order, or never.
func (d *Driver) Handler() http.Handler {
	mux := http.NewServeMux()
	if d.o.NotifySecret == "" {
		return mux
	}
	mux.HandleFunc("PUT /events", d.notification)
	return mux
}

func (d *Driver) notification(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(d.o.NotifySecret))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		d.host.Logger.WarnContext(r.Context(), "a notification without the secret was refused")
		http.Error(w, "unauthorised", http.StatusUnauthorized)
		return
	}
	id, err := readNotification(http.MaxBytesReader(w, r.Body, maxNotification))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "not a notification", http.StatusBadRequest)
		return
	}
	if _, ours, err := d.host.Mailbox.Get(r.Context(), number(indexPrefix, id)); err == nil && !ours {
		_, _ = io.WriteString(w, "OK") // an application of others
		return
	}
	m := connectors.Mail{Key: number(dirtyPrefix, id), Value: []byte("1")}
	if err := d.host.Mailbox.Batch(r.Context(), []connectors.Mail{m}, nil); err != nil {
		http.Error(w, "later", http.StatusServiceUnavailable) // REMS tries again
		return
	}
	_, _ = io.WriteString(w, "OK")
}

// errNotification is returned for what is no notification of REMS.
var errNotification = errors.New("rems: not a notification")

// readNotification gives the number of the application an event is about.
func readNotification(r io.Reader) (int, error) {
	var n struct {
		ID   *int64 `json:"event/id"`
		Type string `json:"event/type"`
		App  int    `json:"application/id"`
	}
	if err := json.NewDecoder(r).Decode(&n); err != nil {
		return 0, errors.Join(errNotification, err)
	}
	if n.ID == nil || n.App < 1 || !strings.HasPrefix(n.Type, "application.event/") {
		return 0, errNotification
	}
	return n.App, nil
}
