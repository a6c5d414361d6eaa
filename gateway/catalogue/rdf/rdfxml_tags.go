package rdf

import "unicode/utf8"

// startTag reads a start tag or an empty element.
func (x *xmlScanner) startTag() error {
	x.pos++
	name, err := x.qName("the name of an element")
	if err != nil {
		return err
	}
	if len(x.open) >= x.maxOpen {
		return x.errorAt(x.tok.at, CodeTooDeep, "elements nest deeper than %d", x.maxOpen)
	}
	x.outside = len(x.bound)
	for {
		spaced := x.space()
		switch x.peek() {
		case '/':
			if x.peekAt(1) != '>' {
				return x.syntaxf("expected '>' after '/'")
			}
			x.pos++
			x.closing = true
			fallthrough
		case '>':
			x.pos++
			x.begun = true
			return x.startElement(name)
		case eof:
			return x.syntaxf("the document ends inside a tag")
		}
		if !spaced {
			return x.syntaxf("expected white space, '>' or '/>' in the tag of %s", name.written())
		}
		if len(x.tok.attrs)+len(x.bound) >= maxAttributes {
			return x.errorf(CodeTooLarge, "an element has more than %d attributes and namespaces", maxAttributes)
		}
		if err := x.attribute(); err != nil {
			return err
		}
	}
}

// maxAttributes bounds the attributes of an element together with the
// namespaces in scope, each of which is compared with the others.
const maxAttributes = 1000

// startElement gives the names of a start tag their namespaces.
func (x *xmlScanner) startElement(name xmlQName) error {
	t := &x.tok
	t.kind, t.name = xmlStartTag, name
	if err := x.resolveName(&t.name, t.at, true); err != nil {
		return err
	}
	for i := range t.attrs {
		a := &t.attrs[i]
		if err := x.resolveName(&a.xmlQName, a.at, false); err != nil {
			return err
		}
		for _, b := range t.attrs[:i] {
			if a.local == b.local && a.space == b.space {
				return x.errorAt(a.at, x.syntax, "the attribute %s occurs twice", a.written())
			}
		}
	}
	x.open = append(x.open, xmlOpen{t.name, x.outside})
	return nil
}

// endTag reads an end tag.
func (x *xmlScanner) endTag() error {
	x.pos += 2
	name, err := x.qName("the name of an element")
	if err != nil {
		return err
	}
	x.space()
	if x.peek() != '>' {
		return x.syntaxf("expected '>' after </%s", name.written())
	}
	if len(x.open) == 0 {
		return x.errorAt(x.tok.at, x.syntax, "</%s> ends nothing", name.written())
	}
	if want := x.open[len(x.open)-1].name; want.prefix != name.prefix || want.local != name.local {
		return x.errorAt(x.tok.at, x.syntax, "expected </%s>, found </%s>", want.written(), name.written())
	}
	x.pos++
	return x.endElement()
}

// endElement ends the innermost element.
func (x *xmlScanner) endElement() error {
	last := len(x.open) - 1
	x.tok = xmlToken{kind: xmlEndTag, name: x.open[last].name, attrs: x.tok.attrs[:0], at: x.here()}
	x.bound = x.bound[:x.open[last].bound]
	x.open = x.open[:last]
	return nil
}

// space passes over white space and reports whether there was any.
func (x *xmlScanner) space() bool {
	found := false
	for c := x.peek(); c != eof && xmlClass[c]&xmlSpace != 0; c = x.peek() {
		x.pos++
		found = true
	}
	return found
}

// attribute reads an attribute or the declaration of a namespace.
func (x *xmlScanner) attribute() error {
	at := x.here()
	name, err := x.qName("the name of an attribute")
	if err != nil {
		return err
	}
	x.space()
	if x.peek() != '=' {
		return x.syntaxf("expected '=' after the attribute %s", name.written())
	}
	x.pos++
	x.space()
	where := x.here()
	value, err := x.quoted()
	switch {
	case err != nil:
		return err
	case name.prefix == "" && name.local == "xmlns":
		return x.bind("", value, at)
	case name.prefix == "xmlns":
		return x.bind(name.local, value, at)
	}
	x.tok.attrs = append(x.tok.attrs, xmlAttr{name, value, where})
	return nil
}

// quoted reads the value of an attribute, normalised as one of type CDATA
// (§3.3.3).
func (x *xmlScanner) quoted() (string, error) {
	quote := x.peek()
	if quote != '"' && quote != '\'' {
		return "", x.syntaxf("expected an attribute value in quotes")
	}
	x.pos++
	b := x.scratch[:0]
	for {
		i := x.pos
		for i < len(x.buf) && xmlClass[x.buf[i]]&xmlValue != 0 {
			i++
		}
		b = append(b, x.buf[x.pos:i]...)
		x.pos = i
		var err error
		switch c := x.peek(); {
		case c == quote:
			x.pos++
			x.scratch = b
			return x.intern(b), nil
		case c == '&':
			b, err = x.reference(b, true)
		case c == '<':
			return "", x.syntaxf("'<' may not stand in an attribute value")
		case c == eof:
			return "", x.syntaxf("the document ends inside an attribute value")
		case xmlClass[c]&xmlValue != 0: // after a refill
		default:
			b, err = x.char(b, c)
			if last := len(b) - 1; err == nil && xmlClass[b[last]]&xmlSpace != 0 {
				b[last] = ' '
			}
		}
		if err != nil {
			return "", err
		}
	}
}

// longestInterned is the length above which a value is taken to occur once.
const longestInterned = 256

// intern makes a string of b, the same one for a value that is repeated.
func (x *xmlScanner) intern(b []byte) string {
	if len(b) > longestInterned {
		return string(b)
	}
	return x.names.plain(b)
}

// ncName reads a name without colon.
func (x *xmlScanner) ncName(what string) (string, error) {
	x.token()
	defer x.done()
	r, _ := x.peekRune(0)
	if x.peek() == eof || !(r < utf8.RuneSelf && xmlClass[r]&xmlBegin != 0 || r >= utf8.RuneSelf && isStartRune(r)) {
		return "", x.syntaxf("expected %s", what)
	}
	for {
		for x.pos < len(x.buf) && xmlClass[x.buf[x.pos]]&xmlName != 0 {
			x.pos++
		}
		c := x.peek()
		if c < utf8.RuneSelf {
			if c != eof && xmlClass[c]&xmlName != 0 {
				continue
			}
			break
		}
		r, size := x.peekRune(0)
		if !isNameRune(r) {
			break
		}
		x.pos += size
	}
	return x.names.plain(x.text()), nil
}
