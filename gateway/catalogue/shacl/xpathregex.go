package shacl

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxPattern bounds a pattern, in bytes.
const maxPattern = 4096

// compilePattern makes a regular expression of XPath (XQuery and XPath Functions 3.1 §5.6.1, which SPARQL
// and so SHACL refer to) one of RE2. What RE2 cannot say, back-references above all, is an error.
func compilePattern(pattern, flags string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("longer than %d bytes", maxPattern)
	}
	t := translator{in: pattern}
	prefix := ""
	for _, f := range flags {
		switch f {
		case 'i', 's', 'm':
			prefix += string(f)
		case 'x':
			t.free = true
		case 'q':
			t.quoted = true
		default:
			return nil, fmt.Errorf("flag %q is not one of s, m, i, x and q", f)
		}
	}
	t.dotAll = strings.Contains(prefix, "s")
	out := regexp.QuoteMeta(pattern)
	if !t.quoted {
		var err error
		if out, err = t.run(); err != nil {
			return nil, err
		}
	}
	if prefix != "" {
		out = "(?" + prefix + ")" + out
	}
	re, err := regexp.Compile(out)
	if err != nil {
		return nil, fmt.Errorf("not a regular expression this engine knows: %w", err)
	}
	return re, nil
}

// translator walks through a pattern.
type translator struct {
	in                   string
	at                   int
	out                  strings.Builder
	free, quoted, dotAll bool
}

func (t *translator) run() (string, error) {
	for t.at < len(t.in) {
		r, n := utf8.DecodeRuneInString(t.in[t.at:])
		switch {
		case r == '\\':
			class, err := t.escape(false)
			if err != nil {
				return "", err
			}
			t.out.WriteString(class)
			continue
		case r == '[':
			if err := t.class(); err != nil {
				return "", err
			}
			continue
		case r == '(' && strings.HasPrefix(t.in[t.at:], "(?") && !strings.HasPrefix(t.in[t.at:], "(?:"):
			return "", errors.New("(? is not of XPath unless : follows")
		case r == '.' && !t.dotAll:
			t.out.WriteString(`[^\n\r]`)
		case t.free && strings.ContainsRune(" \t\r\n", r):
		default:
			t.out.WriteRune(r)
		}
		t.at += n
	}
	return t.out.String(), nil
}

// The classes of XML Schema 1.1 Part 2 §G.4.2.5, as what stands between brackets, and their opposites.
const (
	spaces    = `\x20\t\n\r`
	initials  = `:A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}`
	nameChars = initials + `\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}`
	words     = `\pL\pM\pN\pS`
	notWords  = `\pP\pZ\pC`
)

// escape translates an escape. Within a class it gives what stands between brackets.
func (t *translator) escape(within bool) (string, error) {
	if t.at+1 >= len(t.in) {
		return "", errors.New("ends with a backslash")
	}
	c := t.in[t.at+1]
	t.at += 2
	positive := func(set string) (string, error) {
		if within {
			return set, nil
		}
		return "[" + set + "]", nil
	}
	negative := func(set string) (string, error) {
		if within {
			return "", fmt.Errorf(`\%c within brackets`, c)
		}
		return "[^" + set + "]", nil
	}
	switch c {
	case 'n', 'r', 't':
		return `\` + string(c), nil
	case '\\', '|', '.', '?', '*', '+', '(', ')', '{', '}', '-', '[', ']', '^', '$':
		return `\` + string(c), nil
	case '/', '"', '\'', '#', '@', '&', '%', '~', '`', '!', ',', ':', ';', '<', '=', '>', '_', ' ':
		return regexp.QuoteMeta(string(c)), nil // not of XPath, but unmistakable
	case 's':
		return positive(spaces)
	case 'S':
		return negative(spaces)
	case 'i':
		return positive(initials)
	case 'I':
		return negative(initials)
	case 'c':
		return positive(nameChars)
	case 'C':
		return negative(nameChars)
	case 'd':
		return `\p{Nd}`, nil
	case 'D':
		return `\P{Nd}`, nil
	case 'w':
		return positive(words)
	case 'W':
		return positive(notWords + `\x{378}`) // unassigned characters are of category C, which RE2 lacks in part
	case 'p', 'P':
		return t.category(c)
	}
	if c >= '0' && c <= '9' {
		return "", errors.New("back-references cannot be checked in bounded time")
	}
	return "", fmt.Errorf(`\%c is no escape of XPath`, c)
}

// category translates \p{…}. Blocks have other names in RE2, or none.
func (t *translator) category(c byte) (string, error) {
	end := strings.IndexByte(t.in[t.at:], '}')
	if end < 2 || t.in[t.at] != '{' {
		return "", fmt.Errorf(`\%c without {…}`, c)
	}
	name := t.in[t.at+1 : t.at+end]
	t.at += end + 1
	if strings.HasPrefix(name, "Is") {
		return "", fmt.Errorf("the block %s is not known", name)
	}
	return `\` + string(c) + "{" + name + "}", nil
}

// class translates [...]. RE2 has no subtraction.
func (t *translator) class() error {
	t.out.WriteByte('[')
	t.at++
	if strings.HasPrefix(t.in[t.at:], "^") {
		t.out.WriteByte('^')
		t.at++
	}
	for first := true; t.at < len(t.in); first = false {
		switch c := t.in[t.at]; {
		case c == ']' && !first:
			t.out.WriteByte(']')
			t.at++
			return nil
		case c == '\\':
			set, err := t.escape(true)
			if err != nil {
				return err
			}
			t.out.WriteString(set)
		case c == '[':
			return errors.New("a class within a class (subtraction) cannot be said")
		default:
			r, n := utf8.DecodeRuneInString(t.in[t.at:])
			if c == ']' {
				t.out.WriteByte('\\')
			}
			t.out.WriteRune(r)
			t.at += n
		}
	}
	return errors.New("[ without ]")
}
