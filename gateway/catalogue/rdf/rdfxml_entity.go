package rdf

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Bounds of internal entities. Entities in RDF/XML stand for namespaces; what
// they expand to counts as bytes of the document besides, so that no document
// can be made to grow beyond MaxBytes.
const (
	maxEntities     = 256
	maxEntityLength = 4 << 10
)

// predefined are the entities that need no declaration (XML 1.0 §4.6).
var predefined = map[string]string{"lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": `"`}

// reference reads a reference to a character or an entity, whose '&' is next,
// and appends what it stands for. Nothing outside the document is fetched.
func (x *xmlScanner) reference(b []byte, inValue bool) ([]byte, error) {
	at := x.here()
	x.pos++
	if x.peek() == '#' {
		r, err := x.charReference()
		return utf8.AppendRune(b, r), err
	}
	name, err := x.ncName("the name of an entity after '&' (a plain & is written &amp;)")
	if err != nil {
		return b, err
	}
	if x.peek() != ';' {
		return b, x.syntaxf("expected ';' after &%s", name)
	}
	x.pos++
	if text, ok := predefined[name]; ok {
		return append(b, text...), nil
	}
	text, ok := x.entities[name]
	switch {
	case !ok:
		return b, x.errorAt(at, CodeUnsupported, "the entity &%s; is not declared in this document; others are not fetched", name)
	case strings.ContainsAny(text, "<&"):
		return b, x.errorAt(at, CodeUnsupported, "the entity &%s; holds markup, which is not supported", name)
	}
	if x.limit -= int64(len(text)); x.limit < 0 {
		return b, x.errorAt(at, CodeTooLarge, "the document exceeds the allowed size once its entities are expanded")
	}
	if inValue {
		text = strings.Map(spaceOf, text)
	}
	return append(b, text...), nil
}

// spaceOf normalises white space in an attribute value.
func spaceOf(r rune) rune {
	if r < utf8.RuneSelf && xmlClass[r]&xmlSpace != 0 {
		return ' '
	}
	return r
}

// charReference reads "#…;".
func (x *xmlScanner) charReference() (rune, error) {
	n := 0
	for c := x.peek(); c != ';'; c = x.peekAt(n) {
		if n > 16 || c == eof {
			return 0, x.errorf(CodeBadEscape, "a character reference is written &#…; or &#x…;")
		}
		n++
	}
	r, ok := charOf(string(x.buf[x.pos : x.pos+n]))
	if !ok {
		return 0, x.errorf(CodeBadEscape, "the reference names no character that XML allows")
	}
	x.pos += n + 1
	return r, nil
}

// xmlDeclaration checks version and encoding (§2.8, §4.3.3).
func (x *xmlScanner) xmlDeclaration(data []byte) error {
	refuse := func(code, format string, args ...any) error { return x.errorAt(x.tok.at, code, format, args...) }
	rest, version := pseudoAttribute(data, "version")
	if !strings.HasPrefix(version, "1.") {
		return refuse(x.syntax, "the XML declaration names no version 1.x")
	}
	rest, encoding := pseudoAttribute(rest, "encoding")
	switch strings.ToUpper(encoding) {
	case "", "UTF-8", "UTF8", "US-ASCII", "ASCII":
	default:
		return refuse(CodeUnsupported, "the encoding %q is not supported; convert the document to UTF-8", encoding)
	}
	rest, standalone := pseudoAttribute(rest, "standalone")
	if standalone != "" && standalone != "yes" && standalone != "no" || !isXMLSpace(rest) {
		return refuse(x.syntax, "the XML declaration holds more than version, encoding and standalone")
	}
	return nil
}

// pseudoAttribute takes name="value" off the front of data when it is there.
func pseudoAttribute(data []byte, name string) (rest []byte, value string) {
	s, ok := bytes.CutPrefix(bytes.TrimLeft(data, " \t\n"), []byte(name))
	if !ok {
		return data, ""
	}
	s, ok = bytes.CutPrefix(bytes.TrimLeft(s, " \t\n"), []byte("="))
	s = bytes.TrimLeft(s, " \t\n")
	if !ok || len(s) == 0 || s[0] != '"' && s[0] != '\'' {
		return data, ""
	}
	end := bytes.IndexByte(s[1:], s[0])
	if end < 0 {
		return data, ""
	}
	return s[end+2:], string(s[1 : end+1])
}
