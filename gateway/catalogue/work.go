package catalogue

import (
	"context"
	"errors"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds of the work one document may cause. Its datasets may share what they refer to and each
// record has a copy of it: without bounds a small document could ask for any amount of work.
const (
	copiesPerDocument = 20       // how many times the document its records may be together
	freeStatements    = 400_000  // statements copied on top of that, both forms of a record counted
	freeBytes         = 64 << 20 // bytes of terms copied on top of that
	freeCalls         = 200_000  // N-degree calls (RDFC-1.0 §4.8) on top of one for each statement
)

// errWork says that the document used up its work before the dataset at hand was done.
var errWork = errors.New("catalogue: the document takes too much work")

// work is what may still be done for the datasets of one document. Once it was exceeded, nothing is.
type work struct {
	statements, bytes int // left to copy
	calls             *rdf.Budget
	over              bool

	// knotOf tells which knot a blank node is of, knots how many nodes each has. A knot is what could
	// not be told apart once: a dataset with all of it is not tried again.
	knotOf map[rdf.Term]int
	knots  []int
}

func newWork(g *rdf.Graph) *work {
	bytes := 0
	for t := range g.All() {
		bytes += termBytes(t)
	}
	return &work{
		statements: copiesPerDocument*g.Len() + freeStatements,
		bytes:      copiesPerDocument*bytes + freeBytes,
		calls:      rdf.NewBudget(freeCalls + g.Len()),
		knotOf:     map[rdf.Term]int{},
	}
}

// copied accounts for a statement copied into a record.
func (w *work) copied(bytes int) error {
	w.statements--
	w.bytes -= bytes
	if w.statements < 0 || w.bytes < 0 {
		w.over = true
		return errWork
	}
	return nil
}

// canonical canonicalises within the work left and remembers what is knotted.
func (w *work) canonical(ctx context.Context, g *rdf.Graph) ([]byte, error) {
	nquads, err := g.Canonical(ctx, rdf.Limits{Budget: w.calls})
	var poison *rdf.PoisonError
	switch {
	case !errors.Is(err, rdf.ErrPoison):
		return nquads, err
	case w.calls.Spent():
		w.over = true
		return nil, errWork
	case errors.As(err, &poison):
		for _, n := range poison.Knot {
			w.knotOf[n] = len(w.knots)
		}
		w.knots = append(w.knots, len(poison.Knot))
	}
	return nil, err
}

// reached is what one dataset has of each knot.
type reached map[int]int

// reach notes that the dataset has a node, and returns rdf.ErrPoison when that completes a knot.
func (w *work) reach(has reached, node rdf.Term) error {
	k, knotted := w.knotOf[node]
	if !knotted {
		return nil
	}
	if has[k]++; has[k] < w.knots[k] {
		return nil
	}
	return rdf.ErrPoison
}

// termBytes is the least that a statement takes in the canonical form, less what separates its terms.
// Labels of blank nodes do not count: the canonical form has its own.
func termBytes(t rdf.Triple) int {
	n := len(t.P.Value) + len(t.O.Lang)
	if t.O.Datatype != rdf.XSDString && t.O.Datatype != rdf.RDFLangString {
		n += len(t.O.Datatype)
	}
	if t.S.Kind != rdf.Blank {
		n += len(t.S.Value)
	}
	if t.O.Kind != rdf.Blank {
		n += len(t.O.Value)
	}
	return n
}
