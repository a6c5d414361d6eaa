package profile

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Terms the releases before Release 6 used of agents.
const (
	healthPublisherType = rdf.NSHealthDCATAP + "publisherType"
	healthPublisherNote = rdf.NSHealthDCATAP + "publisherNote"
	healthTrustedHolder = rdf.NSHealthDCATAP + "trustedDataHolder"
	vcardTelephone      = rdf.NSVCard + "hasTelephone"
)

// publishers moves what drafts said in properties of their own: the type and the note of a publisher are
// dct:type and dct:description of the agent. Some drafts put them on the dataset.
func (m *migration) publishers() {
	for _, p := range []struct{ old, now string }{{healthPublisherType, dctType}, {healthPublisherNote, dctDescription}} {
		for t := range m.g.Match(rdf.Term{}, rdf.NewIRI(p.old), rdf.Term{}) {
			n := rdf.Triple{S: t.S, P: rdf.NewIRI(p.now), O: t.O}
			if m.g.Has(t.S, rdf.NewIRI(rdf.RDFType), rdf.NewIRI(rdf.NSDCAT+"Dataset")) {
				agents := m.g.Objects(t.S, rdf.NewIRI(dctPublisher))
				if len(agents) != 1 || agents[0].Kind == rdf.Literal {
					m.leave(t, "it says something of the publisher, and the dataset has not exactly one")
					continue
				}
				n.S = agents[0]
			}
			m.replace(t, catalogue.Compact(p.old), catalogue.Compact(p.now)+" of the publisher", "the agent says it itself since Release 5", n)
		}
	}
}

// contactPoints turns the contact points of agents from vCard to the Core Public Organisation
// Vocabulary, as Release 6 did. Those of datasets stay vCard.
func (m *migration) contactPoints() {
	for _, agent := range m.agents() {
		if m.g.Has(agent, rdf.NewIRI(cvContactPoint), rdf.Term{}) {
			continue
		}
		for t := range m.g.Match(agent, rdf.NewIRI(dcatContactPoint), rdf.Term{}) {
			if t.O.Kind == rdf.Literal {
				m.leave(t, "a contact point is a node with an email or a page; a text cannot become one")
				continue
			}
			m.replace(t, "dcat:contactPoint of an agent", "cv:contactPoint", "agents have a cv:ContactPoint since Release 6",
				rdf.Triple{S: t.S, P: rdf.NewIRI(cvContactPoint), O: t.O})
			m.contact(t.O)
		}
	}
}

// agents are the bodies, holders and publishers of the document's datasets, each once.
func (m *migration) agents() []rdf.Term {
	var out []rdf.Term
	seen := map[rdf.Term]bool{}
	for _, p := range []string{healthHDAB, healthHDABCoordinator, geoCustodian, dctPublisher} {
		for t := range m.g.Match(rdf.Term{}, rdf.NewIRI(p), rdf.Term{}) {
			if t.O.Kind != rdf.Literal && !seen[t.O] {
				seen[t.O] = true
				out = append(out, t.O)
			}
		}
	}
	return out
}

// contact rewrites the description of a contact point. One that a dataset has too keeps what it said in
// vCard beside it.
func (m *migration) contact(c rdf.Term) {
	shared := false
	for t := range m.g.Match(rdf.Term{}, rdf.NewIRI(dcatContactPoint), c) {
		if _, turned := m.edits[t]; !turned && !m.isAgent(t.S) {
			shared = true
		}
	}
	for t := range m.g.Match(c, rdf.Term{}, rdf.Term{}) {
		if _, done := m.edits[t]; done {
			continue
		}
		n, fits := turned(t)
		switch {
		case n == (rdf.Triple{}):
		case !fits:
			m.leave(t, "its value cannot be written in the new form")
		case shared:
			m.replace(t, catalogue.Compact(t.P.Value), compactTriple(n)+" beside it", "an agent and a dataset share the contact point", t, n)
		default:
			m.replace(t, compactTriple(t), compactTriple(n), "agents have a cv:ContactPoint since Release 6", n)
		}
	}
}

// isAgent says whether a node is in the place of an agent.
func (m *migration) isAgent(node rdf.Term) bool {
	for _, p := range []string{healthHDAB, healthHDABCoordinator, geoCustodian, dctPublisher} {
		if m.g.Has(rdf.Term{}, rdf.NewIRI(p), node) {
			return true
		}
	}
	return false
}

// turned is a vCard statement of a contact point in the new vocabulary; zero when there is nothing to
// turn, and without fit when the value is of the wrong sort.
func turned(t rdf.Triple) (n rdf.Triple, fits bool) {
	n = rdf.Triple{S: t.S, O: t.O}
	text := func(scheme string) bool {
		value, isURL := strings.CutPrefix(t.O.Value, scheme)
		if t.O.Kind == rdf.Blank || t.O.Kind == rdf.IRI && !isURL {
			return false
		}
		n.O = rdf.NewString(value)
		return true
	}
	switch {
	case t.P.Value == rdf.RDFType && strings.HasPrefix(t.O.Value, rdf.NSVCard):
		n.P, n.O = t.P, rdf.NewIRI(cvContactClass)
		return n, true
	case t.P.Value == vcardEmail:
		n.P, fits = rdf.NewIRI(cvEmail), text("mailto:")
		return n, fits
	case t.P.Value == vcardTelephone:
		n.P, fits = rdf.NewIRI(cvTelephone), text("tel:")
		return n, fits
	case t.P.Value == vcardURL:
		n.P = rdf.NewIRI(cvContactPage)
		return n, t.O.Kind == rdf.IRI
	}
	return rdf.Triple{}, false
}
