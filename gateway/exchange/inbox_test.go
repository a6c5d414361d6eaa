package exchange

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// pair is a contact point and its centre.
func pair(t *testing.T) (w *world, ncp, centre *node) {
	w = newWorld(t)
	ncp, centre = newNode(w, ncpID, ehds.MarkNCP), newPeer(w, centreID, ehds.MarkCentralPlatform)
	ncp.publish("ds-1", hdabA)
	return w, ncp, centre
}

// Until a sender has proved itself there is no receipt, no claim and no leaf.
// shows R15.5.1 R15.6.1
func TestUnauthenticatedLeavesNothing(t *testing.T) {
	_, ncp, centre := pair(t)
	good := centre.sign(centre.envelope(ncp))
	stranger := trusttest.Key("stranger")
	for name, c := range map[string]struct {
		token  string
		status int
	}{
		"empty":            {"", 400},
		"no token":         {"hello", 400},
		"two segments":     {strings.Join(strings.Split(good, ".")[:2], "."), 400},
		"json form":        {`{"payload":"","signatures":[]}`, 400},
		"trailing newline": {good + "\n", 400},
		"other typ":        {trusttest.Sign(t, centre.key, ehds.TypReceipt, centre.envelope(ncp)), 400},
		"no exp":           {centre.sign(map[string]any{"iss": centreID, "aud": ncpID, "iat": 1}), 400},
		"too long a life":  {centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) { e.Exp = e.Iat + 86401 })), 400},
		"two audiences":    {centre.sign(map[string]any{"iss": centreID, "aud": []string{ncpID}, "iat": 1, "exp": 2}), 400},
		"other audience":   {centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) { e.Aud = "https://other.example" })), 401},
		"unknown issuer":   {centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) { e.Iss = "https://nobody.example" })), 401},
		"another's key":    {trusttest.Sign(t, stranger, ehds.TypMessage, centre.envelope(ncp)), 401},
		"cut signature":    {good[:len(good)-4] + "AAAA", 401},
		"too large":        {strings.Repeat("a", 3<<20), 413},
	} {
		t.Run(name, func(t *testing.T) {
			before := ncp.counts()
			r := ncp.receive(c.token)
			if r.Receipt != "" || r.Fault == nil || StatusOf(r.Fault) != c.status || r.Rule == "" {
				t.Errorf("receipt %t, fault %v, rule %q; want a bare %d", r.Receipt != "", r.Fault, r.Rule, c.status)
			}
			if p := ProblemOf(r.Fault); p.Detail != "" || p.Field != "" {
				t.Errorf("the answer says more than its status: %+v", p)
			}
			if got := ncp.counts(); got != before {
				t.Errorf("the record changed: %+v, before %+v", got, before)
			}
		})
	}
}

func TestUnreachableTrustIsLater(t *testing.T) {
	w, ncp, centre := pair(t)
	token := centre.sign(centre.envelope(ncp))
	w.err = federation.ErrUnavailable
	r := ncp.receive(token)
	if r.Receipt != "" || StatusOf(r.Fault) != 503 || r.Fault.RetryAfter == 0 {
		t.Fatalf("got %+v", r)
	}
	w.err = nil
	if r := ncp.receive(token); r.Status != ehds.Received {
		t.Fatalf("then %+v", r)
	}
}

// A receipt proves the message in our log, and says when the transaction was committed.
func TestReceiptIsProved(t *testing.T) {
	w, ncp, centre := pair(t)
	env := centre.envelope(ncp)
	token := centre.sign(env)
	reply := ncp.receive(token)
	if reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	r := ncp.receipt(reply.Receipt)
	if r.Status != ehds.Received || r.Ref != env.Jti || r.Aud != centreID || r.TokenSHA256 != sha256Hex(token) || r.Held {
		t.Errorf("receipt %+v", r)
	}
	e := evidence.ReceiptEvidence{Salt: r.Evidence.Salt, Leaf: r.Evidence.Leaf, Proof: r.Evidence.Proof}
	if _, err := e.Check([]byte(token), ncp.origin, ncp.log); err != nil {
		t.Errorf("evidence: %v", err)
	}
	if _, err := e.Check([]byte(token+"x"), ncp.origin, ncp.log); err == nil {
		t.Error("the evidence proves another token")
	}
	m, ok, err := ncp.record.Message(t.Context(), centreID, env.Jti)
	if err != nil || !ok || stamp(m.ReceivedAt) != r.ReceivedAt || m.ReceivedAt.Unix() != r.Iat || m.Receipt != reply.Receipt {
		t.Errorf("message %+v, %v; receipt of %s", m, err, r.ReceivedAt)
	}
	if !m.ReceivedAt.Equal(w.clock.Now()) {
		t.Errorf("received at %s", m.ReceivedAt)
	}
}

