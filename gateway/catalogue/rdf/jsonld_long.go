package rdf

import "errors"

// maxResidue bounds the values of a long document's object that are held
// until its end, because they are no long arrays.
const maxResidue = 1 << 17

// long reads a document one element at a time.
func (p *jsonLD) long(c *ldContext) error {
	err := p.begins()
	switch {
	case err != nil:
	case p.peek() == '[':
		err = p.longArray(func(v jsonValue) error { return p.top(c, v) })
	default:
		err = p.longObject(c)
	}
	if err != nil {
		return err
	}
	return p.end()
}

// longArray reads an array and gives one item after the other to read; what
// the tree holds for an item is dropped after it.
func (p *jsonLD) longArray(read func(jsonValue) error) error {
	if err := p.enter(); err != nil {
		return err
	}
	mark := len(p.tree)
	for first := true; ; first = false {
		more, err := p.more(']', first, "array")
		if err != nil {
			return err
		}
		if !more {
			p.leave()
			return nil
		}
		v, err := p.value()
		if err != nil {
			return err
		}
		if err := read(v); err != nil {
			return err
		}
		p.forget(mark)
		if err := p.flush(); err != nil {
			return err
		}
	}
}

// longNode is the object that a long document consists of.
type longNode struct {
	ldNode
	object  jsonValue
	members []jsonValue // read so far, without the long arrays
	names   nameSet
	seen    []jsonValue // the names of all members
	subject Term
	begun   bool // elements were emitted: subject and contexts are settled
	bare    bool // it had nothing but @context when its @graph came
}

// longObject reads an object whose long arrays are read item by item.
func (p *jsonLD) longObject(c *ldContext) error {
	o := &longNode{object: jsonValue{kind: jsonObject, at: p.here()}}
	o.outer, o.inner = c, c
	if err := p.enter(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := p.more('}', first, "object")
		if err != nil {
			return err
		}
		if !more {
			p.leave()
			return p.longRest(o)
		}
		key, at, err := p.memberName()
		if err != nil {
			return err
		}
		if o.names.taken(o.seen, key) {
			return p.errorAt(at, p.syntax, "the member %q occurs twice", key)
		}
		o.seen = append(o.seen, jsonValue{key: key})
		if err := p.longMember(o, key, at); err != nil {
			return err
		}
	}
}

// shape refuses a long document that is not written as ParseJSONLD asks.
func (p *jsonLD) shape(at place, what string) error {
	return p.errorAt(at, CodeUnsupported, "in a document this long %s", what)
}

// longMember reads a member of the object.
func (p *jsonLD) longMember(o *longNode, key string, at place) error {
	if key == "@context" {
		if len(o.seen) > 1 {
			return p.shape(at, "@context must come first")
		}
		v, err := p.value()
		if err != nil {
			return err
		}
		if o.outer, err = p.local(o.outer, v); errors.Is(err, errUnusual) {
			return p.shape(at, "@propagate is not supported")
		}
		o.inner = o.outer
		return err
	}
	name := p.name(o.inner, key)
	if name.dropped && p.ws() == '[' {
		return p.longArray(func(jsonValue) error { return nil })
	}
	if p.ws() == '[' && (name.keyword == "@graph" || name.keyword == "" && !name.unusual && !name.list && name.coerced != "@json") {
		return p.longItems(o, name, at)
	}
	if o.begun && name.keyword != "" && name.keyword != "@index" || o.bare && !name.dropped {
		return p.shape(at, "the long arrays must come last")
	}
	v, err := p.value()
	if err != nil {
		return err
	}
	v.key, v.keyAt = key, at
	o.members = append(o.members, v)
	if len(p.tree) > maxResidue {
		return p.shape(at, "what is not in a long array must be short")
	}
	if name.keyword == "@type" {
		return p.settle(o, false)
	}
	return nil
}

// settle works out the contexts and the subject from the members read so far.
func (p *jsonLD) settle(o *longNode, subject bool) error {
	o.object.from = int32(len(p.tree))
	p.tree = append(p.tree, o.members...)
	o.object.to = int32(len(p.tree))
	n, err := p.describe(o.outer, o.object)
	p.forget(int(o.object.from))
	if errors.Is(err, errUnusual) {
		return p.shape(o.object.at, "the object around the long arrays may hold nothing unusual")
	}
	if err != nil {
		return err
	}
	o.ldNode = n
	if subject && !o.begun {
		o.begun = true
		o.bare = !n.hasMembers(p, o.members)
		o.subject, err = p.subject(&n)
	}
	return err
}

// hasMembers reports whether any of the members means something.
func (n *ldNode) hasMembers(p *jsonLD, members []jsonValue) bool {
	for _, m := range members {
		if name := p.name(n.inner, m.key); !name.dropped && m.kind != jsonNull {
			return true
		}
	}
	return false
}

// longItems reads an array whose items are elements.
func (p *jsonLD) longItems(o *longNode, name *ldName, at place) error {
	bare := o.bare
	if err := p.settle(o, true); err != nil {
		return err
	}
	if name.keyword == "@graph" {
		read := func(v jsonValue) error { return p.graphMember(&o.ldNode, v) }
		if o.bare {
			return p.longArray(read)
		}
		return p.within(o.subject, func() error { return p.longArray(read) })
	}
	if bare && o.begun {
		return p.shape(at, "the long arrays of an object with @graph must come before it")
	}
	o.bare = false
	err := p.longArray(func(v jsonValue) error { return p.property(&o.ldNode, name, o.subject, v) })
	if errors.Is(err, errUnusual) {
		return p.shape(at, "the items of a long array may hold nothing unusual")
	}
	return err
}

// longRest reads the members that were no long arrays.
func (p *jsonLD) longRest(o *longNode) error {
	if o.bare {
		return nil
	}
	v := o.object
	v.from = int32(len(p.tree))
	p.tree = append(p.tree, o.members...)
	v.to = int32(len(p.tree))
	as := nodeAt{top: true, subject: o.subject}
	if !o.begun {
		as.subject = Term{}
	}
	if err := p.node(o.outer, v, as, nil); err != nil {
		return err
	}
	return p.flush()
}
