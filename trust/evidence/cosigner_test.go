package evidence

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func TestCosigner(t *testing.T) {
	t.Parallel()
	c, err := NewCosigner("witness.test/w", bytes.Repeat([]byte{7}, 32))
	if err != nil || c.Name() != "witness.test/w" {
		t.Fatal(err)
	}
	v, err := VerifierFor(c.VKey())
	if err != nil {
		t.Fatal(err)
	}
	skey, vkey, err := note.GenerateKey(nil, "log.test")
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := note.NewSigner(skey)
	log, _ := VerifierFor(vkey)
	raw, err := SignCheckpoint("log.test", 1, tlog.Hash{1}, signer)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := OpenCheckpoint(raw, "log.test", log)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1800000000, 0).UTC()
	line, err := c.Cosign(cp, at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenCheckpoint(append(raw, line...), "log.test", log, v)
	if err != nil || len(again.Cosignatures) != 1 || again.Cosignatures[0] != (Cosignature{"witness.test/w", at}) {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := c.Cosign(Checkpoint{}, at); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := c.Cosign(cp, time.Unix(-1, 0)); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("before 1970: %v", err)
	}
	for _, name := range []string{"", "a b", "a+b"} {
		if _, err := NewCosigner(name, make([]byte, 32)); !errors.Is(err, ErrVKey) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := NewCosigner("x", make([]byte, 31)); !errors.Is(err, ErrVKey) {
		t.Errorf("a short seed: %v", err)
	}
}
