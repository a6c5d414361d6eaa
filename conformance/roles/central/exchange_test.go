package central

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

func (n *ncp) create(t *testing.T, id string) ehds.Envelope {
	return n.message(ehds.DatasetCreate, ehds.DatasetCase(n.country, id).String(), datasetBody(t, "https://x.example/"+n.country+id, id, "1"))
}

// problemOf is the code in a REJECTED receipt.
func problemOf(t *testing.T, r ehds.Receipt) string {
	t.Helper()
	var p ehds.Problem
	if r.Status != ehds.Rejected || json.Unmarshal(r.Problem, &p) != nil {
		t.Fatalf("receipt %s %s", r.Status, r.Problem)
	}
	return p.Code
}

func TestDuplicates(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	e := n.next(n.create(t, "1"))
	status, first, raw := n.post(e)
	if status != http.StatusOK || first.Status != ehds.Received || first.Held {
		t.Fatalf("%d %+v", status, first)
	}
	size := w.central.log.Size()
	for name, change := range map[string]func(*ehds.Envelope){
		"same bytes":      func(*ehds.Envelope) {},
		"signed again":    func(e *ehds.Envelope) { e.Iat++; e.Exp++ },
		"expired by then": func(e *ehds.Envelope) { e.Iat -= 7200; e.Exp -= 7200 },
	} {
		again := e
		change(&again)
		status, r, _ := n.post(again)
		if status != http.StatusOK || r.Status != ehds.Duplicate || r.Original != raw {
			t.Errorf("%s: %d %s", name, status, r.Status)
		}
	}
	other := e
	other.Body = json.RawMessage(strings.Replace(string(e.Body), `"release":"r8"`, `"release":"r7"`, 1))
	if status, r, _ := n.post(other); status != http.StatusConflict || problemOf(t, r) != "jti-conflict" {
		t.Errorf("%d %s", status, r.Problem)
	}
	if w.central.log.Size() != size {
		t.Error("a duplicate grows the log")
	}
	w.open()
	if _, r, _ := n.post(e); r.Status != ehds.Duplicate || r.Original != raw {
		t.Errorf("after a restart: %s", r.Status)
	}
	w.deliver()
	n.wantValid(e)
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	for name, c := range map[string]struct {
		change func(*ehds.Envelope)
		status int
		code   string // "" for an answer without receipt
		stored bool
	}{
		"another audience": {func(e *ehds.Envelope) { e.Aud = n.id }, 401, "", false},
		"unknown issuer":   {func(e *ehds.Envelope) { e.Iss = "https://127.0.0.1:1/x" }, 401, "", false},
		"too long a life":  {func(e *ehds.Envelope) { e.Exp = e.Iat + 86401 }, 400, "", false},
		"jti form":         {func(e *ehds.Envelope) { e.Jti = "x" }, 400, "jti-form", false},
		"expired":          {func(e *ehds.Envelope) { e.Iat -= 3661; e.Exp -= 3661 }, 403, "outside-its-time", false},
		"from the future":  {func(e *ehds.Envelope) { e.Iat += 61; e.Exp += 61 }, 403, "outside-its-time", false},
		"origin":           {func(e *ehds.Envelope) { e.Origin = &ehds.Origin{Entity: "x"} }, 403, "origin-not-allowed", false},
		"direction":        {func(e *ehds.Envelope) { e.Type = ehds.ApplicationSubmit }, 403, "not-allowed", false},
		"unknown type":     {func(e *ehds.Envelope) { e.Type = "permit.wish" }, 422, "unknown-type", true},
		"profile":          {func(e *ehds.Envelope) { e.Profile = "peer-1" }, 422, "unknown-profile", true},
		"case":             {func(e *ehds.Envelope) { e.Case = "x" }, 422, "case-form", true},
		"case kind":        {func(e *ehds.Envelope) { e.Case = "app:1" }, 422, "case-kind", true},
		"no number":        {func(e *ehds.Envelope) { e.Seq = 0 }, 422, "seq-range", true},
		"schema":           {func(e *ehds.Envelope) { e.Body = json.RawMessage(`{}`) }, 422, "schema", true},
		"ref alone":        {func(e *ehds.Envelope) { e.Ref = e.Jti }, 422, "ref-form", true},
		"unknown ref":      {func(e *ehds.Envelope) { e.Ref, e.RefSHA256 = e.Jti, strings.Repeat("0", 64) }, 422, "unknown-ref", true},
		"sealed":           {func(e *ehds.Envelope) { e.Sealed = "x" }, 422, "sealed-not-allowed", true},
		"attachment gone":  {func(e *ehds.Envelope) { e.Attachments = []ehds.Attachment{{ID: "a"}} }, 422, "attachment-form", true},
	} {
		t.Run(name, func(t *testing.T) {
			e := n.create(t, strings.ReplaceAll(name, " ", "-"))
			e.Seq = 1
			c.change(&e)
			token := n.sign(n.exchange, ehds.TypMessage, e)
			sent := e
			sent.Attachments = nil // the token goes alone
			before := w.central.log.Size()
			status, r, _ := n.postTolerant(sent, token)
			if status != c.status || c.code == "" && r.Status != "" || c.code != "" && problemOf(t, r) != c.code {
				t.Fatalf("%d %s %s", status, r.Status, r.Problem)
			}
			if grown := w.central.log.Size() > before; grown != c.stored {
				t.Errorf("stored %v, want %v", grown, c.stored)
			}
			if _, r, _ = n.postTolerant(sent, token); c.stored && r.Status != ehds.Duplicate {
				t.Errorf("again: %s", r.Status)
			}
		})
	}
}

