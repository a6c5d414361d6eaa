package rdf

import "errors"

// nodeAt says how a node object stands in the document.
type nodeAt struct {
	top     bool // nothing refers to it
	subject Term // what it is about, where that is decided already
}

// node reads a node object: with what this package does itself or, where the
// object has an unusual construct, with json-gold. What names the node is told
// to link before the rest is read.
func (p *jsonLD) node(c *ldContext, v jsonValue, as nodeAt, link func(Term)) error {
	if p.wasted > maxWasted {
		return p.slowNode(c, v, as, link)
	}
	mark, anon, work := len(p.quads), p.anon, p.work
	err := p.fastNode(c, v, as, link)
	if !errors.Is(err, errUnusual) {
		return err
	}
	p.quads, p.anon = p.quads[:mark], anon
	p.wasted += p.work - work
	return p.slowNode(c, v, as, link)
}

// maxWasted is the work on nodes that were left to json-gold in the end, level
// by level, after which everything is left to it at once.
const maxWasted = 1 << 17

// ldNode is a node object with its keywords found.
type ldNode struct {
	outer *ldContext // for nodes inside it and for its types
	inner *ldContext // for its members: with the contexts of its types
	id    jsonValue
	hasID bool
	types []jsonValue
	sole  bool // it has nothing but @graph
}

// fastNode reads a node object or reports errUnusual.
func (p *jsonLD) fastNode(c *ldContext, v jsonValue, as nodeAt, link func(Term)) error {
	n, err := p.describe(c, v)
	if err != nil {
		return err
	}
	s := as.subject
	if s.IsZero() {
		if s, err = p.subject(&n); err != nil {
			return err
		}
	}
	if link != nil {
		link(s)
	}
	for _, t := range n.types {
		p.put(s, termType, p.typed(n.outer, t.text).term, t.at)
	}
	return p.members(&n, v, s, as.top && as.subject.IsZero())
}

// describe finds context, types and name of a node object.
func (p *jsonLD) describe(c *ldContext, v jsonValue) (ldNode, error) {
	n := ldNode{outer: c, inner: c}
	for _, m := range p.children(v) {
		if m.key != "@context" {
			continue
		}
		var err error
		if n.outer, err = p.local(c, m); err != nil {
			return n, err
		}
		n.inner = n.outer
	}
	typeKey := ""
	for _, m := range p.children(v) {
		if m.key == "@context" || p.name(n.outer, m.key).keyword != "@type" {
			continue
		}
		if typeKey != "" {
			return n, errUnusual
		}
		typeKey = m.key
		switch m.kind {
		case jsonString:
			n.types = []jsonValue{m}
		case jsonArray:
			n.types = p.children(m)
		default:
			return n, errUnusual
		}
		for _, t := range n.types {
			if t.kind != jsonString {
				return n, errUnusual
			}
		}
	}
	var err error
	if n.inner, err = p.typeScoped(n.outer, n.types); err != nil {
		return n, err
	}
	return n, p.keywords(&n, v, typeKey)
}

// keywords finds the name of a node object and what it has besides.
func (p *jsonLD) keywords(n *ldNode, v jsonValue, typeKey string) error {
	graphs, others := 0, 0
	for _, m := range p.children(v) {
		if m.key == "@context" {
			continue
		}
		name := p.name(n.inner, m.key)
		if (name.keyword == "@type") != (m.key == typeKey && typeKey != "") {
			return errUnusual
		}
		switch name.keyword {
		case "":
			if name.unusual {
				return errUnusual
			}
			if !name.dropped && m.kind != jsonNull {
				others++
			}
			continue
		case "@id":
			if n.hasID || m.kind != jsonString || m.text != "" && m.text[0] == '@' && likeKeyword(m.text) {
				return errUnusual
			}
			n.id, n.hasID = m, true
		case "@graph":
			if graphs++; graphs > 1 {
				return errUnusual
			}
			continue
		case "@type":
		case "@index":
			if m.kind != jsonString {
				return errUnusual
			}
		default: // values and sets are read elsewhere; @reverse, @nest and @included are rare
			return errUnusual
		}
		others++
	}
	n.sole = graphs == 1 && others == 0
	return nil
}

// subject is what a node object is about.
func (p *jsonLD) subject(n *ldNode) (Term, error) {
	if !n.hasID {
		return p.newBlank(), nil
	}
	return p.identified(n.inner, n.id, false)
}

// identified is the node that the text of v names.
func (p *jsonLD) identified(c *ldContext, v jsonValue, vocab bool) (Term, error) {
	iri, ok := p.expand(c, v.text, vocab, true)
	if !ok {
		return Term{}, errUnusual
	}
	t, ok := p.resource(iri)
	if !ok && p.opts.Base == "" && schemeLength(iri) == 0 && plainIRI(iri) {
		return Term{}, p.errorAt(v.at, CodeBadIRI, "the relative IRI %q has no base", iri)
	}
	return t, nil
}

// members reads what a node object says of its subject.
func (p *jsonLD) members(n *ldNode, v jsonValue, s Term, top bool) error {
	for _, m := range p.children(v) {
		if p.work++; m.key == "@context" {
			continue
		}
		name := p.name(n.inner, m.key)
		var err error
		switch {
		case name.keyword == "@graph":
			if top && n.sole {
				err = p.graphMember(n, m)
			} else {
				err = p.within(s, func() error { return p.graphMember(n, m) })
			}
		case name.keyword != "" || name.dropped:
		default:
			err = p.property(n, name, s, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// graphMember reads what is in @graph.
func (p *jsonLD) graphMember(n *ldNode, v jsonValue) error {
	switch v.kind {
	case jsonArray:
		for _, item := range p.children(v) {
			if err := p.graphMember(n, item); err != nil {
				return err
			}
		}
		return nil
	case jsonObject:
		return p.nested(n, n.outer, v, nodeAt{}, nil)
	}
	return nil // a free-floating value says nothing
}

// nested reads an object inside a node that is no value, list or set.
func (p *jsonLD) nested(n *ldNode, c *ldContext, v jsonValue, as nodeAt, link func(Term)) error {
	if n.inner != n.outer {
		// The contexts of types do not hold inside, except for a mere
		// reference (JSON-LD 1.1 API §5.1.2 step 7).
		if m := p.children(v); len(m) == 1 && p.name(n.inner, m[0].key).keyword == "@id" {
			c = n.inner
		}
	}
	return p.node(c, v, as, link)
}
