package rdf

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// scramble returns the quads in another order, with other labels and some of
// them twice.
func scramble(rnd *rand.Rand, quads []Quad) []Quad {
	labels := map[string]string{}
	fresh := rnd.Perm(10 * (len(quads) + 1))
	relabel := func(t Term) Term {
		if t.Kind != Blank {
			if t.Lang != "" && rnd.IntN(2) == 0 {
				t.Lang = strings.ToUpper(t.Lang)
			}
			return t
		}
		if _, ok := labels[t.Value]; !ok {
			labels[t.Value] = fmt.Sprint("x", fresh[len(labels)])
		}
		return NewBlank(labels[t.Value])
	}
	var out []Quad
	for _, q := range quads {
		q.S, q.O, q.G = relabel(q.S), relabel(q.O), relabel(q.G)
		q.Line = rnd.IntN(100)
		for range 1 + rnd.IntN(2) {
			out = append(out, q)
		}
	}
	rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// randomQuads makes a small dataset in which many blank nodes look alike.
func randomQuads(rnd *rand.Rand) []Quad {
	node := func() Term {
		if rnd.IntN(4) == 0 {
			return NewIRI(fmt.Sprint("a:n", rnd.IntN(2)))
		}
		return NewBlank(fmt.Sprint("b", rnd.IntN(5)))
	}
	quads := make([]Quad, 1+rnd.IntN(8))
	for i := range quads {
		q := &quads[i]
		q.S, q.P, q.O = node(), NewIRI(fmt.Sprint("a:p", rnd.IntN(2))), node()
		switch rnd.IntN(6) {
		case 0:
			q.O = NewLang("x", "en")
		case 1:
			q.G = node()
		}
	}
	return quads
}

func TestCanonicalInvariance(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		quads := randomQuads(rnd)
		want, err := Canonical(t.Context(), each(quads), Limits{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 4 {
			got, err := Canonical(t.Context(), each(scramble(rnd, quads)), Limits{})
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if string(got) != string(want) {
				t.Fatalf("seed %d: two forms of one dataset:\n%s\n%s", seed, want, got)
			}
		}
		back, err := ReadNQuads(t.Context(), strings.NewReader(string(want)), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Canonical(t.Context(), each(back), Limits{}); err != nil || string(again) != string(want) {
			t.Fatalf("seed %d: the canonical form is not its own (%v):\n%s\n%s", seed, err, want, again)
		}
	}
}

// circle is a ring of n blank nodes, labelled from a given number on.
func circle(n, from int) []Quad {
	var quads []Quad
	for i := range n {
		quads = append(quads, Quad{Triple: Triple{
			S: NewBlank(fmt.Sprint("r", from+i)), P: NewIRI("a:p"), O: NewBlank(fmt.Sprint("r", from+(i+1)%n)),
		}})
	}
	return quads
}

func TestCanonicalTellsApart(t *testing.T) {
	one, err := Canonical(t.Context(), each(circle(6, 0)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := Canonical(t.Context(), each(append(circle(3, 0), circle(3, 3)...)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if string(one) == string(two) {
		t.Error("a ring of six and two rings of three have one form")
	}
}

func TestCanonicalText(t *testing.T) {
	quads := []Quad{
		{Triple: Triple{S: NewBlank("z"), P: NewIRI("a:p"), O: NewLang("x\n\x7f", "EN-gb")}},
		{Triple: Triple{S: NewIRI("a:s"), P: NewIRI("a:p"), O: NewBlank("z")}, G: NewBlank("z")},
		{Triple: Triple{S: NewBlank("z"), P: NewIRI("a:p"), O: NewLang("x\n\x7f", "en-GB")}},
	}
	const want = "<a:s> <a:p> _:c14n0 _:c14n0 .\n_:c14n0 <a:p> \"x\\n\\u007F\"@en-gb .\n"
	got, err := Canonical(t.Context(), each(quads), Limits{})
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
	labels, err := CanonicalLabels(t.Context(), each(quads), Limits{})
	if err != nil || len(labels) != 1 || labels["z"] != "c14n0" {
		t.Errorf("labels %v, %v", labels, err)
	}
	if got, err := Canonical(t.Context(), each(nil), Limits{}); err != nil || len(got) != 0 {
		t.Errorf("empty dataset: %q, %v", got, err)
	}
	const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got := Digest(nil); got != empty {
		t.Errorf("digest %s", got)
	}
}

func TestCanonicalRefuses(t *testing.T) {
	star := func(n int) (quads []Quad) {
		for i := range n {
			quads = append(quads, Quad{Triple: Triple{S: NewBlank("hub"), P: NewIRI("a:p"), O: NewBlank(fmt.Sprint("leaf", i))}})
		}
		return quads
	}
	clique := func(n int) (quads []Quad) {
		for i := range n {
			for j := range n {
				quads = append(quads, Quad{Triple: Triple{S: NewBlank(fmt.Sprint("c", i)), P: NewIRI("a:p"), O: NewBlank(fmt.Sprint("c", j))}})
			}
		}
		return quads
	}
	renamed := func(quads []Quad) (out []Quad) {
		for _, q := range quads {
			q.S.Value += "x"
			q.O.Value += "x"
			out = append(out, q)
		}
		return out
	}
	if _, err := Canonical(t.Context(), each(star(30_000)), Limits{}); err != nil {
		t.Errorf("many equal leaves of one node: %v", err)
	}
	for name, quads := range map[string][]Quad{
		"clique":             clique(12),
		"equal stars":        append(star(9), renamed(star(9))...),
		"long ring":          circle(2_000, 0),
		"very long ring":     circle(60_000, 0),
		"clique and circles": append(clique(9), circle(500, 0)...),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Canonical(t.Context(), each(quads), Limits{}); !errors.Is(err, ErrPoison) {
				t.Errorf("error %v, want ErrPoison", err)
			}
		})
	}
	if _, err := Canonical(t.Context(), each(star(3)), Limits{MaxQuads: 2}); !errors.Is(err, ErrPoison) {
		t.Errorf("too many statements: %v", err)
	}
	if _, err := Canonical(t.Context(), each(circle(3, 0)), Limits{MaxNDegreeCalls: 3}); !errors.Is(err, ErrPoison) {
		t.Errorf("too many calls: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Canonical(ctx, each(circle(3, 0)), Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestCanonicalBudgetIsShared(t *testing.T) {
	b := NewBudget(100)
	l := Limits{Budget: b}
	done := 0
	for ; done < 100; done++ {
		_, err := Canonical(t.Context(), each(circle(3, 0)), l)
		if errors.Is(err, ErrPoison) {
			break
		}
		if err != nil || b.Spent() {
			t.Fatalf("after %d: %v, spent %t", done, err, b.Spent())
		}
	}
	if done < 2 || done == 100 || !b.Spent() {
		t.Errorf("%d canonicalisations on one budget, spent %t", done, b.Spent())
	}
	if _, err := Canonical(t.Context(), each(circle(3, 0)), Limits{}); err != nil {
		t.Errorf("without the budget: %v", err)
	}
}

func TestPoisonNamesItsKnot(t *testing.T) {
	quads := circle(2_000, 0)
	for _, o := range []Term{NewString("x"), NewBlank("leaf")} { // leaf is told by what it says
		quads = append(quads, Quad{Triple: Triple{S: NewBlank("leaf"), P: NewIRI("a:p"), O: o}})
	}
	quads = append(quads, circle(3, 5_000)...)
	_, err := Canonical(t.Context(), each(quads), Limits{})
	var poison *PoisonError
	if !errors.As(err, &poison) || !errors.Is(err, ErrPoison) {
		t.Fatalf("error %v", err)
	}
	if len(poison.Knot) != 2_000 {
		t.Errorf("the knot has %d nodes, want those of the long ring", len(poison.Knot))
	}
}
