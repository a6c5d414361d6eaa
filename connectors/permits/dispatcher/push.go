package dispatcher

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Push says where notices are announced to a system; without a URL it polls.
type Push struct {
	URL    string
	Secret string // whsec_ and the base64 of 24 to 64 bytes (Standard Webhooks)
}

// String names the address alone: the secret is one.
func (p Push) String() string { return p.URL }

// GoString is String, so that no verb shows more.
func (p Push) GoString() string { return p.URL }

// secretScheme begins a secret.
const secretScheme = "whsec_"

func (p Push) key() ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Secret, secretScheme))
	if err != nil || !strings.HasPrefix(p.Secret, secretScheme) || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("the push secret is whsec_ and the base64 of 24 to 64 bytes")
	}
	return key, nil
}

func (p Push) check() error {
	if p.URL == "" && p.Secret == "" {
		return nil
	}
	if p.URL == "" {
		return errors.New("a push secret without a URL")
	}
	_, err := p.key()
	return err
}

// announcement is all that is pushed of a notice: what it is about is fetched with the API key.
type announcement struct {
	Type      noticeKind `json:"type"`
	Timestamp string     `json:"timestamp"`
	Data      struct {
		Notice        string `json:"notice"`
		ApplicationID string `json:"application_id,omitempty"`
		Version       int    `json:"version,omitempty"`
	} `json:"data"`
}

// announced is an announcement that is on its way to one system. It holds nothing personal: an
// application's id is opaque.
type announced struct {
	System   string          `json:"system"`
	Notice   int64           `json:"notice"`
	Body     json.RawMessage `json:"body"`
	Queued   time.Time       `json:"queued"`
	Due      time.Time       `json:"due"`
	Attempts int             `json:"attempts"`
	Reason   string          `json:"reason,omitempty"` // why the last attempt failed
}

// What is on its way, and what was given up; both by system and notice, so that order is kept.
const (
	pushPrefix = "push/"
	deadPrefix = "dead/"
)

func pushKey(system string, number int64) string { return numbered(pushPrefix+system+"/", number) }
func deadKey(system string, number int64) string { return numbered(deadPrefix+system+"/", number) }

// queue has a notice announced to a system.
func (t *tx) queue(s *system, n notice) {
	a := announcement{Type: n.Kind, Timestamp: n.At}
	a.Data.Notice, a.Data.ApplicationID, a.Data.Version = n.ID, n.ApplicationID, n.Version
	t.put(pushKey(s.Name, t.n.Notice), "", announced{System: s.Name, Notice: t.n.Notice, Body: raw(a), Queued: t.now, Due: t.now})
}

// unqueue stops announcing a notice: the system has said that it has it.
func (t *tx) unqueue(s *system, number int64) {
	t.gone = append(t.gone, pushKey(s.Name, number), deadKey(s.Name, number))
}

// wake asks for a look at what is to be pushed. It never blocks.
func (d *Driver) wake() {
	select {
	case d.nudge <- struct{}{}:
	default:
	}
}

// messageID names an announcement over all its attempts.
func (d *Driver) messageID(a announced) string {
	return fmt.Sprintf("%s-%s-%d", d.host.Instance, a.System, a.Notice)
}
