package rdf

import (
	"strconv"
	"strings"
)

// declaration reads a document type declaration (XML 1.0 §2.8). Of its
// internal subset only the entities matter; the external subset is not
// fetched.
func (x *xmlScanner) declaration() error {
	x.pos += len("<!DOCTYPE")
	if !x.space() {
		return x.syntaxf("expected white space after <!DOCTYPE")
	}
	if _, err := x.qName("the name of the document element"); err != nil {
		return err
	}
	x.space()
	if err := x.externalID(); err != nil {
		return err
	}
	if x.peek() == '[' {
		x.pos++
		if err := x.internalSubset(); err != nil {
			return err
		}
		x.space()
	}
	if x.peek() != '>' {
		return x.syntaxf("expected '>' at the end of the document type declaration")
	}
	x.pos++
	return nil
}

// externalID passes over SYSTEM or PUBLIC and what they name.
func (x *xmlScanner) externalID() error {
	literals := 0
	switch {
	case x.ahead("SYSTEM"):
		literals = 1
	case x.ahead("PUBLIC"):
		literals = 2
	default:
		return nil
	}
	x.pos += len("SYSTEM")
	for range literals {
		if !x.space() {
			return x.syntaxf("expected white space before an identifier in quotes")
		}
		if _, err := x.literal(); err != nil {
			return err
		}
	}
	x.space()
	return nil
}

// literal reads a literal in quotes without looking into it.
func (x *xmlScanner) literal() ([]byte, error) {
	quote := x.peek()
	if quote != '"' && quote != '\'' {
		return nil, x.syntaxf("expected a literal in quotes")
	}
	x.pos++
	return x.until(string(rune(quote)), "a literal")
}

// internalSubset reads the declarations between '[' and ']'.
func (x *xmlScanner) internalSubset() error {
	for {
		x.space()
		x.tok.at = x.here()
		var err error
		switch {
		case x.peek() == ']':
			x.pos++
			return nil
		case x.ahead("<!--"):
			err = x.comment()
		case x.ahead("<?"):
			err = x.instruction()
		case x.ahead("<!ENTITY"):
			err = x.entity()
		case x.ahead("<!ELEMENT"), x.ahead("<!NOTATION"):
			err = x.passDeclaration()
		case x.peek() == '%', x.ahead("<!ATTLIST"):
			return x.errorf(CodeUnsupported, "parameter entities and declared attributes are not supported")
		default:
			return x.syntaxf("expected a declaration or ']'")
		}
		if err != nil {
			return err
		}
	}
}

// passDeclaration passes over a declaration up to its '>'.
func (x *xmlScanner) passDeclaration() error {
	for {
		switch c := x.peek(); c {
		case eof:
			return x.syntaxf("the document ends inside a declaration")
		case '>':
			x.pos++
			return nil
		case '"', '\'':
			if _, err := x.literal(); err != nil {
				return err
			}
		default:
			if _, err := x.char(x.scratch[:0], c); err != nil {
				return err
			}
		}
	}
}

// entity reads the declaration of an entity (§4.2). The first of a name binds.
func (x *xmlScanner) entity() error {
	x.pos += len("<!ENTITY")
	x.space()
	if x.peek() == '%' {
		return x.errorf(CodeUnsupported, "parameter entities and declared attributes are not supported")
	}
	name, err := x.ncName("the name of an entity")
	if err != nil {
		return err
	}
	x.space()
	if x.ahead("SYSTEM") || x.ahead("PUBLIC") {
		return x.passDeclaration() // a reference to it will be refused
	}
	at := x.here()
	raw, err := x.literal()
	if err != nil {
		return err
	}
	text, err := x.replacement(string(raw), at)
	if err != nil {
		return err
	}
	x.space()
	if x.peek() != '>' {
		return x.syntaxf("expected '>' at the end of the declaration of %s", name)
	}
	x.pos++
	if _, known := x.entities[name]; known {
		return nil
	}
	if len(x.entities) >= maxEntities {
		return x.errorAt(at, CodeTooLarge, "the document declares more than %d entities", maxEntities)
	}
	x.entities[name] = text
	return nil
}

// replacement is what a declared entity stands for: references to characters
// and to entities declared before are replaced at once, so that no entity can
// hold itself.
func (x *xmlScanner) replacement(raw string, at place) (string, error) {
	var b strings.Builder
	for raw != "" {
		text, rest, found := strings.Cut(raw, "&")
		b.WriteString(text)
		if !found {
			break
		}
		name, after, ok := strings.Cut(rest, ";")
		if !ok {
			return "", x.errorAt(at, x.syntax, "a reference in the entity lacks its ';'")
		}
		raw = after
		if value, known := x.entities[name]; known {
			b.WriteString(value)
		} else if r, ok := charOf(name); ok {
			b.WriteRune(r)
		} else if _, known := predefined[name]; known {
			b.WriteString("&" + name + ";") // stays a reference, as §4.4.7 bids
		} else {
			return "", x.errorAt(at, CodeUnsupported, "the entity refers to &%s;, which is not declared before it", name)
		}
		if b.Len() > maxEntityLength {
			break
		}
	}
	if b.Len() > maxEntityLength {
		return "", x.errorAt(at, CodeTooLarge, "the entity is longer than %d bytes", maxEntityLength)
	}
	return b.String(), nil
}

// charOf reads the inside of a character reference.
func charOf(s string) (rune, bool) {
	digits, ok := strings.CutPrefix(s, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	v, err := strconv.ParseUint(digits, base, 31)
	return rune(v), err == nil && isXMLChar(rune(v))
}
