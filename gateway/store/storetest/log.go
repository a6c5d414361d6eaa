package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// tilesOf reads the log's tiles by path, as an auditor gets them.
func tilesOf(t testing.TB, r *store.Record) evidence.TileSource {
	return func(path string) ([]byte, error) {
		tile, err := evidence.ParseTilePath(path)
		if err != nil {
			return nil, err
		}
		data, err := r.Tile(t.Context(), tile)
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
		}
		return data, err
	}
}

// headOf is the latest checkpoint, verified.
func headOf(t testing.TB, r *store.Record) evidence.Checkpoint {
	t.Helper()
	note, err := r.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, key := Keys(t)
	cp, err := evidence.OpenCheckpoint(note, Origin, key)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

// testTiles: what the tiles say is what the checkpoints say, across tiles that are full and not.
func testTiles(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	leaves := make([]store.NewLeaf, 150)
	for i := range leaves {
		leaves[i] = store.NewLeaf{Class: evidence.ClassState, Material: fmt.Appendf(nil, "leaf %d", i)}
	}
	heads := []evidence.Checkpoint{headOf(t, r)}
	for range 3 {
		change(t, r, "ds:FR:tiles", store.Change{Leaves: leaves})
		heads = append(heads, headOf(t, r))
	}
	newest := heads[len(heads)-1]
	for _, old := range heads {
		for name, prove := range map[string]func() (tlog.TreeProof, error){
			"tiles":  func() (tlog.TreeProof, error) { return evidence.ProveConsistency(old, newest, tilesOf(t, r)) },
			"record": func() (tlog.TreeProof, error) { return r.Consistency(t.Context(), old.Size, newest.Size) },
		} {
			proof, err := prove()
			if err == nil {
				err = evidence.Consistent(old, newest, proof)
			}
			if err != nil {
				t.Errorf("%s, from %d: %v", name, old.Size, err)
			}
		}
	}
	file, err := r.Evidence(t.Context(), "ds:FR:tiles")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 255, 256, 449} {
		p, err := evidence.ProveInclusion(newest, file[i].Index, tilesOf(t, r))
		if err != nil {
			t.Fatal(err)
		}
		_, key := Keys(t)
		if _, err := p.Verify(file[i].Leaf, Origin, key); err != nil {
			t.Errorf("leaf %d: %v", i, err)
		}
	}
	for _, tile := range []tlog.Tile{
		{H: 8, L: 0, N: 1, W: 256}, {H: 8, L: 1, N: 0, W: 2}, {H: 8, L: 0, N: 2, W: 1}, {H: 8, L: 7, N: 0, W: 1},
		{H: 7, L: 0, N: 0, W: 1}, {H: 8, L: -1, N: 0, W: 1}, {H: 8, L: 0, N: -1, W: 1}, {H: 8, L: 0, N: 0, W: 0},
	} {
		if data, err := r.Tile(t.Context(), tile); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%v: %d bytes, %v", tile, len(data), err)
		}
	}
	for _, span := range [][2]int64{{-1, 5}, {5, 4}, {5, newest.Size + 1}} {
		if _, err := r.Consistency(t.Context(), span[0], span[1]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%v: %v", span, err)
		}
	}
}

// testCosignatures: the earliest cosigned checkpoint of a leaf is found, with every witness's line.
func testCosignatures(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx, at := t.Context(), time.Unix(1790000000, 0).UTC()
	sizes := []int64{}
	for i := range 4 {
		receive(t, r, "app:1", inbound("https://iss.example", i+1))
		sizes = append(sizes, headOf(t, r).Size)
	}
	if _, _, ok, err := r.Cosigned(ctx, 0); ok || err != nil {
		t.Errorf("cosigned by nobody: %v, %v", ok, err)
	}
	save := func(size int64, who, line string) {
		t.Helper()
		if err := r.SaveCosignature(ctx, store.Cosignature{Size: size, Witness: who, At: at, Line: line}); err != nil {
			t.Fatal(err)
		}
	}
	save(sizes[1], "w2", "second\n")
	save(sizes[1], "w1", "first\n")
	save(sizes[1], "w1", "later\n") // the older proof stays
	save(sizes[3], "w1", "newest\n")
	if err := r.SaveCosignature(ctx, store.Cosignature{Size: sizes[3] + 1, Witness: "w1", Line: "x\n"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of no checkpoint: %v", err)
	}
	r = Reopen(t, r, h.Driver())
	for index, want := range map[int64]string{0: "first\nsecond\n", sizes[1] - 1: "first\nsecond\n", sizes[1]: "newest\n"} {
		size, note, ok, err := r.Cosigned(ctx, index)
		if err != nil || !ok || size <= index || !bytes.HasSuffix(note, []byte(want)) || !bytes.HasPrefix(note, []byte(Origin+"\n")) {
			t.Errorf("leaf %d: size %d, %q, %v, %v", index, size, note, ok, err)
		}
	}
	if _, _, ok, err := r.Cosigned(ctx, sizes[3]); ok || err != nil {
		t.Errorf("beyond what was cosigned: %v, %v", ok, err)
	}
	for who, want := range map[string]int64{"w1": sizes[3], "w2": sizes[1], "w3": 0} {
		if got, err := r.LastCosigned(ctx, who); err != nil || got != want {
			t.Errorf("%s: %d, %v", who, got, err)
		}
	}
}

// testEraseKeepsLog: erasing a case changes nothing the log says. Other leaves stay provable, trees
// before and after are one history, the erased content is unreadable, and a party that kept salt and
// token can still prove its leaf.
func testEraseKeepsLog(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	ctx := t.Context()
	gone, _ := fillCase(t, r, "app:gone", 1)
	fillCase(t, r, "app:stays", 2)
	before := headOf(t, r)
	kept, err := r.Evidence(ctx, "app:gone") // what a peer holds from its receipt
	if err != nil {
		t.Fatal(err)
	}
	others, err := r.Evidence(ctx, "app:stays")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Erase(ctx, "app:gone"); err != nil {
		t.Fatal(err)
	}
	after := headOf(t, r)
	if after.Size <= before.Size {
		t.Error("the erasing itself is not in the log")
	}
	proof, err := evidence.ProveConsistency(before, after, tilesOf(t, r))
	if err == nil {
		err = evidence.Consistent(before, after, proof)
	}
	if err != nil {
		t.Errorf("across the erasing: %v", err)
	}
	if _, err := r.Evidence(ctx, "app:gone"); !errors.Is(err, store.ErrErased) {
		t.Errorf("the erased case: %v", err)
	}
	if m, _, err := r.Message(ctx, gone.Iss, gone.Jti); err != nil || !m.Erased || m.Token != "" {
		t.Errorf("the erased message: %+v, %v", m, err)
	}
	_, key := Keys(t)
	for _, e := range append(kept, others...) {
		p, err := evidence.ProveInclusion(after, e.Index, tilesOf(t, r))
		if err != nil {
			t.Fatal(err)
		}
		leaf := evidence.NewLeaf(e.Class, e.Salt, e.Material)
		if _, err := evidence.NewReceiptEvidence(e.Salt, leaf, p).Check(e.Material, Origin, key); err != nil {
			t.Errorf("leaf %d: %v", e.Index, err)
		}
	}
	if _, err := evidence.NewReceiptEvidence(kept[0].Salt, evidence.NewLeaf(kept[0].Class, kept[0].Salt, kept[0].Material), evidence.Proof{
		Index: kept[0].Index, Checkpoint: after.Note,
	}).Check(kept[0].Material, Origin, key); err == nil {
		t.Error("a leaf without its path was proven")
	}
}
