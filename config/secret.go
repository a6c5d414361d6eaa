package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what a secret prints as, whatever it holds.
const redacted = "[redacted]"

// Secret is a value that never appears in logs, dumps or error messages. In the
// configuration it is written as the value itself, as file:PATH (the file's
// content without trailing line ends) or as env:NAME.
type Secret struct{ value string }

// NewSecret wraps a value that is already at hand.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the value. Call it where the secret is used, never to print it.
func (s Secret) Reveal() string { return s.value }

// IsZero tells whether no value is set.
func (s Secret) IsZero() bool { return s.value == "" }

// String prints [redacted], also for the empty secret.
func (Secret) String() string { return redacted }

// Format prints [redacted] for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText prints [redacted]; text encoders of all kinds use it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON prints "[redacted]".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue prints [redacted] in structured logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Equal compares the values; go-cmp and tests use it.
func (s Secret) Equal(o Secret) bool { return s.value == o.value }
