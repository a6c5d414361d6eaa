package report

import (
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance"
)

// Change is what differs between two reports about one case or profile.
type Change struct {
	What   string `json:"what"` // id of a case, or a profile
	Before string `json:"before"`
	After  string `json:"after"`
	Worse  bool   `json:"worse"`
}

// absent stands for a case or profile that only one of the reports has.
const absent = "absent"

// Diff compares two reports, the older first: verdicts by profile, then outcomes by case.
func Diff(before, after conformance.Report) []Change {
	var out []Change
	verdicts := func(r conformance.Report) map[string]string {
		m := map[string]string{"whole": string(r.Verdict)}
		for _, p := range r.Profiles {
			m[string(p.Profile)] = string(p.Verdict)
		}
		return m
	}
	outcomes := func(r conformance.Report) map[string]string {
		m := map[string]string{}
		for _, res := range r.Results {
			m[res.ID] = string(res.Outcome)
		}
		return m
	}
	out = append(out, differences(verdicts(before), verdicts(after), []string{
		string(conformance.Conformant), string(conformance.Partial), string(conformance.Inconclusive), absent, string(conformance.NonConformant),
	})...)
	return append(out, differences(outcomes(before), outcomes(after), []string{
		string(conformance.Pass), string(conformance.Warn), string(conformance.Skip), string(conformance.Err), absent, string(conformance.Fail),
	})...)
}

// Worse says whether any change is for the worse.
func Worse(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Worse })
}

// differences lists what two maps do not agree on. order is from good to bad.
func differences(before, after map[string]string, order []string) []Change {
	var out []Change
	names := map[string]bool{}
	for k := range before {
		names[k] = true
	}
	for k := range after {
		names[k] = true
	}
	for k := range names {
		b, a := before[k], after[k]
		if b == "" {
			b = absent
		}
		if a == "" {
			a = absent
		}
		if a == b {
			continue
		}
		// What is new is no better and no worse than what was not there, unless it fails.
		worse := slices.Index(order, a) > slices.Index(order, b)
		out = append(out, Change{What: k, Before: b, After: a, Worse: worse})
	}
	slices.SortFunc(out, func(x, y Change) int { return strings.Compare(x.What, y.What) })
	return out
}
