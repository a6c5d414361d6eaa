package shacl

import (
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Graph returns the report as RDF (SHACL §3.6). Blank nodes of the data keep their labels behind "d-",
// those of the shapes behind "s-". A result whose shape declares no message has one in English.
func (r *Report) Graph() *rdf.Graph { return r.GraphIn(NewWording("en", nil)) }

// GraphIn is Graph with the messages that the shapes do not declare in another language.
func (r *Report) GraphIn(words *Wording) *rdf.Graph {
	w := reportWriter{g: rdf.NewGraph(), words: words}
	report := rdf.NewBlank("report")
	w.add(report, rdfType, sh("ValidationReport"))
	w.add(report, sh("conforms"), rdf.NewTyped(strconv.FormatBool(r.Conforms), rdf.XSDBoolean))
	for i := range r.Results {
		w.add(report, sh("result"), w.result(&r.Results[i]))
	}
	return w.g
}

type reportWriter struct {
	g             *rdf.Graph
	words         *Wording
	results, path int
}

func (w *reportWriter) add(s, p, o rdf.Term) { w.g.Add(rdf.Triple{S: s, P: p, O: o}) }

func (w *reportWriter) result(r *Result) rdf.Term {
	w.results++
	node := rdf.NewBlank("r" + strconv.Itoa(w.results))
	w.add(node, rdfType, sh("ValidationResult"))
	w.add(node, sh("focusNode"), apart("d-", r.Focus))
	w.add(node, sh("resultSeverity"), rdf.NewIRI(r.Severity))
	w.add(node, sh("sourceConstraintComponent"), rdf.NewIRI(r.Component))
	w.add(node, sh("sourceShape"), apart("s-", r.Shape))
	if r.Path.root != nil {
		w.add(node, sh("resultPath"), w.pathNode(r.Path.root))
	}
	if !r.Value.IsZero() {
		w.add(node, sh("value"), apart("d-", r.Value))
	}
	for _, m := range r.Messages {
		w.add(node, sh("resultMessage"), m)
	}
	if len(r.Messages) == 0 {
		w.add(node, sh("resultMessage"), rdf.NewLang(w.words.Message(r), w.words.lang))
	}
	for i := range r.Details {
		w.add(node, sh("detail"), w.result(&r.Details[i]))
	}
	return node
}

// pathNode writes a path as SHACL §2.3.1 has it.
func (w *reportWriter) pathNode(n *pathNode) rdf.Term {
	if n.op == opPredicate {
		return n.predicate
	}
	var inner rdf.Term
	if n.op == opSequence || n.op == opAlternative {
		inner = rdfNil
		for i := len(n.parts) - 1; i >= 0; i-- {
			cell := w.fresh()
			w.add(cell, rdfFirst, w.pathNode(n.parts[i]))
			w.add(cell, rdfRest, inner)
			inner = cell
		}
		if n.op == opSequence {
			return inner
		}
	} else {
		inner = w.pathNode(n.parts[0])
	}
	node := w.fresh()
	for _, o := range pathOps {
		if o.op == n.op {
			w.add(node, o.property, inner)
		}
	}
	return node
}

func (w *reportWriter) fresh() rdf.Term {
	w.path++
	return rdf.NewBlank("p" + strconv.Itoa(w.path))
}
