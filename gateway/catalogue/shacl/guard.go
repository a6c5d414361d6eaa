package shacl

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// presence is the graph guard of HealthDCAT-AP Release 8: the data holds an instance of a class. Its
// shape says so in SPARQL (SHACL §5), which this engine does not run; it knows this one query.
type presence struct {
	constant
	term     rdf.Term
	messages []rdf.Term // of the constraint; those of the shape when it has none
}

// check asks for an rdf:type statement of exactly this class, as the query does.
func (k *presence) check(r *run, s *shape, focus node, _, _ int) bool {
	class, known := r.id(k.constant)
	rdfType, typed := r.id(constType)
	if known && typed {
		cur := r.data.Find(rdf.AnyID, rdfType, class)
		if cur.Next() {
			return true
		}
	}
	if result := r.report(s, SPARQLComponent, focus, focus, want{terms: []rdf.Term{k.term}}); result != nil && len(k.messages) > 0 {
		result.Messages = k.messages
	}
	return false
}

// buildSPARQL recognises the graph guard; every other query is a defect.
func buildSPARQL(c *compiler, d *draft, list []statement) {
	for _, st := range list {
		query, _ := c.g.Object(st.value, shSelect)
		class, ok := guardedClass(query.Value)
		if !ok {
			c.defect(d.shape, &st, DefectUnsupported, true, "the constraint is dropped", "a SPARQL constraint; SHACL-SPARQL is not supported")
			continue
		}
		d.constraints = append(d.constraints, &presence{c.constant(class), class, c.g.Objects(st.value, sh("message"))})
	}
}

// guardedClass returns CLASS when a query is SELECT $this WHERE { FILTER NOT EXISTS { ?s a CLASS } },
// however it is laid out and whatever prefixes it declares.
func guardedClass(query string) (rdf.Term, bool) {
	words := strings.Fields(strings.NewReplacer("{", " { ", "}", " } ").Replace(query))
	prefixes := map[string]string{}
	for len(words) > 2 && strings.EqualFold(words[0], "PREFIX") {
		prefix, rest, ok := strings.Cut(words[1], ":")
		if !ok || rest != "" {
			return rdf.Term{}, false
		}
		prefixes[prefix] = words[2]
		words = words[3:]
	}
	if n := len(words); n > 3 && words[n-3] == "." {
		words = append(words[:n-3], words[n-2:]...)
	}
	want := []string{"SELECT", "$this", "WHERE", "{", "FILTER", "NOT", "EXISTS", "{", "", "", "", "}", "}"}
	if len(words) != len(want) {
		return rdf.Term{}, false
	}
	for i, w := range want {
		if w != "" && !strings.EqualFold(w, words[i]) && (i != 1 || words[i] != "?this") {
			return rdf.Term{}, false
		}
	}
	iri := func(word string) string {
		prefix, local, ok := strings.Cut(word, ":")
		if space := prefixes[prefix]; ok && space != "" && !strings.HasPrefix(word, "<") {
			word = strings.TrimSuffix(space, ">") + local + ">"
		}
		if !strings.HasPrefix(word, "<") || !strings.HasSuffix(word, ">") {
			return ""
		}
		return word[1 : len(word)-1]
	}
	subject, predicate, class := words[8], words[9], iri(words[10])
	variable := strings.HasPrefix(subject, "?") && len(subject) > 1 && subject != "?this"
	if !variable || predicate != "a" && iri(predicate) != rdf.RDFType || class == "" {
		return rdf.Term{}, false
	}
	return rdf.NewIRI(class), true
}
