package rdf

import "bytes"

// directive parses a directive, if one is next, and reports whether it was.
func (p *turtle) directive() (bool, error) {
	switch c := p.peek(); {
	case c == '@':
		return true, p.atDirective()
	case c|0x20 == 'p' && p.keyword("PREFIX"):
		return true, p.prefixDirective()
	case c|0x20 == 'b' && p.keyword("BASE"):
		return true, p.baseDirective()
	}
	return false, nil
}

// keyword passes over a word, in letters of any case, and reports whether it
// was next.
func (p *turtle) keyword(word string) bool {
	after := p.peekAt(len(word))
	if after != eof && (charClass[after]&className != 0 || after == ':' || after == '.' || after >= 0x80) {
		return false
	}
	next := p.buf[p.pos:]
	if len(next) < len(word) || !bytes.EqualFold(next[:len(word)], []byte(word)) {
		return false
	}
	p.pos += len(word)
	return true
}

// atDirective parses "@prefix … ." or "@base … .".
func (p *turtle) atDirective() error {
	at := p.here()
	word, err := p.langTag()
	if err != nil {
		return err
	}
	switch word {
	case "prefix":
		err = p.prefixDirective()
	case "base":
		err = p.baseDirective()
	default:
		if err := p.broken(); err != nil {
			return err
		}
		return p.errorAt(at, p.syntax, "expected @prefix or @base, found @%s", word)
	}
	if err != nil {
		return err
	}
	p.space()
	return p.dot("'.' at the end of the directive")
}

// prefixDirective parses a prefix and the namespace it stands for.
func (p *turtle) prefixDirective() error {
	p.space()
	p.token()
	if p.startsName() {
		p.nameRun()
	}
	prefix := string(p.text())
	p.done()
	if p.peek() != ':' {
		return p.expected("a prefix followed by ':'")
	}
	p.pos++
	p.space()
	if p.peek() != '<' {
		return p.expected("the namespace IRI in '<' and '>'")
	}
	ns, err := p.iri()
	if err != nil {
		return err
	}
	if p.prefixes[prefix] != ns {
		p.prefixes[prefix] = ns
		p.names.forget()
	}
	return nil
}

// baseDirective parses a new base IRI.
func (p *turtle) baseDirective() error {
	p.space()
	if p.peek() != '<' {
		return p.expected("the base IRI in '<' and '>'")
	}
	base, err := p.iri()
	if err != nil {
		return err
	}
	p.base = splitReference(base)
	p.names.forget()
	return nil
}
