package rdf

import (
	"hash/maphash"
	"unicode/utf8"
)

// lexer scans the terminals that the three formats share. Its byte slices are
// valid until the next call.
type lexer struct {
	*source
	scratch []byte
	names   interner
}

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

// shortString scans a string in single quotes of the kind that is next.
func (l *lexer) shortString() (string, error) {
	quote := l.peek()
	l.pos++
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

// interner remembers what tokens stand for, so that a document's repeated
// names share one string. It is a bounded cache, not a table: it may forget.
type interner struct {
	seed  maphash.Seed
	slots []slot
	era   uint32
}

type slot struct {
	raw, val string
	era      uint32
}

const internerSlots = 1 << 11

func newInterner() interner {
	return interner{seed: maphash.MakeSeed(), slots: make([]slot, internerSlots), era: 1}
}

// forget drops every meaning, for when a prefix or the base changes.
func (n *interner) forget() {
	if n.era++; n.era == 0 {
		clear(n.slots)
		n.era = 1
	}
}

// slot returns the place where raw is remembered and whether it is.
func (n *interner) slot(raw []byte) (*slot, bool) {
	s := &n.slots[maphash.Bytes(n.seed, raw)&(internerSlots-1)]
	return s, s.era == n.era && s.raw == string(raw)
}

// plain returns raw as a string.
func (n *interner) plain(raw []byte) string {
	s, ok := n.slot(raw)
	if !ok || s.val != s.raw {
		v := string(raw)
		*s = slot{raw: v, val: v, era: n.era}
	}
	return s.val
}
