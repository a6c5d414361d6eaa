package rdf

import (
	"cmp"
	"slices"
)

// xmlLiteral writes the content of an XML literal in the form of Exclusive XML
// Canonicalization 1.0, with comments (RDF 1.1 XML Syntax §7.2.17).
type xmlLiteral struct {
	out      []byte
	rendered []xmlBinding // declarations written on the open elements
	outside  []int        // how many of them are outside each open element
}

// parseLiteral parses rdf:parseType="Literal" up to the end tag around it.
func (p *rdfxml) parseLiteral(st statement) error {
	at := p.here()
	var w xmlLiteral
	for {
		if err := p.next(); err != nil {
			return err
		}
		switch p.tok.kind {
		case xmlChars:
			w.text(p.tok.text)
		case xmlComment:
			w.out = append(append(append(w.out, "<!--"...), p.tok.text...), "-->"...)
		case xmlInstruction:
			w.out = append(append(append(w.out, "<?"...), p.tok.text...), "?>"...)
		case xmlStartTag:
			w.start(&p.tok)
		case xmlEndTag:
			if len(w.outside) == 0 {
				return p.say(st, NewTyped(string(w.out), NSRDF+"XMLLiteral"), at)
			}
			w.end(p.tok.name)
		}
	}
}

// start writes a start tag with the namespaces that it uses visibly and that
// no tag around it has written.
func (w *xmlLiteral) start(t *xmlToken) {
	w.outside = append(w.outside, len(w.rendered))
	w.out = append(append(w.out, '<'), t.name.written()...)
	var fresh []xmlBinding
	use := func(n xmlQName) {
		b := xmlBinding{n.prefix, n.space}
		if n.prefix != "xml" && w.space(n.prefix) != n.space && !slices.Contains(fresh, b) {
			fresh = append(fresh, b)
		}
	}
	use(t.name)
	for _, a := range t.attrs {
		if a.prefix != "" {
			use(a.xmlQName)
		}
	}
	slices.SortFunc(fresh, func(a, b xmlBinding) int { return cmp.Compare(a.prefix, b.prefix) })
	for _, b := range fresh {
		w.out = append(w.out, " xmlns"...)
		if b.prefix != "" {
			w.out = append(append(w.out, ':'), b.prefix...)
		}
		w.value(b.space)
	}
	w.rendered = append(w.rendered, fresh...)
	attrs := slices.Clone(t.attrs)
	slices.SortFunc(attrs, func(a, b xmlAttr) int {
		return cmp.Or(cmp.Compare(a.space, b.space), cmp.Compare(a.local, b.local))
	})
	for _, a := range attrs {
		w.out = append(append(w.out, ' '), a.written()...)
		w.value(a.value)
	}
	w.out = append(w.out, '>')
}

// end writes an end tag.
func (w *xmlLiteral) end(n xmlQName) {
	w.out = append(append(append(w.out, "</"...), n.written()...), '>')
	last := len(w.outside) - 1
	w.rendered = w.rendered[:w.outside[last]]
	w.outside = w.outside[:last]
}

// space is what a prefix stands for by the tags written so far.
func (w *xmlLiteral) space(prefix string) string {
	for _, b := range slices.Backward(w.rendered) {
		if b.prefix == prefix {
			return b.space
		}
	}
	return ""
}

// text writes character data (Canonical XML 1.0 §2.3).
func (w *xmlLiteral) text(s []byte) {
	for _, c := range s {
		switch c {
		case '&':
			w.out = append(w.out, "&amp;"...)
		case '<':
			w.out = append(w.out, "&lt;"...)
		case '>':
			w.out = append(w.out, "&gt;"...)
		case '\r':
			w.out = append(w.out, "&#xD;"...)
		default:
			w.out = append(w.out, c)
		}
	}
}

// value writes the value of an attribute.
func (w *xmlLiteral) value(s string) {
	w.out = append(w.out, '=', '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '&':
			w.out = append(w.out, "&amp;"...)
		case '<':
			w.out = append(w.out, "&lt;"...)
		case '"':
			w.out = append(w.out, "&quot;"...)
		case '\t':
			w.out = append(w.out, "&#x9;"...)
		case '\n':
			w.out = append(w.out, "&#xA;"...)
		case '\r':
			w.out = append(w.out, "&#xD;"...)
		default:
			w.out = append(w.out, c)
		}
	}
	w.out = append(w.out, '"')
}
