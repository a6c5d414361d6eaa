package conformance

import "slices"

// Verdict of a profile, or of a whole run.
type Verdict string

// The verdicts.
const (
	Conformant    Verdict = "conformant"
	Partial       Verdict = "partial"        // every MUST that ran held; some could not be decided
	NonConformant Verdict = "non-conformant" // a MUST does not hold
	Inconclusive  Verdict = "inconclusive"   // nothing ran, or only the tester's own trouble
)

// ProfileVerdict is what a run says about one profile.
type ProfileVerdict struct {
	Profile Profile `json:"profile"`
	Verdict Verdict `json:"verdict"`
	Counts  Counts  `json:"counts"`
}

// Counts are cases by outcome.
type Counts struct {
	Pass  int `json:"pass"`
	Warn  int `json:"warn"`
	Fail  int `json:"fail"`
	Skip  int `json:"skip"`
	Error int `json:"error"`
}

func (c *Counts) add(o Outcome) {
	switch o {
	case Pass:
		c.Pass++
	case Warn:
		c.Warn++
	case Fail:
		c.Fail++
	case Skip:
		c.Skip++
	case Err:
		c.Error++
	}
}

// Count counts results.
func Count(results []Result) Counts {
	var c Counts
	for _, r := range results {
		c.add(r.Outcome)
	}
	return c
}

// Judge gives a verdict on one profile. Cases that only measure decide nothing; what is not observable
// counts for nothing; a MUST that ended in the tester's own trouble leaves the profile undecided.
func Judge(p Profile, results []Result) ProfileVerdict {
	v := ProfileVerdict{Profile: p}
	ran, failed, undecided := 0, false, false
	for _, r := range results {
		if !slices.Contains(r.Profiles, p) {
			continue
		}
		v.Counts.add(r.Outcome)
		if r.Measures {
			continue
		}
		switch {
		case r.Outcome == Fail && r.Level == Must:
			ran, failed = ran+1, true
		case r.Outcome == Err && r.Level == Must:
			undecided = true
		case r.Outcome == Pass || r.Outcome == Warn || r.Outcome == Fail:
			ran++
		}
	}
	switch {
	case failed:
		v.Verdict = NonConformant
	case ran == 0:
		v.Verdict = Inconclusive
	case undecided:
		v.Verdict = Partial
	default:
		v.Verdict = Conformant
	}
	return v
}

// JudgeAll judges the profiles that have cases among the results, and the whole: the worst of them, where
// a profile nothing was asked of says nothing.
func JudgeAll(results []Result) (Verdict, []ProfileVerdict) {
	var all []ProfileVerdict
	for _, p := range Profiles() {
		if !slices.ContainsFunc(results, func(r Result) bool { return slices.Contains(r.Profiles, p) }) {
			continue
		}
		all = append(all, Judge(p, results))
	}
	return combine(all), all
}

// combine is the verdict over all profiles: theirs where they agree, and non-conformant where one is. A profile
// in which nothing could be observed makes a whole partial.
func combine(all []ProfileVerdict) Verdict {
	is := func(want Verdict) func(ProfileVerdict) bool {
		return func(v ProfileVerdict) bool { return v.Verdict == want }
	}
	switch {
	case len(all) == 0:
		return Inconclusive
	case slices.ContainsFunc(all, is(NonConformant)):
		return NonConformant
	case slices.ContainsFunc(all, func(v ProfileVerdict) bool { return v.Verdict != all[0].Verdict }):
		return Partial
	}
	return all[0].Verdict
}

// ExitCode is the exit status of a run with this verdict.
func (v Verdict) ExitCode() int {
	switch v {
	case Conformant:
		return 0
	case NonConformant:
		return 1
	case Partial:
		return 4
	}
	return 3
}
