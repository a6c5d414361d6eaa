package catalogue

import (
	"errors"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// errTooLarge says that a description exceeds MaxRecordTriples or MaxRecordBytes.
var errTooLarge = errors.New("catalogue: description too large")

// document is a graph that is taken apart into descriptions.
type document struct {
	*rdf.Graph
	work  *work
	apart map[rdf.Term]struct{} // the nodes with a record of their own
}

func newDocument(g *rdf.Graph) document {
	return document{Graph: g, work: newWork(g), apart: ofClass(g, classDataset, classDatasetSeries, classCatalog, classCatalogRecord)}
}

// subgraph collects the description of root: its statements and, forward along them, those of every
// node the graph describes. It stops at other datasets, series, catalogues and catalogue records: the
// link is kept, the description is not. The lines are those of the nodes.
func (d document) subgraph(root rdf.Term) (*rdf.Graph, map[rdf.Term]int, error) {
	return d.walk(d.Graph, root, func(rdf.Triple) bool { return true })
}

// exchanged is a description without what the centre may rewrite.
func (d document) exchanged(own *rdf.Graph, root rdf.Term) (*rdf.Graph, error) {
	g, _, err := d.walk(own, root, exchangeForm(own, root))
	return g, err
}

// walk collects the statements reachable from root that keep accepts.
func (d document) walk(g *rdf.Graph, root rdf.Term, keep func(rdf.Triple) bool) (*rdf.Graph, map[rdf.Term]int, error) {
	out := rdf.NewGraph()
	lines := map[rdf.Term]int{root: g.Line(root)}
	queue, bytes, has := []rdf.Term{root}, 0, reached{}
	for len(queue) > 0 {
		node := queue[0]
		queue = queue[1:]
		for t := range g.Match(node, rdf.Term{}, rdf.Term{}) {
			if !keep(t) {
				continue
			}
			out.Add(t)
			n := termBytes(t)
			if err := d.work.copied(n); err != nil {
				return nil, nil, err
			}
			if bytes += n; bytes > MaxRecordBytes || out.Len() > MaxRecordTriples {
				return nil, nil, errTooLarge
			}
			if t.O.Kind == rdf.Literal || t.O.Kind == rdf.IRI && !g.Has(t.O, rdf.Term{}, rdf.Term{}) {
				continue // nothing is said of it
			}
			if _, seen := lines[t.O]; seen {
				continue
			}
			if _, apart := d.apart[t.O]; apart {
				continue
			}
			if err := d.work.reach(has, t.O); err != nil {
				return nil, nil, err
			}
			lines[t.O] = g.Line(t.O)
			queue = append(queue, t.O)
		}
	}
	return out, lines, nil
}

// ofClass is the set of nodes of any of the classes.
func ofClass(g *rdf.Graph, classes ...rdf.Term) map[rdf.Term]struct{} {
	out := map[rdf.Term]struct{}{}
	for _, class := range classes {
		for _, n := range g.Subjects(rdfType, class) {
			out[n] = struct{}{}
		}
	}
	return out
}

// exchangeForm keeps the statements of root's description that the centre leaves alone.
func exchangeForm(g *rdf.Graph, root rdf.Term) func(rdf.Triple) bool {
	distributions := ofClass(g, classDistribution)
	return func(t rdf.Triple) bool {
		switch t.P {
		case dctIdentifier, admsIdentifier:
			_, distribution := distributions[t.S]
			return t.S != root && !distribution
		case dctIsPartOf, foafPrimaryTopic:
			return t.S != root
		}
		return true
	}
}