// What may pass later gets a receipt under its status and claims nothing.
func TestNotNowClaimsNothing(t *testing.T) {
	mark := func(status federation.MarkStatus) func(*world) {
		return func(w *world) {
			w.edit(centreID, func(e *federation.Entity) { e.Marks[0].Status = status })
		}
	}
	for name, c := range map[string]struct {
		set    func(*world)
		mod    func(*ehds.Envelope)
		status int
		code   string
	}{
		"expired":       {nil, func(e *ehds.Envelope) { e.Iat -= 7200; e.Exp -= 7200 }, 403, "expired"},
		"future":        {nil, func(e *ehds.Envelope) { e.Iat += 61 }, 403, "issued-in-future"},
		"no mark":       {func(w *world) { w.edit(centreID, func(e *federation.Entity) { e.Marks = nil }) }, nil, 403, "not-allowed"},
		"expired mark":  {func(w *world) { w.edit(centreID, func(e *federation.Entity) { e.Marks[0].Expires = w.clock.Now() }) }, nil, 403, "not-allowed"},
		"suspended":     {mark(federation.MarkSuspended), nil, 403, "suspended"},
		"revoked":       {mark(federation.MarkRevoked), nil, 403, "not-allowed"},
		"status unkown": {mark(federation.MarkUnknown), nil, 503, "mark-unknown"},
		"other role": {func(w *world) { w.edit(centreID, func(e *federation.Entity) { e.Marks[0].Name = "ncp" }) },
			nil, 403, "not-allowed"},
		"origin by a contact point": {func(w *world) { w.edit(centreID, func(e *federation.Entity) { e.Marks[0].Name = "ncp" }) },
			func(e *ehds.Envelope) { e.Origin = &ehds.Origin{Entity: "https://x.example", Nation: "SE"} }, 403, "origin-not-allowed"},
		"wrong direction":         {nil, typed(ehds.DatasetCreate, struct{}{}), 403, "not-allowed"},
		"suspended, unknown type": {mark(federation.MarkSuspended), typed("no.such", struct{}{}), 403, "suspended"},
		"suspended, unreadable":   {mark(federation.MarkSuspended), func(e *ehds.Envelope) { e.Body = json.RawMessage(`7`) }, 403, "suspended"},
	} {
		t.Run(name, func(t *testing.T) {
			w, ncp, centre := pair(t)
			if c.mod == nil {
				c.mod = func(*ehds.Envelope) {}
			}
			env := centre.envelope(ncp, c.mod)
			if c.set != nil {
				c.set(w)
			}
			before := ncp.counts()
			reply := ncp.receive(centre.sign(env))
			r := ncp.receipt(reply.Receipt)
			if p := problemOf(t, r); r.Status != ehds.Rejected || p.Status != c.status || p.Code != c.code || StatusOf(reply.Fault) != c.status {
				t.Errorf("%s, problem %+v; want %d %s", r.Status, p, c.status, c.code)
			}
			if r.Ref != env.Jti || r.Evidence != nil {
				t.Errorf("receipt %+v", r)
			}
			if got := ncp.counts(); got != before {
				t.Errorf("the record changed: %+v", got)
			}
		})
	}
}

