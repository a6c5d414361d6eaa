// Package output prints records for people and for programs: as an aligned table, or as one JSON
// document. It is for the commands of ehdsgw.
//
// Guarantees: JSON is a single document that ends with a newline; in both, characters that could steer
// a terminal are escaped, because titles and messages come from other parties. It does not
// colour, page or shorten.
package output

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Format is how records are printed.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
)

// ParseFormat reads a format's name.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case Table, JSON:
		return f, nil
	}
	return "", fmt.Errorf("%q is neither table nor json", s)
}

// View is what a record looks like to people.
type View interface{ lines() []string }

// Printer prints in one format.
type Printer struct {
	W      io.Writer
	Format Format
}

// Print writes v as JSON, or the views one after the other. An error is that of the writer.
func (p Printer) Print(v any, views ...View) error {
	if p.Format == JSON {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return fmt.Errorf("output: %w", err)
		}
		_, err := io.WriteString(p.W, plainJSON(b.String()))
		return err
	}
	var b strings.Builder
	for _, view := range views {
		for _, line := range view.lines() {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	_, err := io.WriteString(p.W, b.String())
	return err
}

// plainJSON escapes what could steer a terminal. JSON escapes only what is below the space; the rest can
// stand in strings alone, where an escape has the same meaning.
func plainJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsPrint(r) || r == '\n':
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.String()
}

// Safe makes foreign text fit for one line of a terminal: control characters, and those that reorder
// or hide text, are written as escapes.
func Safe(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsPrint(r) && r != utf8.RuneError:
			b.WriteRune(r)
		case r == '\n' || r == '\t' || r == '\r' || unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}
