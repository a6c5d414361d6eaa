package dispatcher

import (
	"context"
	"io"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// Events returns what the systems told after a cursor; see connectors.ReadEvents.
func (d *Driver) Events(ctx context.Context, cursor string) (connectors.PermitEvents, error) {
	page, err := connectors.ReadEvents(ctx, d.host.Mailbox, cursor)
	for i := range page.Events {
		d.reopen(&page.Events[i])
	}
	return page, err
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
