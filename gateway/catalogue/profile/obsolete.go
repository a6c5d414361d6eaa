package profile

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// obsolete maps namespaces found in older or draft catalogues to those of Release 8. Longer ones come
// first where one begins with the other.
var obsolete = []struct{ old, now string }{
	{"http://data.europa.eu/r5r/healthdcatap#", rdf.NSHealthDCATAP},
	{"https://healthdcat-ap.github.io/", rdf.NSHealthDCATAP},
	{"https://www.dcat-ap.de/", rdf.NSDCATAP},
	{"https://w3c.github.io/dpv/2.0/pd/", "https://w3id.org/dpv/dpv-pd#"},
	{"https://w3c.github.io/dpv/2.1/dpv/", rdf.NSDPV},
	{"http://www.w3.org/ns/dpv#", rdf.NSDPV},
	{"https://www.w3.org/TR/2016/NOTE-vocab-dqv-20161215/", rdf.NSDQV},
	{"https://www.w3.org/TR/prov-o/", rdf.NSPROV},
	{"https://www.w3.org/TR/skos-reference/", rdf.NSSKOS},
}

// obsoleteNamespaces reports each obsolete namespace once, where it is first used.
func obsoleteNamespaces(r catalogue.Record) []catalogue.Finding {
	var found []catalogue.Finding
	seen := map[string]bool{}
	for t := range r.Graph.All() {
		for _, iri := range []string{t.P.Value, iriOf(t.O)} {
			for _, o := range obsolete {
				if seen[o.old] || !strings.HasPrefix(iri, o.old) {
					continue
				}
				seen[o.old] = true
				f := r.Finding(catalogue.CodeObsoleteNamespace, catalogue.Warning, "the namespace "+o.old+" is obsolete")
				f.Hint, f.Clause = "use "+o.now, clauseR8
				f.Property, f.Path = t.P.Value, catalogue.Compact(t.P.Value)
				place(&f, r, t)
				found = append(found, f)
			}
		}
	}
	return found
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
	for _, o := range obsolete {
		local, ok := strings.CutPrefix(property, o.now)
		if ok && g.Has(node, rdf.NewIRI(o.old+local), rdf.Term{}) {
			return o.old + local, true
		}
	}
	return "", false
}

// localNames reports the first IRI that means a file on the machine of whoever wrote the document: in
// a catalogue it leads nowhere. Relative IRIs in files become such.
func localNames(r catalogue.Record) []catalogue.Finding {
	for t := range r.Graph.All() {
		if !strings.HasPrefix(t.O.Value, "file:") || t.O.Kind != rdf.IRI {
			continue
		}
		f := r.Finding(catalogue.CodeLocalName, catalogue.Warning, "a relative or file: IRI means nothing outside the machine it was written on")
		f.Property, f.Path, f.Clause = t.P.Value, catalogue.Compact(t.P.Value), "RFC 3986 §5.1"
		f.Hint = "write the full IRI"
		place(&f, r, t)
		return []catalogue.Finding{f}
	}
	return nil
}
