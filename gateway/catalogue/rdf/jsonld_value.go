package rdf

import (
	"strings"
)

// property reads a member that is a property of s.
func (p *jsonLD) property(n *ldNode, name *ldName, s Term, v jsonValue) error {
	in := *n
	if name.def != nil && name.def.HasContext {
		var err error
		if name, err = p.propertyScoped(&in, name, v.at); err != nil {
			return err
		}
	}
	switch {
	case name.coerced == "@json":
		p.put(s, name.pred, p.jsonLiteral(v), v.at)
		return nil
	case v.kind == jsonNull:
		return nil
	case name.lang && v.kind == jsonObject:
		return p.languageMap(&in, name, s, v)
	case name.list:
		return p.listContainer(&in, name, s, v)
	}
	return p.item(&in, name, v, func(o Term, at place) { p.put(s, name.pred, o, at) })
}

// propertyScoped applies the context of a property's term to its value, in
// which the term itself may be defined anew (JSON-LD 1.1 §4.1.8).
func (p *jsonLD) propertyScoped(n *ldNode, name *ldName, at place) (*ldName, error) {
	outer, err := p.scoped(n.outer, 'p', name.term, name.def.Context, at)
	if err != nil {
		return nil, err
	}
	inner := outer
	if n.inner != n.outer {
		if inner, err = p.scoped(n.inner, 'p', name.term, name.def.Context, at); err != nil {
			return nil, err
		}
	}
	n.outer, n.inner = outer, inner
	again := *p.name(inner, name.term)
	if again.unusual || again.keyword != "" {
		return nil, errUnusual
	}
	again.pred = name.pred
	return &again, nil
}

// item reads a value of a property, or each of an array, and tells link what
// nodes and literals they are.
func (p *jsonLD) item(n *ldNode, name *ldName, v jsonValue, link func(Term, place)) error {
	switch p.work++; v.kind {
	case jsonNull:
		return nil
	case jsonArray:
		for _, item := range p.children(v) {
			if err := p.item(n, name, item, link); err != nil {
				return err
			}
		}
		return nil
	case jsonObject:
		return p.objectItem(n, name, v, link)
	}
	o, err := p.scalar(n.inner, name, v)
	if err == nil {
		link(o, v.at)
	}
	return err
}

// objectItem reads an object that is a value, a list, a set or a node.
func (p *jsonLD) objectItem(n *ldNode, name *ldName, v jsonValue, link func(Term, place)) error {
	for _, m := range p.children(v) {
		if m.key == "@context" {
			continue
		}
		switch p.name(n.inner, m.key).keyword {
		case "@value":
			o, err := p.valueObject(n.inner, v)
			if err == nil {
				link(o, v.at)
			}
			return err
		case "@list", "@set":
			return p.collectionObject(n, name, v, link)
		}
	}
	return p.nested(n, n.outer, v, nodeAt{}, func(o Term) { link(o, v.at) })
}

// collectionObject reads {"@list": …} or {"@set": …}.
func (p *jsonLD) collectionObject(n *ldNode, name *ldName, v jsonValue, link func(Term, place)) error {
	var inside *jsonValue
	keyword := ""
	for i, m := range p.children(v) {
		switch k := p.name(n.inner, m.key).keyword; {
		case m.key == "@context":
			return errUnusual
		case (k == "@list" || k == "@set") && inside == nil:
			inside, keyword = &p.children(v)[i], k
		case k == "@index" && m.kind == jsonString:
		case k == "" && p.name(n.inner, m.key).dropped:
		default:
			return errUnusual
		}
	}
	if keyword == "@set" {
		return p.item(n, name, *inside, link)
	}
	head, err := p.list(n, name, *inside)
	if err == nil {
		link(head, v.at)
	}
	return err
}

// listContainer reads the value of a term with @container @list.
func (p *jsonLD) listContainer(n *ldNode, name *ldName, s Term, v jsonValue) error {
	if v.kind == jsonObject {
		for _, m := range p.children(v) {
			switch p.name(n.inner, m.key).keyword {
			case "@list", "@set":
				return errUnusual
			}
		}
	}
	head, err := p.list(n, name, v)
	if err == nil {
		p.put(s, name.pred, head, v.at)
	}
	return err
}

