package rdf

import (
	"bytes"
	"unicode/utf8"
)

// xmlKind is the sort of a token.
type xmlKind uint8

const (
	xmlEOF xmlKind = iota
	xmlStartTag
	xmlEndTag
	xmlChars // character data, in one token or several
	xmlComment
	xmlInstruction
)

// xmlToken is what next found. Its slices are valid until the next call.
type xmlToken struct {
	kind  xmlKind
	at    place     // where it begins
	name  xmlQName  // of an element
	attrs []xmlAttr // of a start tag, without the declarations of namespaces
	text  []byte    // character data, of a comment or of an instruction with its target
}

// xmlAttr is an attribute with its normalised value.
type xmlAttr struct {
	xmlQName
	value string
	at    place // of the value
}

// xmlScanner splits a document into the tokens of XML 1.0 with namespaces. It
// checks what a processor that does not validate must check, and reads
// nothing but the document: external entities and DTDs stay where they are.
type xmlScanner struct {
	lexer
	tok      xmlToken
	entities map[string]string
	open     []xmlOpen
	bound    []xmlBinding
	outside  int // bindings outside the tag that is being read
	maxOpen  int
	closing  bool // the end tag of an empty element is due
	begun    bool // the document element was seen
	doctype  bool
	textBuf  []byte
}

// xmlOpen is an element whose end tag is due.
type xmlOpen struct {
	name  xmlQName
	bound int // namespace bindings outside it
}

// next reads the next token into tok.
func (x *xmlScanner) next() error {
	if x.closing {
		x.closing = false
		return x.endElement()
	}
	x.tok = xmlToken{attrs: x.tok.attrs[:0], at: x.here()}
	c := x.peek()
	switch {
	case c == '<':
		return x.markup()
	case len(x.open) > 0 && c != eof:
		return x.chars()
	}
	return x.misc(c)
}

// misc passes over the space around the document element.
func (x *xmlScanner) misc(c int) error {
	for ; c != eof && xmlClass[c]&xmlSpace != 0; c = x.peek() {
		x.pos++
	}
	switch {
	case c == '<':
		x.tok.at = x.here()
		return x.markup()
	case c != eof:
		return x.syntaxf("there is text outside the document element")
	case x.broken() != nil:
		return x.broken()
	case len(x.open) > 0:
		return x.syntaxf("the document ends before </%s>", x.open[len(x.open)-1].name.written())
	case !x.begun:
		return x.syntaxf("the document has no element")
	}
	x.tok.kind = xmlEOF
	return nil
}

// syntaxf is an error at the next byte.
func (x *xmlScanner) syntaxf(format string, args ...any) error {
	return x.errorf(x.syntax, format, args...)
}

// markup reads what begins with '<'.
func (x *xmlScanner) markup() error {
	switch c := x.peekAt(1); c {
	case '/':
		return x.endTag()
	case '?':
		return x.instruction()
	case '!':
		switch {
		case x.ahead("<!--"):
			return x.comment()
		case x.ahead("<![CDATA[") && len(x.open) > 0:
			return x.cdata()
		case x.ahead("<!DOCTYPE") && !x.begun && !x.doctype:
			x.doctype = true
			if err := x.declaration(); err != nil {
				return err
			}
			return x.next()
		}
		return x.syntaxf("'<!' begins nothing that may stand here")
	}
	if x.begun && len(x.open) == 0 {
		return x.syntaxf("there is a second document element")
	}
	return x.startTag()
}

// ahead reports whether the text is next.
func (x *xmlScanner) ahead(text string) bool {
	x.peekAt(len(text) - 1)
	return bytes.HasPrefix(x.buf[x.pos:], []byte(text))
}

// until passes over characters and the text that ends them, and returns the
// characters. Line ends become LF (§2.11).
func (x *xmlScanner) until(end, what string) ([]byte, error) {
	b := x.scratch[:0]
	for !x.ahead(end) {
		c := x.peek()
		if c == eof {
			return nil, x.syntaxf("the document ends inside %s", what)
		}
		var err error
		if b, err = x.char(b, c); err != nil {
			return nil, err
		}
	}
	x.pos += len(end)
	x.scratch = b
	return b, nil
}

// char passes over one character and appends it to b.
func (x *xmlScanner) char(b []byte, c int) ([]byte, error) {
	if c < utf8.RuneSelf {
		x.pos++
		switch {
		case c == '\r':
			if x.peek() == '\n' {
				x.pos++
			}
			c = '\n'
		case c < 0x20 && c != '\t' && c != '\n':
			x.pos--
			return b, x.syntaxf("the control character U+%04X may not occur in XML", c)
		}
		return append(b, byte(c)), nil
	}
	r, size := x.peekRune(0)
	if !isXMLChar(r) {
		return b, x.syntaxf("the character U+%04X may not occur in XML", r)
	}
	b = append(b, x.buf[x.pos:x.pos+size]...)
	x.pos += size
	return b, nil
}

// chars reads character data up to the next markup.
func (x *xmlScanner) chars() error {
	b := x.textBuf[:0]
	for {
		i := x.pos
		for i < len(x.buf) && xmlClass[x.buf[i]]&xmlText != 0 {
			i++
		}
		b = append(b, x.buf[x.pos:i]...)
		x.pos = i
		var err error
		switch c := x.peek(); {
		case c == eof || c == '<':
			x.textBuf = b
			x.tok.kind, x.tok.text = xmlChars, b
			return x.broken()
		case c == '&':
			b, err = x.reference(b, false)
		case c == ']' && x.ahead("]]>"):
			return x.syntaxf("']]>' may not stand in text")
		case xmlClass[c]&xmlText != 0: // after a refill
		default:
			b, err = x.char(b, c)
		}
		if err != nil {
			return err
		}
	}
}

// cdata reads a CDATA section.
func (x *xmlScanner) cdata() error {
	x.pos += len("<![CDATA[")
	b, err := x.until("]]>", "a CDATA section")
	x.tok.kind, x.tok.text = xmlChars, b
	return err
}

// comment reads a comment.
func (x *xmlScanner) comment() error {
	x.pos += len("<!--")
	b, err := x.until("--", "a comment")
	if err != nil {
		return err
	}
	if x.peek() != '>' {
		return x.syntaxf("'--' may not stand in a comment")
	}
	x.pos++
	x.tok.kind, x.tok.text = xmlComment, b
	return nil
}

// instruction reads a processing instruction or the XML declaration.
func (x *xmlScanner) instruction() error {
	x.pos += 2
	first := x.tok.at == place{1, 1}
	target, err := x.ncName("the target of an instruction")
	if err != nil {
		return err
	}
	if c := x.peek(); c != '?' && (c == eof || xmlClass[c]&xmlSpace == 0) {
		return x.syntaxf("expected white space or '?>' after %s", target)
	}
	rest, err := x.until("?>", "an instruction")
	switch {
	case err != nil:
		return err
	case target == "xml" && first:
		if err := x.xmlDeclaration(rest); err != nil {
			return err
		}
		return x.next()
	case len(target) == 3 && bytes.EqualFold([]byte(target), []byte("xml")):
		return x.errorAt(x.tok.at, x.syntax, "the XML declaration stands only at the very beginning, and is spelt xml")
	}
	x.tok.kind = xmlInstruction
	x.tok.text = append([]byte(target), trimInstruction(rest)...)
	return nil
}

// trimInstruction leaves one space before the data of an instruction, as its
// canonical form has it.
func trimInstruction(data []byte) []byte {
	data = bytes.TrimLeft(data, " \t\n")
	if len(data) == 0 {
		return nil
	}
	return append([]byte{' '}, data...)
}
