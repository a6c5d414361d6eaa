package ingest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// idOf names a description: by who pushed it and what it is called there, so that one holder cannot meet
// another's.
func idOf(owner, originalID string) string { return digest(owner + "\x00" + originalID)[:32] }

// outcome is what a push led to.
type outcome int

const (
	unchanged outcome = iota
	created
	updated
)

// unavailable is the fault for a record that cannot be read or written now.
func unavailable(err error) *fault.Error {
	return fault.Wrap(err, fault.Unavailable, "record-unavailable", "the record cannot be used now")
}

// push keeps a description. With fresh it must be new, or the same as it was.
func (d *Driver) push(ctx context.Context, k Key, e entry, fresh bool) (id string, out outcome, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id = idOf(k.Name, e.OriginalID)
	old, known, err := d.load(ctx, pushedPrefix+id)
	switch {
	case err != nil:
		return id, 0, unavailable(err)
	case known && old.Content == e.Content:
		return id, unchanged, nil
	case known && fresh:
		return id, 0, fault.New(fault.Conflict, "dataset-exists", "this dataset was pushed before and differs; use PUT /ingest/datasets/origin")
	}
	if err := d.count(ctx); err != nil {
		return id, 0, unavailable(err)
	}
	if other, taken := d.taken[e.Identifier]; taken && other != id {
		return id, 0, fault.New(fault.Conflict, "identifier-taken", "another description that was pushed has this identifier; of two, a pass would publish only one")
	}
	if !known && d.counts[k.Name] >= d.o.MaxPerKey {
		return id, 0, fault.New(fault.Forbidden, "too-many-datasets", "this key has as many datasets as it may")
	}
	e.Owner, e.At = k.Name, d.host.Clock().UTC()
	entries := map[string]entry{pushedPrefix + id: e}
	if known && old.Identifier != e.Identifier {
		entries[tombstoneOf(old)] = old.gone(e.At)
	}
	if err := d.batch(ctx, entries, tombstoneOf(e)); err != nil {
		return id, 0, unavailable(err)
	}
	if out = updated; !known {
		out = created
		d.counts[k.Name]++
	}
	d.free(old, id)
	d.taken[e.Identifier] = id
	d.host.Logger.InfoContext(ctx, "a description was pushed", "key", k.Name, "dataset", id, "new", !known)
	return id, out, nil
}

// remove takes a description back and leaves a tombstone.
func (d *Driver) remove(ctx context.Context, k Key, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	old, known, err := d.load(ctx, pushedPrefix+id)
	switch {
	case err != nil:
		return unavailable(err)
	case !known || old.Owner != k.Name:
		return fault.New(fault.NotFound, "dataset-unknown", "no dataset of this key has this id")
	}
	if err := d.count(ctx); err != nil {
		return unavailable(err)
	}
	if err := d.batch(ctx, map[string]entry{tombstoneOf(old): old.gone(d.host.Clock().UTC())}, pushedPrefix+id); err != nil {
		return unavailable(err)
	}
	d.counts[k.Name]--
	d.free(old, id)
	d.host.Logger.InfoContext(ctx, "a description was taken back", "key", k.Name, "dataset", id)
	return nil
}

func (d *Driver) load(ctx context.Context, key string) (e entry, known bool, err error) {
	raw, known, err := d.host.Mailbox.Get(ctx, key)
	if err != nil || !known {
		return entry{}, false, err
	}
	return e, true, json.Unmarshal(raw, &e)
}

// tombstoneOf is where the tombstone of a description lies: passes tell identifiers, not ids, so a
// description that comes back under another id, or from another holder, takes it away.
func tombstoneOf(e entry) string { return gonePrefix + idOf("", e.Identifier) }

// gone is the tombstone of a description.
func (e entry) gone(at time.Time) entry {
	e.Content, e.At = "", at
	return e
}

// batch writes entries and removes another, at once.
func (d *Driver) batch(ctx context.Context, entries map[string]entry, gone string) error {
	var mails []connectors.Mail
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		raw, err := json.Marshal(entries[key])
		if err != nil {
			return err
		}
		mails = append(mails, connectors.Mail{Key: key, Value: raw})
	}
	return d.host.Mailbox.Batch(ctx, mails, []string{gone})
}

// free lets another description have the identifier of one that no longer has it.
func (d *Driver) free(e entry, id string) {
	if d.taken[e.Identifier] == id {
		delete(d.taken, e.Identifier)
	}
}

// count fills counts and taken. Afterwards every change keeps them: nobody else writes into this mailbox.
func (d *Driver) count(ctx context.Context) error {
	if d.counts != nil {
		return nil
	}
	counts, taken := map[string]int{}, map[string]string{}
	for after := ""; ; {
		mails, err := d.host.Mailbox.Scan(ctx, pushedPrefix, after, d.o.PageDatasets)
		if err != nil {
			return err
		}
		for _, m := range mails {
			var e entry
			if err := json.Unmarshal(m.Value, &e); err != nil {
				return err
			}
			counts[e.Owner]++
			after = m.Key
			if _, known := taken[e.Identifier]; !known { // the first is the one that is published
				taken[e.Identifier] = m.Key[len(pushedPrefix):]
			}
		}
		if len(mails) < d.o.PageDatasets {
			d.counts, d.taken = counts, taken
			return nil
		}
	}
}
