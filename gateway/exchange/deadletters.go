package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// DeadLetter is an outbox row that was given up, as the operator sees it: nothing of what it carries,
// and of a national case only a digest of its id.
type DeadLetter struct {
	ID       int64         `json:"id"`
	Channel  store.Channel `json:"channel"`
	Target   string        `json:"target"`
	Type     string        `json:"type"`
	Case     string        `json:"case"` // "" once erased
	Seq      int64         `json:"seq,omitempty"`
	Attempts int           `json:"attempts"`
	Reason   string        `json:"reason"`
	Created  time.Time     `json:"created"`
	Due      time.Time     `json:"due"`
}

// DeadLetters shows the operator what was given up and sends it again. It is safe for concurrent use;
// one process has at most one.
type DeadLetters struct {
	Record interface {
		store.Updater
		OutboxList(ctx context.Context, state store.OutboxState, after int64, limit int) ([]store.Outbox, error)
	}
	Compose Composer
	Logger  *slog.Logger
	Wake    func() // the outbox

	mu sync.Mutex
}

// retriedMark begins the reason of a dead letter whose content was queued as another row.
const retriedMark = "retried-"

// List gives up to limit dead letters with an id above after, in the order of their ids, without
// those that were sent anew.
func (d *DeadLetters) List(ctx context.Context, after int64, limit int) ([]DeadLetter, error) {
	out := []DeadLetter{}
	for {
		rows, err := d.Record.OutboxList(ctx, store.OutboxDead, after, limit)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			after = r.ID
			if strings.HasPrefix(r.Reason, retriedMark) {
				continue
			}
			if out = append(out, letterOf(r)); len(out) == limit {
				return out, nil
			}
		}
		if len(rows) < limit {
			return out, nil
		}
	}
}

func letterOf(r store.Outbox) DeadLetter {
	return DeadLetter{
		ID: r.ID, Channel: r.Channel, Target: r.Target, Type: r.Type, Case: shownCase(r.Case), Seq: r.Seq,
		Attempts: r.Attempts, Reason: r.Reason, Created: r.Created, Due: r.Due,
	}
}

// shownCase is a case id as an operator may see it: the id a nation gives may name a person.
func shownCase(id string) string {
	c, err := ehds.ParseCaseID(id)
	if err != nil || c.Kind != ehds.CaseNational {
		return id
	}
	return fmt.Sprintf("%s:%s:#%s", c.Kind, c.Country, sha256Hex(id)[:16])
}

// retryRecord is what the leaf of a retry commits to.
type retryRecord struct {
	Action string    `json:"action"`
	At     time.Time `json:"at"`
	ID     int64     `json:"id"`
	Jti    string    `json:"jti"`
	As     string    `json:"as,omitempty"` // id of the message that carries it now
	Type   string    `json:"type"`
	Reason string    `json:"reason"` // why it had been given up
}

// Retry queues a dead letter again, with a leaf of class "operator", and returns the row that carries
// it now. The peer has consumed the number of a message, or a void has, so its content goes out as a
// new message with the next number; a task, and a void, is the same row again. A task older than the
// time after which rows are given up has one attempt. A description that was told again since is
// refused: the old must not replace the new.
func (d *DeadLetters) Retry(ctx context.Context, id int64) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	row, err := d.find(ctx, id)
	if err != nil {
		return 0, err
	}
	var anew *store.Outgoing
	if row.Channel == store.ChannelCentral && row.Type != string(ehds.ExchangeVoid) {
		if anew, err = d.again(row); err != nil {
			return 0, err
		}
	}
	done, err := d.Record.Update(ctx, row.Case, func(s store.State) (store.Change, error) { return retryChange(s, row, anew) })
	if err != nil {
		return 0, err
	}
	if anew != nil {
		id = done.Sent[0].ID
	}
	d.Logger.InfoContext(ctx, "an operator had a dead letter sent again", "id", row.ID, "as", id, "type", row.Type, "reason", row.Reason)
	d.Wake()
	return id, nil
}

func (d *DeadLetters) find(ctx context.Context, id int64) (store.Outbox, error) {
	rows, err := d.Record.OutboxList(ctx, store.OutboxDead, id-1, 1)
	switch {
	case err != nil:
		return store.Outbox{}, err
	case len(rows) == 0 || rows[0].ID != id:
		return store.Outbox{}, fault.New(fault.NotFound, "no-such-dead-letter", "no dead letter has this id").At("/id")
	case strings.HasPrefix(rows[0].Reason, retriedMark):
		return store.Outbox{}, fault.New(fault.Conflict, "already-retried", "this dead letter was sent again before").At("/id")
	case rows[0].Case == "":
		return store.Outbox{}, fault.New(fault.Conflict, "case-erased", "the case was erased and with it what the row carried").At("/id")
	}
	return rows[0], nil
}

// again is the content of a row as a new message.
func (d *DeadLetters) again(row store.Outbox) (*store.Outgoing, error) {
	var env ehds.Envelope
	if err := json.Unmarshal(row.Payload, &env); err != nil {
		return nil, fmt.Errorf("outbox row %d: %w", row.ID, err)
	}
	env.Jti = d.Compose.NewID()
	return &store.Outgoing{
		Channel: row.Channel, Target: row.Target, Jti: env.Jti, Type: row.Type, Case: row.Case, Payload: mustJSON(env), Blobs: inClear(row.Blobs),
	}, nil
}

// inClear are the attachments of a row without the age files made of them for the message that failed.
func inClear(blobs map[string]string) map[string]string {
	out := maps.Clone(blobs)
	maps.DeleteFunc(out, func(name, _ string) bool {
		_, of := blobs[strings.TrimSuffix(name, sealedBlob(""))]
		return of && strings.HasSuffix(name, sealedBlob(""))
	})
	return out
}

// retryChange is what a retry writes.
func retryChange(s store.State, row store.Outbox, anew *store.Outgoing) (store.Change, error) {
	rec := retryRecord{Action: "outbox-retry", At: s.Now, ID: row.ID, Jti: row.Jti, Type: row.Type, Reason: row.Reason}
	c := store.Change{Settle: &store.Settlement{ID: row.ID, State: store.OutboxQueued, Due: s.Now}}
	if anew != nil {
		rec.As = anew.Jti
		c.Settle = &store.Settlement{ID: row.ID, State: store.OutboxDead, Reason: retriedMark + row.Reason}
		c.Send = []store.Outgoing{*anew}
	}
	if anew != nil && tellsDataset(row) {
		p, ok := publicationIn(s)
		if ok {
			p, ok = p.Retried(row.Jti, anew.Jti, row.Type == string(ehds.DatasetDelete), s.Now)
		}
		if !ok {
			return store.Change{}, fault.New(fault.Conflict, "superseded", "the centre was told something newer of this dataset since").At("/id")
		}
		c.Doc = mustJSON(p)
	}
	c.Leaves = []store.NewLeaf{{Class: evidence.ClassOperator, Material: mustJSON(rec)}}
	return c, nil
}
