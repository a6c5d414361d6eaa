package rdf

// literal parses a quoted literal with its language tag or datatype.
func (p *turtle) literal() (Term, error) {
	value, err := p.str()
	if err != nil {
		return Term{}, err
	}
	p.space()
	switch p.peek() {
	case '@':
		lang, err := p.langTag()
		return NewLang(value, lang), err
	case '^':
		if p.peekAt(1) != '^' {
			return Term{}, p.expected("'^^' before the datatype")
		}
		p.pos += 2
		p.space()
		datatype, err := p.datatype()
		return NewTyped(value, datatype.Value), err
	}
	return NewString(value), nil
}

// datatype parses the IRI of a datatype.
func (p *turtle) datatype() (Term, error) {
	switch c := p.peek(); {
	case c == '<':
		return p.iriTerm()
	case p.startsName() || c == ':':
		return p.prefixedName("a datatype")
	}
	return Term{}, p.expected("a datatype")
}

// str parses a string in any of the four kinds of quotes.
func (p *turtle) str() (string, error) {
	quote := p.peek()
	if p.peekAt(1) != quote {
		return p.shortString()
	}
	if p.peekAt(2) != quote {
		p.pos += 2
		return "", nil
	}
	p.pos += 3
	return p.longString(quote)
}

// longString parses the rest of a string that ends with three quotes.
func (p *turtle) longString(quote int) (string, error) {
	if s, ok := p.plainString(quotesOf(quote, 3)); ok {
		return s, nil
	}
	p.token()
	defer p.done()
	escaped := false
	for {
		run := p.pos - p.mark
		for p.peek() != eof && p.peek() != '\\' && p.peek() != quote {
			p.skip(classString)
			if c := p.peek(); c == '\n' || c == '\r' || c != quote && (c == '"' || c == '\'') {
				p.pos++
			}
		}
		if escaped {
			p.scratch = append(p.scratch, p.buf[p.mark+run:p.pos]...)
		}
		switch c := p.peek(); c {
		case '\\':
			if !escaped {
				escaped = true
				p.scratch = append(p.scratch[:0], p.text()...)
			}
			if err := p.escape(); err != nil {
				return "", err
			}
		case quote:
			if p.peekAt(1) == quote && p.peekAt(2) == quote {
				s := p.text()
				if escaped {
					s = p.scratch
				}
				p.pos += 3
				return string(s), nil
			}
			p.pos++
			if escaped {
				p.scratch = append(p.scratch, byte(c))
			}
		default:
			return "", p.expected("the closing quotes of the string")
		}
	}
}

// number parses an integer, a decimal or a double.
func (p *turtle) number() (Term, error) {
	p.token()
	defer p.done()
	if c := p.peek(); c == '+' || c == '-' {
		p.pos++
	}
	before := p.pos - p.mark
	p.skip(classDigit)
	whole := p.pos-p.mark > before
	datatype := XSDInteger
	if p.peek() == '.' {
		switch c := p.peekAt(1); {
		case c != eof && charClass[c]&classDigit != 0:
			p.pos++
			p.skip(classDigit)
			datatype = XSDDecimal
		case whole && p.exponent(1):
			p.pos++
		}
	}
	if !whole && datatype == XSDInteger {
		return Term{}, p.expected("an object")
	}
	if p.exponent(0) {
		p.pos += 2
		p.skip(classDigit)
		datatype = XSDDouble
	}
	return NewTyped(p.names.plain(p.text()), datatype), nil
}

// exponent reports whether an exponent starts n bytes after the next.
func (p *turtle) exponent(n int) bool {
	if p.peekAt(n)|0x20 != 'e' {
		return false
	}
	c := p.peekAt(n + 1)
	if c == '+' || c == '-' {
		c = p.peekAt(n + 2)
	}
	return c != eof && charClass[c]&classDigit != 0
}
