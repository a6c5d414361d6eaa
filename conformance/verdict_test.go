package conformance

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func result(id string, l Level, o Outcome, profiles ...Profile) Result {
	return Result{ID: id, Level: l, Outcome: o, Profiles: profiles}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		results []Result
		want    Verdict
		code    int
	}{
		{"nothing ran", nil, Inconclusive, 3},
		{"everything skipped", []Result{result("a", Must, Skip, Core)}, Inconclusive, 3},
		{"only the tester's trouble", []Result{result("a", Must, Err, Core)}, Inconclusive, 3},
		{"all hold", []Result{result("a", Must, Pass, Core), result("b", Should, Pass, Core)}, Conformant, 0},
		{"a MUST fails", []Result{result("a", Must, Pass, Core), result("b", Must, Fail, Core)}, NonConformant, 1},
		{"a MUST fails beside trouble", []Result{result("a", Must, Err, Core), result("b", Must, Fail, Core)}, NonConformant, 1},
		{"a SHOULD warns", []Result{result("a", Must, Pass, Core), result("b", Should, Warn, Core)}, Conformant, 0},
		{"a MUST undecided", []Result{result("a", Must, Pass, Core), result("b", Must, Err, Core)}, Partial, 4},
		{"a SHOULD undecided", []Result{result("a", Must, Pass, Core), result("b", Should, Err, Core)}, Conformant, 0},
		{"a skip counts for nothing", []Result{result("a", Must, Pass, Core), result("b", Must, Skip, Core)}, Conformant, 0},
		{"another profile's failure", []Result{result("a", Must, Pass, Core), result("b", Must, Fail, Privacy)}, Conformant, 0},
		{"only measures", []Result{{ID: "a", Level: May, Outcome: Pass, Profiles: []Profile{Core}, Measures: true}}, Inconclusive, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := Judge(Core, tt.results).Verdict
			if got != tt.want || got.ExitCode() != tt.code {
				t.Errorf("%s, exit %d; want %s, exit %d", got, got.ExitCode(), tt.want, tt.code)
			}
		})
	}
}

func TestJudgeAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		results []Result
		want    Verdict
		count   int
	}{
		{"nothing", nil, Inconclusive, 0},
		{"all conformant", []Result{result("a", Must, Pass, Core), result("b", Must, Pass, Peer)}, Conformant, 2},
		{"one in two profiles", []Result{result("a", Must, Fail, Core, Peer)}, NonConformant, 2},
		{"a profile in which nothing was observable", []Result{result("a", Must, Pass, Core), result("b", Must, Skip, Peer)}, Partial, 2},
		{"nothing observable anywhere", []Result{result("a", Must, Skip, Core), result("b", Must, Skip, Peer)}, Inconclusive, 2},
		{"failure outweighs all", []Result{result("a", Must, Pass, Core), result("b", Must, Skip, Permit), result("c", Must, Fail, Peer)}, NonConformant, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, profiles := JudgeAll(tt.results)
			if got != tt.want || len(profiles) != tt.count {
				t.Errorf("%s over %d profiles; want %s over %d", got, len(profiles), tt.want, tt.count)
			}
		})
	}
}

// reportOf is a report over two cases, as a run makes it.
func reportOf(t *testing.T) (Report, []Case) {
	t.Helper()
	cases := []Case{
		{ID: "EHG-A-001", Title: "one", Level: Must, Polarity: Positive, Profiles: []Profile{Core}, Clauses: []string{"x"}},
		{ID: "EHG-A-002", Title: "two", Level: Must, Polarity: Negative, Profiles: []Profile{Core}, Clauses: []string{"y"}},
	}
	r := Report{Attestable: true, RunID: "r", Began: time.Unix(0, 0), Suite: Suite{Manifest: Manifest(cases), Cases: 2}, Results: []Result{
		{ID: "EHG-A-001", Title: "one", Group: "A", Clauses: []string{"x"}, Level: Must, Polarity: Positive, Profiles: []Profile{Core}, Outcome: Pass, Assertions: []Assertion{{What: "w", Clause: "x", Held: true}}},
		{ID: "EHG-A-002", Title: "two", Group: "A", Clauses: []string{"y"}, Level: Must, Polarity: Negative, Profiles: []Profile{Core}, Outcome: Fail, Assertions: []Assertion{{What: "ok", Control: true, Held: true}, {What: "v", Clause: "y"}}},
	}}
	r.Conclude()
	if err := r.Verify(cases); err != nil {
		t.Fatal(err)
	}
	return r, cases
}

func TestAReportThatWasChangedIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Report)
	}{
		{"verdict", func(r *Report) { r.Verdict = Conformant }},
		{"a profile's verdict", func(r *Report) { r.Profiles[0].Verdict = Conformant }},
		{"counts", func(r *Report) { r.Counts.Fail = 0 }},
		{"an outcome, concluded again", func(r *Report) { r.Results[1].Outcome = Pass; r.Conclude() }},
		{"an outcome and its assertion, without the control", func(r *Report) {
			r.Results[1].Outcome, r.Results[1].Assertions = Pass, []Assertion{{What: "v", Clause: "y", Held: true}}
			r.Conclude()
		}},
		{"a pass with nothing asserted", func(r *Report) { r.Results[0].Assertions = nil; r.Conclude() }},
		{"a failure left out", func(r *Report) { r.Results = r.Results[:1]; r.Conclude() }},
		{"a case twice", func(r *Report) { r.Results = append(r.Results, r.Results[0]); r.Conclude() }},
		{"a case of no suite", func(r *Report) { r.Results[0].ID = "EHG-A-009"; r.Conclude() }},
		{"a MUST made a SHOULD", func(r *Report) { r.Results[1].Level = Should; r.Conclude() }},
		{"a failure made a skip without a reason", func(r *Report) { r.Results[1].Outcome = Skip; r.Conclude() }},
		{"a title", func(r *Report) { r.Results[1].Title = "two, nearly" }},
		{"a clause", func(r *Report) { r.Results[1].Clauses = []string{"z"} }},
		{"made modelled", func(r *Report) { r.Results[1].Fidelity = Modelled }},
		{"attestable against its own words", func(r *Report) { r.Why = []string{"cases were left out"} }},
		{"another suite", func(r *Report) { r.Suite.Manifest = "sha256:00" }},
		{"certified", func(r *Report) { r.Standing = "certified" }},
		{"another form", func(r *Report) { r.Version = 2 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, cases := reportOf(t)
			tt.change(&r)
			if err := r.Verify(cases); err == nil {
				t.Error("it passed")
			}
		})
	}
	t.Run("what a run that is not attestable left out is no fault", func(t *testing.T) {
		t.Parallel()
		r, cases := reportOf(t)
		r.Attestable, r.Why, r.Results = false, []string{"one of two was asked for"}, r.Results[:1]
		r.Conclude()
		if err := r.Verify(cases); err != nil {
			t.Error(err)
		}
	})
}

func TestCheckOfACase(t *testing.T) {
	t.Parallel()
	good := Case{ID: "EHG-META-001", Title: "t", Why: "w", Level: Must, Polarity: Positive, Profiles: []Profile{Core}, Clauses: []string{"x"}, Run: nil}
	if good.Check() == nil {
		t.Error("a case without a function passes")
	}
	if diff := cmp.Diff("META", good.Group()); diff != "" {
		t.Error(diff)
	}
	if (Case{ID: "EHG-META-1"}).Group() != "" {
		t.Error("EHG-META-1 is no id")
	}
}
