package rdf

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string.
func (j *jsonReader) str() (string, error) {
	j.pos++
	j.token()
	defer j.done()
	escaped := false
	for {
		run := j.pos - j.mark
		b, i := j.buf, j.pos
		for i < len(b) && b[i] >= 0x20 && b[i] != '"' && b[i] != '\\' {
			i++
		}
		j.pos = i
		if escaped {
			j.scratch = append(j.scratch, j.buf[j.mark+run:j.pos]...)
		}
		switch c := j.peek(); {
		case c == '"':
			s := j.text()
			if escaped {
				s = j.scratch
			}
			j.pos++
			if len(s) > longestInterned {
				return string(s), nil
			}
			return j.names.plain(s), nil
		case c == '\\':
			if !escaped {
				escaped = true
				j.scratch = append(j.scratch[:0], j.text()...)
			}
			if err := j.unescape(); err != nil {
				return "", err
			}
		case c == eof:
			return "", j.syntaxf("the document ends inside a string")
		case c < 0x20:
			return "", j.syntaxf("the control character U+%04X must be escaped in a string", c)
		}
	}
}

// unescape reads an escape and appends its character to scratch.
func (j *jsonReader) unescape() error {
	c := j.peekAt(1)
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, ok := j.unit(0)
		size := 6
		if ok && utf16.IsSurrogate(r) {
			low, _ := j.unit(6)
			r = utf16.DecodeRune(r, low)
			ok = r != utf8.RuneError
			size = 12
		}
		if !ok {
			return j.errorf(CodeBadEscape, "\\u needs four hexadecimal digits, and half a surrogate pair is no character")
		}
		j.scratch = utf8.AppendRune(j.scratch, r)
		j.pos += size
		return nil
	default:
		return j.errorf(CodeBadEscape, "unknown escape sequence")
	}
	j.scratch = append(j.scratch, byte(c))
	j.pos += 2
	return nil
}

// unit reads the \uXXXX that stands n bytes after the next byte.
func (j *jsonReader) unit(n int) (rune, bool) {
	if j.peekAt(n) != '\\' || j.peekAt(n+1) != 'u' || j.peekAt(n+5) == eof {
		return 0, false
	}
	v, err := strconv.ParseUint(string(j.buf[j.pos+n+2:j.pos+n+6]), 16, 16)
	return rune(v), err == nil
}

// longestNumber bounds the digits of a number.
const longestNumber = 400

// number reads a number as it is written. It must be one that an IEEE 754
// double can hold, if not to the last digit (I-JSON §2.2).
func (j *jsonReader) number() (string, error) {
	j.token()
	defer j.done()
	if j.peek() == '-' {
		j.pos++
	}
	zero := j.peek() == '0'
	n, err := j.digits()
	if err != nil {
		return "", err
	}
	if zero && n > 1 {
		return "", j.syntaxf("a number may not begin with 0 and a digit")
	}
	if j.peek() == '.' {
		j.pos++
		if _, err := j.digits(); err != nil {
			return "", err
		}
	}
	if c := j.peek(); c == 'e' || c == 'E' {
		j.pos++
		if c := j.peek(); c == '+' || c == '-' {
			j.pos++
		}
		if _, err := j.digits(); err != nil {
			return "", err
		}
	}
	text := j.names.plain(j.text())
	if len(text) > 300 || strings.ContainsAny(text, "eE") {
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return "", j.errorAt(j.placeOf(j.mark), j.syntax, "the number is too large")
		}
	}
	return text, nil
}

// digits passes over digits, at least one.
func (j *jsonReader) digits() (int, error) {
	n := 0
	for c := j.peek(); c >= '0' && c <= '9'; c = j.peek() {
		j.pos++
		if n++; n > longestNumber {
			return n, j.errorf(CodeTooLarge, "a number has more than %d digits", longestNumber)
		}
	}
	if n == 0 {
		return n, j.syntaxf("expected a digit, found %s", j.next())
	}
	return n, nil
}
