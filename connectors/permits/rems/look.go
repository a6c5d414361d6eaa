package rems

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// look asks REMS what changed, when it is time or a notification said so, and takes what it says.
func (d *Driver) look(ctx context.Context) error {
	due, err := d.notified(ctx)
	now := d.host.Clock()
	timely := d.itIsTime(now)
	if err != nil || len(due) == 0 && !timely {
		return err
	}
	index, err := d.index(ctx)
	if err != nil || len(index) == 0 {
		return err
	}
	if timely {
		all, err := d.rems.list(ctx, d.o.Handler, "/api/applications")
		if err != nil {
			return err
		}
		for _, a := range all {
			if e, ours := index[a.ID]; ours && (e.Activity != a.Activity || e.Incomplete) {
				due = append(due, a.ID)
			}
		}
		d.mu.Lock()
		d.looked = now
		d.mu.Unlock()
	}
	slices.Sort(due)
	for _, id := range slices.Compact(due) {
		if e, ours := index[id]; ours { // one that cannot be read now holds up no other
			err = cmp.Or(err, d.take(ctx, id, e))
		}
	}
	return err
}

func (d *Driver) itIsTime(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looked.IsZero() || now.Sub(d.looked) >= d.o.Poll || now.Before(d.looked)
}

// index is every application of REMS that is the gateway's.
func (d *Driver) index(ctx context.Context) (map[int]entry, error) {
	out := map[int]entry{}
	err := d.scan(ctx, indexPrefix, func(id int, value []byte) error {
		var e entry
		if err := json.Unmarshal(value, &e); err != nil {
			return broken(err)
		}
		out[id] = e
		return nil
	})
	return out, err
}

// notified are the applications that a notification named and that were not read since.
func (d *Driver) notified(ctx context.Context) ([]int, error) {
	var out []int
	err := d.scan(ctx, dirtyPrefix, func(id int, _ []byte) error {
		out = append(out, id)
		return nil
	})
	return out, err
}

func (d *Driver) scan(ctx context.Context, prefix string, read func(id int, value []byte) error) error {
	return connectors.EachMail(ctx, d.host.Mailbox, prefix, prefix, func(m connectors.Mail) (bool, error) {
		id, err := strconv.Atoi(strings.TrimPrefix(m.Key, prefix))
		if err != nil {
			return false, broken(err)
		}
		return true, read(id, m.Value)
	})
}

// take reads one application and tells what happened there since it was last read.
func (d *Driver) take(ctx context.Context, id int, e entry) error {
	release, err := d.alone(ctx, e.Case, e.Track)
	if err != nil {
		return err
	}
	defer release()
	t, ok, err := d.load(ctx, e.Case, e.Track)
	if err != nil || !ok || t.REMS != id {
		return err
	}
	a, err := d.rems.application(ctx, d.o.Handler, id)
	if err != nil {
		return err
	}
	slices.SortFunc(a.Events, func(x, y event) int { return cmp.Compare(x.ID, y.ID) })
	var told []connectors.PermitEvent
	for _, ev := range a.Events {
		if ev.ID <= t.LastEvent {
			continue
		}
		more, err := d.meaning(ctx, &t, ev)
		if err != nil {
			return err
		}
		told, t.LastEvent = append(told, more...), ev.ID
	}
	if t.Incomplete != nil && len(told) == 0 { // the mapping may have been mended since
		if told, err = d.mended(ctx, &t); err != nil {
			return err
		}
	}
	return d.commit(ctx, &t, told, "", a.Activity)
}
