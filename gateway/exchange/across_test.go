package exchange

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const attached = "CANARY the attached plan"

// An application goes from hub to hub as ciphertext, body and attachment alike, and arrives as it was
// written. The receipt speaks of what was signed.
func TestAcrossIsSealedEndToEnd(t *testing.T) {
	t.Parallel()
	_, fr, fi := hubs(t)
	row := fi.files(fr, attached)
	var c carried
	if err := fi.sealingSender(tapped(fr, &c)).Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	sent := fi.row(row.ID)
	if sent.State != store.OutboxDelivered {
		t.Fatalf("%s %s\n%s", sent.State, sent.Reason, fi.w.logs)
	}
	wireText := string(payloadOf(t, c.tokens[0])) + string(c.parts["plan"])
	for _, canary := range []string{"CANARY", "A study", "plan.pdf", "ds-1", "application/pdf"} {
		if strings.Contains(wireText, canary) {
			t.Errorf("%q stands on the wire in clear", canary)
		}
	}
	jti := envelopeOf(t, row).Jti
	m, ok, err := fr.record.Message(t.Context(), finnID, jti)
	if err != nil || !ok || m.Token != c.tokens[0] || m.Rejected {
		t.Fatalf("on record: %t %v", ok, err)
	}
	var kept openedClaims
	mustRead(t, m.Claims, &kept)
	if diff := cmp.Diff([]ehds.Attachment{attachment("plan", attached)}, kept.Attachments); diff != "" {
		t.Errorf("attachments as opened:\n%s", diff)
	}
	if sha256Hex(kept.Text) != envelopeFrom(t, c.tokens[0]).SealedCommit || kept.Sealed != "" {
		t.Error("the record does not show what sealed_commit is the digest of")
	}
	blobs, err := fr.record.MessageBlobs(t.Context(), finnID, jti)
	if err != nil || readAll(t, fr, blobs["plan"].ID) != attached || readAll(t, fr, blobs[sealedBlob("plan")].ID) != string(c.parts["plan"]) {
		t.Errorf("attachments on record: %v %v", blobs, err)
	}
	r := fr.receipt(sent.Receipt)
	want := []ehds.ReceiptAttachment{{ID: "plan", SHA256: sha256Hex(string(c.parts["plan"])), Size: int64(len(c.parts["plan"]))}}
	if diff := cmp.Diff(want, r.Attachments); diff != "" {
		t.Errorf("receipt:\n%s", diff)
	}
	doc, err := readApplication(fr.natDoc())
	if err != nil || doc.Counterpart != finnID || doc.Application.ID != filingID || len(doc.Application.Tracks) != 1 {
		t.Fatalf("the case: %+v %v", doc, err)
	}
	for _, out := range fr.rows() {
		if e := envelopeOf(t, out); out.Channel == store.ChannelCentral && (e.Profile != ehds.ProfilePeer1 || e.Aud != finnID || e.Case != natCase) {
			t.Errorf("the answer %s goes by %s to %s about %s", e.Type, e.Profile, e.Aud, e.Case)
		}
	}
	if got := types(fr.rows()); got != "application.submit.response application.ack permits.handover" {
		t.Errorf("queued: %s", got)
	}
	wantFiled := []string{"submit " + hdabA + " v1 1 1"}
	system := &stream{}
	for _, task := range fr.rows() {
		if task.Channel == store.ChannelPermits {
			if err := fr.handover(system).Try(t.Context(), task); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(wantFiled, system.took); diff != "" {
		t.Errorf("handed to the permit system:\n%s", diff)
	}
}

// An attempt signed anew carries the same seal, so that it is a duplicate and no conflict; so does a
// replay. A receipt that was lost comes out the same.
func TestAcrossIsSealedOnce(t *testing.T) {
	t.Parallel()
	w, fr, fi := hubs(t)
	row := fi.files(fr, attached)
	var c carried
	s := fi.sealingSender(tapped(fr, &c, errBoom))
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if got := fi.row(row.ID); got.State != store.OutboxQueued || got.Reason != "unreachable" || envelopeOf(t, got).Body == nil {
		t.Fatalf("after an answer was lost: %+v", got)
	}
	w.clock.Advance(10 * time.Minute)
	first := c.parts["plan"]
	if err := s.Try(t.Context(), fi.row(row.ID)); err != nil {
		t.Fatal(err)
	}
	a, b := envelopeFrom(t, c.tokens[0]), envelopeFrom(t, c.tokens[1])
	if a.Sealed != b.Sealed || a.SealedCommit != b.SealedCommit || a.Iat == b.Iat || !bytes.Equal(first, c.parts["plan"]) {
		t.Error("the second attempt is not the first one signed anew")
	}
	if got := fi.row(row.ID); got.State != store.OutboxDelivered || fr.receipt(got.Receipt).Status != ehds.Duplicate {
		t.Errorf("after the second attempt: %s %s", got.State, got.Reason)
	}
	before := fr.counts()
	reply := fr.inbox.Receive(t.Context(), []byte(c.tokens[0]), NoParts{})
	r := fr.receipt(reply.Receipt)
	if r.Status != ehds.Duplicate || fr.counts() != before {
		t.Errorf("a replay: %s", r.Status)
	}
	original := fr.receipt(r.Original)
	m, _, err := fr.record.Message(t.Context(), finnID, a.Jti)
	if err != nil {
		t.Fatal(err)
	}
	m.Receipt = ""
	again, err := fr.inbox.remakeReceipt(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(original, fr.receipt(again)); diff != "" {
		t.Errorf("made again:\n%s", diff)
	}
}

// What cannot be sealed for its reader does not leave.
func TestAcrossNothingLeavesInClear(t *testing.T) {
	t.Parallel()
	for name, mod := range map[string]func(*federation.Entity, *Sender){
		"no algorithm in common": func(e *federation.Entity, _ *Sender) { e.Gateway.SealingAlgs = []string{"HPKE-10"} },
		"no key":                 func(e *federation.Entity, _ *Sender) { e.Gateway.Keys.Keys = e.Gateway.Keys.Keys[1:] },
		"another profile":        func(e *federation.Entity, _ *Sender) { e.Gateway.Profiles = []string{ehds.ProfileR8} },
		"no sealing here":        func(_ *federation.Entity, s *Sender) { s.Sealing = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, fr, fi := hubs(t)
			row := fi.files(fr, attached)
			var c carried
			s := fi.sealingSender(tapped(fr, &c))
			w.edit(ncpID, func(e *federation.Entity) { mod(e, s) })
			if err := s.Try(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			if got := fi.row(row.ID); len(c.tokens) != 0 || got.State != store.OutboxQueued || got.Reason != "cannot-seal" || len(got.Blobs) != 1 {
				t.Errorf("%d sent, %s %s", len(c.tokens), got.State, got.Reason)
			}
		})
	}
}

// A dead letter that an operator has sent again is another message, sealed for itself.
func TestAcrossDeadLetterIsSealedAnew(t *testing.T) {
	t.Parallel()
	_, fr, fi := hubs(t)
	row := fi.files(fr, attached)
	var c carried
	s := fi.sealingSender(tapped(fr, &c, errBoom))
	if err := s.Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	fi.kill(fi.row(row.ID))
	anew, err := fi.letters().Retry(t.Context(), row.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Try(t.Context(), fi.row(anew)); err != nil {
		t.Fatal(err)
	}
	a, b := envelopeFrom(t, c.tokens[0]), envelopeFrom(t, c.tokens[1])
	if a.Jti == b.Jti || a.Sealed == b.Sealed || b.Seq != 2 || a.Attachments[0].SHA256 == b.Attachments[0].SHA256 {
		t.Errorf("sent again: %+v", b)
	}
	if got := fi.row(anew); got.State != store.OutboxDelivered {
		t.Errorf("%s %s", got.State, got.Reason)
	}
}

// envelopeFrom reads the claims of a token.
func envelopeFrom(t *testing.T, token string) ehds.Envelope {
	t.Helper()
	var e ehds.Envelope
	mustRead(t, payloadOf(t, token), &e)
	return e
}

func readAll(t *testing.T, n *node, blob string) string {
	t.Helper()
	r, err := n.record.OpenBlob(t.Context(), blob)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func (n *node) natDoc() []byte {
	n.w.t.Helper()
	c, ok, err := n.record.Case(n.w.t.Context(), natCase)
	if err != nil || !ok {
		n.w.t.Fatalf("%v %v", ok, err)
	}
	return c.Doc
}

// hostileAcross are messages a hub must refuse, and the code it refuses them with.
func hostileAcross(t *testing.T) map[string]struct {
	mod   func(*forged)
	after func(*ehds.Envelope)
	code  string
} {
	other := hubSealing(t, swedeID).Public()
	return map[string]struct {
		mod   func(*forged)
		after func(*ehds.Envelope)
		code  string
	}{
		"sealed for another number":  {func(f *forged) { f.bind.Seq += 2 }, nil, "sealed-mismatch"},
		"sealed for another message": {func(f *forged) { f.bind.Jti = newID() }, nil, "sealed-mismatch"},
		"sealed for another type":    {func(f *forged) { f.bind.Type = "appeal.submit" }, nil, "sealed-mismatch"},
		"sealed by another hub":      {func(f *forged) { f.bind.Iss = swedeID }, nil, "sealed-mismatch"},
		"another commitment":         {nil, func(e *ehds.Envelope) { e.SealedCommit = sha256Hex("x") }, "sealed-mismatch"},
		"for another recipient":      {func(f *forged) { f.key = other }, nil, "unsealable"},
		"with the kid of another key": {nil, func(e *ehds.Envelope) {
			header := trustHeader(hubSealing(t, swedeID))
			e.Sealed = header + e.Sealed[strings.IndexByte(e.Sealed, '.'):]
		}, "unsealable"},
		"cut short":     {nil, func(e *ehds.Envelope) { e.Sealed = e.Sealed[:len(e.Sealed)-2] }, "unsealable"},
		"in clear":      {nil, func(e *ehds.Envelope) { e.Sealed, e.SealedCommit, e.Body = "", "", submitBody(filingID, "ds-1") }, "sealed-missing"},
		"clear as well": {nil, func(e *ehds.Envelope) { e.Body = submitBody(filingID, "ds-1") }, "sealed-missing"},
		"uncommitted":   {nil, func(e *ehds.Envelope) { e.SealedCommit = "" }, "sealed-missing"},
		"a bad body":    {func(f *forged) { f.body = json.RawMessage(`{"kind":"x"}`) }, nil, "schema"},
		"an attachment that was not sealed with it": {func(f *forged) {
			f.carries(t, "plan", attached, 0)
			f.files = nil
		}, nil, "sealed-mismatch"},
		"a truncated age file":      {func(f *forged) { f.carries(t, "plan", attached, 1) }, nil, "unsealable"},
		"an age file of its header": {func(f *forged) { f.carries(t, "plan", attached, len(attached)+16+8) }, nil, "unsealable"},
		"an attachment in clear": {func(f *forged) {
			f.carries(t, "plan", attached, 0)
			f.env.Attachments[0], f.parts[0].body = attachment("plan", attached), strings.NewReader(attached)
		}, nil, "unsealable"},
		"the identity of another file": {func(f *forged) {
			f.carries(t, "plan", attached, 0)
			f.carries(t, "note", "x", 0)
			f.files[0].Identity, f.files[1].Identity = f.files[1].Identity, f.files[0].Identity
		}, nil, "unsealable"},
		"an attachment without a name": {func(f *forged) { f.carries(t, "plan", attached, 0); f.files[0].Name = "" }, nil, "attachment-form"},
		"a missing part":               {func(f *forged) { f.carries(t, "plan", attached, 0); f.parts = nil }, nil, "attachment-missing"},
		"a part that differs": {func(f *forged) {
			f.carries(t, "plan", attached, 0)
			f.parts[0].body = strings.NewReader(strings.Repeat("x", int(f.env.Attachments[0].Size)))
		}, nil, "attachment-digest"},
		"too large": {func(f *forged) {
			f.carries(t, "plan", attached, 0)
			f.env.Attachments[0].Size = DefaultLimits().MaxAttachmentBytes + 1
		}, nil, "attachment-form"},
		"a case of the centre":       {nil, func(e *ehds.Envelope) { e.Case = "app:" + filingID }, "case-kind"},
		"another profile":            {nil, func(e *ehds.Envelope) { e.Profile = ehds.ProfileR8 }, "case-kind"},
		"a type that goes up only":   {nil, func(e *ehds.Envelope) { e.Type = ehds.DatasetCreate }, "not-allowed"},
		"a case filed in our nation": {nil, func(e *ehds.Envelope) { e.Case = "nat:FR:" + filingID }, "not-allowed"},
		"a case filed in a third":    {nil, func(e *ehds.Envelope) { e.Case, e.Type = "nat:SE:"+filingID, ehds.ApplicationStatus }, "not-allowed"},
		"what the deciding side says": {nil, func(e *ehds.Envelope) {
			e.Type, e.Track = ehds.ApplicationDecision, &ehds.Track{CatalogID: "cat", HDAB: hdabA}
		}, "not-allowed"},
		"with an origin": {nil, func(e *ehds.Envelope) { e.Origin = &ehds.Origin{Entity: centreID, Nation: "FR"} }, "origin-not-allowed"},
	}
}

// trustHeader is the header of a JWE to a key.
func trustHeader(k jose.SealingKey) string {
	sealed, err := jose.Seal(k.Public(), []byte("x"))
	if err != nil {
		panic(err)
	}
	return sealed[:strings.IndexByte(sealed, '.')]
}

func newID() string { return Composer{Rand: bytes.NewReader(make([]byte, 64))}.NewID() }

// Each is refused with its code and leaves nothing of an attachment or of a case behind.
func TestAcrossRefuses(t *testing.T) {
	t.Parallel()
	_, fr, fi := hubs(t)
	for name, c := range hostileAcross(t) {
		t.Run(name, func(t *testing.T) {
			after := []func(*ehds.Envelope){}
			if c.after != nil {
				after = append(after, c.after)
			}
			token, parts := fi.forge(fr, c.mod, after...)
			reply := fr.inbox.Receive(t.Context(), []byte(token), parts)
			r := fr.receipt(reply.Receipt)
			if p := problemOf(t, r); r.Status != ehds.Rejected || p.Code != c.code {
				t.Errorf("%s %+v, want %s", r.Status, p, c.code)
			}
			if strings.Contains(reply.Receipt, "CANARY") {
				t.Error("the receipt repeats what was sent")
			}
		})
	}
	if _, known, err := fr.record.Case(t.Context(), natCase); err != nil || known && len(fr.natDoc()) > 0 {
		t.Errorf("a case came of it: %v", err)
	}
	if n := fr.inbox.staged.peers[finnID]; n != 0 {
		t.Errorf("%d bytes are still reserved", n)
	}
}

// Who is not listed is turned away, whatever it proves, and one that lost its mark too; the centre has
// no sealed messages to send.
func TestAcrossOnlyWithPeers(t *testing.T) {
	t.Parallel()
	w, fr, fi := hubs(t)
	se := newHub(w, swedeID, "SE", ncpID)
	centre := newPeer(w, centreID, ehds.MarkCentralPlatform)
	refused := func(name string, from *node, status int, code string, after ...func(*ehds.Envelope)) {
		t.Helper()
		token, parts := from.forge(fr, nil, after...)
		reply := fr.inbox.Receive(t.Context(), []byte(token), parts)
		if p := problemOf(t, fr.receipt(reply.Receipt)); p.Code != code || p.Status != status {
			t.Errorf("%s: %+v", name, p)
		}
	}
	refused("a hub that is not listed", se, 403, "not-allowed", func(e *ehds.Envelope) { e.Case = "nat:SE:" + filingID })
	refused("the centre, in peer-1", centre, 422, "unknown-profile")
	refused("the centre, sealed", centre, 422, "sealed-not-allowed", func(e *ehds.Envelope) { e.Profile, e.Case = ehds.ProfileR8, "app:A1" })
	w.edit(finnID, func(e *federation.Entity) { e.Marks[0].Status = federation.MarkSuspended })
	refused("a suspended peer", fi, 403, "suspended")
	w.edit(finnID, func(e *federation.Entity) { e.Marks[0].Name = string(ehds.MarkHDAB) })
	refused("a peer that is a body", fi, 403, "not-allowed")
	w.edit(finnID, func(e *federation.Entity) {
		e.Marks[0].Name, e.Marks[0].Status, e.Gateway.Country = string(ehds.MarkNCP), federation.MarkActive, "FR"
	})
	refused("a hub of our own nation", fi, 403, "not-allowed", func(e *ehds.Envelope) { e.Case = "nat:FR:" + filingID })
}

// A hub acts on what it filed itself: for another hub of its nation the case is unknown.
func TestAcrossAnotherHubsCaseIsUnknown(t *testing.T) {
	t.Parallel()
	w, fr, fi := hubs(t)
	second := newHub(w, swedeID, "FI", ncpID) // of the same nation as the first
	fr.across("FR", finnID, swedeID)
	token, parts := fi.forge(fr, nil)
	if reply := fr.inbox.Receive(t.Context(), []byte(token), parts); reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	before := fr.natDoc()
	token, parts = second.forge(fr, func(f *forged) {
		f.env.Type, f.bind.Type = ehds.ApplicationWithdraw, string(ehds.ApplicationWithdraw)
		f.body = mustJSON(ehds.WithdrawBody{ApplicationID: filingID, Date: "2027-03-01T10:00:00Z"})
	})
	if reply := fr.inbox.Receive(t.Context(), []byte(token), parts); reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	rows := fr.rows()
	last := rows[len(rows)-1]
	if b := responseOf(t, last); last.Target != swedeID || b.Result != ehds.NotValidated || b.Findings[0].Code != "unknown-case" || !bytes.Equal(before, fr.natDoc()) {
		t.Errorf("%s: %+v", last.Target, b)
	}
}

// A sealing key that has been given up opens nothing more; while it retires it does.
func TestAcrossRetiredKey(t *testing.T) {
	t.Parallel()
	_, fr, fi := hubs(t)
	retired := hubSealing(t, ncpID)
	active, err := jose.SealingKeyFromSeed("HPKE-3", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		keys []jose.SealingKey
		want ehds.ReceiptStatus
	}{
		"retired 15 days ago": {[]jose.SealingKey{active}, ehds.Rejected},
		"retired yesterday":   {[]jose.SealingKey{active, retired}, ehds.Received},
	} {
		fr.inbox.Open = func() ([]jose.SealingKey, error) { return c.keys, nil }
		token, parts := fi.forge(fr, nil)
		if r := fr.receipt(fr.inbox.Receive(t.Context(), []byte(token), parts).Receipt); r.Status != c.want {
			t.Errorf("%s: %s %s", name, r.Status, r.Problem)
		}
	}
	fr.inbox.Open = func() ([]jose.SealingKey, error) { return nil, errBoom }
	token, parts := fi.forge(fr, nil)
	if p := problemOf(t, fr.receipt(fr.inbox.Receive(t.Context(), []byte(token), parts).Receipt)); p.Status != 503 || p.Code != "sealing-keys-unavailable" {
		t.Errorf("keys that cannot be read: %+v", p)
	}
}
