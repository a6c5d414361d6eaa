package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// line is a sender that may speak downwards, a receiver with an inbox, and one message on its way.
func line(t *testing.T) (w *world, from, peer *node, row store.Outbox) {
	t.Helper()
	w = newWorld(t)
	from, peer = newNode(w, centreID, ehds.MarkCentralPlatform), newNode(w, ncpID, ehds.MarkNCP)
	peer.publish("ds-1", hdabA)
	row = from.queue("app:A1", from.submission("A1"))[0]
	return w, from, peer, row
}

func (n *node) submission(id string) store.Outgoing {
	return n.compose.Message(Draft{To: ncpID, Type: ehds.ApplicationSubmit, Case: "app:" + id, Body: submitBody(id, "ds-1")})
}

func (n *node) attempts(row store.Outbox) []store.Attempt {
	n.w.t.Helper()
	a, err := n.record.Attempts(n.w.t.Context(), row.ID)
	if err != nil {
		n.w.t.Fatal(err)
	}
	return a
}

func TestDelivered(t *testing.T) {
	_, from, peer, row := line(t)
	s := from.sender(wire(func(ctx context.Context, p connectors.Peer, token string, a []connectors.Outbound) (connectors.Answer, error) {
		if list := from.attempts(row); len(list) != 1 || list[0].Token != token {
			t.Error("the attempt was not kept before it left")
		}
		if p.Endpoint != ncpID+"/exchange" || p.Entity != ncpID {
			t.Errorf("sent to %+v", p)
		}
		return to(peer)(ctx, p, token, a)
	}))
	var seen string
	s.Observe = func(_, label string) { seen = label }
	before := from.counts()
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	got := from.row(row.ID)
	if got.State != store.OutboxDelivered || got.Attempts != 1 || peer.receipt(got.Receipt).Status != ehds.Received || seen != "delivered" {
		t.Errorf("row %+v, observed %q", got, seen)
	}
	if c := from.counts(); c.Leaves != before.Leaves+2 { // the attempt and the receipt
		t.Errorf("%d leaves, before %d", c.Leaves, before.Leaves)
	}
}

func TestAttachmentsAreSent(t *testing.T) {
	_, from, peer, _ := line(t)
	blob, err := from.record.StageBlob(t.Context(), "app:A2", strings.NewReader("11"), 2)
	if err != nil {
		t.Fatal(err)
	}
	out := from.submission("A2")
	var env ehds.Envelope
	mustRead(t, out.Payload, &env)
	env.Attachments = []ehds.Attachment{attachment("one", "11")}
	out.Payload, out.Blobs = mustJSON(env), map[string]string{"one": blob.ID}
	row := from.queue("app:A2", out)[0]
	if err := from.sender(to(peer)).Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if r := from.row(row.ID); r.State != store.OutboxDelivered {
		t.Errorf("row %s %s", r.State, r.Reason)
	}
}

