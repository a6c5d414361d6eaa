package gateway

import (
	"context"
	"io"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// host is what a driver is lent.
func (g *Gateway) host(instance string) connectors.Host {
	return connectors.Host{
		Instance: instance, Mailbox: mailbox{g.record, "connector/" + instance}, HTTP: g.client.HTTP(),
		Clock: g.o.Clock, Rand: func(b []byte) error { _, err := io.ReadFull(g.o.Rand, b); return err },
		Logger: g.log.With("connector", instance), OpenAttachment: g.record.OpenBlob,
	}
}

// mailbox is a driver's namespace in the record.
type mailbox struct {
	record    store.Mailboxes
	namespace string
}

// Get implements connectors.Mailbox.
func (m mailbox) Get(ctx context.Context, key string) ([]byte, bool, error) {
	return m.record.MailGet(ctx, m.namespace, key)
}

// Scan implements connectors.Mailbox.
func (m mailbox) Scan(ctx context.Context, prefix, after string, limit int) ([]connectors.Mail, error) {
	list, err := m.record.MailScan(ctx, m.namespace, prefix, after, limit)
	out := make([]connectors.Mail, len(list))
	for i, e := range list {
		out[i] = connectors.Mail(e)
	}
	return out, err
}

// Batch implements connectors.Mailbox.
func (m mailbox) Batch(ctx context.Context, puts []connectors.Mail, deletes []string) error {
	list := make([]store.Mail, len(puts))
	for i, p := range puts {
		list[i] = store.Mail(p)
	}
	return m.record.MailBatch(ctx, m.namespace, list, deletes)
}
