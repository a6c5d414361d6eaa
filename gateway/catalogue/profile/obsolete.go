package profile

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// obsoleteNames reports each obsolete namespace and each obsolete name once, where it is first used.
func (s *RuleSet) obsoleteNames(r catalogue.Record) []catalogue.Finding {
	if !usesObsolete(r.Graph, s.number) {
		return nil
	}
	var found []catalogue.Finding
	seen, current := map[string]bool{}, map[string]bool{}
	for t := range r.Graph.All() {
		for _, iri := range []string{t.P.Value, iriOf(t.O)} {
			if iri == "" || current[iri] {
				continue
			}
			now, why := respell(iri, s.number)
			if current[iri] = true; why == "" {
				continue
			}
			phrase, old, use := s.words.name, iri, now
			if ns, ok := namespaceOf(iri, s.number); ok {
				phrase, old, use = s.words.namespace, ns.old, ns.now
			}
			if seen[old] {
				continue
			}
			seen[old] = true
			f := r.Finding(catalogue.CodeObsoleteNamespace, catalogue.Warning, say(phrase, old))
			f.Hint, f.Clause = say(s.words.use, use), s.Title
			f.Property, f.Path = t.P.Value, catalogue.Compact(t.P.Value)
			place(&f, r, t)
			found = append(found, f)
		}
	}
	return found
}

// usesObsolete says whether any term of a graph is obsolete at a release: of most graphs none is, and they
// have fewer terms than statements.
func usesObsolete(g *rdf.Graph, release int) bool {
	for id := range g.IDs() {
		if iri := iriOf(g.Term(rdf.ID(id))); iri != "" && obsoleteIn(iri, release) {
			return true
		}
	}
	return false
}

// obsoleteIn says whether an IRI has another spelling at a release.
func obsoleteIn(iri string, release int) bool {
	_, why := respell(iri, release)
	return why != ""
}

// namespaceOf finds the obsolete namespace of an IRI.
func namespaceOf(iri string, release int) (spelling, bool) {
	for _, s := range namespaces {
		if rest, ok := strings.CutPrefix(iri, s.old); ok && s.local(rest) && releaseNumber(s.since) <= release {
			return s, true
		}
	}
	return spelling{}, false
}

// iriOf is the IRI a term carries: its own or that of its datatype.
func iriOf(t rdf.Term) string {
	switch t.Kind {
	case rdf.IRI:
		return t.Value
	case rdf.Literal:
		return t.Datatype
	}
	return ""
}

// obsoleteSpelling finds a property under an obsolete spelling.
func obsoleteSpelling(g *rdf.Graph, node rdf.Term, property string) (string, bool) {
	for _, old := range formerly(property) {
		if g.Has(node, rdf.NewIRI(old), rdf.Term{}) {
			return old, true
		}
	}
	return "", false
}

// localNames reports the first IRI that means a file on the machine of whoever wrote the document: in
// a catalogue it leads nowhere. Relative IRIs in files become such.
func (s *RuleSet) localNames(r catalogue.Record) []catalogue.Finding {
	for t := range r.Graph.All() {
		if !strings.HasPrefix(t.O.Value, "file:") || t.O.Kind != rdf.IRI {
			continue
		}
		f := r.Finding(catalogue.CodeLocalName, catalogue.Warning, s.words.relative)
		f.Property, f.Path, f.Clause = t.P.Value, catalogue.Compact(t.P.Value), "RFC 3986 §5.1"
		f.Hint = s.words.writeInFull
		place(&f, r, t)
		return []catalogue.Finding{f}
	}
	return nil
}