// A permanent fault is stored with its receipt, which is repeated verbatim.
func TestPermanentFaultIsStored(t *testing.T) {
	raw := func(edit func(map[string]any)) func(*testing.T, ehds.Envelope) any {
		return func(t *testing.T, e ehds.Envelope) any {
			var m map[string]any
			if err := json.Unmarshal(mustJSON(e), &m); err != nil {
				t.Fatal(err)
			}
			edit(m)
			return m
		}
	}
	env := func(mod func(*ehds.Envelope)) func(*testing.T, ehds.Envelope) any {
		return func(_ *testing.T, e ehds.Envelope) any { mod(&e); return e }
	}
	for name, c := range map[string]struct {
		claims func(*testing.T, ehds.Envelope) any
		status int
		code   string
	}{
		"unknown member":    {raw(func(m map[string]any) { m["extra"] = 1 }), 400, "envelope"},
		"misspelt member":   {raw(func(m map[string]any) { m["Seq"] = m["seq"]; delete(m, "seq") }), 400, "envelope"},
		"mistyped member":   {raw(func(m map[string]any) { m["profile"] = 8 }), 400, "envelope"},
		"unknown type":      {env(typed("application.unsubmit", struct{}{})), 422, "unknown-type"},
		"no seq":            {env(seq(0)), 422, "seq-range"},
		"unknown profile":   {env(func(e *ehds.Envelope) { e.Profile = "hdeu-r99" }), 422, "unknown-profile"},
		"no case":           {env(func(e *ehds.Envelope) { e.Case = "x" }), 422, "case-form"},
		"other kind":        {env(func(e *ehds.Envelope) { e.Case = "ds:FR:1" }), 422, "case-kind"},
		"not handled":       {env(func(e *ehds.Envelope) { e.Type, e.Case = ehds.EnforcementRecord, "enf:FR:1" }), 422, "type-not-supported"},
		"no track":          {env(typed(ehds.AppealSubmit, struct{}{})), 422, "track-missing"},
		"no reference":      {env(typed(ehds.DecisionAck, struct{}{})), 422, "ref-form"},
		"sealed":            {env(func(e *ehds.Envelope) { e.Sealed = "x" }), 422, "sealed-not-allowed"},
		"no body":           {env(func(e *ehds.Envelope) { e.Body = nil }), 422, "body-missing"},
		"body not object":   {env(func(e *ehds.Envelope) { e.Body = json.RawMessage(`[]`) }), 422, "body-missing"},
		"schema":            {env(typed(ehds.ApplicationSubmit, map[string]any{"application_id": "A1"})), 422, "schema"},
		"many attachments":  {env(func(e *ehds.Envelope) { e.Attachments = make([]ehds.Attachment, 33) }), 413, "too-many-attachments"},
		"attachment form":   {env(func(e *ehds.Envelope) { e.Attachments = []ehds.Attachment{{ID: "a"}} }), 422, "attachment-form"},
		"attachment absent": {env(func(e *ehds.Envelope) { e.Attachments = []ehds.Attachment{attachment("a", "x")} }), 422, "attachment-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			w, ncp, centre := pair(t)
			delete(ncp.inbox.Handlers, ehds.EnforcementRecord) // a type that this node does not take
			before := ncp.counts()
			base := centre.envelope(ncp)
			token := centre.sign(c.claims(t, base))
			first := ncp.receive(token)
			r := ncp.receipt(first.Receipt)
			if p := problemOf(t, r); r.Status != ehds.Rejected || p.Status != c.status || p.Code != c.code || StatusOf(first.Fault) != c.status {
				t.Fatalf("%s, problem %+v; want %d %s", r.Status, p, c.status, c.code)
			}
			e := evidence.ReceiptEvidence{Salt: r.Evidence.Salt, Leaf: r.Evidence.Leaf, Proof: r.Evidence.Proof}
			if _, err := e.Check([]byte(token), ncp.origin, ncp.log); err != nil {
				t.Errorf("evidence: %v", err)
			}
			after := ncp.counts()
			if after.Messages != before.Messages+1 || after.Leaves != before.Leaves+1 || after.Queued != 0 || after.Cases != 0 {
				t.Errorf("counts %+v, before %+v", after, before)
			}
			w.clock.Advance(time.Minute)
			again := ncp.receive(token)
			d := ncp.receipt(again.Receipt)
			if d.Status != ehds.Duplicate || d.Original != first.Receipt || StatusOf(again.Fault) != c.status {
				t.Errorf("again: %+v under %v", d, again.Fault)
			}
			if got := ncp.counts(); got != after {
				t.Errorf("a duplicate wrote: %+v", got)
			}
			if name != "no seq" {
				next := ncp.receive(centre.sign(centre.envelope(ncp, seq(2))))
				if c.code == "case-form" || c.code == "case-kind" || c.status == 422 && strings.HasPrefix(name, "not handled") {
					return // filed elsewhere: the case begins with number 1 still
				}
				if got := ncp.receipt(next.Receipt); got.Status != ehds.Received || got.Held {
					t.Errorf("the rejected message did not consume its number: %+v", got)
				}
			}
		})
	}
}

