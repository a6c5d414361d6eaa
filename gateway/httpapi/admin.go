package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

const minute = time.Minute

// Health says whether the gateway can do its work; nil means ready. The text names the reason.
type Health func(ctx context.Context) error

// Admin is the listener for the operator's machines: liveness, readiness, metrics.
func Admin(ready Health, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { state(w, http.StatusOK, "alive", "") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			state(w, http.StatusServiceUnavailable, "not ready", err.Error())
			return
		}
		state(w, http.StatusOK, "ready", "")
	})
	mux.Handle("GET /metrics", metrics)
	return secureHeaders(mux)
}

func state(w http.ResponseWriter, status int, word, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	body := map[string]string{"status": word}
	if reason != "" {
		body["reason"] = reason
	}
	_ = json.NewEncoder(w).Encode(body) // the prober is gone: nothing to mend
}
