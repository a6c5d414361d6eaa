package profile

import (
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// spell brings obsolete names up to date: of properties, of classes and values, of datatypes, and of
// nodes that are such values and described in the document. What the catalogue itself describes keeps
// its name, even under an obsolete namespace: others refer to it.
func (m *migration) spell() {
	if !usesObsolete(m.g, m.to) {
		return
	}
	s := speller{m: m, done: map[string]respelt{}, own: map[rdf.Term]bool{}}
	told := map[rdf.Term]bool{}
	for t := range m.g.All() {
		n := t
		n.S, n.P, n.O = s.node(t.S), s.term(t.P), s.node(t.O)
		if n == t {
			continue
		}
		m.edits[t] = []rdf.Triple{n}
		for _, pair := range [][2]rdf.Term{{t.P, n.P}, {t.O, n.O}} {
			if pair[0] != pair[1] {
				m.note(t, catalogue.Info, spelt(pair[0]), spelt(pair[1]), s.why(pair[0]))
			}
		}
		if n.S != t.S && !told[t.S] {
			told[t.S] = true
			m.note(t, catalogue.Info, spelt(t.S), spelt(n.S), s.why(t.S))
		}
	}
}

// respelt is a name in use, and why it differs.
type respelt struct{ now, why string }

// speller remembers the names it has met.
type speller struct {
	m    *migration
	done map[string]respelt
	own  map[rdf.Term]bool
}

func (s *speller) iri(iri string) respelt {
	r, ok := s.done[iri]
	if !ok {
		r.now, r.why = respell(iri, s.m.to)
		s.done[iri] = r
	}
	return r
}

func (s *speller) why(t rdf.Term) string {
	if t.Kind == rdf.Literal {
		return s.iri(t.Datatype).why
	}
	return s.iri(t.Value).why
}

// term respells whatever stands in the place of a name.
func (s *speller) term(t rdf.Term) rdf.Term {
	switch t.Kind {
	case rdf.IRI:
		t.Value = s.iri(t.Value).now
	case rdf.Literal:
		t.Datatype = s.iri(t.Datatype).now
	}
	return t
}

// node respells a node unless it is one of the catalogue's own.
func (s *speller) node(t rdf.Term) rdf.Term {
	n := s.term(t)
	if n == t || t.Kind == rdf.Literal || !s.isOwn(t) {
		return n
	}
	return t
}

// isOwn says whether the document describes a node as part of a catalogue.
func (s *speller) isOwn(t rdf.Term) bool {
	own, known := s.own[t]
	if !known {
		for _, class := range s.m.g.Objects(t, rdf.NewIRI(rdf.RDFType)) {
			own = own || ownClasses[s.iri(class.Value).now]
		}
		s.own[t] = own
	}
	return own
}

// ownClasses are those of what a catalogue gives a name of its own.
var ownClasses = map[string]bool{
	rdf.NSDCAT + "Dataset": true, rdf.NSDCAT + "DatasetSeries": true, rdf.NSDCAT + "Distribution": true,
	rdf.NSDCAT + "Catalog": true, rdf.NSDCAT + "CatalogRecord": true, rdf.NSDCAT + "DataService": true,
}

// spelt is a name in full: the prefix of an obsolete one would be a guess.
func spelt(t rdf.Term) string {
	if t.Kind == rdf.Literal {
		return "<" + t.Datatype + ">"
	}
	return "<" + t.Value + ">"
}
