package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

func TestParseTilePath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path string
		want tlog.Tile
		ok   bool
	}{
		{"tile/0/000", tlog.Tile{H: 8, L: 0, N: 0, W: 256}, true},
		{"tile/1/x001/x234/067", tlog.Tile{H: 8, L: 1, N: 1234067, W: 256}, true},
		{"tile/0/001.p/17", tlog.Tile{H: 8, L: 0, N: 1, W: 17}, true},
		{"tile/7/000.p/1", tlog.Tile{}, false},
		{"tile/8/000", tlog.Tile{}, false},
		{"tile/0/000.p/0", tlog.Tile{}, false},
		{"tile/0/000.p/256", tlog.Tile{}, false},
		{"tile/0/000.p/017", tlog.Tile{}, false},
		{"tile/00/000", tlog.Tile{}, false},
		{"tile/0/0", tlog.Tile{}, false},
		{"tile/0/x000/001", tlog.Tile{}, false},
		{"tile/0/../000", tlog.Tile{}, false},
		{"tile/-1/000", tlog.Tile{}, false},
		{"tile/data/000", tlog.Tile{}, false},
		{"tile/entries/000", tlog.Tile{}, false},
		{"/tile/0/000", tlog.Tile{}, false},
		{"tile/0/000/", tlog.Tile{}, false},
		{"checkpoint", tlog.Tile{}, false},
		{"tile/0/" + strings.Repeat("x999/", 7) + "999", tlog.Tile{}, false},
		{"tile/0/" + strings.Repeat("x999/", 20) + "999", tlog.Tile{}, false},
	} {
		got, err := ParseTilePath(c.path)
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, ErrTilePath) {
			t.Errorf("%q: %v", c.path, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.path, diff)
		}
		if c.ok && TilePath(got) != c.path {
			t.Errorf("%q is written %q", c.path, TilePath(got))
		}
	}
}

// mirror is a directory of tiles, as a log of that size serves them.
type mirror map[string][]byte

func (m mirror) read(path string) ([]byte, error) {
	data, ok := m[path]
	if !ok {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return data, nil
}

// tiledLog is a log of n leaves and its tiles, written by the library from stored hashes.
func tiledLog(t *testing.T, n int) (*testLog, mirror) {
	t.Helper()
	log := newTestLog(t, "log.example/evidence", 7)
	var stored memoryHashes
	for i := range n {
		leaf := NewLeaf(ClassIn, salt(byte(i)), fmt.Appendf(nil, "token %d", i))
		hashes, err := StoredHashes(int64(i), leaf.Bytes(), stored)
		if err != nil {
			t.Fatal(err)
		}
		log.add(leaf)
		stored = append(stored, hashes...)
	}
	m := mirror{}
	for _, tile := range tlog.NewTiles(TileHeight, 0, int64(n)) {
		if !TileWithin(tile, int64(n)) {
			t.Errorf("%v is not within the tree it is of", tile)
		}
		data, err := tlog.ReadTileData(tile, stored)
		if err != nil {
			t.Fatal(err)
		}
		m[TilePath(tile)] = data
	}
	return log, m
}

func TestProofsFromTilesAreTheOracles(t *testing.T) {
	t.Parallel()
	const n = 600
	log, tiles := tiledLog(t, n)
	cp := mustOpen(t, log, n)
	for _, i := range []int{0, 1, 255, 256, 511, 512, 599} {
		p, err := ProveInclusion(cp, int64(i), tiles.read)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(log.proof(i, n), p); diff != "" {
			t.Errorf("leaf %d (-oracle +got):\n%s", i, diff)
		}
		if _, err := p.Verify(log.leaves[i], log.origin, log.verifier()); err != nil {
			t.Errorf("leaf %d: %v", i, err)
		}
	}
	for _, from := range []int{0, 1, 2, 255, 256, 257, 512, 599, 600} {
		old := mustOpen(t, log, from)
		proof, err := ProveConsistency(old, cp, tiles.read)
		if err != nil {
			t.Fatal(err)
		}
		if err := Consistent(old, cp, proof); err != nil {
			t.Errorf("from %d: %v", from, err)
		}
	}
}

func mustOpen(t *testing.T, log *testLog, size int) Checkpoint {
	t.Helper()
	cp, err := OpenCheckpoint(log.checkpoint(size), log.origin, log.verifier())
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func TestTilesAreNotBelieved(t *testing.T) {
	t.Parallel()
	log, whole := tiledLog(t, 600)
	cp := mustOpen(t, log, 600)
	for path := range whole {
		t.Run("bit of "+path, func(t *testing.T) {
			t.Parallel()
			bent := mirror{}
			for p, d := range whole {
				bent[p] = append([]byte(nil), d...)
			}
			bent[path][len(bent[path])/2] ^= 1
			hurt := 0
			for i := range int64(600) {
				p, err := ProveInclusion(cp, i, bent.read)
				if err != nil {
					if !errors.Is(err, ErrTile) {
						t.Fatal(err)
					}
					hurt++
					continue
				}
				if _, err := p.Verify(log.leaves[i], log.origin, log.verifier()); err != nil {
					t.Errorf("a false proof of leaf %d came out of false tiles", i)
				}
			}
			if hurt == 0 {
				t.Error("nobody noticed")
			}
		})
	}
	for name, read := range map[string]TileSource{
		"missing": mirror{}.read,
		"short":   func(p string) ([]byte, error) { d, err := whole.read(p); return d[:max(len(d)-1, 0)], err },
	} {
		if _, err := ProveInclusion(cp, 3, read); !errors.Is(err, ErrTile) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ProveConsistency(mustOpen(t, log, 5), cp, read); !errors.Is(err, ErrTile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProveRefusals(t *testing.T) {
	t.Parallel()
	log, tiles := tiledLog(t, 300)
	cp := mustOpen(t, log, 300)
	for _, i := range []int64{-1, 300} {
		if _, err := ProveInclusion(cp, i, tiles.read); !errors.Is(err, ErrProof) {
			t.Errorf("index %d: %v", i, err)
		}
	}
	if _, err := ProveConsistency(cp, mustOpen(t, log, 200), tiles.read); !errors.Is(err, ErrConsistency) {
		t.Errorf("a shrinking tree: %v", err)
	}
	// The tree of 300 leaves has no partial tile of an older tree; the full ones serve.
	delete(tiles, "tile/0/000.p/200")
	old := mustOpen(t, log, 200)
	p, err := ProveInclusion(old, 7, tiles.read)
	if err != nil {
		t.Fatalf("a partial tile that became full: %v", err)
	}
	if _, err := p.Verify(log.leaves[7], log.origin, log.verifier()); err != nil {
		t.Error(err)
	}
	if TileWithin(tlog.Tile{H: 8, L: 0, N: 1, W: 45}, 300) {
		t.Error("a tile beyond the tree is within it")
	}
}
