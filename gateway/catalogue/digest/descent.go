package digest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Bounds of a descent.
const (
	// MaxAsk is how many nodes one message asks for.
	MaxAsk = 256
	// MaxNodes is how many nodes a descent looks at before it gives up: two catalogues that differ that
	// much are better compared whole.
	MaxNodes = 100_000
	// MaxAnswers is how many answers a descent takes: the other side may answer less than was asked, but
	// not a node at a time. Each is a message that is kept.
	MaxAnswers = 1000
)

// Errors of Take.
var (
	// ErrMoved is returned when the other side names another root than before: its catalogue changed
	// meanwhile. Begin again.
	ErrMoved = errors.New("digest: the other catalogue changed during the comparison")
	// ErrAnswer is returned for an answer that does not answer what was asked.
	ErrAnswer = errors.New("digest: the answer does not fit the question")
	// ErrTooDifferent is returned when MaxNodes or MaxAnswers do not suffice.
	ErrTooDifferent = errors.New("digest: the catalogues differ too much to be compared this way")
)

// Descent finds the differences between our tree and another of which only answers are seen. Ask and
// Take alternate until Ask is empty.
type Descent struct {
	ours    *Tree
	root    branch // of the other side, once known
	begun   bool
	open    map[string]branch // asked or to be asked: what the parent said
	queue   []string          // what was asked last is at its front
	asked   map[string]bool
	nodes   int
	answers int
	hashes  int
	found   []Difference
}

// NewDescent begins at the root.
func NewDescent(ours *Tree) *Descent {
	return &Descent{ours: ours, open: map[string]branch{}, queue: []string{""}}
}

// Ask lists the prefixes to ask for next, at most MaxAsk. Empty means the comparison is complete.
func (d *Descent) Ask() []string {
	ask := slices.Clone(d.queue[:min(len(d.queue), MaxAsk)])
	d.asked = make(map[string]bool, len(ask))
	for _, prefix := range ask {
		d.asked[prefix] = true
	}
	return ask
}

// Theirs is the other side's number of entries and root, once an answer was taken.
func (d *Descent) Theirs() (count int, root Sum) { return d.root.count, d.root.sum }

// Hashes is how many sums and entries the other side has shown.
func (d *Descent) Hashes() int { return d.hashes }

// Equal says whether the roots are the same: then so are the catalogues.
func (d *Descent) Equal() bool {
	return d.begun && d.root == branch{d.ours.Len(), d.ours.Root()}
}

// Differences lists what was found, by identifier. It is the whole truth once Ask is empty.
func (d *Descent) Differences() []Difference {
	return byIdentifier(d.found)
}

// Take reads the answer to the last Ask. The other side may answer part of what was asked, but
// something. After an error the descent is of no further use.
func (d *Descent) Take(a ehds.CatalogueDigestAnswer) error {
	root, err := ParseSum(a.Root)
	if err != nil {
		return err
	}
	now := branch{a.Count, root}
	switch {
	case a.Scheme != Scheme:
		return fmt.Errorf("%w: scheme %q", ErrAnswer, a.Scheme)
	case !d.begun:
		d.begun, d.root, d.open[""] = true, now, now
	case now != d.root:
		return ErrMoved
	}
	if d.Equal() {
		d.queue = nil
		return nil
	}
	if len(a.Nodes) == 0 {
		return fmt.Errorf("%w: nothing is answered", ErrAnswer)
	}
	if d.answers++; d.answers > MaxAnswers {
		return ErrTooDifferent
	}
	for _, w := range a.Nodes {
		if err := d.node(w); err != nil {
			return err
		}
	}
	d.settle()
	return nil
}

// settle drops what was answered. Only the front of the queue was asked, and only that is looked at: the
// other side can make the queue long.
func (d *Descent) settle() {
	front := d.queue[:len(d.asked)]
	left := slices.DeleteFunc(slices.Clone(front), func(p string) bool { _, open := d.open[p]; return !open })
	d.queue = d.queue[len(front)-len(left):]
	copy(d.queue, left)
}

// node takes one node that was asked for.
func (d *Descent) node(w ehds.CatalogueDigestNode) error {
	said, open := d.open[w.Prefix]
	if !open || !d.asked[w.Prefix] {
		return fmt.Errorf("%w: prefix %q was not asked for", ErrAnswer, w.Prefix)
	}
	n, err := readNode(w)
	if err != nil {
		return err
	}
	if n.branch != said {
		return fmt.Errorf("%w: prefix %q is not what its parent says", ErrNode, w.Prefix)
	}
	if d.nodes++; d.nodes > MaxNodes {
		return ErrTooDifferent
	}
	delete(d.open, w.Prefix)
	if n.leaf {
		d.hashes += len(n.entries)
		d.found = append(d.found, differences(d.ours.under(n.prefix), n.entries)...)
		return nil
	}
	d.hashes += fanout
	for i, child := range n.children {
		d.descend(w.Prefix+hexDigits[i:i+1], child)
	}
	return nil
}

// descend looks at a child: the same, gone, or to be asked for.
func (d *Descent) descend(prefix string, child branch) {
	ours := d.ours.under(prefix)
	switch {
	case child.count == len(ours) && child.sum == d.ours.sum(prefix, ours):
	case child.count == 0:
		d.found = append(d.found, differences(ours, nil)...)
	default:
		d.open[prefix] = child
		d.queue = append(d.queue, prefix)
	}
}
