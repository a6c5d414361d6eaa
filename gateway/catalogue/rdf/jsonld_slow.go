package rdf

import (
	"errors"
	"slices"

	"github.com/piprate/json-gold/ld"
)

// neutral is a property that no context defines, for expanding a node object
// by itself.
const neutral = "urn:ehdsgw:property"

// slowNode has json-gold expand a node object and reads the result.
func (p *jsonLD) slowNode(c *ldContext, v jsonValue, as nodeAt, link func(Term)) error {
	if p.left != nil {
		p.left()
	}
	active := neutral
	switch {
	case as.top:
		active = ""
	case link == nil:
		active = "@graph"
	}
	in, err := p.slowInput(c, v)
	if err != nil {
		return err
	}
	var expanded any
	err = p.guarded(v.at, func() (err error) {
		expanded, err = ld.NewJsonLdApi().Expand(in.context, active, in.element, p.options, false, nil)
		return err
	})
	if err != nil {
		return err
	}
	x := expandedReader{p, v.at, in.base}
	if m, ok := expanded.(map[string]any); ok {
		graph, has := m["@graph"]
		switch {
		case !as.subject.IsZero():
			return x.about(as.subject, m)
		case has && len(m) == 1 && as.top:
			return x.floating(graph)
		}
	}
	if link == nil {
		return x.floating(expanded)
	}
	return x.items(expanded, func(o Term) error {
		link(o)
		return nil
	})
}

// slowInput is a node object for json-gold.
type slowInput struct {
	context *ld.Context
	element any
	base    reference // against which relative IRIs are still to be resolved
}

// slowInput prepares a node object. json-gold resolves relative IRIs otherwise
// than RFC 3986 (it escapes and shortens them), so it is given no base where
// the result can be resolved afterwards: that is, unless contexts inside may
// bring a base of their own, or an empty string may be an IRI.
func (p *jsonLD) slowInput(c *ldContext, v jsonValue) (slowInput, error) {
	element := p.anyOf(v, false)
	if c.scoping || mentions(element, "@context") {
		// json-gold may process a context for each object, and go back to the one before.
		if err := p.spend(objectsIn(element)*len(c.ld.TermDefinitions), v.at); err != nil {
			return slowInput{}, err
		}
	}
	for _, m := range p.children(v) {
		if m.key != "@context" {
			continue
		}
		d, err := p.local(c, m)
		if errors.Is(err, errUnusual) {
			break
		}
		if err != nil {
			return slowInput{}, err
		}
		c = d
		delete(element.(map[string]any), m.key)
	}
	if mentions(element, "@context") || holdsEmpty(element) || !c.withoutBase() {
		return slowInput{c.ld, element, reference{}}, nil
	}
	return slowInput{c.baseless, element, c.base}, nil
}

// withoutBase sees to baseless. It reports false where the context of a term
// may be one by its relative IRI.
func (c *ldContext) withoutBase() bool {
	if c.baseless != nil {
		return true
	}
	for _, def := range c.ld.TermDefinitions {
		if def != nil && def.HasContext && namesContext(def.Context) {
			return false
		}
	}
	c.baseless = ld.CopyContext(c.ld)
	c.baseless.Values.Base = ""
	return true
}

// namesContext reports whether a local context names another document.
func namesContext(context any) bool {
	switch context := context.(type) {
	case string:
		return true
	case []any:
		return slices.ContainsFunc(context, namesContext)
	}
	return mentions(context, "@import") || mentions(context, "@context")
}

// objectsIn counts the objects in a value.
func objectsIn(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += objectsIn(item)
		}
	case map[string]any:
		n = 1
		for _, m := range v {
			n += objectsIn(m)
		}
	}
	return n
}

// holdsEmpty reports whether an empty string is anywhere in a value.
func holdsEmpty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []any:
		return slices.ContainsFunc(v, holdsEmpty)
	case map[string]any:
		for _, m := range v {
			if holdsEmpty(m) {
				return true
			}
		}
	}
	return false
}
