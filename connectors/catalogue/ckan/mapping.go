package ckan

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Names of fields that no package has.
const (
	textField = "\x00text" // the text itself, where an element is one
	selfField = "\x00self" // the object itself
)

// maxDepth bounds objects within objects; the shapes have 4.
const maxDepth = 8

// mapping makes the graph of one package.
type mapping struct {
	graph  *rdf.Graph
	portal *url.URL
	blanks int
}

// describe maps a package to the description of its dataset. The error says which field is unfit.
func describe(pkg map[string]any, portal *url.URL) (*rdf.Graph, error) {
	m := &mapping{graph: rdf.NewGraph(), portal: portal}
	if err := unfold(pkg); err != nil {
		return nil, err
	}
	id, _ := pkg["id"].(string)
	if id == "" {
		return nil, errors.New("id: required")
	}
	node, ok := ownIRI(pkg)
	if !ok {
		node = rdf.NewIRI(portal.String() + "/dataset/" + url.PathEscape(id))
	}
	if _, err := m.node(node, pkg, datasetShape(), 0); err != nil {
		return nil, err
	}
	return m.graph, nil
}

// ownIRI is the IRI an object has by its own word.
func ownIRI(o map[string]any) (rdf.Term, bool) {
	uri, _ := o["uri"].(string)
	return rdf.NewIRI(uri), isIRI(uri)
}

// node says of a node what an object says, and whether that was anything.
func (m *mapping) node(at rdf.Term, o map[string]any, s *shape, depth int) (bool, error) {
	if depth > maxDepth {
		return false, errors.New("objects within objects, too deep")
	}
	before := m.graph.Len()
	for _, st := range s.says {
		if err := m.say(at, o, st); err != nil {
			return false, err
		}
	}
	for _, l := range s.leads {
		if err := m.lead(at, o, l, depth); err != nil {
			return false, fmt.Errorf("%s%w", fieldName(l.field), err)
		}
	}
	if m.graph.Len() == before && !s.always {
		return false, nil
	}
	for _, class := range s.classes {
		m.add(at, rdf.RDFType, rdf.NewIRI(class))
	}
	return true, nil
}

// say adds a statement from the first of its fields that is filled.
func (m *mapping) say(at rdf.Term, o map[string]any, st says) error {
	for _, field := range st.fields {
		terms, err := st.as(o[field])
		if err != nil {
			return fmt.Errorf("%s%w", fieldName(field), err)
		}
		for _, t := range terms {
			m.add(at, st.predicate, t)
		}
		if len(terms) > 0 {
			return nil
		}
	}
	return nil
}

// lead adds the nodes an object leads to.
func (m *mapping) lead(at rdf.Term, o map[string]any, l leads, depth int) error {
	if l.to == nil {
		return m.keywords(at, o, l.predicate)
	}
	var list []any
	if l.field == selfField {
		list = []any{o}
	} else {
		var err error
		if list, err = elements(o[l.field]); err != nil {
			return err
		}
	}
	for n, e := range list {
		if l.most > 0 && n >= l.most {
			return nil
		}
		part := map[string]any{textField: e} // where the element itself is the text
		if !l.to.text() {
			var err error
			if part, err = object(e); err != nil {
				return err
			}
		}
		node := m.name(o, part, l)
		some, err := m.node(node, part, l.to, depth+1)
		if err != nil {
			return err
		}
		if some {
			m.add(at, l.predicate, node)
		}
	}
	return nil
}

// name is the node of a part: by its own IRI, by the portal's for a resource, or a blank one.
func (m *mapping) name(whole, part map[string]any, l leads) rdf.Term {
	if l.field == selfField {
		return m.blank()
	}
	if iri, ok := ownIRI(part); ok {
		return iri
	}
	id, _ := part["id"].(string)
	dataset, _ := whole["id"].(string)
	if l.field == "resources" && id != "" {
		return rdf.NewIRI(m.portal.String() + "/dataset/" + url.PathEscape(dataset) + "/resource/" + url.PathEscape(id))
	}
	return m.blank()
}

func (m *mapping) blank() rdf.Term {
	m.blanks++
	return rdf.NewBlank(fmt.Sprintf("b%d", m.blanks))
}

func (m *mapping) add(s rdf.Term, predicate string, o rdf.Term) {
	m.graph.Add(rdf.Triple{S: s, P: rdf.NewIRI(predicate), O: o})
}

// keywords are CKAN's tags: objects with a name, or by language.
func (m *mapping) keywords(at rdf.Term, o map[string]any, predicate string) error {
	terms, err := words(o["tags_translated"])
	if err != nil {
		return err
	}
	if len(terms) == 0 {
		list, err := elements(o["tags"])
		if err != nil {
			return err
		}
		for _, e := range list {
			if tag, ok := e.(map[string]any); ok {
				e = tag["name"]
			}
			more, err := plain(e)
			if err != nil {
				return err
			}
			terms = append(terms, more...)
		}
	}
	for _, t := range terms {
		m.add(at, predicate, t)
	}
	return nil
}

// elements are those of a list, of one written as text, or a single value.
func elements(v any) ([]any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return v, nil
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, nil
		}
		if list, ok := listIn(v); ok {
			return list, nil
		}
		return []any{v}, nil
	case map[string]any:
		return []any{v}, nil
	}
	return nil, fmt.Errorf("a list was expected, found %s", kindOf(v))
}

// object is an element as an object.
func object(e any) (map[string]any, error) {
	switch e := e.(type) {
	case nil:
		return map[string]any{}, nil
	case map[string]any:
		return e, nil
	}
	return nil, fmt.Errorf("an object was expected, found %s", kindOf(e))
}

// fieldName is the place of a field in an error.
func fieldName(field string) string {
	if field == selfField || field == textField {
		return ""
	}
	return field + ": "
}
