package conformance

import "time"

// Outcome of one case.
type Outcome string

// The outcomes.
const (
	Pass Outcome = "PASS"
	Warn Outcome = "WARN" // a SHOULD that does not hold
	Fail Outcome = "FAIL"
	Skip Outcome = "SKIP"  // not observable, or not asked of this target; the reason says which
	Err  Outcome = "ERROR" // the tester's own trouble: nothing is said about the target
)

// Assertion is one thing that was looked at.
type Assertion struct {
	What     string `json:"what"`
	Clause   string `json:"clause,omitempty"` // empty for a control
	Control  bool   `json:"control,omitempty"`
	Held     bool   `json:"held"`
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
}

// Exchange is one message of a transcript, redacted.
type Exchange struct {
	At        time.Time      `json:"at"`
	Direction string         `json:"direction"` // "to-target" or "from-target"
	What      string         `json:"what"`      // message type, or method and route
	Party     string         `json:"party"`
	Header    map[string]any `json:"header,omitempty"` // of the token
	Claims    map[string]any `json:"claims,omitempty"` // without bodies
	Status    int            `json:"status,omitempty"` // HTTP
	Receipt   string         `json:"receipt,omitempty"`
	Code      string         `json:"code,omitempty"` // of the problem
	Note      string         `json:"note,omitempty"`
}

// Result is what a case found.
type Result struct {
	ID         string        `json:"id"`
	Title      string        `json:"title"`
	Why        string        `json:"why"`
	Group      string        `json:"group"`
	Level      Level         `json:"level"`
	Polarity   Polarity      `json:"polarity"`
	Profiles   []Profile     `json:"profiles"`
	Clauses    []string      `json:"clauses"`
	Fidelity   Fidelity      `json:"fidelity,omitempty"`
	Measures   bool          `json:"report_only,omitempty"`
	Outcome    Outcome       `json:"outcome"`
	Reason     string        `json:"reason,omitempty"`
	Mend       string        `json:"mend,omitempty"`
	Assertions []Assertion   `json:"assertions,omitempty"`
	Transcript []Exchange    `json:"transcript,omitempty"`
	Figures    []Figure      `json:"figures,omitempty"`
	Took       time.Duration `json:"took_ns"`
}

// Figure is something measured.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}
