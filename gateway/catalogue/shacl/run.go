package shacl

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// run is one validation. Its scratch space outlives it in Shapes.runs.
type run struct {
	view
	ctx     context.Context
	origin  origin
	values  []node // a stack: each check works on the top of it
	sets    []*set // free
	steps   int
	limit   int
	nextAsk int // the step at which the context is asked again
	err     error

	quiet   int // above 0 somebody asks only whether a node conforms
	depth   int
	active  map[visit]struct{} // checks of recursive shapes under way
	results *[]Result
	count   int
}

// visit is a node being checked against a shape.
type visit struct {
	shape *shape
	node  node
}

// Validate judges every focus node that the shapes' targets find in data. The error is the context's or
// ErrTooMuchWork; then nothing is known.
func (s *Shapes) Validate(ctx context.Context, data *rdf.Graph) (*Report, error) {
	return s.ValidateSources(ctx, Source{Graph: data})
}

// ValidateSources is Validate over several documents as one data graph: what one refers to may be
// described in another. Results name the documents.
func (s *Shapes) ValidateSources(ctx context.Context, data ...Source) (*Report, error) {
	return s.validate(ctx, data, func(r *run) {
		focus := r.set()
		for _, sh := range s.roots {
			focus.reset()
			for _, t := range sh.targets {
				t.focus(r, focus)
			}
			for _, n := range focus.list {
				r.shape(sh, n)
			}
		}
		r.free(focus)
	})
}

// ValidateNodes judges the given nodes by one shape, whatever its targets. A shape that is not in the
// graph is an error.
func (s *Shapes) ValidateNodes(ctx context.Context, data *rdf.Graph, shape rdf.Term, focus ...rdf.Term) (*Report, error) {
	shapes := s.byTerm[shape]
	if len(shapes) == 0 {
		return nil, fmt.Errorf("shacl: no shape %s", shape)
	}
	return s.validate(ctx, []Source{{Graph: data}}, func(r *run) {
		for _, f := range focus {
			id, ok := data.ID(f)
			if !ok {
				continue // a node the data does not mention has nothing to judge
			}
			for _, sh := range shapes {
				r.shape(sh, node(id))
			}
		}
	})
}

func (s *Shapes) validate(ctx context.Context, data []Source, judge func(*run)) (*Report, error) {
	r := s.start(ctx, data)
	defer s.finish(r)
	report := &Report{}
	r.results = &report.Results
	judge(r)
	if r.err != nil {
		return nil, r.err
	}
	report.Conforms = len(report.Results) == 0
	return report, nil
}

// start makes a run, or takes one that has ended.
func (s *Shapes) start(ctx context.Context, sources []Source) *run {
	data, origin := merge(sources)
	r, ok := s.runs.Get().(*run)
	if !ok {
		r = &run{}
	}
	r.ctx, r.steps, r.nextAsk, r.err, r.quiet, r.depth, r.count = ctx, 0, 0, nil, 0, 0, 0
	r.values, r.origin = r.values[:0], origin
	if r.limit = s.options.MaxSteps; r.limit <= 0 {
		r.limit = DefaultMaxSteps + DefaultStepsPerTriple*data.Len()
	}
	r.view.open(s, data)
	return r
}

// finish gives a run's scratch space back.
func (s *Shapes) finish(r *run) {
	clear(r.active)
	r.ctx, r.results, r.origin = nil, nil, origin{}
	r.view.close()
	s.runs.Put(r)
}

// worked counts steps, and stops the run when it has taken too many or nobody waits any more.
func (r *run) worked(n int) {
	r.steps += n
	if r.steps < r.nextAsk {
		return
	}
	r.nextAsk = r.steps + 8192
	switch {
	case r.err != nil:
	case r.steps > r.limit:
		r.err = fmt.Errorf("%w: more than %d steps", ErrTooMuchWork, r.limit)
	case r.ctx.Err() != nil:
		r.err = r.ctx.Err()
	}
}

// shape checks a focus node against a shape and returns whether it conforms (SHACL §3.4).
func (r *run) shape(s *shape, focus node) bool {
	if s.deactivated || r.err != nil {
		return true
	}
	if s.recursive {
		v := visit{s, focus}
		if _, under := r.active[v]; under {
			return true
		}
		if r.active == nil {
			r.active = map[visit]struct{}{}
		}
		r.active[v] = struct{}{}
		defer delete(r.active, v)
	}
	if r.depth++; r.depth > r.shapes.options.MaxDepth {
		r.err = fmt.Errorf("%w: shapes nest deeper than %d", ErrTooMuchWork, r.shapes.options.MaxDepth)
	}
	from := len(r.values)
	if s.path == nil {
		r.values = append(r.values, focus)
	} else {
		r.path(s.path, focus)
	}
	to, ok := len(r.values), true
	r.worked(len(s.constraints) + 1)
	for _, k := range s.constraints {
		if !k.check(r, s, focus, from, to) {
			if ok = false; r.quiet > 0 {
				break
			}
		}
		if r.err != nil {
			break
		}
	}
	r.values = r.values[:from]
	r.depth--
	return ok
}
