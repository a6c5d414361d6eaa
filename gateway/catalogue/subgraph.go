package catalogue

import (
	"errors"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// errTooLarge says that a description exceeds MaxRecordTriples or MaxRecordBytes.
var errTooLarge = errors.New("catalogue: description too large")

// subgraph collects the description of root: its statements and, forward along them, those of every
// node the graph describes. It stops at other datasets, series, catalogues and catalogue records: the
// link is kept, the description is not. A statement is left out when keep refuses it.
func subgraph(g *rdf.Graph, root rdf.Term, keep func(rdf.Triple) bool) (*rdf.Graph, map[rdf.Term]int, error) {
	out := rdf.NewGraph()
	lines := map[rdf.Term]int{root: g.Line(root)}
	queue := []rdf.Term{root}
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		for t := range g.Match(node, rdf.Term{}, rdf.Term{}) {
			if !keep(t) {
				continue
			}
			out.Add(t)
			if out.Len() > MaxRecordTriples {
				return nil, nil, errTooLarge
			}
			if _, seen := lines[t.O]; seen || t.O.Kind == rdf.Literal || boundary(g, t.O) {
				continue
			}
			lines[t.O] = g.Line(t.O)
			queue = append(queue, t.O)
		}
	}
	return out, lines, nil
}

// boundary says whether a node is something with a record of its own.
func boundary(g *rdf.Graph, node rdf.Term) bool {
	for _, class := range []rdf.Term{classDataset, classDatasetSeries, classCatalog, classCatalogRecord} {
		if g.Has(node, rdfType, class) {
			return true
		}
	}
	return false
}

// everything keeps all statements.
func everything(rdf.Triple) bool { return true }

// exchangeForm keeps the statements of root's description that the centre leaves alone.
func exchangeForm(g *rdf.Graph, root rdf.Term) func(rdf.Triple) bool {
	return func(t rdf.Triple) bool {
		switch t.P {
		case dctIdentifier, admsIdentifier:
			return t.S != root && !g.Has(t.S, rdfType, classDistribution)
		case dctIsPartOf, foafPrimaryTopic:
			return t.S != root
		}
		return true
	}
}
