package rdf

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/piprate/json-gold/ld"
)

// expandedReader makes statements of expanded JSON-LD as json-gold gives it
// (JSON-LD 1.1 §9, API §8). It knows no places but that of the element.
type expandedReader struct {
	*jsonLD
	place place
	base  reference
}

// resource is the node that an IRI names, resolved where that is still due.
func (x expandedReader) resource(iri string) (Term, bool) {
	if iri != "" && x.base.scheme != "" && schemeLength(iri) == 0 && !strings.HasPrefix(iri, "_:") {
		iri = x.base.resolve(iri)
	}
	return x.jsonLD.resource(iri)
}

// floating reads nodes that nothing refers to; values there say nothing.
func (x expandedReader) floating(v any) error {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := x.floating(item); err != nil {
				return err
			}
		}
	case map[string]any:
		if has(v, "@value") || has(v, "@list") {
			return nil
		}
		_, err := x.node(v)
		return err
	}
	return nil
}

func has(m map[string]any, name string) bool {
	_, ok := m[name]
	return ok
}

// items reads values, lists and nodes and tells link what they are.
func (x expandedReader) items(v any, link func(Term) error) error {
	var o Term
	var err error
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := x.items(item, link); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		switch {
		case has(v, "@value"):
			o, err = x.literal(v)
		case has(v, "@list"):
			o, err = x.list(v["@list"])
		default:
			o, err = x.node(v)
		}
		if err != nil {
			return err
		}
		return link(o)
	case nil:
		return nil
	}
	return x.errorAt(x.place, x.syntax, "json-gold left a %T where an object belongs", v)
}

// node reads a node object and returns its name.
func (x expandedReader) node(m map[string]any) (Term, error) {
	id, ok := m["@id"].(string)
	if !ok {
		s := x.newBlank()
		return s, x.about(s, m)
	}
	s, err := x.named(id)
	if err != nil {
		return s, err
	}
	return s, x.about(s, m)
}

// named is the node of an IRI.
func (x expandedReader) named(iri string) (Term, error) {
	t, ok := x.resource(iri)
	if !ok && x.opts.Base == "" && schemeLength(iri) == 0 && plainIRI(iri) {
		return t, x.errorAt(x.place, CodeBadIRI, "the relative IRI %q has no base", iri)
	}
	return t, nil
}

// about reads what a node object says of s.
func (x expandedReader) about(s Term, m map[string]any) error {
	for _, key := range sortedKeys(m) {
		var err error
		switch v := m[key]; key {
		case "@id", "@index":
		case "@type":
			err = x.types(s, v)
		case "@graph":
			err = x.within(s, func() error { return x.floating(v) })
		case "@included":
			err = x.floating(v)
		case "@reverse":
			err = x.reverse(s, v)
		default:
			if ld.IsKeyword(key) {
				continue // it says nothing of a node (API §8.1.2)
			}
			pred := x.predicate(key)
			err = x.items(v, func(o Term) error {
				x.put(s, pred, o, x.place)
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// predicate is the IRI of a property, or zero when it has none in RDF.
func (x expandedReader) predicate(key string) Term {
	if strings.HasPrefix(key, "_:") {
		return Term{}
	}
	t, _ := x.jsonLD.resource(key)
	return t
}

// types reads @type.
func (x expandedReader) types(s Term, v any) error {
	switch v := v.(type) {
	case []any:
		for _, t := range v {
			if err := x.types(s, t); err != nil {
				return err
			}
		}
	case string:
		t, _ := x.resource(v)
		x.put(s, termType, t, x.place)
	}
	return nil
}

// reverse reads @reverse: what refers to s.
func (x expandedReader) reverse(s Term, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return x.errorAt(x.place, x.syntax, "the value of @reverse is no object")
	}
	for _, key := range sortedKeys(m) {
		pred := x.predicate(key)
		err := x.items(m[key], func(o Term) error {
			if o.Kind == Literal {
				return x.errorAt(x.place, x.syntax, "invalid reverse property value: a literal refers to nothing")
			}
			x.put(o, pred, s, x.place)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// list writes an RDF list and returns its head.
func (x expandedReader) list(v any) (Term, error) {
	var items []Term
	err := x.items(v, func(o Term) error {
		items = append(items, o)
		return nil
	})
	head := termNil
	for _, o := range slices.Backward(items) {
		cell := x.newBlank()
		x.put(cell, termFirst, o, x.place)
		x.put(cell, termRest, head, x.place)
		head = cell
	}
	return head, err
}

// literal reads a value object.
func (x expandedReader) literal(m map[string]any) (Term, error) {
	datatype, typed := m["@type"].(string)
	if has(m, "@type") && (!typed || datatype != "@json" && !wellFormed(datatype)) {
		return Term{}, x.errorAt(x.place, x.syntax, "invalid typed value: the datatype %v is no absolute IRI", m["@type"])
	}
	if datatype == "@json" {
		return NewTyped(string(appendCanonicalJSON(nil, m["@value"])), NSRDF+"JSON"), nil
	}
	lang, _ := m["@language"].(string)
	v, ok := scalarOf(m["@value"])
	switch {
	case !ok:
		return Term{}, nil
	case typed:
		return typedLiteral(v, datatype), nil
	case v.kind == jsonString:
		return tagged(v.text, lang), nil
	}
	return literalOf(v, ""), nil
}

// scalarOf is a scalar as encoding/json has it.
func scalarOf(value any) (v jsonValue, ok bool) {
	switch value := value.(type) {
	case bool:
		v.kind = jsonFalse
		if value {
			v.kind = jsonTrue
		}
	case json.Number:
		v.kind, v.text = jsonNumber, value.String()
	case string:
		v.kind, v.text = jsonString, value
	default:
		return v, false
	}
	return v, true
}
