package config

import (
	"fmt"
	"strings"
)

// Finding is one thing wrong with a configuration.
type Finding struct {
	// File is the configuration file, or the name of the environment variable,
	// or "override" for a value given as a flag.
	File string
	// Line and Col start at 1; both are 0 where there is no text position.
	Line, Col int
	// Path is the key, such as catalogue.sources[0].interval; empty for the file.
	Path string
	// Message says what is wrong. It never holds the value of a secret.
	Message string
}

// String formats the finding as "file:line:col path: message".
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Col)
	}
	if f.Path != "" {
		b.WriteString(" " + f.Path)
	}
	return b.String() + ": " + f.Message
}

// Errors holds every finding of one configuration, in the order of the file.
// [Load] and [Parse] return it for everything that is wrong with the content.
type Errors []Finding

// Error writes one finding a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
