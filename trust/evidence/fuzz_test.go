package evidence

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func FuzzParseLeaf(f *testing.F) {
	f.Add([]byte(katLeaf))
	f.Add([]byte("ehds-leaf/v1\nin\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		class, commitment, err := ParseLeaf(data)
		if err != nil {
			return
		}
		l := Leaf{class: class, commitment: commitment, ok: true}
		if !bytes.Equal(l.Bytes(), data) {
			t.Errorf("two spellings of one leaf: %q", data)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n" + katNote))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n" + "FBSuTVU33GbGNz486gPNy2xzy40av7aVRP6FMCtRFDA=\n\n" + katNote + katCosig))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProof(data)
		if err != nil {
			return
		}
		if !bytes.Equal(p.Marshal(), data) {
			t.Errorf("two spellings of one proof: %q", data)
		}
		v, err := VerifierFor(katVKey)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify([]byte(katLeaf), "log.example/evidence", v); err == nil && p.Index != 0 {
			t.Errorf("a tree of one leaf proves index %d", p.Index)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	f.Add([]byte(katNote))
	f.Add([]byte(katNote + katCosig))
	f.Add([]byte("a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— a AAAAAAAA\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var vs []note.Verifier
		for _, k := range []string{katVKey, katWitness} {
			v, err := VerifierFor(k)
			if err != nil {
				t.Fatal(err)
			}
			vs = append(vs, v)
		}
		cp, err := OpenCheckpoint(data, "log.example/evidence", vs...)
		if err != nil {
			return
		}
		if cp.Size != 1 || !bytes.HasPrefix([]byte(katNote), data[:bytes.Index(data, []byte("\n\n"))]) {
			t.Errorf("a text nobody signed was accepted: %q", data)
		}
	})
}

func FuzzVerifierFor(f *testing.F) {
	f.Add(katVKey)
	f.Add(katWitness)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := VerifierFor(s)
		if err == nil && (v.Name() == "" || v.Verify([]byte("x"), nil)) {
			t.Errorf("%q gives a verifier without name or with no standards", s)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	f.Add([]byte(`{"version":"ehds-evidence-bundle/v1","case":"","entity":"e","made_at":"2026-01-02T03:04:05Z","entries":[{"class":"in","direction":"in","leaf":"","proof":""}],"receipts":[],"checkpoints":[""],"chains":{},"historical_keys":{}}`))
	f.Add([]byte(`{"version":"ehds-evidence-bundle/v1","entity":"e","consistency":[{"origin":"o","from":0,"to":1,"hashes":["x"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBundle(data)
		if err != nil {
			return
		}
		if r := VerifyBundle(t.Context(), b, TrustFile{Version: 1}, nil); r.OK {
			t.Errorf("valid without a single trusted key: %q", data)
		}
		if out, err := b.Marshal(); err == nil {
			if _, err := ParseBundle(out); err != nil {
				t.Errorf("cannot read back what was written: %v", err)
			}
		}
	})
}

func FuzzParseTrustFile(f *testing.F) {
	f.Add([]byte(`{"version":1,"anchors":[{"entity":"a","jwks":{"keys":[]}}],"logs":[{"entity":"e","origin":"log.example/evidence","vkey":"` + katVKey + `"}],"witnesses":["` + katWitness + `"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tf, err := ParseTrustFile(data)
		if err == nil && tf.Version != 1 {
			t.Errorf("accepted version %d", tf.Version)
		}
	})
}

func FuzzParseTilePath(f *testing.F) {
	for _, s := range []string{"tile/0/000", "tile/1/x001/x234/067.p/9", "tile/entries/000", "tile/0/x999/x999/x999/x999/x999/x999/999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := ParseTilePath(path)
		if err != nil {
			return
		}
		if TilePath(tile) != path {
			t.Errorf("two spellings of one tile: %q", path)
		}
		last := tile.N*TileWidth + int64(tile.W) // must not wrap: it is compared with the tree's size
		if tile.N < 0 || last <= 0 || tlog.StoredHashIndex(TileHeight*tile.L, last-1) < 0 {
			t.Errorf("%q is beyond every tree", path)
		}
	})
}

func FuzzReadCosignature(f *testing.F) {
	f.Add(katCosig)
	f.Add("\n" + katCosig + "— x AAAA\n")
	cp := Checkpoint{Origin: "log.example/evidence", Size: 1, Note: []byte(katNote)}
	f.Fuzz(func(t *testing.T, data string) {
		w, err := VerifierFor(katWitness)
		if err != nil {
			t.Fatal(err)
		}
		line, _, err := ReadCosignature(cp, data, w)
		if err == nil && line != katCosig {
			t.Errorf("a cosignature nobody made: %q", line)
		}
	})
}

func FuzzParseCosigner(f *testing.F) {
	f.Add("PRIVATE+KEY+w+00000000+BAAA")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCosigner(text)
		if err == nil && c.Secret() != text {
			t.Errorf("two spellings of one key")
		}
	})
}
