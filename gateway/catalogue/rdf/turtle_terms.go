package rdf

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// startsName reports whether a prefix or a bare word is next.
func (p *turtle) startsName() bool {
	c := p.peek()
	if c < utf8.RuneSelf {
		return c != eof && charClass[c]&classStart != 0
	}
	r, _ := p.peekRune(0)
	return isStartRune(r)
}

// iriTerm parses an IRI between angle brackets.
func (p *turtle) iriTerm() (Term, error) {
	iri, err := p.iri()
	return NewIRI(iri), err
}

// iri parses an IRI between angle brackets and resolves it.
func (p *turtle) iri() (string, error) {
	if iri, ok := p.knownIRI(); ok {
		return iri, nil
	}
	raw, iri, err := p.iriRef()
	if err != nil {
		return "", err
	}
	s, known := p.names.slot(raw)
	if known { // it did not lie in the buffer before
		return s.val, nil
	}
	key := string(raw)
	val := key[1:]
	if len(iri) != len(val) {
		val = string(iri)
	}
	if schemeLength(val) == 0 {
		start := p.pos - len(raw) - 1
		switch {
		case p.base.scheme == "":
			return "", p.errorAt(p.placeOf(start), CodeBadIRI, "the relative IRI <%s> has no base", val)
		case colonFirst(val):
			return "", p.errorAt(p.placeOf(start), CodeBadIRI, "<%s> is no IRI: what stands before the first ':' is not a scheme", val)
		}
		val = p.base.resolve(val)
	}
	p.names.put(s, key, val)
	return val, nil
}

// name scans a prefixed name and returns its IRI, or a bare word.
func (p *turtle) name() (iri, word string, err error) {
	p.token()
	defer p.done()
	if p.peek() != ':' {
		p.nameRun()
		if p.peek() != ':' {
			return "", p.names.plain(p.text()), nil
		}
	}
	colon := p.pos - p.mark
	p.pos++
	escaped, err := p.local()
	if err != nil {
		return "", "", err
	}
	raw := p.text()
	s, known := p.names.slot(raw)
	if known {
		return s.val, "", nil
	}
	ns, ok := p.prefixes[string(raw[:colon])]
	if !ok {
		return "", "", p.errorAt(p.placeOf(p.mark), CodeUndefinedPrefix, "the prefix \"%s:\" is not defined", raw[:colon])
	}
	local := raw[colon+1:]
	if escaped {
		local = bytes.ReplaceAll(local, []byte{'\\'}, nil)
	}
	var b strings.Builder
	b.Grow(len(ns) + len(local))
	b.WriteString(ns)
	b.Write(local)
	p.names.put(s, string(raw), b.String())
	return b.String(), "", nil
}

// local passes over a PN_LOCAL, which may be empty, and reports whether it
// holds backslashes.
func (p *turtle) local() (escaped bool, err error) {
	end := p.pos - p.mark // after the last character that is not a plain dot
	for first := true; ; first = false {
		c := p.peek()
		switch {
		case c == eof:
		case charClass[c]&className != 0 && !(first && c == '-'):
			p.skip(className)
			end = p.pos - p.mark
			continue
		case c == ':':
			p.pos++
			end = p.pos - p.mark
			continue
		case c == '.' && !first:
			p.pos++
			continue
		case c == '%':
			if !p.hexAt(1) || !p.hexAt(2) {
				return false, p.errorf(CodeBadEscape, "'%%' needs two hexadecimal digits")
			}
			p.pos += 3
			end = p.pos - p.mark
			continue
		case c == '\\':
			if c := p.peekAt(1); c == eof || strings.IndexByte(localEscapes, byte(c)) < 0 {
				return false, p.errorf(CodeBadEscape, "unknown escape sequence in a prefixed name")
			}
			p.pos += 2
			end = p.pos - p.mark
			escaped = true
			continue
		case c >= utf8.RuneSelf:
			if r, size := p.peekRune(0); isStartRune(r) || !first && isNameRune(r) {
				p.pos += size
				end = p.pos - p.mark
				continue
			}
		}
		p.pos = p.mark + end
		return escaped, nil
	}
}

// hexAt reports whether the byte n places after the next is a hexadecimal
// digit.
func (p *turtle) hexAt(n int) bool {
	c := p.peekAt(n)
	return c != eof && charClass[c]&classHex != 0
}

// prefixedName parses a prefixed name where a bare word may not stand.
func (p *turtle) prefixedName(what string) (Term, error) {
	iri, word, err := p.name()
	if err == nil && word != "" {
		err = p.strayWord(what, word)
	}
	return NewIRI(iri), err
}

// strayWord returns the error that a bare word, just scanned, has no meaning.
func (p *turtle) strayWord(what, word string) error {
	if err := p.broken(); err != nil {
		return err
	}
	at := p.placeOf(p.pos - len(word))
	return p.errorAt(at, p.syntax, "expected %s, found the word %q", what, word)
}

// nameOrBoolean parses a prefixed name, "true" or "false".
func (p *turtle) nameOrBoolean() (Term, error) {
	iri, word, err := p.name()
	switch {
	case err != nil:
		return Term{}, err
	case word == "":
		return NewIRI(iri), nil
	case word == "true" || word == "false":
		return NewTyped(word, XSDBoolean), nil
	}
	return Term{}, p.strayWord("an object", word)
}
