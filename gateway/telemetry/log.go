package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// NewLogger makes the gateway's logger. level is debug, info, warn or error; format json or text.
// Values that look like a compact JWS never reach the output, whoever logs them.
func NewLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	o := &slog.HandlerOptions{Level: l, ReplaceAttr: redact}
	if format == "text" {
		return slog.New(slog.NewTextHandler(w, o)), nil
	}
	return slog.New(slog.NewJSONHandler(w, o)), nil
}

// redact is the last fence: tokens start with the base64url of `{"`. What surrounds one stays readable.
func redact(_ []string, a slog.Attr) slog.Attr {
	var text string
	switch v := a.Value.Any().(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	case error:
		text = v.Error()
	case nil:
		return a
	default:
		if a.Value.Kind() != slog.KindAny {
			return a
		}
		text = fmt.Sprintf("%+v", v)
	}
	if clean := tokenForm.ReplaceAllString(text, "[token]"); clean != text {
		a.Value = slog.StringValue(clean)
	}
	return a
}

// tokenForm is a compact JWS, whole or cut short: what follows the header may be missing.
var tokenForm = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)+`)
