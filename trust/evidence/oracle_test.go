package evidence

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The definitions of RFC 6962 §2.1, word for word and apart from the code under test.

func rfcRoot(d [][]byte) tlog.Hash {
	switch len(d) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, d[0]...))
	}
	k := rfcSplit(len(d))
	l, r := rfcRoot(d[:k]), rfcRoot(d[k:])
	return sha256.Sum256(bytes.Join([][]byte{{1}, l[:], r[:]}, nil))
}

func rfcSplit(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

func rfcPath(m int, d [][]byte) []tlog.Hash {
	if len(d) <= 1 {
		return nil
	}
	k := rfcSplit(len(d))
	if m < k {
		return append(rfcPath(m, d[:k]), rfcRoot(d[k:]))
	}
	return append(rfcPath(m-k, d[k:]), rfcRoot(d[:k]))
}

func rfcConsistency(m int, d [][]byte, whole bool) []tlog.Hash {
	if m == len(d) {
		if whole {
			return nil
		}
		return []tlog.Hash{rfcRoot(d)}
	}
	k := rfcSplit(len(d))
	if m <= k {
		return append(rfcConsistency(m, d[:k], whole), rfcRoot(d[k:]))
	}
	return append(rfcConsistency(m-k, d[k:], false), rfcRoot(d[:k]))
}

func TestOracleAgreesWithPublishedVector(t *testing.T) {
	// The eight leaves and their root as published with the certificate transparency reference code.
	var d [][]byte
	for _, s := range []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
		"606162636465666768696a6b6c6d6e6f"} {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		d = append(d, b)
	}
	root := rfcRoot(d)
	if got := hex.EncodeToString(root[:]); got != "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" {
		t.Fatalf("root = %s", got)
	}
}

// testLog is a log kept as a plain list of leaves; proofs and roots come from the oracle.
type testLog struct {
	t      *testing.T
	origin string
	signer note.Signer
	vkey   string
	leaves [][]byte
}

func newTestLog(t *testing.T, origin string, seed byte) *testLog {
	t.Helper()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)), origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &testLog{t: t, origin: origin, signer: signer, vkey: vkey}
}

func (l *testLog) verifier() note.Verifier {
	l.t.Helper()
	v, err := VerifierFor(l.vkey)
	if err != nil {
		l.t.Fatal(err)
	}
	return v
}

func (l *testLog) add(leaf Leaf) int {
	l.leaves = append(l.leaves, leaf.Bytes())
	return len(l.leaves) - 1
}

func (l *testLog) checkpoint(size int) []byte {
	l.t.Helper()
	msg, err := SignCheckpoint(l.origin, int64(size), rfcRoot(l.leaves[:size]), l.signer)
	if err != nil {
		l.t.Fatal(err)
	}
	return msg
}

func (l *testLog) proof(i, size int) Proof {
	return Proof{Index: int64(i), Hashes: rfcPath(i, l.leaves[:size]), Checkpoint: l.checkpoint(size)}
}

// testWitness signs cosignature/v1 as the C2SP text says.
type testWitness struct {
	name string
	key  ed25519.PrivateKey
}

func newTestWitness(name string, seed byte) testWitness {
	return testWitness{name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))}
}

func (w testWitness) id() []byte {
	pub := w.key.Public().(ed25519.PublicKey)
	sum := sha256.Sum256(append([]byte(w.name+"\n\x04"), pub...))
	return sum[:4]
}

func (w testWitness) vkey() string {
	pub := w.key.Public().(ed25519.PublicKey)
	return fmt.Sprintf("%s+%x+%s", w.name, w.id(), base64.StdEncoding.EncodeToString(append([]byte{4}, pub...)))
}

func (w testWitness) cosign(msg []byte, at uint64) []byte {
	text := msg[:bytes.Index(msg, []byte("\n\n"))+1]
	sig := ed25519.Sign(w.key, append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...))
	raw := binary.BigEndian.AppendUint64(w.id(), at)
	line := "— " + w.name + " " + base64.StdEncoding.EncodeToString(append(raw, sig...)) + "\n"
	return append(append([]byte(nil), msg...), line...)
}

// memoryHashes is what a store keeps: hashes by stored index.
type memoryHashes []tlog.Hash

func (m memoryHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x >= int64(len(m)) {
			return nil, fmt.Errorf("hash %d not written", x)
		}
		out[i] = m[x]
	}
	return out, nil
}

func salt(b byte) []byte { return bytes.Repeat([]byte{b}, SaltSize) }
