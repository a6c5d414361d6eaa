package dispatcher

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// eventPage is how many events one call returns at most.
const eventPage = 100

// Events returns what the systems told after a cursor, oldest first. The cursor is the number of the last
// event seen, "" for none; one that is not a number is refused with code "cursor-malformed". Events of
// an erased case are left out.
func (d *Driver) Events(ctx context.Context, cursor string) (connectors.PermitEvents, error) {
	page := connectors.PermitEvents{Cursor: cursor}
	if err := ctx.Err(); err != nil {
		return page, err
	}
	var last int64
	if cursor != "" {
		n, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil || n < 0 || strconv.FormatInt(n, 10) != cursor {
			return connectors.PermitEvents{}, fault.New(fault.Invalid, "cursor-malformed", "the cursor is not one of this dispatcher")
		}
		last = n
	}
	var c counters
	if _, err := d.get(ctx, keyCounters, &c); err != nil {
		return page, err
	}
	for last < c.Event && len(page.Events) == 0 { // a whole page may have been erased
		mails, err := d.host.Mailbox.Scan(ctx, eventPrefix, numbered(eventPrefix, last), eventPage)
		if err != nil {
			return page, err
		}
		top := min(last+eventPage, c.Event)
		if len(mails) == eventPage {
			if top, err = strconv.ParseInt(strings.TrimPrefix(mails[len(mails)-1].Key, eventPrefix), 10, 64); err != nil {
				return page, unreadable(err)
			}
		}
		for _, m := range mails {
			if n, err := strconv.ParseInt(strings.TrimPrefix(m.Key, eventPrefix), 10, 64); err != nil || n > top || len(m.Value) == 0 {
				continue
			}
			var e connectors.PermitEvent
			if err := json.Unmarshal(m.Value, &e); err != nil {
				return page, unreadable(err)
			}
			d.reopen(&e)
			page.Events = append(page.Events, e)
		}
		last = top
		page.Cursor = strconv.FormatInt(last, 10)
	}
	return page, nil
}

// reopen gives the files of an event back what opens them.
func (d *Driver) reopen(e *connectors.PermitEvent) {
	for i := range e.Files {
		f := e.Files[i]
		e.Files[i].Open = func(ctx context.Context) (io.ReadCloser, error) {
			return &fileReader{ctx: ctx, box: d.host.Mailbox, id: f.ID, left: f.Size}, nil
		}
	}
}
