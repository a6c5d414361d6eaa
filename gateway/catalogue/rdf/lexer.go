package rdf

import (
	"bytes"
	"unicode/utf8"
)

// lexer scans the terminals that the three formats share. Its byte slices are
// valid until the next call.
type lexer struct {
	*source
	scratch []byte
	names   interner
}

// knownIRI passes over an IRIREF, whose '<' is next, if it lies in the buffer
// and its meaning is remembered: then its characters were looked at before.
func (l *lexer) knownIRI() (string, bool) {
	b := l.buf[l.pos:]
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		return "", false
	}
	s, known := l.names.slot(b[:end])
	if known {
		l.pos += end + 1
	}
	return s.val, known
}

// plainString passes over a string, whose first quote was passed, up to and
// with the quotes that end it, if it lies in the buffer and each of its
// characters stands for itself.
func (l *lexer) plainString(quotes []byte) (string, bool) {
	b := l.buf[l.pos:]
	end := bytes.Index(b, quotes)
	if end < 0 || bytes.IndexByte(b[:end], '\\') >= 0 {
		return "", false
	}
	if len(quotes) == 1 && (bytes.IndexByte(b[:end], '\n') >= 0 || bytes.IndexByte(b[:end], '\r') >= 0) {
		return "", false
	}
	l.pos += end + len(quotes)
	return string(b[:end]), true
}

// iriRef scans an IRIREF, whose '<' is next. It returns the token as written
// without the closing '>', and its characters with the escapes undone.
func (l *lexer) iriRef() (raw, iri []byte, err error) {
	if l.peekAt(1) == '<' {
		return nil, nil, l.errorf(CodeUnsupported, "quoted triples are not supported")
	}
	l.token()
	defer l.done()
	l.pos++
	escaped := false
	for {
		run := l.pos - l.mark
		l.skip(classIRI)
		if escaped {
			l.scratch = append(l.scratch, l.buf[l.mark+run:l.pos]...)
		}
		switch l.peek() {
		case '>':
			raw = l.text()
			iri = raw[1:]
			if escaped {
				iri = l.scratch
			}
			l.pos++
			return raw, iri, nil
		case '\\':
			if !escaped {
				escaped = true
				l.scratch = append(l.scratch[:0], l.text()[1:]...)
			}
			if err := l.iriEscape(); err != nil {
				return nil, nil, err
			}
		case eof, '\n', '\r':
			return nil, nil, l.expected("'>' at the end of the IRI")
		default:
			return nil, nil, l.errorf(CodeBadIRI, "%s may not stand in an IRI", l.found())
		}
	}
}

// quotesOf returns n quotes of a kind.
func quotesOf(quote, n int) []byte {
	if quote == '"' {
		return doubleQuotes[:n]
	}
	return singleQuotes[:n]
}

var doubleQuotes, singleQuotes = []byte(`"""`), []byte(`'''`)

// shortString scans a string in single quotes of the kind that is next.
func (l *lexer) shortString() (string, error) {
	quote := l.peek()
	l.pos++
	if s, ok := l.plainString(quotesOf(quote, 1)); ok {
		return s, nil
	}
	l.token()
	defer l.done()
	escaped := false
	for {
		run := l.pos - l.mark
		l.skip(classString)
		if escaped {
			l.scratch = append(l.scratch, l.buf[l.mark+run:l.pos]...)
		}
		switch c := l.peek(); c {
		case quote:
			s := l.text()
			if escaped {
				s = l.scratch
			}
			l.pos++
			return string(s), nil
		case '\\':
			if !escaped {
				escaped = true
				l.scratch = append(l.scratch[:0], l.text()...)
			}
			if err := l.escape(); err != nil {
				return "", err
			}
		case '"', '\'':
			l.pos++
			if escaped {
				l.scratch = append(l.scratch, byte(c))
			}
		default:
			return "", l.expected("the closing quote of the string")
		}
	}
}

// langTag scans a language tag, whose '@' is next.
func (l *lexer) langTag() (string, error) {
	l.pos++
	l.token()
	defer l.done()
	class := classStart
	for {
		from := l.pos - l.mark
		l.skip(class)
		if l.pos-l.mark == from {
			return "", l.expected("a language tag")
		}
		if l.peek() != '-' {
			return l.names.plain(l.text()), nil
		}
		l.pos++
		class = classStart | classDigit
	}
}

// nameRun passes over PN_CHARS and dots, then steps back over final dots. It
// does not check the first character.
func (l *lexer) nameRun() {
	for {
		l.skip(className)
		c := l.peek()
		if c == '.' {
			l.pos++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, size := l.peekRune(0)
		if !isNameRune(r) {
			break
		}
		l.pos += size
	}
	l.dropDots()
}

// dropDots steps back over the dots that end the token.
func (l *lexer) dropDots() {
	for l.pos > l.mark && l.buf[l.pos-1] == '.' {
		l.pos--
	}
}

// blankLabel scans a BLANK_NODE_LABEL, whose '_' is next, and returns it
// without "_:".
func (l *lexer) blankLabel() (string, error) {
	if l.peekAt(1) != ':' {
		return "", l.expected("a blank node label after '_:'")
	}
	l.pos += 2
	l.token()
	defer l.done()
	r, size := l.peekRune(0)
	if size == 0 || !(r < utf8.RuneSelf && (r == '_' || charClass[r]&(classStart|classDigit) != 0) || isStartRune(r)) {
		return "", l.expected("a blank node label after '_:'")
	}
	l.nameRun()
	return l.names.plain(l.text()), nil
}
