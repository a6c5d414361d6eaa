package digest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// answer is the other side: it shows the nodes asked for, as many as it likes.
func answer(t *Tree, ask []string, most int) ehds.CatalogueDigestAnswer {
	a := ehds.CatalogueDigestAnswer{Scheme: Scheme, Count: t.Len(), Root: t.Root().String()}
	for _, prefix := range ask[:min(len(ask), most)] {
		a.Nodes = append(a.Nodes, show(t, prefix))
	}
	return a
}

func show(t *Tree, prefix string) ehds.CatalogueDigestNode {
	list := t.under(prefix)
	n := ehds.CatalogueDigestNode{Prefix: prefix, Count: len(list), Digest: t.Sum(prefix).String()}
	if len(list) <= Bucket {
		for _, e := range list {
			n.Entries = append(n.Entries, ehds.CatalogueDigestEntry{Identifier: e.Identifier, Digest: e.Digest.String()})
		}
		return n
	}
	for i := range fanout {
		p := prefix + hexDigits[i:i+1]
		n.Children = append(n.Children, ehds.CatalogueDigestChild{Count: len(t.under(p)), Digest: t.Sum(p).String()})
	}
	return n
}

func tree(t testing.TB, entries []Entry) *Tree {
	t.Helper()
	tr, err := NewTree(entries)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func entries(n int) []Entry {
	out := make([]Entry, n)
	for i := range out {
		out[i] = entry(fmt.Sprintf("https://catalogue.example/datasets/%d", i), i)
	}
	return out
}

func entry(id string, version int) Entry {
	e := Entry{Identifier: id}
	e.Digest = Entry{Identifier: fmt.Sprint("v", version)}.key()
	return e
}

// compared runs a whole descent and counts the messages.
func compared(t testing.TB, ours, theirs *Tree, most int) (*Descent, int) {
	t.Helper()
	d, messages := NewDescent(ours), 0
	for ask := d.Ask(); len(ask) > 0; ask = d.Ask() {
		messages += 2
		if err := d.Take(answer(theirs, ask, most)); err != nil {
			t.Fatal(err)
		}
	}
	return d, messages
}

// naive is the truth by comparing every entry.
func naive(ours, theirs []Entry) []Difference {
	their := map[string]Sum{}
	for _, e := range theirs {
		their[e.Identifier] = e.Digest
	}
	var out []Difference
	for _, e := range ours {
		sum, shown := their[e.Identifier]
		switch {
		case !shown:
			out = append(out, Difference{Kind: Missing, Identifier: e.Identifier, Ours: e.Digest})
		case sum != e.Digest:
			out = append(out, Difference{Stale, e.Identifier, e.Digest, sum})
		}
		delete(their, e.Identifier)
	}
	for id, sum := range their {
		out = append(out, Difference{Kind: Orphan, Identifier: id, Theirs: sum})
	}
	slices.SortFunc(out, func(a, b Difference) int { return strings.Compare(a.Identifier, b.Identifier) })
	return out
}

// The root depends on the set of entries only, and on all of it.
func TestRoot(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, Bucket, Bucket + 1, 5000} {
		list := entries(n)
		want := tree(t, list).Root()
		rand.New(rand.NewPCG(1, uint64(n))).Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
		if got := tree(t, list).Root(); got != want {
			t.Errorf("%d entries: the order matters", n)
		}
		if n == 0 {
			continue
		}
		if tree(t, list[1:]).Root() == want {
			t.Errorf("%d entries: one may be left out", n)
		}
		list[0].Digest[31] ^= 1
		if tree(t, list).Root() == want {
			t.Errorf("%d entries: one may differ", n)
		}
	}
	if _, err := NewTree([]Entry{entry("a", 1), entry("b", 1), entry("a", 2)}); !errors.Is(err, ErrTwice) {
		t.Errorf("an identifier twice: %v", err)
	}
}

// The construction is fixed: other programs compute it too.
func TestKnownRoots(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0:     "sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", // SHA-256 of one zero byte
		2:     "sha256:94d99e774d75c1d9c95b279bdb97c5793c66af280c88f8f6dcc7fe260a0a9c72",
		20000: "sha256:efec6376492b82110b2caaac33b9990ff2c4e02c4eec2244328d8819c856aadc",
		100:   "sha256:b8acc9be43573a9e633d293088e1fa363427dcddcd256f0d5e81c456b68ea5d1",
	} {
		if got := tree(t, entries(n)).Root().String(); got != want {
			t.Errorf("%d entries: %s, want %s", n, got, want)
		}
	}
}