// postTolerant posts without judging the receipt's reference, which may be unreadable.
func (n *ncp) postTolerant(e ehds.Envelope, token string) (int, ehds.Receipt, string) {
	n.w.t.Helper()
	a, err := roles.Post(n.w.t.Context(), n.w.server.Client(), n.w.central.Entity()+"/exchange", token, e.Attachments, n.blobs)
	if err != nil {
		n.w.t.Fatal(err)
	}
	var r ehds.Receipt
	if a.Receipt != "" {
		tok, err := forge.Parse(a.Receipt, ehds.TypReceipt)
		if err != nil || tok.Verify(forge.NewJWKS(n.w.central.exchange)) != nil || forge.DecodeExact(tok.Payload, &r) != nil {
			n.w.t.Fatalf("receipt: %v", err)
		}
	}
	return a.Status, r, a.Receipt
}

func TestHostileTokens(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	e := n.next(n.create(t, "1"))
	stranger, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	header := func(change map[string]any) string {
		h := map[string]any{"alg": n.exchange.Alg, "kid": n.exchange.Kid, "typ": ehds.TypMessage}
		for k, v := range change {
			h[k] = v
		}
		token, err := forge.SignHeader(n.exchange, h, e)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := n.sign(n.exchange, ehds.TypMessage, e)
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"by a stranger":  {n.sign(stranger, ehds.TypMessage, e), 401},
		"federation key": {n.sign(n.federate, ehds.TypMessage, e), 401},
		"stranger's kid": {func() string {
			tok, err := forge.SignHeader(stranger, forge.Header{Alg: stranger.Alg, Kid: n.exchange.Kid, Typ: ehds.TypMessage}, e)
			if err != nil {
				t.Fatal(err)
			}
			return tok
		}(), 401},
		"typ":           {n.sign(n.exchange, ehds.TypReceipt, e), 400},
		"jku":           {header(map[string]any{"jku": "https://evil.example"}), 400},
		"broken chain":  {header(map[string]any{"trust_chain": []string{"a", "b", "c"}}), 401},
		"signature cut": {good[:len(good)-1], 400},
		"not a token":   {"hello", 400},
		"too large":     {strings.Repeat("a", forge.MaxToken+1), 413},
	} {
		t.Run(name, func(t *testing.T) {
			if status, r, _ := n.postTolerant(ehds.Envelope{}, c.token); status != c.want || r.Status != "" {
				t.Errorf("%d %s", status, r.Status)
			}
		})
	}
	if w.central.log.Size() != 0 {
		t.Error("a stranger's message is logged")
	}
	resp, err := w.server.Client().Post(w.server.URL+"/exchange", "text/plain", strings.NewReader(good))
	if err != nil || resp.StatusCode != http.StatusUnsupportedMediaType || resp.Header.Get("Content-Type") != roles.MediaProblem {
		t.Errorf("%v %v", resp, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestOrder(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	caseID := "ds:NL:1"
	one := n.message(ehds.DatasetCreate, caseID, datasetBody(t, "https://nl.example/1", "1", "1"))
	two := n.message(ehds.DatasetUpdate, caseID, datasetBody(t, "https://nl.example/1", "1", "2"))
	bad := n.message(ehds.DatasetUpdate, caseID, map[string]string{})
	four := n.message(ehds.DatasetUpdate, caseID, datasetBody(t, "https://nl.example/1", "1", "4"))
	one.Seq, two.Seq, bad.Seq, four.Seq = 1, 2, 3, 4
	for _, e := range []ehds.Envelope{four, two} {
		if _, r, _ := n.post(e); r.Status != ehds.Received || !r.Held {
			t.Fatalf("%d: %s held %v", e.Seq, r.Status, r.Held)
		}
	}
	if _, r, _ := n.post(bad); problemOf(t, r) != "schema" { // consumes its number when its turn comes
		t.Fatal(r.Status)
	}
	taken := n.message(ehds.DatasetUpdate, caseID, datasetBody(t, "https://nl.example/1", "1", "x"))
	taken.Seq = 2
	if status, r, _ := n.post(taken); status != http.StatusConflict || problemOf(t, r) != "seq-used" {
		t.Errorf("%d %s", status, r.Problem)
	}
	w.open() // held messages survive
	if got := catalogueOf(t, w.central); len(got) != 0 {
		t.Errorf("applied before its turn: %+v", got)
	}
	if _, r, _ := n.post(one); r.Status != ehds.Received || r.Held {
		t.Fatalf("%s held %v", r.Status, r.Held)
	}
	w.deliver()
	for _, e := range []ehds.Envelope{one, two, four} {
		n.wantValid(e)
	}
	if got := catalogueOf(t, w.central); len(got) != 1 || got[0].Title["en"] != "Hospital stays 4" {
		t.Errorf("%+v", got)
	}
	used := n.message(ehds.DatasetUpdate, caseID, datasetBody(t, "https://nl.example/1", "1", "y"))
	used.Seq = 4
	if status, r, _ := n.post(used); status != http.StatusConflict || problemOf(t, r) != "seq-used" {
		t.Errorf("%d %s", status, r.Problem)
	}
}

func TestHoldBound(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	two, five := n.create(t, "1"), n.create(t, "1")
	two.Seq, five.Seq = 2, 5
	for _, e := range []ehds.Envelope{two, five} {
		if _, r, _ := n.post(e); !r.Held {
			t.Fatal("not held")
		}
	}
	w.clock.pass(holdBound - time.Second)
	w.deliver()
	if len(n.inbox) != 0 {
		t.Fatal("released before the bound")
	}
	w.clock.pass(time.Second)
	w.deliver()
	if b := n.wantValid(two); len(b.Findings) == 0 || b.Findings[0].Code != "seq-gap" {
		t.Errorf("findings %v", b.Findings)
	}
	n.wantCode(five, "dataset-exists")
	six := n.create(t, "1")
	six.Seq = 6
	if _, r, _ := n.post(six); r.Held {
		t.Error("the line does not go on after a gap")
	}
}

func TestSuspension(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	n.wantValid(n.tell(n.create(t, "1")))
	if err := w.anchor.Suspend(n.id); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(6 * time.Minute)
	e := n.create(t, "2")
	e.Seq = 1
	if status, r, _ := n.post(e); status != http.StatusForbidden || problemOf(t, r) != "suspended" {
		t.Fatalf("%d %s", status, r.Problem)
	}
	id, err := w.central.submit(t.Context(), filingOf("NL", "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if len(n.about(ehds.ApplicationSubmit, "")) != 0 {
		t.Error("a suspended contact point is sent to")
	}
	if err := w.anchor.Resume(n.id); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(6 * time.Minute)
	if status, r, _ := n.post(n.refresh(e)); status != http.StatusOK || r.Status != ehds.Received { // nothing was claimed
		t.Fatalf("%d %s", status, r.Problem)
	}
	w.deliver()
	if len(n.about(ehds.ApplicationSubmit, "")) != 1 {
		t.Errorf("application %s did not leave after the suspension", id)
	}
}

// refresh gives a message new times.
func (n *ncp) refresh(e ehds.Envelope) ehds.Envelope {
	e.Iat, e.Exp = n.w.clock.Now().Unix(), n.w.clock.Now().Add(time.Hour).Unix()
	return e
}

func TestRetriesAndGivingUp(t *testing.T) {
	w := newWorld(t)
	n := published(t, w, "NL")["NL"]
	var tries int
	answer := func(status int) func(http.ResponseWriter) bool {
		return func(rw http.ResponseWriter) bool { tries++; rw.WriteHeader(status); return true }
	}
	n.fail = answer(http.StatusServiceUnavailable)
	v := w.front(http.MethodPost, "", filingOf("NL", "set-NL"), http.StatusCreated)
	w.deliver()
	if tries != 1 {
		t.Fatalf("%d tries without waiting", tries)
	}
	w.open()
	w.clock.pass(2 * time.Second)
	w.deliver()
	n.fail = nil
	w.clock.pass(10 * time.Second)
	w.deliver()
	got := n.about(ehds.ApplicationSubmit, "")
	if tries != 2 || len(got) != 1 || got[0].env.Seq != 1 {
		t.Fatalf("%d tries, %d arrived", tries, len(got))
	}
	n.fail = func(rw http.ResponseWriter) bool { n.fail = nil; return answer(http.StatusBadRequest)(rw) }
	w.front(http.MethodPost, "/"+v.ID+"/withdraw", map[string]string{}, http.StatusAccepted)
	void := n.about(ehds.ExchangeVoid, "")
	if len(void) != 1 || void[0].env.Seq != 2 || len(n.about(ehds.ApplicationWithdraw, "")) != 0 {
		t.Errorf("void %+v", void)
	}
}

func TestForgedReceiptsAreNotBelieved(t *testing.T) {
	w := newWorld(t)
	n := published(t, w, "NL")["NL"]
	stranger, err := forge.NewKey(forge.AlgES256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n.fail = func(rw http.ResponseWriter) bool {
		roles.WriteToken(rw, http.StatusOK, roles.MediaReceipt, n.sign(stranger, ehds.TypReceipt, ehds.Receipt{Status: ehds.Received}))
		return true
	}
	v := w.front(http.MethodPost, "", filingOf("NL", "set-NL"), http.StatusCreated)
	got, _ := w.central.viewOf(v.ID)
	if m := got.Messages[0]; m.State != outQueued || m.Reason != "receipt-invalid" {
		t.Errorf("%+v", m)
	}
}

func TestJournalFailureAcknowledgesNothing(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	e := n.next(n.create(t, "1"))
	if err := w.central.journal.Close(); err != nil {
		t.Fatal(err)
	}
	if status, r, _ := n.post(e); status != http.StatusServiceUnavailable || problemOf(t, r) != "record-unavailable" {
		t.Fatalf("%d %s", status, r.Status)
	}
	if w.central.log.Size() != 0 || len(catalogueOf(t, w.central)) != 0 {
		t.Error("something happened that is not in the journal")
	}
	w.central = nil
	w.open()
	if _, r, _ := n.post(e); r.Status != ehds.Received {
		t.Errorf("after the repair: %s", r.Status)
	}
}

func TestJournalIsPrivateAndChecked(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	n.tell(n.create(t, "1"))
	path := filepath.Join(w.dir, "journal.jsonl")
	for _, f := range []string{"journal.jsonl", "federation.jwk", "exchange.jwk", "log.key"} {
		info, err := os.Stat(filepath.Join(w.dir, f))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info, err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(raw, `{"at":"2026`...), 0o600); err != nil { // a torn write
		t.Fatal(err)
	}
	w.open()
	if len(catalogueOf(t, w.central)) != 1 {
		t.Error("a torn last line loses the rest")
	}
	if err := os.WriteFile(path, append([]byte("{\n"), raw...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(w.central.o); !errors.Is(err, roles.ErrJournal) {
		t.Errorf("a broken journal: %v", err)
	}
}
