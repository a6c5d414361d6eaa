package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// TileHeight is the height of every tile: 256 hashes make a full one (C2SP tlog-tiles).
const TileHeight = 8

// TileWidth is the number of hashes of a full tile.
const TileWidth = 1 << TileHeight

const (
	maxTilePath = 64
	maxTreeBits = 62 // of the index of a leaf: stored hashes are numbered by int64
)

// ErrTilePath means that a path names no hash tile in its one spelling.
var ErrTilePath = errors.New("not the path of a hash tile")

// ErrTile means that tiles do not hold the tree they are asked about.
var ErrTile = errors.New("the tiles do not hold this tree")

// ParseTilePath reads "tile/<L>/<N>" with an optional ".p/<W>" (C2SP tlog-tiles): the path below the
// log's prefix, without a leading slash. Entry bundles have no path here: they are not served (wire
// profile §7). Errors wrap ErrTilePath.
func ParseTilePath(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok || len(path) > maxTilePath {
		return tlog.Tile{}, ErrTilePath
	}
	// The library's own paths have the height in them; it refuses every second spelling. An index of
	// more digits than int64 has wraps there, and is then spelled otherwise.
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", TileHeight, rest))
	if err != nil || t.L < 0 || TileHeight*t.L > maxTreeBits {
		return tlog.Tile{}, ErrTilePath
	}
	if t.N < 0 || t.N >= 1<<maxTreeBits>>(TileHeight*(t.L+1)) {
		return tlog.Tile{}, ErrTilePath
	}
	return t, nil
}

// TilePath is the path of a tile of this height, as ParseTilePath reads it.
func TilePath(t tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", TileHeight))
}

// TileWithin reports whether a tree of size leaves has every hash of a tile.
func TileWithin(t tlog.Tile, size int64) bool {
	return t.N*TileWidth+int64(t.W) <= size>>(TileHeight*t.L)
}

// TileSource reads the bytes of a tile by its path, such as fs.ReadFile over a directory that mirrors
// a log. What is not there is fs.ErrNotExist.
type TileSource func(path string) ([]byte, error)

// Tiles reads the tree of a verified checkpoint from tiles, none of which is believed: each is hashed
// up to the checkpoint's root before anything in it counts. Errors of the source are handed on; false
// or missing tiles wrap ErrTile.
func Tiles(cp Checkpoint, read TileSource) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: cp.Size, Hash: cp.Root}, tileReader(read))
}

// ProveInclusion makes the proof of leaf index under a verified checkpoint from tiles.
func ProveInclusion(cp Checkpoint, index int64, read TileSource) (Proof, error) {
	if index < 0 || index >= cp.Size {
		return Proof{}, fmt.Errorf("%w: index outside the tree", ErrProof)
	}
	hashes, err := tlog.ProveRecord(cp.Size, index, Tiles(cp, read))
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrTile, err)
	}
	return Proof{Index: index, Hashes: hashes, Checkpoint: cp.Note}, nil
}

// ProveConsistency makes the proof that new extends old from tiles of new. It is empty where Consistent
// wants none. The caller checks it with Consistent: tiles of new cannot say that old is another history.
func ProveConsistency(old, new Checkpoint, read TileSource) (tlog.TreeProof, error) {
	if old.Size < 0 || old.Size > new.Size {
		return nil, fmt.Errorf("%w: size went from %d to %d", ErrConsistency, old.Size, new.Size)
	}
	if old.Size == 0 || old.Size == new.Size {
		return nil, nil
	}
	proof, err := tlog.ProveTree(new.Size, old.Size, Tiles(new, read))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTile, err)
	}
	return proof, nil
}

// tileReader gives tlog what it asks for. A partial tile may be gone once the full one is there (C2SP
// tlog-tiles); then the full one's beginning serves.
type tileReader TileSource

func (tileReader) Height() int                     { return TileHeight }
func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		data, err := r(TilePath(t))
		if errors.Is(err, fs.ErrNotExist) && t.W < TileWidth {
			full := t
			full.W = TileWidth
			data, err = r(TilePath(full))
			data = data[:min(len(data), t.W*tlog.HashSize)]
		}
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%w: %s has %d bytes", ErrTile, TilePath(t), len(data))
		}
		out[i] = data
	}
	return out, nil
}
