package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

type holder struct{ Token string }

// However a token comes into the log, it does not come out; what stands around it does.
func TestRedaction(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		log, err := NewLogger(&out, "debug", format)
		if err != nil {
			t.Fatal(err)
		}
		log.With("with", token).WithGroup("g").Info("message "+token,
			"string", "before "+token+" after", "cut", token[:len(token)/2], "bytes", []byte(token), "list", []string{token},
			"struct", holder{token}, "pointer", &holder{token}, "error", fmt.Errorf("posting: %w", errors.New(token)),
			slog.Group("deep", "value", token), "number", 7, "nothing", nil, "plain", holder{"https://ncp.example"})
		got := out.String()
		if strings.Contains(got, "eyJhbGciOiJFZDI1NTE5In0.") || strings.Contains(got, "c2lnbmF0dXJl") {
			t.Errorf("%s: a token reached the log:\n%s", format, got)
		}
		for _, want := range []string{"before [token] after", "posting: [token]", "https://ncp.example", "7"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q was lost:\n%s", format, want, got)
			}
		}
	}
}
