package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
)

// Mode is how the centre's side was learnt.
type Mode string

// The modes.
const (
	ByMessages Mode = "messages" // the centre told and signed it
	ByReading  Mode = "http"     // its public catalogue was read
)

// Proves says what a comparison of that mode proves, for whoever reads the report.
func (m Mode) Proves() string {
	if m == ByMessages {
		return "what the centre stated, in signed responses, of the catalogue it shows of this nation; the messages and receipts are evidence of the case"
	}
	return "what the centre's public catalogue showed when it was read; nothing of it is signed"
}

// Side is one of the two catalogues.
type Side struct {
	Count int    `json:"count"`
	Root  string `json:"root"`
}

// Difference is one description that is not the same on both sides.
type Difference struct {
	Kind       digest.Kind `json:"kind"`
	Identifier string      `json:"identifier"` // at origin
	Ours       string      `json:"ours,omitempty"`
	Theirs     string      `json:"theirs,omitempty"`
	Cause      Cause       `json:"cause"`
	State      string      `json:"state,omitempty"` // of the publication
	Codes      []string    `json:"codes,omitempty"` // of the centre's findings, when it refused
	Mend       string      `json:"mend"`
}

// Report is the outcome of one comparison.
type Report struct {
	Case        string        `json:"case,omitempty"` // of its messages; empty over HTTP
	Country     string        `json:"country"`
	Centre      string        `json:"centre"`
	Mode        Mode          `json:"mode"`
	Proves      string        `json:"proves"`
	Scheme      string        `json:"scheme"`
	At          time.Time     `json:"at"` // when our side was read
	Took        time.Duration `json:"took_ns"`
	Ours        Side          `json:"ours"`
	Theirs      Side          `json:"theirs"`
	Equal       bool          `json:"equal"`
	Missing     int           `json:"missing"`
	Stale       int           `json:"stale"`
	Orphan      int           `json:"orphan"`
	Differences []Difference  `json:"differences"` // by identifier
	Messages    int           `json:"messages"`    // sent and received, receipts left out; or pages read
	Hashes      int           `json:"hashes"`      // sums and entries the centre has shown
	// Unread counts descriptions of the public catalogue that could not be read, whosever they are: one
	// of ours among them counts as missing.
	Unread int `json:"unread,omitempty"`
}

// fill takes over what was found, each with its cause.
func (r *Reconciler) fill(ctx context.Context, report *Report, ours *digest.Tree, found []digest.Difference) error {
	report.Ours = Side{ours.Len(), ours.Root().String()}
	report.Differences = make([]Difference, 0, len(found))
	for _, f := range found {
		d := Difference{Kind: f.Kind, Identifier: f.Identifier}
		switch f.Kind {
		case digest.Missing:
			report.Missing++
			d.Ours = f.Ours.String()
		case digest.Orphan:
			report.Orphan++
			d.Theirs = f.Theirs.String()
		default:
			report.Stale++
			d.Ours, d.Theirs = f.Ours.String(), f.Theirs.String()
		}
		p, err := r.publication(ctx, f.Identifier)
		if err != nil {
			return fmt.Errorf("explaining a difference: %w", err)
		}
		d.explain(p)
		report.Differences = append(report.Differences, d)
	}
	return nil
}
