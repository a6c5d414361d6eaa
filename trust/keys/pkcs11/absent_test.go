//go:build !pkcs11

package pkcs11

import (
	"errors"
	"testing"
)

func TestNotBuilt(t *testing.T) {
	t.Parallel()
	token, err := Open(Options{})
	if !errors.Is(err, ErrNotBuilt) {
		t.Error(err)
	}
	if _, err := token.Generate("Ed25519", nil); !errors.Is(err, ErrNotBuilt) {
		t.Error(err)
	}
	if _, err := token.Find("Ed25519", nil); !errors.Is(err, ErrNotBuilt) {
		t.Error(err)
	}
	if err := token.Close(); err != nil {
		t.Error(err)
	}
}
