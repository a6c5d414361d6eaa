package main

import (
	"errors"
	"strings"
	"testing"
	"unicode"
)

// What an error quotes of a file or a peer must not steer the terminal.
func TestFinishPrintsPlainly(t *testing.T) {
	for _, err := range []error{
		negative("the chain is about %s", "https://a.test/\x1b[2J\u009b31m\u202e"), errors.New("flag \x07 is not defined"),
	} {
		var b strings.Builder
		finish(&b, err)
		if !strings.HasPrefix(b.String(), "ehdsgw: ") || strings.ContainsFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Errorf("%q", b.String())
		}
	}
	var b strings.Builder
	if code := finish(&b, usage("one\ntwo é")); code != exitUsage || b.String() != "ehdsgw: one\ntwo é\n" {
		t.Errorf("%d, %q", code, b.String())
	}
}
