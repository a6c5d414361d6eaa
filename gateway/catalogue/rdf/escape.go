package rdf

import "unicode/utf8"

// hex reads the hexadecimal digits of an escape whose backslash is next.
func (l *lexer) hex(digits int) (rune, error) {
	var r rune
	for i := range digits {
		c := l.peekAt(2 + i)
		if c == eof || charClass[c]&classHex == 0 {
			return 0, l.errorf(CodeBadEscape, "\\u needs four and \\U eight hexadecimal digits")
		}
		v := rune(c - '0')
		if c >= 'A' {
			v = rune(c&^0x20-'A') + 10
		}
		if r = r<<4 | v; r > utf8.MaxRune {
			return 0, l.errorf(CodeBadEscape, "the escape names no character")
		}
	}
	if !utf8.ValidRune(r) {
		return 0, l.errorf(CodeBadEscape, "the escape names no character")
	}
	return r, nil
}

// uchar scans a UCHAR, whose backslash is next, and returns its character.
func (l *lexer) uchar() (rune, error) {
	digits := 4
	switch l.peekAt(1) {
	case 'u':
	case 'U':
		digits = 8
	default:
		return 0, l.errorf(CodeBadEscape, "unknown escape sequence")
	}
	r, err := l.hex(digits)
	if err == nil {
		l.pos += 2 + digits
	}
	return r, err
}

// escape scans an ECHAR or UCHAR of a string and appends its character to
// scratch.
func (l *lexer) escape() error {
	var c byte
	switch l.peekAt(1) {
	case 't':
		c = '\t'
	case 'b':
		c = '\b'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 'f':
		c = '\f'
	case '"':
		c = '"'
	case '\'':
		c = '\''
	case '\\':
		c = '\\'
	default:
		r, err := l.uchar()
		l.scratch = utf8.AppendRune(l.scratch, r)
		return err
	}
	l.pos += 2
	l.scratch = append(l.scratch, c)
	return nil
}

// iriEscape scans a UCHAR of an IRI and appends its character, which must be
// one that an IRI may hold, to scratch.
func (l *lexer) iriEscape() error {
	start := l.pos - l.mark
	r, err := l.uchar()
	if err != nil {
		return err
	}
	if r < utf8.RuneSelf && charClass[r]&classIRI == 0 {
		return l.errorAt(l.placeOf(l.mark+start), CodeBadIRI, "%q may not stand in an IRI, escaped or not", r)
	}
	l.scratch = utf8.AppendRune(l.scratch, r)
	return nil
}
