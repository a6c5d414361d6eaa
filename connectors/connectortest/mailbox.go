package connectortest

import (
	"context"
	"sort"
	"strings"
	"sync"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// Mailbox is a mailbox in memory. It keeps what a Batch wrote, all or nothing, and can be told to
// fail. The zero value is ready.
type Mailbox struct {
	mu    sync.Mutex
	mails map[string]connectors.Mail
	fail  error
}

var _ connectors.Mailbox = (*Mailbox)(nil)

// FailBatches makes every further Batch fail with err and write nothing; nil heals it.
func (m *Mailbox) FailBatches(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// Mails lists a copy of everything kept, in key order.
func (m *Mailbox) Mails() []connectors.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.after("", "", len(m.mails))
}

// Get returns a copy of a value.
func (m *Mailbox) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	mail, ok := m.mails[key]
	return append([]byte(nil), mail.Value...), ok, nil
}

// Scan lists entries with a prefix in key order.
func (m *Mailbox) Scan(ctx context.Context, prefix, after string, limit int) ([]connectors.Mail, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.after(prefix, after, limit), nil
}

func (m *Mailbox) after(prefix, after string, limit int) []connectors.Mail {
	var keys []string
	for k := range m.mails {
		if strings.HasPrefix(k, prefix) && k > after {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	if len(keys) > limit {
		keys = keys[:limit]
	}
	var out []connectors.Mail
	for _, k := range keys {
		mail := m.mails[k]
		mail.Value = append([]byte(nil), mail.Value...)
		out = append(out, mail)
	}
	return out
}

// Batch writes and deletes at once.
func (m *Mailbox) Batch(ctx context.Context, puts []connectors.Mail, deletes []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if m.mails == nil {
		m.mails = map[string]connectors.Mail{}
	}
	for _, p := range puts {
		p.Value = append([]byte(nil), p.Value...)
		m.mails[p.Key] = p
	}
	for _, k := range deletes {
		delete(m.mails, k)
	}
	return nil
}
