package gateway

import (
	"fmt"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// TestOperatorDeadLetters: what was given up is listed without its content and sent again, over the
// socket.
func TestOperatorDeadLetters(t *testing.T) {
	n := newNation(t)
	n.away.Store(true)
	g := n.start()
	var ids []int64
	for _, caseID := range []string{"rep:FR:2026", "rep:FR:2027"} {
		c, err := g.record.Update(t.Context(), caseID, func(store.State) (store.Change, error) {
			return store.Change{Send: []store.Outgoing{{
				Channel: store.ChannelCentral, Target: "https://nowhere.example", Jti: caseID, Type: "report.biennial", Payload: []byte(`{"body":{"x":1}}`),
				NotBefore: g.o.Clock().AddDate(1, 0, 0),
			}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.record.Update(t.Context(), caseID, func(store.State) (store.Change, error) {
			return store.Change{Settle: &store.Settlement{ID: c.Sent[0].ID, State: store.OutboxDead, Reason: "refused-413"}}, nil
		}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.Sent[0].ID)
	}
	var list []DeadLetter
	if status, _ := n.operator("/v1/outbox?state=dead", "", &list); status != 200 || len(list) != 2 || list[0].ID != ids[0] || list[0].Reason != "refused-413" {
		t.Errorf("listed: %d %+v", status, list)
	}
	if status, _ := n.operator(fmt.Sprintf("/v1/outbox?state=dead&after=%d", ids[0]), "", &list); status != 200 || len(list) != 1 || list[0].ID != ids[1] {
		t.Errorf("after the first: %d %+v", status, list)
	}
	var done Retried
	if status, code := n.operator("/v1/outbox/retry", fmt.Sprintf(`{"id":%d}`, ids[0]), &done); status != 200 || done.ID <= ids[1] {
		t.Errorf("retried: %d %s %+v", status, code, done)
	}
	for name, c := range map[string]struct {
		path, in string
		status   int
		code     string
	}{
		"no state":       {"/v1/outbox", "", 422, "state-not-listed"},
		"another state":  {"/v1/outbox?state=queued", "", 422, "state-not-listed"},
		"after a word":   {"/v1/outbox?state=dead&after=x", "", 422, "after-form"},
		"after minus":    {"/v1/outbox?state=dead&after=-1", "", 422, "after-form"},
		"again":          {"/v1/outbox/retry", fmt.Sprintf(`{"id":%d}`, ids[0]), 409, "already-retried"},
		"unknown id":     {"/v1/outbox/retry", `{"id":99999}`, 404, "no-such-dead-letter"},
		"no id":          {"/v1/outbox/retry", `{}`, 404, "no-such-dead-letter"},
		"unknown member": {"/v1/outbox/retry", `{"ID":1,"force":true}`, 400, "request-json"},
	} {
		if status, code := n.operator(c.path, c.in, nil); status != c.status || code != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, status, code, c.status, c.code)
		}
	}
}
