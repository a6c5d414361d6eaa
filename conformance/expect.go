package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Expectation is a failure that is known. It is strict both ways: a case that is expected to fail and passes
// is as wrong as one that fails unexpectedly, so that the list never grows old.
type Expectation struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
	Until  string `json:"until"` // full-date, the last day it counts
}

// ErrExpectations means that a list of expectations is not usable.
var ErrExpectations = errors.New("conformance: expectations")

// ParseExpectations reads a JSON list. cases is the suite they must be of, today the day they must last
// beyond.
func ParseExpectations(raw []byte, cases []Case, today time.Time) ([]Expectation, error) {
	var out []Expectation
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExpectations, err)
	}
	known := map[string]bool{}
	for _, c := range cases {
		known[c.ID] = true
	}
	seen := map[string]bool{}
	for _, e := range out {
		until, err := time.Parse(time.DateOnly, e.Until)
		switch {
		case !known[e.ID]:
			return nil, fmt.Errorf("%w: %q is no case", ErrExpectations, e.ID)
		case seen[e.ID]:
			return nil, fmt.Errorf("%w: %s stands in the list twice", ErrExpectations, e.ID)
		case e.Reason == "":
			return nil, fmt.Errorf("%w: %s has no reason", ErrExpectations, e.ID)
		case err != nil:
			return nil, fmt.Errorf("%w: %s: until is no full-date", ErrExpectations, e.ID)
		case today.After(until.AddDate(0, 0, 1)):
			return nil, fmt.Errorf("%w: %s was expected to fail until %s, which is over", ErrExpectations, e.ID, e.Until)
		}
		seen[e.ID] = true
	}
	return out, nil
}

// Unexpected lists what the results hold against the expectations: failures nobody expects, and expected
// ones that did not happen.
func Unexpected(expected []Expectation, results []Result) []string {
	want := map[string]bool{}
	for _, e := range expected {
		want[e.ID] = true
	}
	var out []string
	for _, r := range results {
		switch {
		case r.Outcome == Fail && !want[r.ID]:
			out = append(out, r.ID+" fails and is not expected to")
		case r.Outcome != Fail && want[r.ID]:
			out = append(out, r.ID+" is expected to fail and ended "+string(r.Outcome))
		}
	}
	return out
}
