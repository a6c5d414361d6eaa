package main

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// TestAnchorKeysOfAnotherProcess: what "anchor rotate-key" does beside a running server is in its next list.
func TestAnchorKeysOfAnotherProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	open := func() *keys.Store {
		s, err := keys.Open(dir, keys.Options{Clock: time.Now, Rand: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	command := open()
	if err := command.Ensure(keys.Federation, anchorOwner); err != nil {
		t.Fatal(err)
	}
	server := anchorKeys{open()}
	if _, err := command.Rotate(keys.Federation, anchorOwner, keys.Ed25519, keys.AtOnce); err != nil {
		t.Fatal(err)
	}
	if past, err := server.Past(); err != nil || len(past) != 1 {
		t.Errorf("past = %v, %v", past, err)
	}
}
