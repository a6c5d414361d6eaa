package dispatcher

import (
	"encoding/json"
	"fmt"
	"time"
)

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