// Whatever differs is found, exactly, also when the other side answers one node at a time.
func TestDescentFindsWhatAComparisonOfEverythingFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		n := []int{0, 1, 20, 40, 700, 3000}[rng.IntN(6)]
		ours, theirs := entries(n), entries(n)
		for range rng.IntN(40) {
			switch k := rng.IntN(4); {
			case k == 0 || n == 0:
				theirs = append(theirs, entry(fmt.Sprint("foreign-", rng.Uint64()), 0))
			case k == 1 && len(theirs) > 0:
				i := rng.IntN(len(theirs))
				theirs = slices.Delete(theirs, i, i+1)
			case k == 2 && len(theirs) > 0:
				theirs[rng.IntN(len(theirs))].Digest[3] ^= 0x40
			case k == 3:
				ours = append(ours, entry(fmt.Sprint("new-", rng.Uint64()), 0))
			}
		}
		most := []int{1, 7, MaxAsk}[rng.IntN(3)]
		d, _ := compared(t, tree(t, ours), tree(t, theirs), most)
		want := naive(ours, theirs)
		if diff := cmp.Diff(want, append([]Difference(nil), d.Differences()...)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
		if diff := cmp.Diff(want, Compare(tree(t, ours), tree(t, theirs))); diff != "" {
			t.Fatalf("seed %d, both at hand (-want +got):\n%s", seed, diff)
		}
		if d.Equal() != (len(want) == 0) {
			t.Errorf("seed %d: equal is %t", seed, d.Equal())
		}
		if count, root := d.Theirs(); count != len(theirs) || root != tree(t, theirs).Root() {
			t.Errorf("seed %d: theirs is %d, %s", seed, count, root)
		}
	}
}

func TestEveryEntryGoneOrNew(t *testing.T) {
	t.Parallel()
	all, none := tree(t, entries(1000)), tree(t, nil)
	d, messages := compared(t, all, none, MaxAsk)
	if len(d.Differences()) != 1000 || messages != 2 {
		t.Errorf("%d missing in %d messages", len(d.Differences()), messages)
	}
	d, _ = compared(t, none, all, MaxAsk)
	if len(d.Differences()) != 1000 || d.Differences()[0].Kind != Orphan {
		t.Errorf("%d orphans", len(d.Differences()))
	}
}

// What a row of answers shows and the differences found make the other catalogue: a difference that is left
// out, or made up, makes another.
func TestOther(t *testing.T) {
	t.Parallel()
	told := 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 9))
		n := []int{0, 20, 40, 700, 3000}[rng.IntN(5)]
		list, shown := entries(n), entries(n)
		for i := range 1 + rng.IntN(20) {
			list, shown = append(list, entry(fmt.Sprint("new-", i, seed), 0)), append(shown, entry(fmt.Sprint("foreign-", i, seed), 0))
			if n > 0 {
				shown[rng.IntN(n)].Digest[3] ^= 0x40
			}
		}
		ours, theirs := tree(t, list), tree(t, shown)
		d := NewDescent(ours)
		var answers []ehds.CatalogueDigestAnswer
		for ask := d.Ask(); len(ask) > 0; ask = d.Ask() {
			answers = append(answers, answer(theirs, ask, MaxAsk))
			if err := d.Take(answers[len(answers)-1]); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Shown(answers)
		if err != nil {
			t.Fatal(err)
		}
		found := d.Differences()
		count, root, ok := s.Other(found)
		if !ok {
			continue
		}
		if told++; count != ours.Len() || root != ours.Root() {
			t.Errorf("seed %d: %d entries, want %d", seed, count, ours.Len())
		}
		for i := range found {
			if _, root, ok := s.Other(slices.Delete(slices.Clone(found), i, i+1)); ok && root == ours.Root() {
				t.Errorf("seed %d: %s may be left out", seed, found[i].Identifier)
			}
		}
		if _, _, ok := s.Other(append(slices.Clone(found), Difference{Kind: Orphan, Identifier: list[0].Identifier})); ok && n > 0 {
			if _, root, _ := s.Other(append(slices.Clone(found), Difference{Kind: Orphan, Identifier: list[0].Identifier})); root == ours.Root() {
				t.Errorf("seed %d: one may be made up", seed)
			}
		}
	}
	if told < 30 {
		t.Errorf("told of %d", told)
	}
}

// Equal catalogues cost one question, a few differences a few more.
func TestMessages(t *testing.T) {
	t.Parallel()
	const n = 20_000
	ours, list := tree(t, entries(n)), entries(n)
	for _, c := range []struct{ differences, messages, hashes int }{{0, 2, 0}, {1, 8, 3*fanout + Bucket}, {10, 8, 10 * (3*fanout + Bucket)}} {
		for i := range c.differences {
			list[i*97].Digest[0] ^= 1
		}
		d, messages := compared(t, ours, tree(t, list), MaxAsk)
		if len(d.Differences()) != c.differences || messages > c.messages || d.Hashes() > c.hashes {
			t.Errorf("%d differences: %d found in %d messages and %d hashes", c.differences, len(d.Differences()), messages, d.Hashes())
		}
		for i := range c.differences {
			list[i*97].Digest[0] ^= 1
		}
	}
}

