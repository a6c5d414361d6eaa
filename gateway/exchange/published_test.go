package exchange

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

const datasetCase = "ds:FR:ds-1"

// announce queues a message about a dataset, with its publication.
func (n *node) announce(typ ehds.MessageType, state catalogue.PublicationState) store.Outbox {
	n.w.t.Helper()
	row := n.compose.Message(Draft{To: ncpID, Type: typ, Case: datasetCase, Body: ehds.DatasetBody{Identifier: "ds-1"}})
	c, err := n.record.Update(n.w.t.Context(), datasetCase, func(s store.State) (store.Change, error) {
		p, _ := publicationIn(s)
		p.Identifier, p.Digest, p.State, p.Waiting, p.Undelivered = "ds-1", "d1", state, row.Jti, ""
		return store.Change{Doc: mustJSON(p), Send: []store.Outgoing{row}}, nil
	})
	if err != nil {
		n.w.t.Fatal(err)
	}
	return n.row(c.Sent[0].ID)
}

func (n *node) publication() catalogue.Publication {
	n.w.t.Helper()
	c, ok, err := n.record.Case(n.w.t.Context(), datasetCase)
	p, read := publicationIn(store.State{Doc: c.Doc})
	if err != nil || !ok || !read {
		n.w.t.Fatalf("publication: %t, %v", ok, err)
	}
	return p
}

// bare is a peer that answers with a status and nothing signed.
func bare(status int) wire {
	return func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
		return connectors.Answer{Status: status}, nil
	}
}

// A dead letter about a dataset ends the wait of its publication, in the same commit.
func TestDeadLettersRejectTheirPublication(t *testing.T) {
	rejecting := func(peer *node, jti string) wire {
		return func(_ context.Context, _ connectors.Peer, token string, _ []connectors.Outbound) (connectors.Answer, error) {
			return connectors.Answer{Status: 422, Receipt: rejected(t, peer, token, jti, 422, "schema")}, nil
		}
	}
	barely := func(status int) func(*node, string) wire { return func(*node, string) wire { return bare(status) } }
	for name, c := range map[string]struct {
		typ    ehds.MessageType
		state  catalogue.PublicationState
		wire   func(peer *node, jti string) wire
		age    time.Duration
		reason string
	}{
		"create refused":  {ehds.DatasetCreate, catalogue.Pending, barely(http.StatusRequestEntityTooLarge), 0, "refused-413"},
		"update rejected": {ehds.DatasetUpdate, catalogue.Pending, rejecting, 0, "rejected-schema"},
		"delete given up": {ehds.DatasetDelete, catalogue.Deleting, barely(http.StatusBadGateway), 48 * time.Hour, "expired-answered-502"},
		"another kind":    {ehds.ReportBiennial, catalogue.Pending, barely(http.StatusBadRequest), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, from, peer, _ := line(t)
			row := from.announce(c.typ, c.state)
			w.clock.Advance(c.age)
			if err := from.sender(c.wire(peer, row.Jti)).Try(t.Context(), row); err != nil {
				t.Fatal(err)
			}
			if r := from.row(row.ID); r.State != store.OutboxDead {
				t.Fatalf("row %s, %q", r.State, r.Reason)
			}
			p := from.publication()
			if c.reason == "" {
				if p.State != c.state || p.Waiting != row.Jti {
					t.Errorf("a message of another kind changed it: %+v", p)
				}
				return
			}
			if p.State != catalogue.Rejected || p.Waiting != "" || p.Undelivered != row.Jti || p.Digest != "d1" ||
				len(p.Findings) != 1 || p.Findings[0].Code != c.reason {
				t.Errorf("publication %+v", p)
			}
		})
	}
}

// A dead letter that a newer message has overtaken changes nothing.
func TestDeadLettersOfAnOlderDescription(t *testing.T) {
	_, from, _, _ := line(t)
	old := from.announce(ehds.DatasetCreate, catalogue.Pending)
	next := from.announce(ehds.DatasetUpdate, catalogue.Pending)
	if err := from.sender(bare(http.StatusBadRequest)).Try(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if p := from.publication(); p.State != catalogue.Pending || p.Waiting != next.Jti {
		t.Errorf("publication %+v", p)
	}
}

// A publication is SENT from when its message is handed to the transport, whatever becomes of the
// attempt, and RECEIVED once the receipt is here; an answer that was faster stays.
func TestPublicationsFollowTheirMessage(t *testing.T) {
	_, from, _, _ := line(t)
	row := from.announce(ehds.DatasetCreate, catalogue.Pending)
	var during catalogue.PublicationState
	s := from.sender(wire(func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
		during = from.publication().State
		return connectors.Answer{Status: http.StatusBadGateway}, nil
	}))
	for range 2 {
		if err := s.Try(t.Context(), from.row(row.ID)); err != nil {
			t.Fatal(err)
		}
		if p := from.publication(); during != catalogue.Sent || p.State != catalogue.Sent || p.Waiting != row.Jti || len(p.History) != 1 {
			t.Errorf("%s while it was sent, then %+v", during, p)
		}
	}
	delivered := func(row store.Outbox) catalogue.Publication {
		t.Helper()
		if err := s.delivered(t.Context(), row, checkedReceipt{token: "receipt"}); err != nil {
			t.Fatal(err)
		}
		return from.publication()
	}
	if p := delivered(row); p.State != catalogue.Received || p.Waiting != row.Jti || p.History[1].What != "RECEIVED" || p.History[1].At.IsZero() {
		t.Errorf("receipted: %+v", p)
	}
	old := from.announce(ehds.DatasetUpdate, catalogue.Pending)
	from.announce(ehds.DatasetUpdate, catalogue.Pending)
	if p := delivered(old); p.State != catalogue.Pending {
		t.Errorf("receipt of an older message: %+v", p)
	}
	if p := delivered(from.announce(ehds.DatasetDelete, catalogue.Deleting)); p.State != catalogue.Deleting {
		t.Errorf("receipt of a removal: %+v", p)
	}
	answered := from.announce(ehds.DatasetUpdate, catalogue.Validated)
	if p := delivered(answered); p.State != catalogue.Validated {
		t.Errorf("receipt after the answer: %+v", p)
	}
	if p := delivered(from.announce(ehds.ReportBiennial, catalogue.Pending)); p.State != catalogue.Pending {
		t.Errorf("receipt of a message of another kind: %+v", p)
	}
}
