package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
)

// The exit codes; they are stable.
const (
	exitOK         = 0
	exitNegative   = 1 // the answer is no: not valid, not published, refused
	exitUsage      = 2 // wrong arguments or configuration
	exitCannotTell = 3 // neither yes nor no, with how to find out
)

// exitError ends a command with a code. Without err everything has been said already.
type exitError struct {
	code int
	err  error
}

// Error says what, where and how to mend it.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

// Unwrap gives the cause.
func (e *exitError) Unwrap() error { return e.err }

func exitWith(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

func usage(format string, args ...any) error      { return exitWith(exitUsage, format, args...) }
func negative(format string, args ...any) error   { return exitWith(exitNegative, format, args...) }
func cannotTell(format string, args ...any) error { return exitWith(exitCannotTell, format, args...) }

// said ends a command whose output is complete.
func said(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}

// finish writes what there is to say about err and gives the exit code. What is not ours came from
// reading the command line.
func finish(w io.Writer, err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		if e.err != nil {
			_, _ = fmt.Fprintf(w, "ehdsgw: %s\n", printable(err))
		}
		return e.code
	}
	_, _ = fmt.Fprintf(w, "ehdsgw: %s\n", printable(err))
	return exitUsage
}

// printable is an error fit for a terminal: its text may come from a file or a peer. Lines stay.
func printable(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = output.Safe(line)
	}
	return strings.Join(lines, "\n")
}
