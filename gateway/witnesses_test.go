package gateway

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// witnessed is a nation whose gateway has a witness of its own.
type witnessed struct {
	*nation
	key    evidence.Cosigner
	ledger *witness.Ledger
	lose   atomic.Bool  // the answer, once the witness has written
	late   atomic.Int64 // the witness's clock behind ours
}

func newWitnessed(t *testing.T) *witnessed {
	t.Helper()
	w := &witnessed{nation: newNation(t)}
	var err error
	if w.key, err = evidence.NewCosigner("witness.test/w", rand.Reader); err != nil {
		t.Fatal(err)
	}
	if w.ledger, err = witness.OpenLedger(filepath.Join(t.TempDir(), "w")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.ledger.Close() })
	clock := func() time.Time { return w.now().Add(-time.Duration(w.late.Load())) }
	h := witness.Handler(witness.New(w.ledger, w.key, clock), slog.New(slog.DiscardHandler))
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !w.lose.Load() {
			h.ServeHTTP(rw, r)
			return
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		rw.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(s.Close)
	w.more = fmt.Sprintf("evidence: {interval: 1h, witnesses: [{url: %q, vkey: %q}]}", s.URL, w.key.VKey())
	return w
}

// report judges a bundle with the witness's key among what is pinned.
func (w *witnessed) report(g *Gateway, b evidence.Bundle) evidence.Report {
	anchors := []federation.Anchor{{Entity: w.server.URL + "/anchor", Keys: trusttest.KeySet(trusttest.Key("anchor"))}}
	return evidence.VerifyBundle(w.t.Context(), b, evidence.TrustFile{
		Version: 1, Anchors: []evidence.TrustAnchor{{Entity: anchors[0].Entity, JWKS: w.json(anchors[0].Keys)}},
		Logs:      []evidence.TrustedLog{{Entity: w.entity, Origin: LogOrigin(w.entity), VKey: g.logKey.VKey}},
		Witnesses: []string{w.key.VKey()},
	}, &trust.Offline{Anchors: anchors, Chains: b.Chains, Historical: b.HistoricalKeys})
}

// settled is the gateway after a round with its witness, when nothing more is to be cosigned.
func (w *witnessed) settled(g *Gateway) {
	w.t.Helper()
	w.until("cosigned", func() error {
		g.askWitness(w.t.Context(), g.witnesses[0])
		last, err := g.record.LastCosigned(w.t.Context(), w.key.VKey())
		if cp, _ := g.checkpoint(w.t.Context()); err != nil || last != cp.Size {
			return fmt.Errorf("cosigned to %d of %d: %v", last, cp.Size, err)
		}
		return nil
	})
}

func TestWitnessedBundle(t *testing.T) {
	w := newWitnessed(t)
	g := w.running()
	g.askWitness(t.Context(), g.witnesses[0])
	if !strings.Contains(w.log.String(), "reason=unknown-log") {
		t.Error("nobody was told that the witness does not know the log")
	}
	if r := w.report(g, w.bundle("app:A1")); !r.OK || r.Counts.Witnessed != 0 {
		t.Errorf("before any cosignature: %+v", r)
	}
	if err := w.ledger.Add(LogOrigin(w.entity), []string{g.logKey.VKey}); err != nil {
		t.Fatal(err)
	}
	before := len(w.bundle("app:A1").Entries) // more may come while the acknowledgement is tried again
	w.settled(g)
	if status, receipt, body := w.deliver(strings.NewReader(w.submit("A2"))); status != 200 || receipt != ehds.Received {
		t.Fatalf("%d %s %s", status, receipt, body)
	}
	b := w.bundle("app:A1")
	r := w.report(g, b)
	if !r.OK || r.Counts.Witnessed < before || r.Counts.Cosigned == 0 || r.WitnessedAt.IsZero() {
		t.Errorf("%+v", r)
	}
	if len(b.Checkpoints) < 2 || len(b.Consistency) != len(b.Checkpoints)-1 {
		t.Errorf("%d checkpoints, %d proofs of consistency", len(b.Checkpoints), len(b.Consistency))
	}
	if pinned := w.prove(g, b); !pinned.OK || pinned.Counts.Witnessed != 0 {
		t.Errorf("a witness the reader did not name counts: %+v", pinned)
	}
	meta, err := g.gatewayMetadata()
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := meta[federation.TypeGateway].(federation.GatewayMetadata); !ok || len(m.EvidenceLog.Witnesses) != 1 || m.EvidenceLog.Witnesses[0] != w.key.VKey() {
		t.Errorf("the metadata name other witnesses: %+v", meta)
	}
}

func TestWitnessTrouble(t *testing.T) {
	w := newWitnessed(t)
	g := w.running()
	if err := w.ledger.Add(LogOrigin(w.entity), []string{g.logKey.VKey}); err != nil {
		t.Fatal(err)
	}
	w.settled(g)
	// An answer that was lost: the witness is ahead of what we remember. We catch up.
	w.lose.Store(true)
	if status, _, body := w.deliver(strings.NewReader(w.submit("A2"))); status != 200 {
		t.Fatal(status, body)
	}
	g.askWitness(t.Context(), g.witnesses[0])
	if !strings.Contains(w.log.String(), "a witness does not answer") {
		t.Error("nobody was told that the witness does not answer")
	}
	w.lose.Store(false)
	w.settled(g)
	// A clock far behind would prove more than is true.
	w.ledgerAt(0)
	w.late.Store(int64(time.Hour))
	if status, _, body := w.deliver(strings.NewReader(w.submit("A3"))); status != 200 {
		t.Fatal(status, body)
	}
	g.askWitness(t.Context(), g.witnesses[0])
	if !strings.Contains(w.log.String(), "reason=clock") {
		t.Error("a cosignature of an hour ago was taken")
	}
	// The witness has seen more of our log than we have: we were set back, or somebody has our key.
	log, _, err := w.ledger.Get(LogOrigin(w.entity))
	if err != nil {
		t.Fatal(err)
	}
	log.Size += 1000
	if err := w.ledger.Put(log); err != nil {
		t.Fatal(err)
	}
	g.askWitness(t.Context(), g.witnesses[0])
	if !strings.Contains(w.log.String(), "reason=conflict") {
		t.Error("nobody was told that the witness is ahead of us")
	}
}

// ledgerAt sets back the witness's memory of when it cosigned last.
func (w *witnessed) ledgerAt(at int64) {
	w.t.Helper()
	log, _, err := w.ledger.Get(LogOrigin(w.entity))
	if err == nil {
		log.At = at
		err = w.ledger.Put(log)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestWitnessKeyOfAnotherKind(t *testing.T) {
	n := newNation(t)
	for name, vkey := range map[string]string{"no key": "a+b+c", "a log's": "log.example/evidence+dfada5d4+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"} {
		n.more = fmt.Sprintf("evidence: {witnesses: [{url: https://witness.example, vkey: %q}]}", vkey)
		err := n.new(n.options()).Start(t.Context())
		if err == nil || !strings.Contains(err.Error(), "evidence.witnesses[0].vkey") {
			t.Errorf("%s: %v", name, err)
		}
		n.port()
	}
}
