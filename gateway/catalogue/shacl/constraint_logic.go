package shacl

import "slices"

// conform is sh:node (SHACL §4.7.1).
type conform []*shape

func (k conform) pass(r *run, value node) bool               { return r.conforms(k, value) }
func (k conform) name() string                               { return NodeComponent }
func (k conform) asked() want                                { return want{terms: names(k)} }
func (k conform) shapes() []*shape                           { return k }
func (k conform) explain(r *run, value node, result *Result) { r.explain(k, value, result) }

// not is sh:not (SHACL §4.6.1).
type not []*shape

func (k not) pass(r *run, value node) bool { return !r.conforms(k, value) || r.err != nil }
func (k not) name() string                 { return NotComponent }
func (k not) asked() want                  { return want{terms: names(k)} }
func (k not) shapes() []*shape             { return k }

// logical is sh:and, sh:or or sh:xone (SHACL §4.6.2 to §4.6.4). A member is the shapes one name stands for.
type logical struct {
	component string
	members   [][]*shape
}

func (k *logical) pass(r *run, value node) bool {
	n := 0
	for _, m := range k.members {
		if !r.conforms(m, value) {
			if k.component == AndComponent {
				return false
			}
			continue
		}
		if n++; k.component == OrComponent {
			return true
		}
	}
	switch k.component {
	case AndComponent:
		return true
	case OrComponent:
		return false
	}
	return n == 1 || r.err != nil
}

// explain says nothing about sh:xone: the value may meet several.
func (k *logical) explain(r *run, value node, result *Result) {
	if k.component != XoneComponent {
		r.explain(k.shapes(), value, result)
	}
}

func (k *logical) name() string     { return k.component }
func (k *logical) asked() want      { return want{number: len(k.members)} }
func (k *logical) shapes() []*shape { return slices.Concat(k.members...) }
