package gateway

import (
	"io"
	"log/slog"

	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
)

// NewLogger makes a logger for a gateway: level debug, info, warn or error; format json or text.
// Tokens never reach its output.
func NewLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	return telemetry.NewLogger(w, level, format)
}
