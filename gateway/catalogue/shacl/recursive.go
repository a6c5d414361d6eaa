package shacl

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// markRecursive finds the shapes that lead back to themselves (SHACL §3.4.3) and reports each circle.
// It is Tarjan's algorithm without recursion: shapes graphs may be deep.
func (c *compiler) markRecursive(roots []rdf.Term) {
	t := tarjan{number: map[*shape]int{}, low: map[*shape]int{}, onStack: map[*shape]bool{}}
	for _, root := range roots {
		for _, s := range c.parsed[root] {
			t.visit(s)
		}
	}
	for _, circle := range t.circles {
		for _, s := range circle {
			s.recursive = true
		}
		first := circle[len(circle)-1]
		c.defect(first, nil, DefectRecursive, false, "a node that is being checked against one of them is taken to conform to it there",
			"%d shape(s) lead back to themselves", len(circle))
	}
}

type tarjan struct {
	number, low map[*shape]int
	onStack     map[*shape]bool
	stack       []*shape
	circles     [][]*shape
}

// frame is a shape whose references are being followed.
type frame struct {
	shape *shape
	refs  []*shape
}

func (t *tarjan) visit(root *shape) {
	if t.number[root] > 0 {
		return
	}
	frames := []frame{t.enter(root)}
	for len(frames) > 0 {
		f := &frames[len(frames)-1]
		if len(f.refs) > 0 {
			next := f.refs[0]
			f.refs = f.refs[1:]
			switch {
			case t.number[next] == 0:
				frames = append(frames, t.enter(next))
			case t.onStack[next]:
				t.low[f.shape] = min(t.low[f.shape], t.number[next])
			}
			continue
		}
		done := f.shape
		frames = frames[:len(frames)-1]
		t.leave(done)
		if len(frames) > 0 {
			above := frames[len(frames)-1].shape
			t.low[above] = min(t.low[above], t.low[done])
		}
	}
}

func (t *tarjan) enter(s *shape) frame {
	t.number[s] = len(t.number) + 1
	t.low[s] = t.number[s]
	t.stack = append(t.stack, s)
	t.onStack[s] = true
	return frame{s, s.leadsTo()}
}

// leave closes a component when s is its first shape; those with a circle in them are kept.
func (t *tarjan) leave(s *shape) {
	if t.low[s] != t.number[s] {
		return
	}
	at := len(t.stack) - 1
	for t.stack[at] != s {
		at--
	}
	component := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, m := range component {
		t.onStack[m] = false
	}
	if len(component) > 1 || slices.Contains(s.leadsTo(), s) {
		slices.Reverse(component)
		t.circles = append(t.circles, component)
	}
}

// leadsTo lists the shapes that s refers to.
func (s *shape) leadsTo() []*shape {
	var out []*shape
	for _, k := range s.constraints {
		if ref, ok := k.(referrer); ok {
			out = append(out, ref.shapes()...)
		}
	}
	return out
}

// names lists the names of shapes.
func names[S ~[]*shape](shapes S) (out []rdf.Term) {
	for _, s := range shapes {
		out = append(out, s.term)
	}
	return out
}