// list writes an RDF list of what v holds and returns its head (JSON-LD 1.1
// API §8.3).
func (p *jsonLD) list(n *ldNode, name *ldName, v jsonValue) (Term, error) {
	head, last := termNil, Term{}
	add := func(o Term, at place) {
		cell := p.newBlank()
		if last.IsZero() {
			head = cell
		} else {
			p.put(last, termRest, cell, at)
		}
		last = cell
		p.put(cell, termFirst, o, at)
	}
	items := []jsonValue{v}
	if v.kind == jsonArray {
		items = p.children(v)
	}
	for _, item := range items {
		var err error
		if item.kind == jsonArray {
			var inner Term
			if inner, err = p.list(n, name, item); err == nil {
				add(inner, item.at)
			}
		} else {
			err = p.item(n, name, item, add)
		}
		if err != nil {
			return Term{}, err
		}
	}
	if !last.IsZero() {
		p.put(last, termRest, termNil, v.at)
	}
	return head, nil
}

// languageMap reads the value of a term with @container @language.
func (p *jsonLD) languageMap(n *ldNode, name *ldName, s Term, v jsonValue) error {
	for _, m := range p.children(v) {
		lang := m.key
		if k, ok := p.expand(n.inner, lang, true, false); ok && k == "@none" {
			lang = ""
		}
		texts := []jsonValue{m}
		if m.kind == jsonArray {
			texts = p.children(m)
		}
		for _, text := range texts {
			switch text.kind {
			case jsonNull:
			case jsonString:
				p.put(s, name.pred, tagged(text.text, lang), text.at)
			default:
				return errUnusual
			}
		}
	}
	return nil
}

// scalar applies the Value Expansion algorithm (§5.3) to a scalar.
func (p *jsonLD) scalar(c *ldContext, name *ldName, v jsonValue) (Term, error) {
	switch name.coerced {
	case "@id", "@vocab":
		if v.kind == jsonString {
			return p.identified(c, v, name.coerced == "@vocab")
		}
		return literalOf(v, ""), nil
	case "", "@none":
		if v.kind == jsonString {
			return tagged(v.text, name.language), nil
		}
		return literalOf(v, ""), nil
	}
	return typedLiteral(v, name.coerced), nil
}

// valueObject reads an object with @value (§5.1.2 step 14).
func (p *jsonLD) valueObject(c *ldContext, v jsonValue) (Term, error) {
	var value, lang, datatype jsonValue
	var hasValue, hasLang, hasType, direction bool
	for _, m := range p.children(v) {
		name := p.name(c, m.key)
		switch {
		case name.keyword == "@value" && !hasValue:
			value, hasValue = m, true
		case name.keyword == "@language" && !hasLang && m.kind == jsonString:
			lang, hasLang = m, true
		case name.keyword == "@type" && !hasType && m.kind == jsonString:
			datatype, hasType = m, true
		case name.keyword == "@direction" && m.kind == jsonString:
			direction = true
		case name.keyword == "@index" && m.kind == jsonString:
		case name.keyword == "" && name.dropped:
		default:
			return Term{}, errUnusual
		}
	}
	if hasType {
		t := p.typed(c, datatype.text)
		switch {
		case hasLang || direction || t.scoped != nil:
			return Term{}, errUnusual
		case t.iri == "@json":
			return p.jsonLiteral(value), nil
		case !wellFormed(t.iri):
			return Term{}, p.errorAt(datatype.at, p.syntax, "invalid typed value: the datatype %q is no absolute IRI", t.iri)
		case value.kind == jsonNull:
			return Term{}, nil
		case value.kind == jsonArray || value.kind == jsonObject:
			return Term{}, errUnusual
		}
		return typedLiteral(value, t.iri), nil
	}
	switch {
	case value.kind == jsonNull:
		return Term{}, nil
	case value.kind == jsonArray || value.kind == jsonObject, hasLang && value.kind != jsonString:
		return Term{}, errUnusual
	case hasLang:
		return tagged(value.text, lang.text), nil
	}
	return literalOf(value, ""), nil
}

// tagged is a string with a language tag, or a plain one where that is empty.
// What is no language tag leaves nothing (§8.2.2).
func tagged(text, lang string) Term {
	switch {
	case lang == "":
		return NewString(text)
	case !isLangTag(lang):
		return Term{}
	}
	return NewLang(text, strings.ToLower(lang))
}

// typedLiteral is a literal of a datatype, or nothing where that is no IRI.
func typedLiteral(v jsonValue, datatype string) Term {
	if !wellFormed(datatype) {
		return Term{}
	}
	return literalOf(v, datatype)
}
