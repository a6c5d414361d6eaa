package exchange

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// signedWith signs an attempt with one of the sender's keys.
func (n *node) signedWith(k jose.SigningKey, e ehds.Envelope) string {
	return trusttest.Sign(n.w.t, k, ehds.TypMessage, e)
}

// TestOneEffectAcrossARotation: attempts of one message signed with the old and the new key, in either
// order and again after the old one was revoked, have one effect; what a revoked key signed is refused
// whatever iat says, even bytes that were accepted before.
func TestOneEffectAcrossARotation(t *testing.T) {
	for name, newFirst := range map[string]bool{"old key first": false, "new key first": true} {
		t.Run(name, func(t *testing.T) {
			w, ncp, centre := pair(t)
			old, next := centre.key, trusttest.Key("the centre's next key")
			keys := func(set ...jose.SigningKey) {
				w.edit(centreID, func(e *federation.Entity) { e.Gateway.Keys = trusttest.KeySet(set...) })
			}
			keys(old, next)
			env := centre.envelope(ncp)
			attempts := []jose.SigningKey{old, next}
			if newFirst {
				attempts = []jose.SigningKey{next, old}
			}
			first := ncp.receive(centre.signedWith(attempts[0], env))
			if first.Fault != nil {
				t.Fatal(first.Fault)
			}
			before, rows := ncp.counts(), ncp.rows()
			w.clock.Advance(time.Minute)
			again := env
			again.Iat, again.Exp = env.Iat+60, env.Exp+60
			for range 2 {
				r := ncp.receipt(ncp.receive(centre.signedWith(attempts[1], again)).Receipt)
				if r.Status != ehds.Duplicate || r.Original != first.Receipt {
					t.Errorf("the other key's attempt: %+v", r)
				}
			}
			keys(next) // the old one is revoked
			other := centre.envelope(ncp, onCase("A2"))
			other.Iat -= 600 // long before the revocation
			for what, token := range map[string]string{
				"accepted before": centre.signedWith(old, env), "another message": centre.signedWith(old, other),
			} {
				reply := ncp.receive(token)
				if reply.Receipt != "" || StatusOf(reply.Fault) != http.StatusUnauthorized {
					t.Errorf("%s, signed by a revoked key: %q, %v", what, reply.Status, reply.Fault)
				}
			}
			if r := ncp.receipt(ncp.receive(centre.signedWith(next, again)).Receipt); r.Status != ehds.Duplicate {
				t.Errorf("after the revocation: %+v", r)
			}
			if diff := cmp.Diff(before, ncp.counts()); diff != "" {
				t.Errorf("more than one effect (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(rows, ncp.rows()); diff != "" {
				t.Errorf("another effect on its way:\n%s", diff)
			}
		})
	}
}