// A message that came before is answered from the record, however it is signed this time.
func TestDuplicates(t *testing.T) {
	w, ncp, centre := pair(t)
	env := centre.envelope(ncp)
	first := ncp.receive(centre.sign(env))
	if first.Fault != nil {
		t.Fatal(first.Fault)
	}
	before := ncp.counts()
	resigned := env
	resigned.Iat, resigned.Exp = env.Iat+30, env.Exp+30
	w.clock.Advance(2 * time.Hour) // everything so far is expired
	for name, token := range map[string]string{"the same token": centre.sign(env), "signed again": centre.sign(resigned)} {
		reply := ncp.receive(token)
		r := ncp.receipt(reply.Receipt)
		if r.Status != ehds.Duplicate || r.Original != first.Receipt || r.TokenSHA256 != sha256Hex(token) || reply.Fault != nil {
			t.Errorf("%s: %+v, %v", name, r, reply.Fault)
		}
	}
	for name, mod := range map[string]func(*ehds.Envelope){
		"seq":  seq(2),
		"body": func(e *ehds.Envelope) { e.Body = submitBody("A1", "ds-1", "ds-2") },
		"case": onCase("A2"),
	} {
		other := env
		mod(&other)
		reply := ncp.receive(centre.sign(other))
		r := ncp.receipt(reply.Receipt)
		if p := problemOf(t, r); r.Status != ehds.Rejected || p.Code != "jti-conflict" || StatusOf(reply.Fault) != http.StatusConflict {
			t.Errorf("other %s: %+v", name, p)
		}
	}
	if got := ncp.counts(); got != before {
		t.Errorf("the record changed: %+v, before %+v", got, before)
	}
}

// A receipt that was lost in a crash is made again, byte for byte.
func TestLostReceiptIsRemade(t *testing.T) {
	for name, mod := range map[string]func(*ehds.Envelope){
		"received": seq(1),
		"held":     seq(5),
		"rejected": typed(ehds.ApplicationSubmit, struct{}{}),
	} {
		t.Run(name, func(t *testing.T) {
			w, ncp, centre := pair(t)
			ncp.inbox.Record = forgetful{ncp.record}
			token := centre.sign(centre.envelope(ncp, mod))
			first := ncp.receive(token)
			ncp.open() // the crash
			w.clock.Advance(time.Minute)
			if name == "held" { // and applied since
				for n := range int64(4) {
					ncp.receive(centre.sign(centre.envelope(ncp, void(n+1))))
				}
				if applied, waiting := ncp.place("app:A1", centreID); applied != 5 || waiting != 0 {
					t.Fatalf("applied %d, %d wait", applied, waiting)
				}
			}
			r := ncp.receipt(ncp.receive(token).Receipt)
			if r.Status != ehds.Duplicate || r.Original != first.Receipt {
				t.Errorf("remade %q\nwas    %q", r.Original, first.Receipt)
			}
			ncp.open()
			if m, _, err := ncp.record.Message(t.Context(), centreID, ncp.receipt(first.Receipt).Ref); err != nil || m.Receipt != first.Receipt {
				t.Errorf("the remade receipt was not kept: %v", err)
			}
		})
	}
}

func TestJTIForm(t *testing.T) {
	_, ncp, centre := pair(t)
	before := ncp.counts()
	for _, jti := range []string{"", "canary-jti", "01890a5d-ac96-474b-bcce-b302099a8057", strings.ToUpper(centre.compose.NewID())} {
		reply := ncp.receive(centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) { e.Jti = jti })))
		r := ncp.receipt(reply.Receipt)
		if p := problemOf(t, r); p.Code != "jti-form" || p.Status != 400 || r.Ref != "" {
			t.Errorf("%q: %+v, ref %q", jti, p, r.Ref)
		}
	}
	if got := ncp.counts(); got != before {
		t.Errorf("the record changed: %+v", got)
	}
}

