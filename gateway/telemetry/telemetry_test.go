package telemetry

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

const token = "eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJodHRwczovL25jcC5leGFtcGxlIn0.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU"

func TestLoggerKeepsTokensOut(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			log, err := NewLogger(&out, "debug", format)
			if err != nil {
				t.Fatal(err)
			}
			log.Debug("x", "value", token, "error", errors.New("bad "+token), "peer", "https://ncp.example")
			if strings.Contains(out.String(), "eyJpc3Mi") {
				t.Errorf("a token reached the log: %s", out.String())
			}
			if !strings.Contains(out.String(), "https://ncp.example") {
				t.Errorf("an ordinary value was lost: %s", out.String())
			}
		})
	}
}

func TestLoggerRefusesUnknownLevel(t *testing.T) {
	if _, err := NewLogger(&bytes.Buffer{}, "loud", "json"); err == nil {
		t.Error("an unknown level was accepted")
	}
}

// shows R14.0.4 R15.4.7-8
func TestMetricsAreServed(t *testing.T) {
	m := NewMetrics()
	m.Received.WithLabelValues("RECEIVED").Inc()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(w.Body.String(), `ehdsgw_messages_received_total{status="RECEIVED"} 1`) {
		t.Errorf("metric missing in:\n%s", w.Body.String())
	}
}
