package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Computed with Python's hashlib and OpenSSL's Ed25519, not with this package.
const (
	katLeaf     = "ehds-leaf/v1\nin\ntSKUPiMs+QCBn+7jfx3Nc9U2jSrqdLXkA15HJWgCURg=\n"
	katLeafHash = "1414ae4d5537dc66c6373e3cea03cdcb6c73cb8d1abfb69544fe85302b511430"
	katVKey     = "log.example/evidence+dfada5d4+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
	katNote     = "log.example/evidence\n1\nFBSuTVU33GbGNz486gPNy2xzy40av7aVRP6FMCtRFDA=\n\n" +
		"— log.example/evidence 362l1MxFRsx7CUCr6Feo7BvUc2WsjW1/JAsQQC+5RDlTqNWnbq9n1oOeKpsORD58eJ7Lyo9BiNyFcEhgv0IMCi9bXw8=\n"
	katWitness = "witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"
	katCosig   = "— witness.example/w1 JLXZ/gAAAABqsTuAzbVooqP+aPFBpFHX3B+WrC2/nJjJvde4F0mgdf+c9XYTwWL88R5vLmoh3uSCGsN0S0N54diq/wz1CirBjcW2Bg==\n"
)

func verifierFor(t *testing.T, vkey string) note.Verifier {
	t.Helper()
	v, err := VerifierFor(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKnownAnswers(t *testing.T) {
	s := make([]byte, SaltSize)
	for i := range s {
		s[i] = byte(i)
	}
	leaf := NewLeaf(ClassIn, s, []byte("eyJhbGciOiJFZDI1NTE5In0.e30.AA"))
	if diff := cmp.Diff(katLeaf, string(leaf.Bytes())); diff != "" {
		t.Errorf("leaf (-want +got):\n%s", diff)
	}
	h := leaf.Hash()
	if got := hex.EncodeToString(h[:]); got != katLeafHash {
		t.Errorf("leaf hash = %s", got)
	}
	log := newTestLog(t, "log.example/evidence", 7)
	if log.vkey != katVKey {
		t.Fatalf("vkey = %s", log.vkey)
	}
	log.add(leaf)
	if diff := cmp.Diff(katNote, string(log.checkpoint(1))); diff != "" {
		t.Errorf("note (-want +got):\n%s", diff)
	}
	cp, err := OpenCheckpoint([]byte(katNote+katCosig), log.origin, verifierFor(t, katVKey), verifierFor(t, katWitness))
	if err != nil {
		t.Fatal(err)
	}
	want := []Cosignature{{Witness: "witness.example/w1", At: time.Unix(1790000000, 0).UTC()}}
	if diff := cmp.Diff(want, cp.Cosignatures); diff != "" {
		t.Errorf("cosignatures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"witness.example/w1"}, cp.Cosigned); diff != "" {
		t.Errorf("cosigned (-want +got):\n%s", diff)
	}
}

func TestLeafRefusals(t *testing.T) {
	if NewLeaf("other", salt(1), nil).Valid() || NewLeaf(ClassIn, make([]byte, 15), nil).Valid() ||
		NewLeaf(ClassIn, make([]byte, 17), nil).Valid() {
		t.Error("a leaf with an unknown class or a salt of another size is valid")
	}
	if b := NewLeaf(ClassIn, nil, nil).Bytes(); b != nil {
		t.Errorf("bytes of an invalid leaf: %q", b)
	}
	for name, s := range map[string]string{
		"empty":           "",
		"no final line":   strings.TrimSuffix(katLeaf, "\n"),
		"extra line":      katLeaf + "x\n",
		"blank line":      katLeaf + "\n",
		"other version":   strings.Replace(katLeaf, "v1", "v2", 1),
		"unknown class":   strings.Replace(katLeaf, "\nin\n", "\nIn\n", 1),
		"carriage return": strings.Replace(katLeaf, "\n", "\r\n", 1),
		"stray bits":      strings.Replace(katLeaf, "g=\n", "h=\n", 1),
		"no padding":      strings.Replace(katLeaf, "=\n", "\n", 1),
		"short hash":      "ehds-leaf/v1\nin\nAAAA\n",
		"long":            katLeaf + strings.Repeat("A", 200),
	} {
		if _, _, err := ParseLeaf([]byte(s)); !errors.Is(err, ErrLeaf) {
			t.Errorf("%s: err = %v", name, err)
		}
		if _, err := StoredHashes(0, []byte(s), memoryHashes(nil)); !errors.Is(err, ErrLeaf) {
			t.Errorf("%s: StoredHashes err = %v", name, err)
		}
	}
	if _, err := StoredHashes(-1, []byte(katLeaf), memoryHashes(nil)); !errors.Is(err, ErrLeaf) {
		t.Errorf("negative index: %v", err)
	}
}

// TestTreeAgainstOracle grows a tree the way a store does and compares every root, audit path and
// consistency proof of every size with the recursive definitions.
func TestTreeAgainstOracle(t *testing.T) {
	const n = 20
	log := newTestLog(t, "log.example/a", 1)
	var stored memoryHashes
	for i := range n {
		leaf := NewLeaf(ClassIn, salt(byte(i)), fmt.Appendf(nil, "token %d", i))
		log.add(leaf)
		hashes, err := StoredHashes(int64(i), leaf.Bytes(), stored)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(stored)) != tlog.StoredHashIndex(0, int64(i)) {
			t.Fatalf("leaf %d is not written at its place", i)
		}
		stored = append(stored, hashes...)
	}
	v := log.verifier()
	for size := 1; size <= n; size++ {
		root, err := tlog.TreeHash(int64(size), stored)
		if err != nil || root != rfcRoot(log.leaves[:size]) {
			t.Fatalf("size %d: root differs (%v)", size, err)
		}
		for i := range size {
			path, err := tlog.ProveRecord(int64(size), int64(i), stored)
			if err != nil || !cmp.Equal([]tlog.Hash(path), rfcPath(i, log.leaves[:size]), equalEmpty()) {
				t.Fatalf("path %d of %d differs (%v)", i, size, err)
			}
			if _, err := log.proof(i, size).Verify(log.leaves[i], log.origin, v); err != nil {
				t.Fatalf("proof %d of %d: %v", i, size, err)
			}
		}
	}
	for from := 0; from <= n; from++ {
		for to := from; to <= n; to++ {
			var p tlog.TreeProof
			if from > 0 {
				p = rfcConsistency(from, log.leaves[:to], true)
			}
			a := Checkpoint{Origin: "o", Size: int64(from), Root: rfcRoot(log.leaves[:from])}
			b := Checkpoint{Origin: "o", Size: int64(to), Root: rfcRoot(log.leaves[:to])}
			if err := Consistent(a, b, p); err != nil {
				t.Fatalf("%d to %d: %v", from, to, err)
			}
			a.Root[3] ^= 1
			want := ErrConsistency
			if from == to {
				want = ErrEquivocation
			}
			if err := Consistent(a, b, p); from > 0 && !errors.Is(err, want) {
				t.Fatalf("%d to %d with a false root: %v", from, to, err)
			}
		}
	}
}

func equalEmpty() cmp.Option {
	return cmp.Transformer("hashes", func(h []tlog.Hash) string { return fmt.Sprintf("%x", h) })
}

func TestConsistentRefusals(t *testing.T) {
	cp := func(origin string, size int64, b byte) Checkpoint {
		return Checkpoint{Origin: origin, Size: size, Root: tlog.Hash{b}}
	}
	one := tlog.TreeProof{{1}}
	for name, c := range map[string]struct {
		a, b  Checkpoint
		proof tlog.TreeProof
		want  error
	}{
		"other origin":      {cp("a", 1, 1), cp("b", 1, 1), nil, ErrConsistency},
		"shrinks":           {cp("a", 2, 1), cp("a", 1, 1), nil, ErrConsistency},
		"negative":          {cp("a", -1, 1), cp("a", 1, 1), nil, ErrConsistency},
		"two roots":         {cp("a", 2, 1), cp("a", 2, 2), nil, ErrEquivocation},
		"superfluous":       {cp("a", 2, 1), cp("a", 2, 1), one, ErrConsistency},
		"superfluous empty": {cp("a", 0, 1), cp("a", 2, 1), one, ErrConsistency},
		"no proof":          {cp("a", 1, 1), cp("a", 2, 1), nil, ErrConsistency},
	} {
		if err := Consistent(c.a, c.b, c.proof); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignCheckpointRefusals(t *testing.T) {
	log := newTestLog(t, "log.example/a", 1)
	for name, c := range map[string]struct {
		origin string
		size   int64
		signer note.Signer
	}{
		"origin of another log": {"log.example/b", 1, log.signer},
		"negative size":         {log.origin, -1, log.signer},
		"wrong empty root":      {log.origin, 0, log.signer},
		"no signer":             {log.origin, 1, nil},
	} {
		if _, err := SignCheckpoint(c.origin, c.size, tlog.Hash{1}, c.signer); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	empty := log.checkpoint(0)
	if cp, err := OpenCheckpoint(empty, log.origin, log.verifier()); err != nil || cp.Size != 0 {
		t.Errorf("empty tree: %v", err)
	}
}

func TestOpenCheckpointRefusals(t *testing.T) {
	log, other := newTestLog(t, "log.example/a", 1), newTestLog(t, "log.example/b", 2)
	wit := newTestWitness("log.example/a", 3) // a witness named like the log must not stand in for it
	log.add(NewLeaf(ClassIn, salt(1), nil))
	good := string(log.checkpoint(1))
	root := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0}, 32))
	sign := func(text string) string {
		msg, err := note.Sign(&note.Note{Text: text}, log.signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(msg)
	}
	split := strings.Index(good, "\n\n")
	for name, c := range map[string]struct {
		msg  string
		want error
	}{
		"empty":             {"", ErrCheckpoint},
		"no signature":      {good[:split+1], ErrCheckpoint},
		"empty block":       {good[:split+2], ErrCheckpoint},
		"no final newline":  {strings.TrimSuffix(good, "\n"), ErrCheckpoint},
		"trailing newline":  {good + "\n", ErrCheckpoint},
		"extension line":    {sign("log.example/a\n1\n" + root + "\nmore\n"), ErrCheckpoint},
		"leading zero":      {sign("log.example/a\n01\n" + root + "\n"), ErrCheckpoint},
		"plus sign":         {sign("log.example/a\n+1\n" + root + "\n"), ErrCheckpoint},
		"negative":          {sign("log.example/a\n-1\n" + root + "\n"), ErrCheckpoint},
		"overflow":          {sign("log.example/a\n9223372036854775808\n" + root + "\n"), ErrCheckpoint},
		"empty tree's root": {sign("log.example/a\n0\n" + root + "\n"), ErrCheckpoint},
		"root in hex":       {sign("log.example/a\n1\n" + strings.Repeat("00", 32) + "\n"), ErrCheckpoint},
		"no origin":         {sign("\n1\n" + root + "\n"), ErrCheckpoint},
		"other origin":      {sign("log.example/b\n1\n" + root + "\n"), ErrCheckpoint},
		"repeated line":     {good + good[split+2:], ErrCheckpoint},
		"too long":          {good + strings.Repeat("— x AAAAAAAA\n", 20000), ErrCheckpoint},
		"other key":         {good[:split+2] + string(other.checkpoint(0))[strings.Index(string(other.checkpoint(0)), "\n\n")+2:], ErrSignature},
		"witness only":      {string(wit.cosign([]byte(good[:split+2]), 5)), ErrSignature},
		"changed size":      {strings.Replace(good, "\n1\n", "\n2\n", 1), ErrSignature},
		"false cosignature": {good + strings.Replace(string(wit.cosign(nil, 5)), "\n", "\n", 1), ErrSignature},
	} {
		_, err := OpenCheckpoint([]byte(c.msg), log.origin, log.verifier(), other.verifier(), verifierFor(t, wit.vkey()))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: err = %v, want %v", name, err, c.want)
		}
	}
	sig, err := other.signer.Sign([]byte(good[:split+1]))
	if err != nil {
		t.Fatal(err)
	}
	foreign := good[:split+2] + "— " + other.origin + " " + base64.StdEncoding.EncodeToString(append(
		binary.BigEndian.AppendUint32(nil, other.signer.KeyHash()), sig...)) + "\n"
	if _, err := OpenCheckpoint([]byte(foreign), log.origin, log.verifier(), other.verifier()); !errors.Is(err, ErrSignature) {
		t.Errorf("signed by another log's key only: %v", err)
	}
	if _, err := OpenCheckpoint([]byte(good), log.origin); !errors.Is(err, ErrSignature) {
		t.Errorf("no verifiers: %v", err)
	}
	if _, err := OpenCheckpoint([]byte(good), log.origin, nil, log.verifier()); err != nil {
		t.Errorf("a nil verifier beside the log's: %v", err)
	}
	if _, err := OpenCheckpoint(wit.cosign([]byte(good), 7), log.origin, log.verifier()); err != nil {
		t.Errorf("a cosignature of an unknown witness must be ignored: %v", err)
	}
}

func TestVerifierForRefusals(t *testing.T) {
	for name, s := range map[string]string{
		"empty":          "",
		"no key":         "log.example/evidence+dfada5d4+",
		"upper-case id":  strings.Replace(katVKey, "dfada5d4", "DFADA5D4", 1),
		"other id":       strings.Replace(katVKey, "dfada5d4", "dfada5d5", 1),
		"other name":     "x" + katVKey,
		"space in name":  "log example" + katVKey,
		"line break":     katVKey + "\n",
		"private key":    "PRIVATE+KEY+" + katVKey,
		"unknown type":   "n+" + fmt.Sprintf("%08x", keyID("n", append([]byte{6}, make([]byte, 32)...))) + "+" + base64.StdEncoding.EncodeToString(append([]byte{6}, make([]byte, 32)...)),
		"oversized name": strings.Repeat("a", 2000) + katVKey,
	} {
		if _, err := VerifierFor(s); !errors.Is(err, ErrVKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProofText(t *testing.T) {
	log := newTestLog(t, "log.example/a", 1)
	for i := range 3 {
		log.add(NewLeaf(ClassIn, salt(byte(i)), nil))
	}
	p := log.proof(1, 3)
	p.Extra = []byte("context")
	text := string(p.Marshal())
	if !strings.HasPrefix(text, "c2sp.org/tlog-proof@v1\nextra Y29udGV4dA==\nindex 1\n") {
		t.Errorf("text:\n%s", text)
	}
	got, err := ParseProof([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
	if _, err := got.Verify(log.leaves[1], log.origin, log.verifier()); err != nil {
		t.Errorf("extra data is allowed in a proof as such: %v", err)
	}
	p.Extra = nil
	plain := string(p.Marshal())
	path := base64.StdEncoding.EncodeToString(p.Hashes[0][:]) + "\n"
	for name, s := range map[string]string{
		"empty":            "",
		"other header":     strings.Replace(plain, "@v1", "@v2", 1),
		"no index":         strings.Replace(plain, "index 1\n", "", 1),
		"leading zero":     strings.Replace(plain, "index 1", "index 01", 1),
		"negative":         strings.Replace(plain, "index 1", "index -1", 1),
		"empty extra":      strings.Replace(plain, "index 1", "extra \nindex 1", 1),
		"extra last":       "c2sp.org/tlog-proof@v1\nextra AAAA\n\n" + string(p.Checkpoint),
		"hash with spaces": strings.Replace(plain, path, " "+path, 1),
		"path too long":    strings.Replace(plain, path, strings.Repeat(path, 64), 1),
		"oversized":        strings.Replace(plain, path, strings.Repeat(path, 9000), 1),
		"no checkpoint":    plain[:strings.Index(plain, "\n\n")+2],
	} {
		if _, err := ParseProof([]byte(s)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, p := range map[string]Proof{
		"index too high": {Index: 3, Hashes: p.Hashes, Checkpoint: p.Checkpoint},
		"other index":    {Index: 0, Hashes: p.Hashes, Checkpoint: p.Checkpoint},
		"negative":       {Index: -1, Hashes: p.Hashes, Checkpoint: p.Checkpoint},
		"no path":        {Index: 1, Checkpoint: p.Checkpoint},
	} {
		if _, err := p.Verify(log.leaves[1], log.origin, log.verifier()); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReceiptEvidence(t *testing.T) {
	log := newTestLog(t, "log.example/a", 1)
	token := []byte("a.b.c")
	log.add(NewLeaf(ClassIn, salt(8), nil))
	leaf := NewLeaf(ClassIn, salt(9), token)
	e := NewReceiptEvidence(salt(9), leaf, log.proof(log.add(leaf), 2))
	cp, err := e.Check(token, log.origin, log.verifier())
	if err != nil || cp.Size != 2 {
		t.Fatalf("size %d, %v", cp.Size, err)
	}
	if _, err := e.Check([]byte("a.b.d"), log.origin, log.verifier()); !errors.Is(err, ErrToken) {
		t.Errorf("another token: %v", err)
	}
	p := log.proof(1, 2)
	p.Extra = []byte("x")
	e2 := NewReceiptEvidence(salt(9), leaf, p)
	if _, err := e2.Check(token, log.origin, log.verifier()); !errors.Is(err, ErrProof) {
		t.Errorf("extra data: %v", err)
	}
	e.Salt = e.Salt[:len(e.Salt)-4]
	if _, err := e.Check(token, log.origin, log.verifier()); !errors.Is(err, ErrLeaf) {
		t.Errorf("short salt: %v", err)
	}
}