// One peer cannot fill the record with what it knows to be wrong.
func TestRefusalsAreCapped(t *testing.T) {
	w, ncp, centre := pair(t)
	ncp.inbox.Refusals = NewRefusalLimiter(1, 2)
	bad := func() Reply {
		return ncp.receive(centre.sign(centre.envelope(ncp, typed("no.such", struct{}{}))))
	}
	for range 2 {
		if r := bad(); StatusOf(r.Fault) != 422 {
			t.Fatal(r.Fault)
		}
	}
	before := ncp.counts()
	r := bad()
	if p := problemOf(t, ncp.receipt(r.Receipt)); p.Status != 429 || p.Code != "too-many-refusals" || r.Fault.RetryAfter == 0 {
		t.Errorf("problem %+v", p)
	}
	if got := ncp.counts(); got != before {
		t.Errorf("the record grew: %+v", got)
	}
	if r := ncp.receive(centre.sign(centre.envelope(ncp, onCase("A9")))); r.Fault != nil {
		t.Errorf("a good message was refused: %v", r.Fault)
	}
	w.clock.Advance(time.Second)
	if r := bad(); StatusOf(r.Fault) != 422 {
		t.Errorf("after a second: %v", r.Fault)
	}
}

// What has no case cannot make others wait, nor wait itself.
func TestUnfiledNeverWaits(t *testing.T) {
	_, ncp, centre := pair(t)
	for n := range 3 {
		ncp.receive(centre.sign(centre.envelope(ncp, seq(int64(n)+5), func(e *ehds.Envelope) { e.Case = "nonsense" })))
	}
	c, err := ncp.record.Update(t.Context(), unfiledCase, held(t, 0))
	if err != nil {
		t.Fatal(err, c)
	}
}

// A peer's mark is looked at before anything of it is stored, and a case that was erased takes nothing.
func TestErasedCase(t *testing.T) {
	w, ncp, centre := pair(t)
	token := centre.sign(centre.envelope(ncp))
	if r := ncp.receive(token); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	if err := ncp.record.Erase(t.Context(), "app:A1"); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	before := ncp.counts()
	list := []ehds.Attachment{attachment("a", "x")}
	for name, token := range map[string]string{
		"known message":    token,
		"new message":      centre.sign(centre.envelope(ncp, seq(2))),
		"new, refused":     centre.sign(centre.envelope(ncp, seq(2), typed(ehds.ApplicationSubmit, struct{}{}))),
		"with attachments": centre.sign(centre.envelope(ncp, seq(3), func(e *ehds.Envelope) { e.Attachments = list })),
	} {
		reply := ncp.inbox.Receive(t.Context(), []byte(token), &parts{list: []part{{"a", strings.NewReader("x")}}})
		if reply.Fault == nil || StatusOf(reply.Fault) != 409 || reply.Fault.Code != "case-erased" {
			t.Errorf("%s: %v", name, reply.Fault)
		}
	}
	if got := ncp.counts(); got != before {
		t.Errorf("the record changed: %+v", got)
	}
}

// Without a record nothing is acknowledged.
func TestNoRecordNoAcknowledgement(t *testing.T) {
	_, ncp, centre := pair(t)
	token := centre.sign(centre.envelope(ncp))
	if err := ncp.record.Close(); err != nil {
		t.Fatal(err)
	}
	r := ncp.receive(token)
	if StatusOf(r.Fault) != 503 || r.Fault.RetryAfter == 0 || ncp.receipt(r.Receipt).Status != ehds.Rejected {
		t.Errorf("got %+v", r)
	}
}

func TestNoSignatureNoAcknowledgement(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.inbox.Signer = brokenSigner{}
	r := ncp.receive(centre.sign(centre.envelope(ncp)))
	if r.Receipt != "" || StatusOf(r.Fault) != 503 {
		t.Errorf("got %+v", r)
	}
}

type brokenSigner struct{}

func (brokenSigner) Sign(string, any, []string) (string, error) { return "", errBoom }
