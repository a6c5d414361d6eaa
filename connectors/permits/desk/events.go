package desk

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// pageSize is how many events one call returns at most.
const pageSize = 100

// Events returns what happened after a cursor, oldest first. The cursor is the number of the last
// event seen, "" for none; one that is not a number is refused with code "cursor-malformed". Events
// of an erased case are left out.
func (d *Desk) Events(ctx context.Context, cursor string) (connectors.PermitEvents, error) {
	if err := ctx.Err(); err != nil {
		return connectors.PermitEvents{}, err
	}
	after := eventPrefix
	if cursor != "" {
		n, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil || n < 0 || strconv.FormatInt(n, 10) != cursor {
			return connectors.PermitEvents{}, fault.New(fault.Invalid, "cursor-malformed", "the cursor is not one of this desk")
		}
		after = eventKey(n)
	}
	mails, err := d.host.Mailbox.Scan(ctx, eventPrefix, after, pageSize)
	if err != nil {
		return connectors.PermitEvents{}, err
	}
	page := connectors.PermitEvents{Cursor: cursor}
	for _, m := range mails {
		n, err := strconv.ParseInt(strings.TrimPrefix(m.Key, eventPrefix), 10, 64)
		if err != nil {
			return connectors.PermitEvents{}, fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
		}
		page.Cursor = strconv.FormatInt(n, 10)
		if len(m.Value) == 0 {
			continue
		}
		var e connectors.PermitEvent
		if err := json.Unmarshal(m.Value, &e); err != nil {
			return connectors.PermitEvents{}, fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
		}
		page.Events = append(page.Events, e)
	}
	return page, nil
}
