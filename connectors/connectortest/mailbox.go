package connectortest

import (
	"context"
	"errors"
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
	mood  func(n int, op string) MailFault
	n     int // operations since the mood was set
}

// MailFault is what happens to one operation of a mailbox.
type MailFault int

// What may happen.
const (
	MailFine   MailFault = iota
	MailFailed           // it is not done, and fails
	MailLost             // it is done, and fails all the same: a crash before the answer
)

// errMailbox is how a mailbox fails in the regimes. The gateway's own errors hold no content either.
var errMailbox = errors.New("the mailbox is out of order")

// Misbehave lets f say what happens to every operation from now on; op is get, scan or batch, and n
// counts from 0. Nil heals it.
func (m *Mailbox) Misbehave(f func(n int, op string) MailFault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mood, m.n = f, 0
}

// meets is the fault the next operation meets. The lock is held.
func (m *Mailbox) meets(op string) MailFault {
	if m.mood == nil {
		return MailFine
	}
	m.n++
	return m.mood(m.n-1, op)
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
	if m.meets("get") != MailFine {
		return nil, false, errMailbox
	}
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
	if m.meets("scan") != MailFine {
		return nil, errMailbox
	}
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
	met := m.meets("batch")
	if met == MailFailed {
		return errMailbox
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
	if met == MailLost {
		return errMailbox
	}
	return nil
}