// Only a receipt that proves the peer holds our message ends a row.
func TestReceiptsThatDoNotHold(t *testing.T) {
	real := func(t *testing.T, peer *node, token string) (string, ehds.Receipt) {
		r := peer.receive(token)
		return r.Receipt, peer.receipt(r.Receipt)
	}
	edit := func(f func(*ehds.Receipt)) func(*testing.T, *node, *node, string) string {
		return func(t *testing.T, _, peer *node, token string) string {
			_, r := real(t, peer, token)
			f(&r)
			return trusttest.Sign(t, peer.key, ehds.TypReceipt, r)
		}
	}
	for name, answer := range map[string]func(t *testing.T, from, peer *node, token string) string{
		"nonsense": func(*testing.T, *node, *node, string) string { return "nonsense" },
		"forged": func(t *testing.T, _, peer *node, token string) string {
			s, _ := real(t, peer, token)
			return s[:len(s)-4] + "AAAA"
		},
		"by another": func(t *testing.T, from, peer *node, token string) string {
			_, r := real(t, peer, token)
			other := newPeer(from.w, "https://other.example", ehds.MarkNCP)
			r.Iss = other.id
			return trusttest.Sign(t, other.key, ehds.TypReceipt, r)
		},
		"not a receipt": func(t *testing.T, _, peer *node, token string) string {
			_, r := real(t, peer, token)
			return trusttest.Sign(t, peer.key, ehds.TypMessage, r)
		},
		"for another peer":  edit(func(r *ehds.Receipt) { r.Aud = "https://other.example" }),
		"other reference":   edit(func(r *ehds.Receipt) { r.Ref = "01890a5d-ac96-774b-bcce-b302099a8057" }),
		"other token":       edit(func(r *ehds.Receipt) { r.TokenSHA256 = strings.Repeat("0", 64) }),
		"from the future":   edit(func(r *ehds.Receipt) { r.Iat += 3600 }),
		"no evidence":       edit(func(r *ehds.Receipt) { r.Evidence = nil }),
		"other salt":        edit(func(r *ehds.Receipt) { r.Evidence.Salt = "AAAAAAAAAAAAAAAAAAAAAA==" }),
		"other proof":       edit(func(r *ehds.Receipt) { r.Evidence.Proof = "c2sp.org/tlog-proof@v1\n" }),
		"other attachments": edit(func(r *ehds.Receipt) { r.Attachments = []ehds.ReceiptAttachment{{ID: "a"}} }),
		"unknown status":    edit(func(r *ehds.Receipt) { r.Status = "LOST" }),
		"no problem":        edit(func(r *ehds.Receipt) { r.Status = ehds.Rejected }),
		"empty duplicate":   edit(func(r *ehds.Receipt) { r.Status = ehds.Duplicate }),
		"duplicate of a duplicate": func(t *testing.T, _, peer *node, token string) string {
			_, r := real(t, peer, token)
			r.Status, r.Evidence = ehds.Duplicate, nil
			r.Original = trusttest.Sign(t, peer.key, ehds.TypReceipt, r)
			return trusttest.Sign(t, peer.key, ehds.TypReceipt, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, from, peer, row := line(t)
			s := from.sender(wire(func(_ context.Context, _ connectors.Peer, token string, _ []connectors.Outbound) (connectors.Answer, error) {
				return connectors.Answer{Status: 200, Receipt: answer(t, from, peer, token)}, nil
			}))
			if err := s.Try(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			if r := from.row(row.ID); r.State != store.OutboxQueued || r.Reason != "receipt-invalid" || !r.Due.After(w.clock.Now()) || r.Receipt != "" {
				t.Errorf("row %s, %q, due %s", r.State, r.Reason, r.Due)
			}
		})
	}
}

// A receipt counts only under the log its sender's metadata names.
func TestReceiptsOfAnotherLog(t *testing.T) {
	for name, edit := range map[string]func(*federation.EvidenceLog) *federation.EvidenceLog{
		"other origin": func(l *federation.EvidenceLog) *federation.EvidenceLog {
			return &federation.EvidenceLog{Origin: "x.example/log", VKeys: l.VKeys}
		},
		"no log": func(*federation.EvidenceLog) *federation.EvidenceLog { return nil },
		"no key": func(l *federation.EvidenceLog) *federation.EvidenceLog {
			return &federation.EvidenceLog{Origin: l.Origin}
		},
		"broken key": func(l *federation.EvidenceLog) *federation.EvidenceLog {
			return &federation.EvidenceLog{Origin: l.Origin, VKeys: []string{"x"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, from, peer, row := line(t)
			w.edit(ncpID, func(e *federation.Entity) { e.Gateway.EvidenceLog = edit(e.Gateway.EvidenceLog) })
			if err := from.sender(to(peer)).Try(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			if r := from.row(row.ID); r.State != store.OutboxQueued || r.Reason != "receipt-invalid" {
				t.Errorf("row %s, %q", r.State, r.Reason)
			}
		})
	}
}

// The peer had it: the answer was lost, the message is signed again, and the original counts.
// shows R14.0.4
func TestRetriesEndWithTheOriginalReceipt(t *testing.T) {
	w, from, peer, row := line(t)
	lose := true
	s := from.sender(wire(func(ctx context.Context, p connectors.Peer, token string, a []connectors.Outbound) (connectors.Answer, error) {
		answer, err := to(peer)(ctx, p, token, a)
		if lose {
			return connectors.Answer{}, errBoom
		}
		return answer, err
	}))
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(2 * time.Hour)
	// The key rotates between the attempts; the old one stays published.
	old := from.key
	from.key = trusttest.Key("the centre's next key")
	w.edit(centreID, func(e *federation.Entity) { e.Gateway.Keys = trusttest.KeySet(old, from.key) })
	lose = false
	if err := s.Try(t.Context(), from.row(row.ID)); err != nil {
		t.Fatal(err)
	}
	got := from.row(row.ID)
	if got.State != store.OutboxDelivered || got.Attempts != 2 {
		t.Fatalf("row %+v", got)
	}
	r := peer.receipt(got.Receipt)
	if r.Status != ehds.Duplicate || peer.receipt(r.Original).Status != ehds.Received {
		t.Errorf("receipt %+v", r)
	}
	list := from.attempts(row)
	var claims [2]map[string]any
	var kids [2]string
	var digests [2]string
	for i, a := range list {
		tok, err := jose.Parse([]byte(a.Token), jose.ParseOptions{Typ: []string{ehds.TypMessage}})
		if err != nil {
			t.Fatal(err)
		}
		mustRead(t, tok.Payload, &claims[i])
		kids[i] = tok.Header.Kid
		if digests[i], err = jose.ContentDigest(tok.Payload); err != nil {
			t.Fatal(err)
		}
	}
	if len(list) != 2 || kids[0] == kids[1] || digests[0] != digests[1] || claims[0]["iat"] == claims[1]["iat"] || claims[0]["exp"] == claims[1]["exp"] {
		t.Errorf("attempts differ otherwise: kids %v, digests %v", kids, digests)
	}
	if n := peer.counts().Messages; n != 1 {
		t.Errorf("the peer has %d messages", n)
	}
}

// rejected is a receipt that refuses, made by a peer for a token.
func rejected(t *testing.T, peer *node, token string, ref string, status int, code string) string {
	t.Helper()
	return trusttest.Sign(t, peer.key, ehds.TypReceipt, ehds.Receipt{
		Iss: peer.id, Aud: centreID, Iat: peer.w.clock.Now().Unix(), Ref: ref, TokenSHA256: sha256Hex(token), Status: ehds.Rejected,
		ReceivedAt: stamp(peer.w.clock.Now()), Problem: mustJSON(ehds.Problem{Status: status, Code: code}),
	})
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		receipt int // status of a REJECTED receipt; 0 for a bare answer
		status  int
		code    string
		wait    time.Duration
		state   store.OutboxState
		reason  string
		void    bool
	}{
		"not allowed now":   {403, 403, "not-allowed", 0, store.OutboxQueued, "rejected-not-allowed", false},
		"we are suspended":  {403, 403, "suspended", 0, store.OutboxQueued, "suspended-by-peer", false},
		"slow down":         {429, 429, "too-many-refusals", 40 * time.Second, store.OutboxQueued, "rejected-too-many-refusals", false},
		"not ready":         {503, 503, "record-unavailable", 30 * time.Second, store.OutboxQueued, "rejected-record-unavailable", false},
		"for ever":          {503, 503, "busy", 1000 * time.Hour, store.OutboxQueued, "rejected-busy", false},
		"invalid":           {422, 422, "schema", 0, store.OutboxDead, "rejected-schema", false},
		"conflict":          {409, 409, "seq-used", 0, store.OutboxDead, "rejected-seq-used", false},
		"malformed, proved": {400, 400, "envelope", 0, store.OutboxDead, "rejected-envelope", false},
		"hostile code":      {422, 422, "Canary <script>", 0, store.OutboxDead, "rejected-unknown", false},
		"bare malformed":    {0, 400, "", 0, store.OutboxDead, "refused-400", true},
		"bare too large":    {0, 413, "", 0, store.OutboxDead, "refused-413", true},
		"bare media type":   {0, 415, "", 0, store.OutboxDead, "refused-415", true},
		"not authenticated": {0, 401, "", 0, store.OutboxQueued, "answered-401", false},
		"bare unavailable":  {0, 503, "", 20 * time.Second, store.OutboxQueued, "answered-503", false},
		"redirect":          {0, 302, "", 0, store.OutboxQueued, "answered-302", false},
		"ok without word":   {0, 200, "", 0, store.OutboxQueued, "answered-200", false},
	} {
		t.Run(name, func(t *testing.T) {
			w, from, peer, row := line(t)
			next := from.queue("app:A1", from.submission("A1"))[0]
			s := from.sender(wire(func(_ context.Context, _ connectors.Peer, token string, _ []connectors.Outbound) (connectors.Answer, error) {
				a := connectors.Answer{Status: c.status, RetryAfter: c.wait}
				if c.receipt != 0 {
					a.Receipt = rejected(t, peer, token, row.Jti, c.receipt, c.code)
				}
				return a, nil
			}))
			if err := s.Try(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			got := from.row(row.ID)
			if got.State != c.state || got.Reason != c.reason || got.Attempts != 1 {
				t.Errorf("%s, %q after %d", got.State, got.Reason, got.Attempts)
			}
			wait := got.Due.Sub(w.clock.Now())
			if c.state == store.OutboxQueued && (wait < min(c.wait, s.Backoff.Max) || wait > s.Backoff.Max || wait <= 0) {
				t.Errorf("again in %s, asked %s", wait, c.wait)
			}
			rows := from.rows()
			last := rows[len(rows)-1]
			if void := last.Type == string(ehds.ExchangeVoid); void != c.void || void && (last.Seq != row.Seq || envelopeOf(t, last).Case != row.Case) {
				t.Errorf("last row %s %d", last.Type, last.Seq)
			}
			due, err := from.record.Due(t.Context(), w.clock.Now(), 10)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case c.void && (len(due) != 1 || due[0].ID != last.ID):
				t.Errorf("the void does not go first: %+v", due)
			case !c.void && c.state == store.OutboxDead && (len(due) != 1 || due[0].ID != next.ID):
				t.Errorf("the line stands still: %+v", due)
			case c.state == store.OutboxQueued && len(due) != 0:
				t.Errorf("the line does not wait: %+v", due)
			}
		})
	}
}

// A duplicate of something the peer rejected for good is a rejection.
func TestDuplicateOfARejection(t *testing.T) {
	_, from, peer, row := line(t)
	s := from.sender(wire(func(_ context.Context, _ connectors.Peer, token string, _ []connectors.Outbound) (connectors.Answer, error) {
		r := ehds.Receipt{Iss: peer.id, Aud: centreID, Iat: peer.w.clock.Now().Unix(), Ref: row.Jti, TokenSHA256: sha256Hex(token),
			Status: ehds.Duplicate, Original: rejected(t, peer, token, row.Jti, 422, "schema"), ReceivedAt: stamp(peer.w.clock.Now())}
		return connectors.Answer{Status: 422, Receipt: trusttest.Sign(t, peer.key, ehds.TypReceipt, r)}, nil
	}))
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if r := from.row(row.ID); r.State != store.OutboxDead || r.Reason != "rejected-schema" || r.Receipt == "" {
		t.Errorf("row %s, %q", r.State, r.Reason)
	}
}

// The number of a message given up is taken by exchange.void, and the peer goes on.
func TestVoidClosesTheGap(t *testing.T) {
	_, from, peer, row := line(t)
	bare := wire(func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
		return connectors.Answer{Status: http.StatusBadRequest}, nil
	})
	next := from.queue("app:A1", from.submission("A1"))[0]
	if err := from.sender(bare).Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	rows := from.rows()
	void := rows[len(rows)-1]
	for _, r := range []store.Outbox{void, next} {
		if err := from.sender(to(peer)).Try(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := from.row(r.ID); got.State != store.OutboxDelivered {
			t.Errorf("%s: %s %s", r.Type, got.State, got.Reason)
		}
	}
	if applied, waiting := peer.place("app:A1", centreID); applied != 2 || waiting != 0 {
		t.Errorf("the peer applied %d, %d wait", applied, waiting)
	}
	// A void that cannot be sent either is not replaced again.
	again := from.queue("app:A5", from.compose.Message(Draft{To: ncpID, Type: ehds.ExchangeVoid, Case: "app:A5", Body: ehds.VoidBody{Seq: 1, Reason: "x"}}))[0]
	if err := from.sender(bare).Try(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if rows := from.rows(); rows[len(rows)-1].ID != again.ID || from.row(again.ID).State != store.OutboxDead {
		t.Error("a void was replaced by a void")
	}
}

func TestTransportErrorsOpenTheBreaker(t *testing.T) {
	w, from, _, row := line(t)
	sent := 0
	s := from.sender(wire(func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
		sent++
		return connectors.Answer{}, errBoom
	}))
	s.Breakers = NewBreakers(3, 10*time.Minute)
	for i := range 5 {
		if err := s.Try(t.Context(), from.row(row.ID)); err != nil {
			t.Fatal(err)
		}
		r := from.row(row.ID)
		switch wait := r.Due.Sub(w.clock.Now()); {
		case i < 3 && (r.Reason != "unreachable" || wait < s.Backoff.First<<i/2 || wait > s.Backoff.First<<i || r.Attempts != i+1):
			t.Errorf("try %d: %q, again in %s", i, r.Reason, wait)
		case i >= 3 && (r.Reason != "unreachable" || r.Attempts != 3):
			t.Errorf("try %d: %q after %d", i, r.Reason, r.Attempts)
		}
		if ok, at := s.Ready(row, w.clock.Now()); ok != (i < 2) || !ok && at.Sub(w.clock.Now()) != 10*time.Minute {
			t.Errorf("try %d: ready %t, again in %s", i, ok, at.Sub(w.clock.Now()))
		}
	}
	if sent != 3 || len(from.attempts(row)) != 3 {
		t.Errorf("sent %d times", sent)
	}
	w.clock.Advance(10 * time.Minute)
	if err := s.Try(t.Context(), from.row(row.ID)); err != nil || sent != 4 {
		t.Errorf("no probe: sent %d, %v", sent, err)
	}
}

func TestPeersNotToBeTrusted(t *testing.T) {
	suspend := func(w *world) {
		w.edit(ncpID, func(e *federation.Entity) { e.Marks[0].Status = federation.MarkSuspended })
	}
	for name, c := range map[string]struct {
		set    func(*world)
		age    time.Duration
		reason string
		state  store.OutboxState
	}{
		"unknown":              {func(w *world) { w.err = federation.ErrUnavailable }, 0, "peer-not-trusted", store.OutboxQueued},
		"no gateway":           {func(w *world) { w.mu.Lock(); e := *w.known[ncpID]; e.Gateway = nil; w.known[ncpID] = &e; w.mu.Unlock() }, 0, "peer-not-trusted", store.OutboxQueued},
		"no mark":              {func(w *world) { w.edit(ncpID, func(e *federation.Entity) { e.Marks = nil }) }, 0, "peer-not-trusted", store.OutboxQueued},
		"an hdab's mark":       {func(w *world) { w.edit(ncpID, func(e *federation.Entity) { e.Marks[0].Name = "hdab" }) }, 0, "peer-not-trusted", store.OutboxQueued},
		"suspended":            {suspend, 0, "peer-suspended", store.OutboxQueued},
		"suspended for long":   {suspend, 48 * time.Hour, "peer-suspended", store.OutboxQueued},
		"not trusted for long": {func(w *world) { w.err = federation.ErrUnavailable }, 48 * time.Hour, "expired-peer-not-trusted", store.OutboxDead},
	} {
		t.Run(name, func(t *testing.T) {
			w, from, _, row := line(t)
			c.set(w)
			w.clock.Advance(c.age)
			s := from.sender(wire(func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
				t.Error("sent")
				return connectors.Answer{}, nil
			}))
			if err := s.Try(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			if r := from.row(row.ID); r.State != c.state || r.Reason != c.reason || c.state == store.OutboxQueued && !r.Due.After(w.clock.Now()) {
				t.Errorf("%s, %q, due %s", r.State, r.Reason, r.Due)
			}
			if n, _ := s.Breakers.State(ncpID); n != 0 {
				t.Error("what was never sent counts as unreachable")
			}
		})
	}
}

func TestGivenUpOfAge(t *testing.T) {
	w, from, _, row := line(t)
	w.clock.Advance(25 * time.Hour)
	s := from.sender(wire(func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
		return connectors.Answer{}, errBoom
	}))
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	rows := from.rows()
	if r := from.row(row.ID); r.State != store.OutboxDead || r.Reason != "expired-unreachable" || rows[len(rows)-1].Type != string(ehds.ExchangeVoid) {
		t.Errorf("%s, %q; last %s", r.State, r.Reason, rows[len(rows)-1].Type)
	}
}

// While a peer says that we are suspended, nothing is given up, however long it lasts.
func TestOurOwnSuspensionGivesNothingUp(t *testing.T) {
	w, from, peer, row := line(t)
	w.clock.Advance(48 * time.Hour)
	s := from.sender(wire(func(_ context.Context, _ connectors.Peer, token string, _ []connectors.Outbound) (connectors.Answer, error) {
		return connectors.Answer{Status: 403, Receipt: rejected(t, peer, token, row.Jti, 403, "suspended")}, nil
	}))
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if r := from.row(row.ID); r.State != store.OutboxQueued || r.Reason != "suspended-by-peer" || !r.Due.After(w.clock.Now()) {
		t.Errorf("%s, %q, due %s", r.State, r.Reason, r.Due)
	}
}

func TestCannotSign(t *testing.T) {
	_, from, _, row := line(t)
	s := from.sender(nil)
	s.Signer = brokenSigner{}
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if r := from.row(row.ID); r.State != store.OutboxQueued || r.Reason != "cannot-sign" {
		t.Errorf("%s, %q", r.State, r.Reason)
	}
	bad := row
	bad.Payload = json.RawMessage("{")
	if _, err := s.sign(bad, nil, time.Time{}); err == nil {
		t.Error("an unreadable row was signed")
	}
}

// A probe that never left does not keep the next one from leaving.
func TestProbeThatNeverLeft(t *testing.T) {
	w, from, _, row := line(t)
	s := from.sender(nil)
	s.Breakers = NewBreakers(1, time.Minute)
	s.Breakers.Report(ncpID, false, w.clock.Now())
	w.clock.Advance(time.Minute)
	s.Record = failing{from.record}
	if err := s.Try(t.Context(), row); !errors.Is(err, errBoom) {
		t.Fatalf("got %v", err)
	}
	if ok, _ := s.Breakers.Allow(ncpID, w.clock.Now()); !ok {
		t.Error("the breaker waits for a probe that never left")
	}
	if n, _ := s.Breakers.State(ncpID); n != 1 {
		t.Error("our own trouble closed the breaker")
	}
}
