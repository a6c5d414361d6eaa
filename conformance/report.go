package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/lab"
)

// ReportVersion is the version of the report's form.
const ReportVersion = 1

// SelfDeclared stands in every report: nobody but the tester vouches for it.
const SelfDeclared = "self-declared"

// Report is the one truth about a run: every other form is made from it.
type Report struct {
	Version  int    `json:"version"`
	Standing string `json:"standing"` // SelfDeclared
	Suite    Suite  `json:"suite"`
	RunID    string `json:"run_id"`
	Target   Target `json:"target"`
	// Attestable is false when cases were left out or expected to fail.
	Attestable bool             `json:"attestable"`
	Why        []string         `json:"not_attestable_because,omitempty"`
	Began      time.Time        `json:"began"`
	Took       time.Duration    `json:"took_ns"`
	Verdict    Verdict          `json:"verdict"`
	Profiles   []ProfileVerdict `json:"profiles"`
	Counts     Counts           `json:"counts"`
	Results    []Result         `json:"results"`
}

// Suite says which cases were run, and what is known of their worth.
type Suite struct {
	Version  string `json:"version"`
	Manifest string `json:"manifest"` // "sha256:…" over the cases' ids, titles, levels and clauses
	Cases    int    `json:"cases"`
	// Proof is what the suite's own check found: how many broken gateways it caught. Nil when it is not known.
	Proof *Proof `json:"proof,omitempty"`
}

// Proof is the suite's own check in numbers.
type Proof struct {
	Mutants     int `json:"mutants"`
	Killed      int `json:"killed"`
	MustCases   int `json:"must_cases"`
	MustProved  int `json:"must_cases_proved"` // that at least one mutant fails
	Variants    int `json:"benign_variants"`
	VariantsOK  int `json:"benign_variants_green"`
	Dummies     int `json:"dummies"`
	DummiesDull int `json:"dummies_passing_no_negative_case"`
}

// Target says what was judged.
type Target struct {
	Entity string               `json:"entity"`
	Driver string               `json:"driver"`
	About  lab.AnnouncedProduct `json:"implementation"`
}

// Manifest is the digest over what the cases ask for: two runs with the same one ran the same suite.
func Manifest(cases []Case) string {
	type line struct {
		ID, Title string
		Level     Level
		Polarity  Polarity
		Profiles  []Profile
		Clauses   []string
	}
	lines := make([]line, 0, len(cases))
	for _, c := range cases {
		lines = append(lines, line{c.ID, c.Title, c.Level, c.Polarity, c.Profiles, c.Clauses})
	}
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.ID, b.ID) })
	raw, err := json.Marshal(lines)
	if err != nil {
		panic("conformance: cases do not marshal: " + err.Error()) // strings only
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Conclude fills in what follows from the results.
func (r *Report) Conclude() {
	r.Version, r.Standing = ReportVersion, SelfDeclared
	r.Counts = Count(r.Results)
	r.Verdict, r.Profiles = JudgeAll(r.Results)
}

// ErrReport means that a report does not hold together.
var ErrReport = errors.New("conformance: report does not hold")

// Verify recomputes what follows from the results, and checks that every case of the suite has one: a
// report that leaves a failure out, or changes an outcome, does not pass. cases is the suite it claims.
func (r Report) Verify(cases []Case) error {
	again := r
	again.Conclude()
	switch {
	case r.Version != ReportVersion:
		return fmt.Errorf("%w: version %d", ErrReport, r.Version)
	case r.Attestable != (len(r.Why) == 0):
		return fmt.Errorf("%w: it says both that it can be attested and why not, or neither", ErrReport)
	case r.Standing != SelfDeclared:
		return fmt.Errorf("%w: it claims to be more than self-declared", ErrReport)
	case r.Verdict != again.Verdict || !slices.Equal(r.Profiles, again.Profiles) || r.Counts != again.Counts:
		return fmt.Errorf("%w: the verdict does not follow from the results", ErrReport)
	case r.Suite.Manifest != Manifest(cases) || r.Suite.Cases != len(cases):
		return fmt.Errorf("%w: it is of another suite than this program's", ErrReport)
	}
	byID := map[string]Result{}
	for _, res := range r.Results {
		if _, twice := byID[res.ID]; twice {
			return fmt.Errorf("%w: %s stands in it twice", ErrReport, res.ID)
		}
		byID[res.ID] = res
	}
	for _, c := range cases {
		res, there := byID[c.ID]
		if !there {
			if r.Attestable {
				return fmt.Errorf("%w: %s is missing", ErrReport, c.ID)
			}
			continue
		}
		if err := res.verify(c); err != nil {
			return err
		}
		delete(byID, c.ID)
	}
	if len(byID) > 0 {
		return fmt.Errorf("%w: it holds cases that the suite does not", ErrReport)
	}
	return nil
}

// verify holds a result against its case and its own assertions.
func (r Result) verify(c Case) error {
	if r.Title != c.Title || r.Why != c.Why || r.Group != c.Group() || r.Level != c.Level || r.Polarity != c.Polarity || r.Fidelity != c.Fidelity ||
		r.Measures != c.Report || !slices.Equal(r.Profiles, c.Profiles) || !slices.Equal(r.Clauses, c.Clauses) {
		return fmt.Errorf("%w: %s is described otherwise than in the suite", ErrReport, r.ID)
	}
	broken, controlled, asserted := false, false, false
	for _, a := range r.Assertions {
		switch {
		case a.Control:
			controlled = controlled || a.Held
		default:
			asserted, broken = true, broken || !a.Held
		}
	}
	switch {
	case r.Outcome == Pass && (broken || !asserted && !c.Report),
		r.Outcome == Pass && c.Polarity == Negative && !controlled,
		(r.Outcome == Fail || r.Outcome == Warn) && !broken,
		(r.Outcome == Skip || r.Outcome == Err) && r.Reason == "":
		return fmt.Errorf("%w: the outcome of %s does not follow from its assertions", ErrReport, r.ID)
	}
	return nil
}

// Leaks counts the secrets that stand in a report: one that holds any is not written.
func (r Report) Leaks(secrets []string) (int, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	found := 0
	for _, s := range secrets {
		if len(s) < 8 {
			continue // too short to tell from what is said anyway
		}
		quoted, err := json.Marshal(s)
		if err != nil {
			return 0, err
		}
		if strings.Contains(string(raw), strings.Trim(string(quoted), `"`)) {
			found++
		}
	}
	return found, nil
}