// A side that lies, errs or moves is found out; nothing of it is believed.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	list := entries(2000)
	ours := tree(t, list)
	list[5].Digest[0] ^= 1
	theirs := tree(t, list)
	root := func() ehds.CatalogueDigestAnswer { return answer(theirs, []string{""}, 1) }
	change := func(f func(*ehds.CatalogueDigestAnswer)) ehds.CatalogueDigestAnswer {
		a := root()
		f(&a)
		return a
	}
	node := func(f func(*ehds.CatalogueDigestNode)) ehds.CatalogueDigestAnswer {
		return change(func(a *ehds.CatalogueDigestAnswer) { f(&a.Nodes[0]) })
	}
	for _, c := range []struct {
		name string
		a    ehds.CatalogueDigestAnswer
		want error
	}{
		{"nothing", change(func(a *ehds.CatalogueDigestAnswer) { a.Nodes = nil }), ErrAnswer},
		{"another scheme", change(func(a *ehds.CatalogueDigestAnswer) { a.Scheme = "x" }), ErrAnswer},
		{"what was not asked", change(func(a *ehds.CatalogueDigestAnswer) { a.Nodes[0] = show(theirs, "0") }), ErrAnswer},
		{"the same twice", change(func(a *ehds.CatalogueDigestAnswer) { a.Nodes = append(a.Nodes, a.Nodes[0]) }), ErrAnswer},
		{"a root that is no sum", change(func(a *ehds.CatalogueDigestAnswer) { a.Root = "SHA256:0" }), ErrSum},
		{"a root its node has not", change(func(a *ehds.CatalogueDigestAnswer) { a.Root = ours.Root().String() }), nil},
		{"another root", change(func(a *ehds.CatalogueDigestAnswer) { a.Root = theirs.Sum("0").String() }), ErrNode},
		{"another count", change(func(a *ehds.CatalogueDigestAnswer) { a.Count++ }), ErrNode},
		{"a negative count", node(func(n *ehds.CatalogueDigestNode) { n.Count = -1 }), ErrNode},
		{"no children", node(func(n *ehds.CatalogueDigestNode) { n.Children = nil }), ErrNode},
		{"a child of another sum", node(func(n *ehds.CatalogueDigestNode) { n.Children[3].Digest = n.Children[4].Digest }), ErrNode},
		{"a child that is no sum", node(func(n *ehds.CatalogueDigestNode) { n.Children[3].Digest = "sha256:zz" }), ErrSum},
		{"children that do not add up", node(func(n *ehds.CatalogueDigestNode) { n.Children[3].Count++ }), ErrNode},
		{"a child of negative count", node(func(n *ehds.CatalogueDigestNode) { n.Children[3].Count = -5 }), ErrNode},
		{"a child called empty that is not", node(func(n *ehds.CatalogueDigestNode) {
			n.Children[4].Count += n.Children[3].Count
			n.Children[3].Count = 0
		}), ErrNode},
		{"entries in an inner node", node(func(n *ehds.CatalogueDigestNode) { n.Entries = make([]ehds.CatalogueDigestEntry, 1) }), ErrNode},
		{"a leaf with children", node(func(n *ehds.CatalogueDigestNode) { n.Count = 2 }), ErrNode},
	} {
		d := NewDescent(ours)
		d.Ask()
		if err := d.Take(c.a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Leaves are checked like the rest, and a root that changes ends the comparison.
func TestHostileLeaves(t *testing.T) {
	t.Parallel()
	list := entries(250)
	ours := tree(t, list)
	list[5].Digest[0] ^= 1
	theirs := tree(t, list)
	var leaf string
	begin := func() *Descent {
		d := NewDescent(ours)
		d.Ask()
		if err := d.Take(answer(theirs, []string{""}, 1)); err != nil {
			t.Fatal(err)
		}
		leaf = d.Ask()[0]
		return d
	}
	for name, c := range map[string]struct {
		change func(*ehds.CatalogueDigestAnswer)
		want   error
	}{
		"an entry left out":         {func(a *ehds.CatalogueDigestAnswer) { a.Nodes[0].Entries = a.Nodes[0].Entries[1:] }, ErrNode},
		"an entry of another place": {func(a *ehds.CatalogueDigestAnswer) { a.Nodes[0].Entries[0].Identifier = "elsewhere" }, ErrNode},
		"entries out of order": {func(a *ehds.CatalogueDigestAnswer) {
			e := a.Nodes[0].Entries
			e[0], e[1] = e[1], e[0]
		}, ErrNode},
		"an entry of another digest":  {func(a *ehds.CatalogueDigestAnswer) { a.Nodes[0].Entries[0].Digest = theirs.Root().String() }, ErrNode},
		"an entry without digest":     {func(a *ehds.CatalogueDigestAnswer) { a.Nodes[0].Entries[0].Digest = "" }, ErrSum},
		"a digest of the node":        {func(a *ehds.CatalogueDigestAnswer) { a.Nodes[0].Digest = "" }, ErrSum},
		"another catalogue":           {func(a *ehds.CatalogueDigestAnswer) { a.Root = ours.Root().String() }, ErrMoved},
		"another leaf that hashes up": {func(a *ehds.CatalogueDigestAnswer) { a.Nodes[0] = show(ours, leaf) }, ErrNode},
	} {
		d := begin()
		a := answer(theirs, []string{leaf}, 1)
		c.change(&a)
		if err := d.Take(a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Sums of made-up children cannot lead a descent deeper than a key is long.
func TestEndlessDescent(t *testing.T) {
	t.Parallel()
	const deep = maxPrefix + 4
	empty := leafSum(nil)
	sums := make([]Sum, deep+1) // of the only child, from the bottom
	for i := deep - 1; i >= 0; i-- {
		children := [fanout]Sum{sums[i+1]}
		for k := 1; k < fanout; k++ {
			children[k] = empty
		}
		sums[i] = innerSum(&children)
	}
	d := NewDescent(tree(t, entries(3)))
	for i := 0; ; i++ {
		ask := d.Ask()
		if i > maxPrefix+1 || len(ask) != 1 {
			t.Fatalf("%d rounds, %d asked", i, len(ask))
		}
		n := ehds.CatalogueDigestNode{Prefix: ask[0], Count: 100, Digest: sums[i].String(), Children: make([]ehds.CatalogueDigestChild, fanout)}
		for k := range n.Children {
			n.Children[k] = ehds.CatalogueDigestChild{Digest: empty.String()}
		}
		n.Children[0] = ehds.CatalogueDigestChild{Count: 100, Digest: sums[i+1].String()}
		err := d.Take(ehds.CatalogueDigestAnswer{Scheme: Scheme, Count: 100, Root: sums[0].String(), Nodes: []ehds.CatalogueDigestNode{n}})
		if errors.Is(err, ErrNode) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A side that makes up a broad tree, and shows it a node at a time, is not followed for longer than the bound.
func TestBroadDescent(t *testing.T) {
	t.Parallel()
	const depth = 6 // 16^6 nodes: more than are looked at
	sums := make([]Sum, depth+1)
	sums[depth][0] = 1 // of nothing
	for i := depth - 1; i >= 0; i-- {
		var children [fanout]Sum
		for k := range children {
			children[k] = sums[i+1]
		}
		sums[i] = innerSum(&children)
	}
	counts := func(level int) int { return (Bucket + 1) << (4 * (depth - level)) }
	d := NewDescent(tree(t, nil))
	for answers := 1; ; answers++ {
		prefix := d.Ask()[0]
		level := len(prefix)
		n := ehds.CatalogueDigestNode{Prefix: prefix, Count: counts(level), Digest: sums[level].String()}
		for range fanout {
			n.Children = append(n.Children, ehds.CatalogueDigestChild{Count: counts(level + 1), Digest: sums[level+1].String()})
		}
		err := d.Take(ehds.CatalogueDigestAnswer{Scheme: Scheme, Count: counts(0), Root: sums[0].String(), Nodes: []ehds.CatalogueDigestNode{n}})
		if errors.Is(err, ErrTooDifferent) {
			return
		}
		if err != nil || answers > MaxAnswers {
			t.Fatalf("answer %d: %v", answers, err)
		}
	}
}

func BenchmarkReconcile(b *testing.B) {
	const n = 100_000
	list := entries(n)
	for _, k := range []int{0, 1, 10, 100, 1000} {
		b.Run(fmt.Sprint("differences=", k), func(b *testing.B) {
			changed := slices.Clone(list)
			for i := range k {
				changed[i*(n/max(k, 1))].Digest[0] ^= 1
			}
			var d *Descent
			var messages int
			for b.Loop() {
				d, messages = compared(b, tree(b, list), tree(b, changed), MaxAsk)
			}
			b.ReportMetric(float64(messages), "messages")
			b.ReportMetric(float64(d.Hashes()), "hashes")
		})
	}
}
