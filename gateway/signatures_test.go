package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func (n *nation) signingAlgs() []string {
	n.t.Helper()
	var md federation.GatewayMetadata
	if err := json.Unmarshal(n.configuration().Metadata[federation.TypeGateway], &md); err != nil {
		n.t.Fatal(err)
	}
	return md.SigningAlgs
}

// TestHybridPolicy: with a policy above classical toward the centre the gateway is not ready until it can
// sign so, takes nothing weaker, answers in the same form, and proves both afterwards.
func TestHybridPolicy(t *testing.T) {
	n := newNation(t)
	outer := trusttest.KeyFor(jose.AlgMLDSA65, "centre exchange")
	n.centre = n.centreWith(trusttest.Key("centre exchange"), outer)
	o := n.options()
	o.Config.Trust.SignatureAlgorithms = append(o.Config.Trust.SignatureAlgorithms, jose.AlgMLDSA65)
	o.Config.Trust.SignaturePolicies = []config.PeerPolicy{{Entity: n.server.URL + "/centre", Policy: "hybrid"}}
	g := n.new(o)
	if err := g.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.stop(g) })
	if err := g.Ready(t.Context()); err == nil || !strings.Contains(g.keysReady().Error(), "keys generate") {
		t.Errorf("ready without an ML-DSA-65 key: %v", err)
	}
	plain := n.submit("A1")
	if status, _, body := n.deliver(strings.NewReader(plain)); status != 401 || !strings.Contains(body, "not-authenticated") {
		t.Errorf("a classical message: %d %s", status, body)
	}
	if !strings.Contains(n.log.String(), "rule=signature-policy") {
		t.Errorf("the log does not name the rule:\n%s", n.log)
	}
	nested, err := jose.SignNested(outer, ehds.TypMessage, jose.SignOptions{}, plain)
	if err != nil {
		t.Fatal(err)
	}
	n.keyCall("generate", `{"purpose":"exchange","alg":"ML-DSA-65"}`)
	n.keyCall("rotate", `{"purpose":"exchange","alg":"ML-DSA-65","when":"now"}`)
	n.ready(g)
	status, _, body := n.deliver(strings.NewReader(nested))
	if status != 200 {
		t.Fatalf("a nested message: %d %s", status, body)
	}
	receipt, err := trust.ReadSigned([]byte(body), jose.ParseOptions{Typ: []string{ehds.TypReceipt}, Algs: jose.ProfileAlgs()})
	if err != nil || receipt.Form() != trust.FormNested {
		t.Fatalf("receipt in form %v, %v: %s", receipt, err, body)
	}
	ours, err := g.keys.Public("exchange", ownerNCP)
	if err != nil {
		t.Fatal(err)
	}
	if err := receipt.Verify(ours); err != nil {
		t.Error(err)
	}
	var r ehds.Receipt
	if err := json.Unmarshal(receipt.Payload(), &r); err != nil || r.Status != ehds.Received || r.TokenSHA256 != sha(nested) {
		t.Errorf("%+v, %v; want the hash of the outer token", r, err)
	}
	if diff := cmp.Diff([]string{"Ed25519", "ES256", "ML-DSA-65"}, n.signingAlgs()); diff != "" {
		t.Error(diff)
	}
	if report := n.prove(g, n.bundle("app:A1")); !report.OK || report.Counts.Signatures == 0 {
		t.Errorf("the bundle: %+v", report)
	}
}

func TestClassicalByDefault(t *testing.T) {
	n := newNation(t)
	g := n.running()
	if diff := cmp.Diff([]string{"Ed25519", "ES256"}, n.signingAlgs()); diff != "" {
		t.Error(diff)
	}
	if err := g.hybridReady(); err != nil {
		t.Error(err)
	}
}

func TestPolicyThatCannotBeMetStopsTheStart(t *testing.T) {
	n := newNation(t)
	o := n.options()
	o.Config.Trust.SignaturePolicy = "hybrid"
	if err := n.new(o).Start(t.Context()); err == nil || !strings.Contains(err.Error(), "trust.signature_policies") {
		t.Errorf("Start: %v", err)
	}
}
