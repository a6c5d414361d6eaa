package store

import (
	"fmt"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"golang.org/x/mod/sumdb/tlog"
)

// The edge gives the hashes and roots of tlog over all hashes ever stored.
func TestTreeAgreesWithTlog(t *testing.T) {
	var all []tlog.Hash
	every := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = all[index]
		}
		return out, nil
	})
	var tr tree
	for n := range int64(300) {
		leaf := evidence.NewLeaf(evidence.ClassIn, make([]byte, evidence.SaltSize), fmt.Append(nil, n)).Bytes()
		want, err := tlog.StoredHashes(n, leaf, every)
		if err != nil {
			t.Fatal(err)
		}
		before := tr
		next, nodes, err := tr.append(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if len(nodes) != len(want) {
			t.Fatalf("leaf %d: %d nodes, want %d", n, len(nodes), len(want))
		}
		for i, h := range want {
			if nodes[i].hash != h || nodes[i].index != int64(len(all)+i) {
				t.Fatalf("leaf %d: node %d differs", n, i)
			}
		}
		if _, again, err := before.append(leaf); err != nil || again[0] != nodes[0] || before.size != n {
			t.Fatalf("leaf %d: the older tree changed", n)
		}
		all, tr = append(all, want...), next
		root, err := tlog.TreeHash(n+1, every)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tr.root(); err != nil || got != root {
			t.Fatalf("root of %d: %v %v, want %v", n+1, got, err, root)
		}
		indexes := edgeIndexes(n + 1)
		if len(indexes) != len(tr.edge) {
			t.Fatalf("edge of %d: %d nodes, want %d", n+1, len(tr.edge), len(indexes))
		}
		for i, node := range tr.edge {
			if node.index != indexes[i] {
				t.Fatalf("edge of %d: %d at %d, want %d", n+1, node.index, i, indexes[i])
			}
		}
	}
}
