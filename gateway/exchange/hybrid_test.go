package exchange

import (
	"context"
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// hybridKeys are a node's two exchange keys.
type hybridKeys struct {
	ed, mldsa jose.SigningKey
}

func (k hybridKeys) SigningKey() (jose.SigningKey, error) { return k.ed, nil }

func (k hybridKeys) SigningKeyFor(alg string) (jose.SigningKey, error) {
	switch alg {
	case k.ed.Alg:
		return k.ed, nil
	case k.mldsa.Alg:
		return k.mldsa, nil
	}
	return jose.SigningKey{}, errors.New("no such key")
}

var hybridPolicies = trust.SignaturePolicies{Algs: jose.ProfileAlgs(), Default: trust.Hybrid}

// raise puts a node under the hybrid policy toward everybody, with the keys for it published.
func (n *node) raise() {
	k := hybridKeys{n.key, trusttest.KeyFor(jose.AlgMLDSA65, n.id)}
	n.w.edit(n.id, func(e *federation.Entity) { e.Gateway.Keys = trusttest.KeySet(k.ed, k.mldsa) })
	n.inbox.Verifier = n.verifier().Under(hybridPolicies)
	n.inbox.Signer = trust.NewSigner(k).Under(hybridPolicies)
}

// hybridSender is a sender of the node as raise leaves it.
func (n *node) hybridSender(t connectors.Central) *Sender {
	s := n.sender(t)
	s.Verifier, s.Signer = n.inbox.Verifier, n.inbox.Signer
	return s
}

func formOf(t *testing.T, token, typ string) trust.Form {
	t.Helper()
	s, err := trust.ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{typ}, Algs: jose.ProfileAlgs()})
	if err != nil {
		t.Fatal(err)
	}
	return s.Form()
}

// TestHybridDelivery: message and receipt are both nested, and the receipt proves the outer token.
func TestHybridDelivery(t *testing.T) {
	_, from, peer, row := line(t)
	from.raise()
	peer.raise()
	if err := from.hybridSender(to(peer)).Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	got := from.row(row.ID)
	if got.State != store.OutboxDelivered {
		t.Fatalf("row %s %s", got.State, got.Reason)
	}
	sent := from.attempts(row)[0]
	if formOf(t, sent.Token, ehds.TypMessage) != trust.FormNested || formOf(t, got.Receipt, ehds.TypReceipt) != trust.FormNested {
		t.Errorf("message %s, receipt %s", sent.Token, got.Receipt)
	}
}

// TestPolicyRaisedBetweenAttempts: an attempt from before, whose answer was lost, and one from after are
// one message; the first receipt counts within one that meets the policy, and only there.
func TestPolicyRaisedBetweenAttempts(t *testing.T) {
	for name, c := range map[string]struct {
		weak  bool // the receipt around the first one is classical
		state store.OutboxState
	}{
		"vouched for":           {false, store.OutboxDelivered},
		"around it, a weak one": {true, store.OutboxQueued},
	} {
		t.Run(name, func(t *testing.T) {
			_, from, peer, row := line(t)
			lost := from.sender(wire(func(ctx context.Context, p connectors.Peer, token string, a []connectors.Outbound) (connectors.Answer, error) {
				if _, err := to(peer).Send(ctx, p, token, a); err != nil {
					t.Error(err)
				}
				return connectors.Answer{}, errors.New("cut")
			}))
			if err := lost.Try(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			before := peer.counts()
			weak := peer.inbox.Signer
			from.raise()
			peer.raise()
			if c.weak {
				peer.inbox.Signer = weak
			}
			if err := from.hybridSender(to(peer)).Try(t.Context(), from.row(row.ID)); err != nil {
				t.Fatal(err)
			}
			got := from.row(row.ID)
			if got.State != c.state || c.weak && got.Reason != "receipt-invalid" {
				t.Errorf("row %s %s, want %s", got.State, got.Reason, c.state)
			}
			if after := peer.counts(); after != before {
				t.Errorf("more than one effect: %+v, before %+v", after, before)
			}
		})
	}
}

// TestWeakerThanThePolicy: neither a classical message nor a classical receipt is taken.
func TestWeakerThanThePolicy(t *testing.T) {
	_, from, peer, row := line(t)
	weak := from.sender(to(peer))
	peer.raise()
	if err := weak.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if got := from.row(row.ID); got.State != store.OutboxQueued || got.Reason != "answered-401" {
		t.Errorf("a classical message: row %s %s", got.State, got.Reason)
	}
	if _, err := peer.inbox.Verifier.Verify(t.Context(), []byte(from.attempts(row)[0].Token), trust.Expectation{
		Typ: ehds.TypMessage, Audience: peer.id, Purpose: trust.ForExchange,
	}); trust.Rule(err) != "signature-policy" {
		t.Error(err)
	}
}

// TestHybridBeforeItIsAsked: a side that signs hybrid first is understood by one that reads the form, and
// takes its classical receipt.
func TestHybridBeforeItIsAsked(t *testing.T) {
	_, from, peer, row := line(t)
	from.raise()
	peer.inbox.Verifier = peer.verifier().Under(trust.SignaturePolicies{Algs: jose.ProfileAlgs()})
	s := from.sender(to(peer))
	k := hybridKeys{from.key, trusttest.KeyFor(jose.AlgMLDSA65, from.id)}
	s.Signer = trust.NewSigner(k).Under(trust.SignaturePolicies{SignHybrid: []string{peer.id}})
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	got := from.row(row.ID)
	if got.State != store.OutboxDelivered {
		t.Fatalf("row %s %s", got.State, got.Reason)
	}
	if formOf(t, from.attempts(row)[0].Token, ehds.TypMessage) != trust.FormNested || formOf(t, got.Receipt, ehds.TypReceipt) != trust.FormClassical {
		t.Errorf("receipt %s", got.Receipt)
	}
}

// TestPeerThatReadsNoHybrid: what the peer could not read is not sent, and nothing weaker instead.
func TestPeerThatReadsNoHybrid(t *testing.T) {
	_, from, peer, row := line(t)
	from.raise()
	s := from.hybridSender(wire(func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
		t.Error("sent")
		return connectors.Answer{}, nil
	}))
	signer := s.Signer.(*trust.Signer)
	s.Readable = func(e *federation.Entity) error { return signer.ReadableBy(e.ID, e.Gateway.SigningAlgs) }
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if got := from.row(row.ID); got.State != store.OutboxQueued || got.Reason != "cannot-sign" || len(from.attempts(row)) != 0 {
		t.Errorf("row %s %s, %d attempts", got.State, got.Reason, len(from.attempts(row)))
	}
	peer.raise()
	from.w.edit(peer.id, func(e *federation.Entity) { e.Gateway.SigningAlgs = []string{jose.AlgEd25519, jose.AlgMLDSA65} })
	s.Transport = to(peer)
	if err := s.Try(t.Context(), from.row(row.ID)); err != nil {
		t.Fatal(err)
	}
	if got := from.row(row.ID); got.State != store.OutboxDelivered {
		t.Errorf("once it is listed: row %s %s", got.State, got.Reason)
	}
}
