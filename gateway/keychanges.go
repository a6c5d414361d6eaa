package gateway

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// KeyRow is a key as the operator sees it. Times are RFC 3339, absent when it has not happened.
type KeyRow struct {
	Kid       string       `json:"kid"`
	Purpose   keys.Purpose `json:"purpose"`
	Owner     string       `json:"owner"`
	Alg       string       `json:"alg,omitempty"`
	State     keys.State   `json:"state"`
	Created   string       `json:"created"`
	Published string       `json:"published"`
	NotBefore string       `json:"not_before,omitempty"` // of a next key: from when it may sign
	Activated string       `json:"activated,omitempty"`
	Retired   string       `json:"retired,omitempty"`
	Expires   string       `json:"expires,omitempty"`
	Revoked   string       `json:"revoked,omitempty"`
	Reason    keys.Reason  `json:"reason,omitempty"`
	WhenDue   bool         `json:"rotates_when_due,omitempty"`
}

func keyRows(list []keys.Info) []KeyRow {
	out := make([]KeyRow, len(list))
	for i, k := range list {
		out[i] = keyRow(k)
	}
	return out
}

func keyRow(k keys.Info) KeyRow {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	return KeyRow{
		Kid: k.Kid, Purpose: k.Purpose, Owner: k.Owner, Alg: k.Alg, State: k.State,
		Created: at(k.Created), Published: at(k.Published), NotBefore: at(k.NotBefore), Activated: at(k.Activated),
		Retired: at(k.Retired), Expires: at(k.Expires), Revoked: at(k.Revoked), Reason: k.Reason, WhenDue: k.WhenDue,
	}
}

// keyFile is where the record keeps what the log says about keys. It is no case identifier.
const keyFile = "keys"

// loggedKeys is the document of that file: the state of every key as the log last told it, by kid.
type loggedKeys struct {
	States map[string]keys.State `json:"states"`
}

// keyLeaf is what a leaf of class "key" commits to: a key that came, or changed its state.
type keyLeaf struct {
	Action string     `json:"action"`
	At     time.Time  `json:"at"` // of the entry; the times of the change are in Key
	From   keys.State `json:"from,omitempty"`
	Key    KeyRow     `json:"key"`
}

// logKeyChanges brings the log up to the key files. A change of a key is a write of its file; the leaf
// follows, in one transaction with a note of what the log has told. A crash between the two leaves a
// file the log does not know, which the next call tells: every change has its leaf once, late at worst.
// Two changes of one key with a crash before the first one's leaf are told as one.
func (g *Gateway) logKeyChanges(ctx context.Context) error {
	list := g.keys.List()
	_, err := g.record.Update(ctx, keyFile, func(s store.State) (store.Change, error) {
		return keyChange(s, list)
	})
	return err
}

// keyChange is pure: what the log lacks. The keys a gateway starts with are no change: each enters the
// log when something becomes of it.
func keyChange(s store.State, list []keys.Info) (store.Change, error) {
	told := loggedKeys{States: map[string]keys.State{}}
	if s.Doc != nil {
		if err := json.Unmarshal(s.Doc, &told); err != nil {
			return store.Change{}, err
		}
	}
	var c store.Change
	for _, k := range list {
		from, known := told.States[k.Kid]
		if known && from == k.State || !known && k.First && k.State == keys.Active {
			continue
		}
		told.States[k.Kid] = k.State
		material, err := json.Marshal(keyLeaf{Action: "key-change", At: s.Now, From: from, Key: keyRow(k)})
		if err != nil {
			return store.Change{}, err
		}
		c.Leaves = append(c.Leaves, store.NewLeaf{Class: evidence.ClassKey, Material: material})
	}
	if c.Leaves == nil {
		return c, nil
	}
	var err error
	c.Doc, err = json.Marshal(told)
	return c, err
}

// keepKeys moves what is due and tells the log what it does not know yet.
func (g *Gateway) keepKeys(ctx context.Context) {
	g.keyDesk.mu.Lock()
	defer g.keyDesk.mu.Unlock()
	moved, err := g.keys.Tick(g.o.Clock())
	for _, k := range moved {
		g.log.InfoContext(ctx, "a key changed its state", "kid", k.Kid, "purpose", string(k.Purpose), "owner", k.Owner, "state", string(k.State))
	}
	if len(moved) > 0 || err != nil {
		g.renewStatements()
	}
	if err != nil {
		g.log.ErrorContext(ctx, "keys that are due could not be moved", "error", err)
	}
	if err := g.logKeyChanges(ctx); err != nil && ctx.Err() == nil {
		g.log.ErrorContext(ctx, "a change of keys is not on record yet", "error", err)
	}
}
