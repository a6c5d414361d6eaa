package publish

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// Bounds of what a report lists one by one; the totals count everything.
const (
	MaxItems    = 1000 // of each list
	MaxFindings = 5000 // violations, and as many of all others
)

// Item is one dataset of a report.
type Item struct {
	Identifier string `json:"identifier"`
	As         string `json:"as,omitempty"` // identifier it is published under, where that is another
	IRI        string `json:"iri,omitempty"`
	Title      string `json:"title,omitempty"`
	Place      string `json:"place,omitempty"` // file:line
}

// Totals count what a pass found.
type Totals struct {
	Documents   int `json:"documents"`
	Same        int `json:"same_documents"` // of them not read again: byte for byte those of the pass before
	Created     int `json:"created"`
	Updated     int `json:"updated"`
	Deleted     int `json:"deleted"`
	Withheld    int `json:"withheld"`
	Quarantined int `json:"quarantined"`
	Violations  int `json:"violations"`
	Warnings    int `json:"warnings"`
	Notes       int `json:"notes"`
}

// Report says what a pass did, or with DryRun would do. Its lists are bounded.
type Report struct {
	Source    string        `json:"source"`
	DryRun    bool          `json:"dry_run"`
	Started   time.Time     `json:"started"`
	Took      time.Duration `json:"took_ns"`
	Read      int           `json:"read"` // records found, the quarantined included
	Unchanged int           `json:"unchanged"`
	Totals    Totals        `json:"totals"`

	Created     []Item              `json:"created"`
	Updated     []Item              `json:"updated"`
	Deleted     []Item              `json:"deleted"`
	Withheld    []Item              `json:"withheld,omitempty"` // published, gone from sight, but maybe in what is quarantined
	Quarantined []Item              `json:"quarantined,omitempty"`
	Findings    []catalogue.Finding `json:"findings,omitempty"`
	// FindingsLeftOut is how many findings are counted but not listed: beyond the bound, or about what
	// is unchanged since a pass that listed them.
	FindingsLeftOut int `json:"findings_left_out,omitempty"`
}

// find takes findings into the report.
func (r *Report) find(limit int, findings ...catalogue.Finding) {
	for _, f := range findings {
		n := &r.Totals.Notes
		switch f.Severity {
		case catalogue.Violation:
			n = &r.Totals.Violations
		case catalogue.Warning:
			n = &r.Totals.Warnings
		}
		*n++
		listed := r.Totals.Warnings + r.Totals.Notes
		if f.Severity == catalogue.Violation {
			listed = r.Totals.Violations
		}
		if listed > limit {
			r.FindingsLeftOut++
			continue
		}
		r.Findings = append(r.Findings, f)
	}
}

// repeat counts the findings of a description that is as it was: they are not listed again.
func (r *Report) repeat(warnings, notes int) {
	r.Totals.Warnings += warnings
	r.Totals.Notes += notes
	r.FindingsLeftOut += warnings + notes
}

// quarantine takes an item into the report.
func (r *Report) quarantine(limit int, i Item) {
	r.Read++
	if r.Totals.Quarantined++; r.Totals.Quarantined <= limit {
		r.Quarantined = append(r.Quarantined, i)
	}
}

// list sorts items by identifier and keeps as many as are listed.
func list(items []Item, limit int) []Item {
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(strings.Compare(a.Identifier, b.Identifier), strings.Compare(a.Place, b.Place))
	})
	return items[:min(len(items), limit):min(len(items), limit)]
}

// anyTitle prefers English, then the first language in order: a list for operators needs one title.
func anyTitle(titles map[string]string) string {
	if t, ok := titles["en"]; ok {
		return t
	}
	best := ""
	for lang := range titles {
		if best == "" || lang < best {
			best = lang
		}
	}
	return titles[best]
}
