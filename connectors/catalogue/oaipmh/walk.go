package oaipmh

import (
	"encoding/xml"
	"maps"
	"strings"
)

// maxDepth bounds how deep elements lie in each other.
const maxDepth = 256

// token is the next token. A document type declaration is refused: it is where entities come from.
func (p *parser) token() (xml.Token, error) {
	tok, err := p.dec.Token()
	if err != nil {
		return nil, malformed()
	}
	if _, ok := tok.(xml.Directive); ok {
		return nil, malformed()
	}
	return tok, nil
}

// start is the document element.
func (p *parser) start() (xml.StartElement, error) {
	for {
		tok, err := p.token()
		if err != nil {
			return xml.StartElement{}, err
		}
		if e, ok := tok.(xml.StartElement); ok {
			return e, nil
		}
	}
}

// children calls visit with each child in the protocol's namespace; visit reads it to its end, or p.skip
// does. Others are skipped.
func (p *parser) children(parent xml.StartElement, visit func(xml.StartElement) error) error {
	return p.inside(parent, func(e xml.StartElement, _ int64) error {
		if e.Name.Space != nsOAI {
			return p.skip()
		}
		return visit(e)
	})
}

// inside calls visit with each child, and where it begins.
func (p *parser) inside(parent xml.StartElement, visit func(xml.StartElement, int64) error) error {
	p.scope = append(p.scope, declared(parent))
	defer func() { p.scope = p.scope[:len(p.scope)-1] }()
	for {
		from := p.dec.InputOffset()
		tok, err := p.token()
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if err := visit(e, from); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// skip reads to the end of the element that was begun.
func (p *parser) skip() error {
	for depth := 1; depth > 0; {
		tok, err := p.token()
		if err != nil {
			return err
		}
		switch tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return malformed()
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// text reads an element that holds text alone.
func (p *parser) text() (string, error) {
	var b strings.Builder
	for {
		tok, err := p.token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.CharData:
			if b.Write(t); b.Len() > maxText {
				return "", malformed()
			}
		case xml.EndElement:
			return strings.TrimSpace(b.String()), nil
		case xml.StartElement:
			return "", malformed()
		}
	}
}

// declared are the namespaces an element declares, by prefix.
func declared(e xml.StartElement) map[string]string {
	out := map[string]string{}
	for _, a := range e.Attr {
		switch {
		case a.Name.Space == "xmlns":
			out[a.Name.Local] = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			out[""] = a.Value
		}
	}
	return out
}

// inherited are the namespaces that hold inside the open elements.
func (p *parser) inherited() map[string]string {
	out := map[string]string{}
	for _, s := range p.scope {
		maps.Copy(out, s)
	}
	return out
}

// attribute is the value of an attribute without namespace, or empty.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
