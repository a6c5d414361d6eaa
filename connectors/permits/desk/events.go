package desk

import (
	"context"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// Events returns what happened at the desk after a cursor; see connectors.ReadEvents.
func (d *Desk) Events(ctx context.Context, cursor string) (connectors.PermitEvents, error) {
	return connectors.ReadEvents(ctx, d.host.Mailbox, cursor)
}
