package conformance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
)

// Level says what failing a case means (RFC 2119).
type Level string

// The levels. Only MUST decides a verdict; SHOULD warns, and MAY informs.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)

// Polarity tells a case that wants something done from one that wants it refused.
type Polarity string

// The polarities.
const (
	Positive Polarity = "positive"
	Negative Polarity = "negative"
)

// Profile is a part of the whole that has a verdict of its own.
type Profile string

// The profiles.
const (
	Core        Profile = "core"
	Catalogue   Profile = "catalogue"
	Permit      Profile = "permit"
	Recognition Profile = "recognition"
	Peer        Profile = "peer"
	Resilience  Profile = "resilience"
	Privacy     Profile = "privacy"
)

// Profiles lists them in the order of reports.
func Profiles() []Profile {
	return []Profile{Core, Catalogue, Permit, Recognition, Peer, Resilience, Privacy}
}

// Need is what a case needs of the driver or the target. Where it is not to be had, the case is listed as
// not observable, and counts for nothing.
type Need string

// The needs.
const (
	NeedClock      Need = "clock"      // a virtual clock
	NeedRestart    Need = "restart"    // a target that can be killed and started again
	NeedOutput     Need = "output"     // the target's log and state folder
	NeedDispatcher Need = "dispatcher" // the national interface
	NeedExt1       Need = "ext-1"      // listed in the target's metadata
	NeedPeer1      Need = "peer-1"     // listed in the target's metadata
	// NeedAlone is a target of its own: the case changes what others rely on. With a driver that has one
	// target only, such cases run one by one after the others.
	NeedAlone Need = "alone"
)

// Fidelity says what a case rests on.
type Fidelity string

// Modelled marks a case that rests on this project's model of the Central Platform, whose internals are not
// public.
const Modelled Fidelity = "modelled"

// Case is one test of a target.
type Case struct {
	ID       string // EHG-<GROUP>-<NNN>, never renumbered
	Title    string // what holds when it passes
	Why      string // what goes wrong in the field otherwise
	Level    Level
	Polarity Polarity
	Profiles []Profile
	Clauses  []string // each as spec.Clause knows it
	Needs    []Need
	Fidelity Fidelity
	// Report is true for cases that measure and never decide.
	Report bool
	Mend   string // where to look when it fails
	Run    func(ctx context.Context, t *T)
}

var caseID = regexp.MustCompile(`^EHG-([A-Z]+)-([0-9]{3})$`)

// Group is the middle part of the id.
func (c Case) Group() string {
	m := caseID.FindStringSubmatch(c.ID)
	if m == nil {
		return ""
	}
	return m[1]
}

// Has says whether the case needs something.
func (c Case) Has(n Need) bool { return slices.Contains(c.Needs, n) }

// Check says what is missing in a case's own description.
func (c Case) Check() error {
	switch {
	case c.Group() == "":
		return fmt.Errorf("case %q: not an id", c.ID)
	case c.Title == "" || c.Why == "" || c.Run == nil:
		return fmt.Errorf("case %s: title, why and run are required", c.ID)
	case c.Level != Must && c.Level != Should && c.Level != May:
		return fmt.Errorf("case %s: level %q", c.ID, c.Level)
	case c.Polarity != Positive && c.Polarity != Negative:
		return fmt.Errorf("case %s: polarity %q", c.ID, c.Polarity)
	case len(c.Profiles) == 0 || len(c.Clauses) == 0:
		return fmt.Errorf("case %s: profiles and clauses are required", c.ID)
	}
	for _, p := range c.Profiles {
		if !slices.Contains(Profiles(), p) {
			return fmt.Errorf("case %s: profile %q", c.ID, p)
		}
	}
	return nil
}
