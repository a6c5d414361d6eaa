package gateway

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// TestSealingKeysArePublished: a gateway without sealing keys says so by silence; with them others find
// the active one of each algorithm beside the exchange keys, seal to it, and the gateway opens, also
// for a while after the key has been replaced.
func TestSealingKeysArePublished(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	seen := func() *federation.Entity { md := n.gatewayMetadata(); return &federation.Entity{Gateway: &md} }
	if md := n.gatewayMetadata(); len(md.Keys.Keys) != 1 || md.SealingAlgs != nil {
		t.Fatalf("before the first: %v %v", kidsOf(md.Keys), md.SealingAlgs)
	}
	first := n.keyCall("rotate", `{"purpose":"sealing","when":"now"}`)
	n.keyCall("rotate", `{"purpose":"sealing","alg":"HPKE-10","when":"now"}`)
	if md := n.gatewayMetadata(); len(md.Keys.Keys) != 3 || !cmp.Equal(md.SealingAlgs, []string{"HPKE-10", "HPKE-3"}) {
		t.Fatalf("%v %v", kidsOf(md.Keys), md.SealingAlgs)
	}
	to, err := trust.SealingKeyOf(seen(), []string{"HPKE-3"})
	if err != nil || to.Kid != first.Key.Kid {
		t.Fatalf("%+v %v", to, err)
	}
	sealed, err := jose.Seal(to, []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	opens := func() bool {
		own, err := g.keys.SealingKeys(ownerNCP)
		if err != nil {
			t.Fatal(err)
		}
		text, err := jose.Open(own, sealed)
		return err == nil && string(text) == "body"
	}
	second := n.keyCall("rotate", `{"purpose":"sealing","when":"now"}`)
	if to, err := trust.SealingKeyOf(seen(), []string{"HPKE-3"}); err != nil || to.Kid != second.Key.Kid {
		t.Errorf("after a rotation: %s %v", to.Kid, err)
	}
	n.offset.Add(int64(14 * 24 * time.Hour))
	g.keepKeys(t.Context())
	if !opens() {
		t.Error("14 days after the rotation the retired key opens no more")
	}
	n.offset.Add(int64(keys.Sealing.Overlap() - 14*24*time.Hour))
	g.keepKeys(t.Context())
	if opens() {
		t.Error("the retired key opens for ever")
	}
}
