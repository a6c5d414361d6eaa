package exchange

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Refusals before and while attachments are stored, and failures while held messages are applied,
// repeat nothing of what was sent: not in the fault, not in the receipt, not in the log.
func TestRefusalsRepeatNothing(t *testing.T) {
	const canary = "CANARY"
	w, ncp, centre := pair(t)
	a := attachment("a", canary)
	a.Name, a.MediaType = canary, canary+"/x"
	secret := func(e *ehds.Envelope) {
		e.Body = []byte(strings.ReplaceAll(string(submitBody("A1", "ds-1")), "A study", canary))
		e.Attachments = []ehds.Attachment{a}
	}
	codes := map[string]bool{}
	try := func(p Parts, mods ...func(*ehds.Envelope)) {
		t.Helper()
		reply := ncp.inbox.Receive(t.Context(), []byte(centre.sign(centre.envelope(ncp, append([]func(*ehds.Envelope){secret}, mods...)...))), p)
		if reply.Fault == nil {
			t.Fatal("not refused")
		}
		codes[reply.Fault.Code] = true
		receipt, err := json.Marshal(ncp.receipt(reply.Receipt))
		if err != nil || strings.Contains(string(receipt)+string(problemJSON(reply.Fault))+reply.Fault.Error()+reply.Rule, canary) {
			t.Errorf("%s: the answer holds a canary: %s, %v", reply.Fault.Code, receipt, err)
		}
	}
	part := func() Parts { return &parts{list: []part{{"a", strings.NewReader(canary)}}} }
	if r := ncp.inbox.Receive(t.Context(), []byte(centre.sign(centre.envelope(ncp, secret))), part()); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	onDataset := func(e *ehds.Envelope) { e.Case = "ds:FR:x" }
	ncp.inbox.Profiles = []string{ehds.ProfileR8}
	try(part(), seq(1))
	try(part(), onDataset)
	try(part(), onDataset, seq(2), func(e *ehds.Envelope) { e.Type = canary })
	try(part(), seq(2), func(e *ehds.Envelope) { e.Profile = ehds.ProfileR6 })
	try(&parts{end: io.ErrUnexpectedEOF}, seq(3))
	ncp.inbox.staged.take(centreID, 1, 1)
	ncp.inbox.Limits.MaxStagedBytes = 1
	try(part(), seq(3))
	ncp.inbox.staged.give(centreID, 1)
	m := &store.Inbound{Iss: centreID, Jti: centre.compose.NewID(), Seq: 4, Class: "in", Token: canary, Claims: make([]byte, maxHeldBytes), Held: true}
	if _, err := ncp.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) { return store.Change{Message: m}, nil }); err != nil {
		t.Fatal(err)
	}
	try(part(), seq(9))
	ncp.inbox.Record = unreadable{ncp.record}
	try(part(), seq(3))
	ncp.inbox.Record = ncp.record
	// The held message is no JSON: it is passed over, and only its jti is told.
	if r := ncp.receive(centre.sign(centre.envelope(ncp, void(3)))); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	for _, code := range []string{"seq-used", "case-kind", "unknown-type", "unknown-profile", "upload-incomplete", "too-many-uploads", "too-many-held", "record-unavailable"} {
		if !codes[code] {
			t.Errorf("no refusal was %s", code)
		}
	}
	out := w.logs.String()
	if strings.Contains(out, canary) {
		t.Errorf("the log holds a canary:\n%s", out)
	}
	if !strings.Contains(out, "cannot be read back") {
		t.Error("the held message was not told")
	}
}
