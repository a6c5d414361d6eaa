package storetest

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Exercise calls everything that daily work calls, so that a driver's test can look at the statements.
func Exercise(t testing.TB, r *store.Record) {
	t.Helper()
	ctx := t.Context()
	m, row := fillCase(t, r, "app:DAILY", 1)
	held := inbound(m.Iss, 3)
	held.Held = true
	receive(t, r, "app:DAILY", held)
	refused := inbound(m.Iss, 4)
	refused.Rejected, refused.Filed = true, "unfiled"
	receive(t, r, "ds:FI:DAILY", refused)
	_, err := r.Standing(ctx, "app:DAILY", m.Iss)
	if err != nil {
		t.Error(err)
	}
	change(t, r, "app:DAILY", store.Change{
		Unheld: []store.MessageRef{{Iss: held.Iss, Jti: held.Jti}}, Permits: []store.PermitWrite{{ID: "DP-app:DAILY", Status: 1}},
	})
	if err := update(t, r, "app:DAILY", store.Change{Message: held}); err == nil {
		t.Error("a duplicate was committed")
	}
	void := central("https://peer.example", "void")
	void.Seq = 1
	settle(t, r, "app:DAILY", store.Settlement{ID: row, State: store.OutboxDead}, void)
	settle(t, r, "app:DAILY", store.Settlement{ID: row, State: store.OutboxQueued})
	settle(t, r, "app:DAILY", store.Settlement{ID: row, State: store.OutboxDelivered})
	change(t, r, "ds:FI:DAILY", store.Change{Describe: described(t, "daily")})
	change(t, r, "ds:FI:DAILY", store.Change{Describe: &store.DescriptionWrite{Withdraw: true}})
	b, err := r.StageBlob(ctx, "app:DAILY", errReader{}, 1)
	if err == nil {
		t.Errorf("staged %+v", b)
	}
	var failed []error
	see := func(err error) { failed = append(failed, err) }
	_, _, err = r.Message(ctx, m.Iss, m.Jti)
	see(err)
	_, _, err = r.Case(ctx, "app:DAILY")
	see(err)
	_, err = r.Cases(ctx, "app:", "", 10)
	see(err)
	_, _, _, err = r.Description(ctx, "ds:FI:DAILY")
	see(err)
	_, err = r.Descriptions(ctx, "ds:", "", 10)
	see(err)
	_, err = r.DescriptionHeads(ctx, "ds:", "", 10)
	see(err)
	_, err = r.DescriptionVersions(ctx, "ds:FI:DAILY")
	see(err)
	for _, state := range []store.TimerState{store.TimerRuns, store.TimerLate} {
		_, err = r.TimersUntil(ctx, state, time.Unix(1<<33, 0), store.CaseTimer{}, 10)
		see(err)
		_, err = r.TimerCount(ctx, state, "decision", time.Unix(1<<33, 0))
		see(err)
	}
	_, err = r.Due(ctx, time.Unix(1<<33, 0), 10)
	see(err)
	_, _, err = r.NextDue(ctx)
	see(err)
	lanes := []store.Lane{{Channel: store.ChannelCentral, Target: "https://peer.example"}}
	_, err = r.DueExcept(ctx, time.Unix(1<<33, 0), lanes, 10)
	see(err)
	_, _, err = r.NextDueExcept(ctx, lanes)
	see(err)
	_, _, err = r.OutboxByJTI(ctx, "void")
	see(err)
	for _, state := range []store.OutboxState{"", store.OutboxQueued, store.OutboxDead, store.OutboxDelivered} {
		_, err = r.OutboxList(ctx, state, 0, 10)
		see(err)
	}
	_, err = r.Attempts(ctx, row)
	see(err)
	_, _, err = r.Permit(ctx, "DP-app:DAILY")
	see(err)
	_, err = r.Permits(ctx, "app:DAILY")
	see(err)
	_, _, err = r.StatusBits(ctx, "list")
	see(err)
	_, err = r.Checkpoint(ctx)
	see(err)
	_, err = r.Proof(ctx, 0, 0)
	see(err)
	_, err = r.Proof(ctx, 1, 2)
	see(err)
	_, err = r.Evidence(ctx, "app:DAILY")
	see(err)
	_, err = r.MessageBlobs(ctx, m.Iss, m.Jti)
	see(err)
	for _, id := range m.Blobs {
		readBlob(t, r, id)
	}
	_, _, err = r.MailGet(ctx, "desk", "app:DAILY")
	see(err)
	_, err = r.MailScan(ctx, "desk", "app:", "", 10)
	see(err)
	see(r.MailBatch(ctx, "desk", nil, []string{"x"}))
	see(r.Erase(ctx, "app:DAILY"))
	for i, err := range failed {
		if err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errOwn }
