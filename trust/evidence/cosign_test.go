package evidence

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/mod/sumdb/note"
)

func newCosigner(t *testing.T, name string, seed byte) Cosigner {
	t.Helper()
	c, err := NewCosigner(name, bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCosignIsTheOraclesCosignature(t *testing.T) {
	t.Parallel()
	log, _ := tiledLog(t, 3)
	c, oracle := newCosigner(t, "witness.example/w1", 9), newTestWitness("witness.example/w1", 9)
	if c.VKey() != oracle.vkey() || c.Name() != "witness.example/w1" {
		t.Fatalf("vkey %s, oracle %s", c.VKey(), oracle.vkey())
	}
	cp, at := mustOpen(t, log, 3), time.Unix(1790000000, 0).UTC()
	line, err := c.Cosign(cp, at)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(cp.Note)+string(line), string(oracle.cosign(cp.Note, 1790000000)); got != want {
		t.Errorf("got %q, oracle %q", got, want)
	}
	opened, err := OpenCheckpoint(append(cp.Note, line...), log.origin, log.verifier(), verifierFor(t, c.VKey()))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := opened.Witnessed(); !ok || !got.Equal(at) {
		t.Errorf("witnessed %v, %v", got, ok)
	}
	if opened.ProvenBefore(at) || !opened.ProvenBefore(at.Add(time.Second)) {
		t.Error("what is witnessed at a time is proven for the time after, and no earlier")
	}
	if cp.ProvenBefore(at.Add(time.Hour)) {
		t.Error("the log's own word proved a time")
	}
	later, err := newCosigner(t, "witness.example/w2", 10).Cosign(cp, at.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	both := append(append(bytes.Clone(cp.Note), line...), later...)
	opened, err = OpenCheckpoint(both, log.origin, log.verifier(), verifierFor(t, c.VKey()), verifierFor(t, newCosigner(t, "witness.example/w2", 10).VKey()))
	if err != nil || !opened.ProvenBefore(at) {
		t.Errorf("the earlier of two witnesses decides: %v", err)
	}
}

func TestCosignerText(t *testing.T) {
	t.Parallel()
	for seed := range byte(40) { // some of these have a plus in their base64
		c := newCosigner(t, "w", seed)
		back, err := ParseCosigner(c.Secret())
		if err != nil || back.VKey() != c.VKey() {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	good := newCosigner(t, "witness.example/w1", 9).Secret()
	for name, bad := range map[string]string{
		"empty": "", "public": newCosigner(t, "w", 1).VKey(), "cut": good[:len(good)-4], "newline": good + "\n",
		"renamed": strings.Replace(good, "/w1", "/w2", 1), "log key": strings.Replace(good, "+BA", "+AQ", 1),
		"no name": "PRIVATE+KEY+", "long": good + strings.Repeat("A", maxVKey),
	} {
		if _, err := ParseCosigner(bad); !errors.Is(err, ErrCosigner) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "KEY") {
			t.Errorf("%s: the error shows the key", name)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "a\n"} {
		if _, err := NewCosigner(name, bytes.NewReader(make([]byte, 32))); !errors.Is(err, ErrCosigner) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	if _, err := NewCosigner("w", iotest.ErrReader(errors.New("no randomness"))); err == nil {
		t.Error("a key of no randomness")
	}
}

func TestCosignRefusals(t *testing.T) {
	t.Parallel()
	log, _ := tiledLog(t, 3)
	cp, c := mustOpen(t, log, 3), newCosigner(t, "w", 9)
	for name, f := range map[string]func() (string, error){
		"zero key":       func() (string, error) { return Cosigner{}.Cosign(cp, time.Unix(1, 0)) },
		"nothing opened": func() (string, error) { return c.Cosign(Checkpoint{}, time.Unix(1, 0)) },
		"no time":        func() (string, error) { return c.Cosign(cp, time.Time{}) },
		"time zero":      func() (string, error) { return c.Cosign(cp, time.Unix(0, 0)) },
	} {
		if _, err := f(); !errors.Is(err, ErrCosigner) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadCosignature(t *testing.T) {
	t.Parallel()
	log, _ := tiledLog(t, 3)
	cp, other := mustOpen(t, log, 3), mustOpen(t, log, 2)
	c, oracle := newCosigner(t, "witness.example/w1", 9), newTestWitness("witness.example/w1", 9)
	at := time.Unix(1790000000, 0).UTC()
	line, err := c.Cosign(cp, at)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := newCosigner(t, "witness.example/w1", 10).Cosign(cp, at) // the same name
	if err != nil {
		t.Fatal(err)
	}
	key := verifierFor(t, c.VKey())
	got, cosig, err := ReadCosignature(cp, "— \nrubbish\n"+foreign+line, key)
	if err != nil || got != line || cosig != (Cosignature{"witness.example/w1", at}) {
		t.Errorf("%q, %v, %v", got, cosig, err)
	}
	timeless := string(oracle.cosign(cp.Note, 0)[len(cp.Note):])
	for name, bad := range map[string]struct {
		cp     Checkpoint
		answer string
		key    note.Verifier
	}{
		"empty":             {cp, "", key},
		"only another's":    {cp, foreign, key},
		"of another tree":   {other, line, key},
		"without its end":   {cp, strings.TrimSuffix(line, "\n"), key},
		"time zero":         {cp, timeless, key},
		"a log's key":       {cp, line, log.verifier()},
		"nothing opened":    {Checkpoint{}, line, key},
		"longer than sense": {cp, strings.Repeat("\n", maxCheckpointSize) + line, key},
		"of another name":   {cp, line, verifierFor(t, newCosigner(t, "x", 1).VKey())},
	} {
		if _, _, err := ReadCosignature(bad.cp, bad.answer, bad.key); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
