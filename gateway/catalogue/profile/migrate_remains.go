package profile

import (
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// codeValues makes texts of the nodes that code values were until Release 5: the code itself, where the
// node says it. What else the node says stays in the document.
func (m *migration) codeValues() {
	for t := range m.g.Match(rdf.Term{}, rdf.NewIRI(healthCodeValues), rdf.Term{}) {
		if t.O.Kind == rdf.Literal {
			continue
		}
		code, ok := m.code(t.O)
		if !ok {
			m.leave(t, "code values are texts since Release 6, and the node does not say exactly one code")
			continue
		}
		m.replace(t, compactTriple(t), "healthdcatap:hasCodeValues "+code.String(), "code values are texts since Release 6",
			rdf.Triple{S: t.S, P: t.P, O: code})
	}
}

// code is the one code a concept names.
func (m *migration) code(concept rdf.Term) (rdf.Term, bool) {
	for _, p := range []string{rdf.NSSKOS + "notation", dctIdentifier} {
		if values := m.g.Objects(concept, rdf.NewIRI(p)); len(values) == 1 && values[0].Kind == rdf.Literal {
			return rdf.NewString(values[0].Value), true
		}
	}
	return rdf.Term{}, false
}

// remains notes what the later release asks for and the document does not say: nobody but the holder
// knows it.
func (m *migration) remains() {
	typed := func(class string) []rdf.Term { return m.g.Subjects(rdf.NewIRI(rdf.RDFType), rdf.NewIRI(class)) }
	if m.crosses("r7") {
		tables := typed(csvwTableClass)
		for _, d := range typed(rdf.NSDCAT + "Dataset") {
			if m.g.Has(d, rdf.NewIRI(rdf.RDFType), rdf.NewIRI(rdf.NSDCAT+"Catalog")) {
				continue
			}
			if !m.g.Has(d, rdf.NewIRI(healthStructured), rdf.Term{}) {
				m.lacks(d, healthStructured, "Release 7 asks whether the data are structured; add true or false")
			}
			if len(tables) > 0 && !m.g.Has(d, rdf.NewIRI(healthHasVariables), rdf.Term{}) {
				m.lacks(d, healthHasVariables, "Release 7 links tables of variables from the dataset by a csvw:TableGroup; which tables are this dataset's, nothing says")
			}
		}
		for t := range m.g.Match(rdf.Term{}, rdf.NewIRI(healthTrustedHolder), rdf.Term{}) {
			m.leave(t, "Release 7 has no such property; nothing takes its place")
		}
	}
	if m.crosses("r8") {
		for _, group := range typed(csvwTableGroup) {
			if !m.g.Has(group, rdf.NewIRI(dctTitle), rdf.Term{}) {
				m.lacks(group, dctTitle, "Release 8 asks groups of variables for a title")
			}
		}
	}
}
