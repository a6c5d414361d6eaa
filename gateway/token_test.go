//go:build !pkcs11

package gateway

import (
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/keys/pkcs11"
)

// TestTokenNeedsTheTag: a configured token is never quietly replaced by files.
func TestTokenNeedsTheTag(t *testing.T) {
	n := newNation(t)
	n.more = `keys: {pkcs11: {module: token.so, token_label: ncp, pin: "8317", purposes: [exchange]}}`
	g := n.new(n.options())
	if err := g.Start(t.Context()); !errors.Is(err, pkcs11.ErrNotBuilt) {
		t.Errorf("started: %v", err)
	}
}
