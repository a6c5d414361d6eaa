package shacl

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// relation is what a path means, as pairs of nodes (SHACL §2.3.1, SPARQL 1.1 §9.3).
type relation map[[2]rdf.Term]bool

// meaning computes it in the plainest way.
func meaning(n *pathNode, g *rdf.Graph, nodes []rdf.Term) relation {
	out := relation{}
	var parts []relation
	for _, p := range n.parts {
		parts = append(parts, meaning(p, g, nodes))
	}
	self := func() {
		for _, n := range nodes {
			out[[2]rdf.Term{n, n}] = true
		}
	}
	switch n.op {
	case opPredicate:
		for t := range g.Match(rdf.Term{}, n.predicate, rdf.Term{}) {
			out[[2]rdf.Term{t.S, t.O}] = true
		}
	case opInverse:
		for p := range parts[0] {
			out[[2]rdf.Term{p[1], p[0]}] = true
		}
	case opAlternative:
		for _, r := range parts {
			for p := range r {
				out[p] = true
			}
		}
	case opSequence:
		out = parts[0]
		for _, r := range parts[1:] {
			out = joined(out, r)
		}
	case opZeroOrOne:
		self()
		for p := range parts[0] {
			out[p] = true
		}
	case opZeroOrMore, opOneOrMore:
		for p := range parts[0] {
			out[p] = true
		}
		for before := -1; before < len(out); {
			before = len(out)
			for p := range joined(out, parts[0]) {
				out[p] = true
			}
		}
		if n.op == opZeroOrMore {
			self()
		}
	}
	return out
}

func joined(a, b relation) relation {
	out := relation{}
	for p := range a {
		for q := range b {
			if p[1] == q[0] {
				out[[2]rdf.Term{p[0], q[1]}] = true
			}
		}
	}
	return out
}

// randomPath is a path over three properties, every operator anywhere.
func randomPath(g generator, depth int) *pathNode {
	op := pathOp(g.IntN(7))
	if depth == 0 {
		op = opPredicate
	}
	n := &pathNode{op: op}
	switch op {
	case opPredicate:
		p := g.IntN(3)
		n.predicate, n.constant = rdf.NewIRI([]string{"x:p", "x:q", "x:r"}[p]), constant(2+p)
	case opSequence, opAlternative:
		for range 2 + g.IntN(2) {
			n.parts = append(n.parts, randomPath(g, depth-1))
		}
	default:
		n.parts = []*pathNode{randomPath(g, depth-1)}
	}
	return n
}

// TestPathsMeanWhatTheySay walks random paths through random graphs, half of each graph as background.
func TestPathsMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		g := newGenerator(seed)
		var nodes []rdf.Term
		for i := range 6 {
			nodes = append(nodes, rdf.NewIRI("x:n"+string(rune('0'+i))))
		}
		whole, halves := rdf.NewGraph(), [2]*rdf.Graph{rdf.NewGraph(), rdf.NewGraph()}
		for range 12 {
			triple := rdf.Triple{S: nodes[g.IntN(6)], P: rdf.NewIRI(g.of("x:p", "x:q", "x:r")), O: nodes[g.IntN(6)]}
			whole.Add(triple)
			halves[g.IntN(2)].Add(triple)
		}
		path := randomPath(g, 3)
		want := meaning(path, whole, nodes)
		for _, o := range []Options{{}, {Background: []*rdf.Graph{halves[1]}}} {
			data := whole
			if o.Background != nil {
				data = halves[0]
			}
			for _, n := range nodes {
				if !data.Has(n, rdf.Term{}, rdf.Term{}) && !data.Has(rdf.Term{}, rdf.Term{}, n) {
					continue
				}
				if diff := cmp.Diff(valuesOf(want, n), walked(t, path, data, n, o)); diff != "" {
					t.Fatalf("seed %d, %s at %s (-want +got):\n%s", seed, Path{path}, n, diff)
				}
			}
		}
	}
}

func valuesOf(r relation, n rdf.Term) []string {
	out := []string{}
	for p := range r {
		if p[0] == n {
			out = append(out, p[1].Value)
		}
	}
	slices.Sort(out)
	return out
}

// walked are the values the engine finds; an empty sh:in makes each a result.
func walked(t *testing.T, path *pathNode, data *rdf.Graph, n rdf.Term, o Options) []string {
	t.Helper()
	s, err := Compile(graph(t, "<x:S> a sh:NodeShape ; sh:property [ sh:path [ sh:alternativePath ( <x:p> <x:q> <x:r> ) ] ; sh:in ( ) ] ."), o)
	if err != nil {
		t.Fatal(err)
	}
	// The constants of the shapes are rdf:type, rdfs:subClassOf, x:p, x:q, x:r: those of randomPath.
	s.byTerm[rdf.NewIRI("x:S")][0].constraints[0].(property)[0].path = path
	r, err := s.ValidateNodes(t.Context(), data, rdf.NewIRI("x:S"), n)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, res := range r.Results {
		out = append(out, res.Value.Value)
	}
	slices.Sort(out)
	return out
}

func TestPathsInWords(t *testing.T) {
	t.Parallel()
	const list = "( ex:p ex:q )"
	for turtle, want := range map[string]string{
		"ex:p": "ex:p", list: "ex:p/ex:q", "[ sh:alternativePath " + list + " ]": "ex:p|ex:q", "[ sh:inversePath ex:p ]": "^ex:p",
		"[ sh:zeroOrMorePath ex:p ]": "ex:p*", "[ sh:oneOrMorePath [ sh:inversePath ex:p ] ]": "(^ex:p)+", "[ sh:inversePath [ sh:zeroOrOnePath ex:p ] ]": "^ex:p?",
		"[ sh:inversePath " + list + " ]": "^(ex:p/ex:q)", "( [ sh:alternativePath " + list + " ] [ sh:inversePath ex:p ] )": "(ex:p|ex:q)/^ex:p",
		"( " + list + " ex:p )": "(ex:p/ex:q)/ex:p", "[ sh:zeroOrMorePath [ sh:zeroOrOnePath <http://example.org/a/b> ] ]": "(<http://example.org/a/b>?)*",
	} {
		s := compile(t, "ex:S sh:targetNode ex:x ; sh:property [ sh:path "+turtle+" ; sh:minCount 100 ] .", Options{})
		r := validate(t, s, "ex:x ex:p ex:x .")
		if len(r.Results) != 1 {
			t.Errorf("%s: %d results, %+v", turtle, len(r.Results), s.Defects())
			continue
		}
		got := r.Results[0].Path.Compact(map[string]string{"ex": "http://example.org/"})
		if got != want {
			t.Errorf("%s is written %s, want %s", turtle, got, want)
		}
		if n := len(r.Results[0].Path.Predicates()); n == 0 || n > 2 {
			t.Errorf("%s mentions %d properties", turtle, n)
		}
	}
	if (Path{}).String() != "" || len(Path{}.Predicates()) != 0 {
		t.Error("no path says something")
	}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		severities []string
		want       string
	}{
		{nil, ""}, {[]string{Info}, Info}, {[]string{Info, Warning, Info}, Warning}, {[]string{Warning, Violation, Info}, Violation},
		{[]string{"http://example.org/severe"}, Violation},
	} {
		var r Report
		for _, s := range tc.severities {
			r.Results = append(r.Results, Result{Severity: s})
		}
		if got := r.Worst(); got != tc.want {
			t.Errorf("of %v: %s", tc.severities, got)
		}
	}
}
