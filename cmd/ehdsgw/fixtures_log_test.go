package main

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// logFixtures are checkpoints of a log of three leaves, one of a history that forks after the first,
// and the one tile of the honest log.
func logFixtures(t *testing.T, skey string, out map[string][]byte) {
	t.Helper()
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	history := func(names ...string) []tlog.Hash {
		var stored []tlog.Hash
		read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
			hashes := make([]tlog.Hash, len(at))
			for i, x := range at {
				hashes[i] = stored[x]
			}
			return hashes, nil
		})
		roots := make([]tlog.Hash, len(names))
		for i, name := range names {
			hashes, err := tlog.StoredHashes(int64(i), []byte(name), read)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, hashes...)
			if roots[i], err = tlog.TreeHash(int64(i+1), read); err != nil {
				t.Fatal(err)
			}
		}
		return roots
	}
	save := func(name string, size int64, root tlog.Hash) {
		cp, err := evidence.SignCheckpoint("ncp.fr.test/log", size, root, signer)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = cp
	}
	honest, fork := history("a", "b", "c"), history("a", "x", "c")
	save("log-2.txt", 2, honest[1])
	save("log-3.txt", 3, honest[2])
	save("log-2-fork.txt", 2, fork[1])
	save("log-3-fork.txt", 3, fork[2])
	for _, name := range []string{"a", "b", "c"} {
		h := tlog.RecordHash(fmt.Append(nil, name))
		out["log-tile.bin"] = append(out["log-tile.bin"], h[:]...)
	}
}
