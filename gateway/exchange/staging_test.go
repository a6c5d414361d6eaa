package exchange

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// watchBlobs counts what a delivery stages and drops.
func watchBlobs(n *node) *blobs {
	b := &blobs{n.record, map[string]bool{}, map[string]bool{}}
	n.inbox.Record = b
	return b
}

// deliver sends an envelope with one attachment.
func deliver(t *testing.T, ncp, centre *node, content string, mods ...func(*ehds.Envelope)) Reply {
	t.Helper()
	env := centre.envelope(ncp, append(mods, withAttachments(attachment("a", content)))...)
	return ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), &parts{list: []part{{"a", strings.NewReader(content)}}})
}

// What is certain to be refused for its number stores no attachment.
func TestNothingStagedInVain(t *testing.T) {
	for name, c := range map[string]struct {
		seq    int64
		status int
		code   string
	}{
		"used":     {1, 409, "seq-used"},
		"held":     {5, 409, "seq-used"},
		"held cap": {1000, 429, "too-many-held"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, centre := pair(t)
			ncp.receive(centre.sign(centre.envelope(ncp)))
			m := &store.Inbound{Iss: centreID, Jti: centre.compose.NewID(), Seq: 5, Class: "in", Token: "t", Claims: make([]byte, maxHeldBytes), Held: true}
			if _, err := ncp.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) { return store.Change{Message: m}, nil }); err != nil {
				t.Fatal(err)
			}
			watch := watchBlobs(ncp)
			reply := deliver(t, ncp, centre, "content", void(c.seq))
			if p := problemOf(t, ncp.receipt(reply.Receipt)); p.Status != c.status || p.Code != c.code {
				t.Errorf("problem %+v", p)
			}
			if len(watch.staged) != 0 {
				t.Error("an attachment was stored")
			}
		})
	}
}

// late is a record whose readers have not seen a change yet that the writer has.
type late struct{ *blobs }

func (late) Standing(contextT, string, string) (store.Standing, error) { return store.Standing{}, nil }

// A refusal that only the writer finds leaves no attachment either.
func TestRefusedByTheWriterDropsParts(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	watch := watchBlobs(ncp)
	ncp.inbox.Record = late{watch}
	reply := deliver(t, ncp, centre, "content", void(1))
	if p := problemOf(t, ncp.receipt(reply.Receipt)); p.Code != "seq-used" {
		t.Errorf("problem %+v", p)
	}
	if len(watch.staged) != 1 || len(watch.dropped) != 1 {
		t.Errorf("%d staged, %d dropped", len(watch.staged), len(watch.dropped))
	}
}

type deaf struct{ *blobs }

func (deaf) Standing(contextT, string, string) (store.Standing, error) {
	return store.Standing{}, errBoom
}

func TestStandingUnknown(t *testing.T) {
	_, ncp, centre := pair(t)
	watch := watchBlobs(ncp)
	ncp.inbox.Record = deaf{watch}
	if reply := deliver(t, ncp, centre, "content"); reply.Fault == nil || StatusOf(reply.Fault) != 503 || len(watch.staged) != 0 {
		t.Errorf("got %v, staged %v", reply.Fault, watch.staged)
	}
}

// An upload that breaks leaves no case behind.
func TestBrokenUploadLeavesNoCase(t *testing.T) {
	_, ncp, centre := pair(t)
	env := centre.envelope(ncp, withAttachments(attachment("a", "11"), attachment("b", "22")))
	reply := ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), &parts{list: []part{{"a", strings.NewReader("11")}}, end: io.ErrUnexpectedEOF})
	if reply.Fault == nil || reply.Fault.Code != "upload-incomplete" {
		t.Fatalf("got %v", reply.Fault)
	}
	if err := ncp.record.Erase(t.Context(), "app:A1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("there is a case to erase: %v", err)
	}
}

// One sender cannot fill the disk with messages that are not finished; others go on meanwhile.
func TestStagedBytesAreBounded(t *testing.T) {
	w, ncp, centre := pair(t)
	other := newPeer(w, "https://other.example", ehds.MarkCentralPlatform)
	ncp.inbox.Limits.MaxStagedBytes = 10
	inside := func(id string) func() Reply { // a message under way, while which another comes
		return func() Reply { return deliver(t, ncp, centre, "123456", onCase(id)) }
	}
	during := func(id string, sender *node, content string, f func()) Reply {
		env := sender.envelope(ncp, onCase(id), withAttachments(attachment("a", content)))
		body := strings.NewReader(content)
		first := true
		return ncp.inbox.Receive(t.Context(), []byte(sender.sign(env)), &parts{list: []part{{"a", readFunc(func(b []byte) (int, error) {
			if first {
				first = false
				f()
			}
			return body.Read(b)
		})}}})
	}
	outer := during("A1", centre, "12345", func() {
		if r := inside("A2")(); r.Fault == nil || StatusOf(r.Fault) != 429 || r.Fault.Code != "too-many-uploads" || r.Fault.RetryAfter == 0 {
			t.Errorf("beyond the budget: %v", r.Fault)
		}
		if r := deliver(t, ncp, centre, "12345", onCase("A3")); r.Fault != nil {
			t.Errorf("within the budget: %v", r.Fault)
		}
		if r := deliver(t, ncp, other, "123456", onCase("A4")); r.Fault != nil {
			t.Errorf("another sender: %v", r.Fault)
		}
		if r := ncp.receive(centre.sign(centre.envelope(ncp, onCase("A5")))); r.Fault != nil {
			t.Errorf("without attachments: %v", r.Fault)
		}
	})
	if outer.Fault != nil {
		t.Fatal(outer.Fault)
	}
	// What is done counts no more, however it ended, and one message may always be under way.
	if r := deliver(t, ncp, centre, "more than ten bytes", onCase("A6")); r.Fault != nil {
		t.Errorf("a large message: %v", r.Fault)
	}
	if r := inside("A2")(); r.Fault != nil {
		t.Errorf("afterwards: %v", r.Fault)
	}
	if n := len(ncp.inbox.staged.peers); n != 0 {
		t.Errorf("%d senders are remembered", n)
	}
}

// Only the profiles of our metadata are spoken, when it lists some.
func TestProfilesOfTheMetadata(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.inbox.Profiles = []string{ehds.ProfileR7, ehds.ProfileR8}
	for n, profile := range []string{ehds.ProfileR8, ehds.ProfileR7, ehds.ProfileR6} {
		r := ncp.receipt(ncp.receive(centre.sign(centre.envelope(ncp, void(int64(n)+1), func(e *ehds.Envelope) { e.Profile = profile }))).Receipt)
		if profile != ehds.ProfileR6 {
			if r.Status != ehds.Received {
				t.Errorf("%s: %s", profile, r.Problem)
			}
			continue
		}
		if p := problemOf(t, r); p.Code != "unknown-profile" || p.Status != 422 || p.Field != "/profile" {
			t.Errorf("problem %+v", p)
		}
	}
}
