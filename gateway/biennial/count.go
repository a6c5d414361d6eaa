package biennial

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Case is an application of the record, with what its document says beside the tracks.
type Case struct {
	Application access.Application
	// Applicant is who applied: a part of the figure of applicants, such as "legal person". Empty is not known.
	Applicant string
	Cards     []ehds.DecisionBody // the decisions as they were told
	Results   []Result
}

// Result is one publication of results.
type Result struct {
	HDAB string // entity of the body of the track; empty when it was not recorded
	At   time.Time
}

// Measure is a measure that one of the nation's bodies took.
type Measure struct {
	HDAB string // entity of the body; empty when it was not recorded
	ehds.EnforcementBody
}

// Parts that have no name of their own.
const (
	notKnown = "not on record"
	inPart   = "Positive, in part"
)

// Counter counts the figures of a period. It is not safe for concurrent use.
type Counter struct {
	Period Period
	// Zone is the local time of a body, or of the nation for an empty entity; nil is UTC.
	Zone func(hdab string) *time.Location
	// Now is when the count is made: a duty whose last day is over then and that was not done is open.
	Now time.Time

	nation tally
	bodies map[string]tally
	cases  int64
	lost   int64
}

// Lost counts cases whose contents are no longer on record: their figures are missing.
func (c *Counter) Lost(n int) { c.lost += int64(n) }

// Covers says whether a moment is in the period, by the nation's local time.
func (c *Counter) Covers(t time.Time) bool { return c.in(t, "") }

// Receives says whether an application counts among those received in the period: then it matters who applied.
func (c *Counter) Receives(a access.Application) bool { return c.in(received(a), "") || c.some(a) }

// some says whether an application was received in the period by the local time of one of its bodies.
func (c *Counter) some(a access.Application) bool {
	return slices.ContainsFunc(a.Tracks, func(t access.Track) bool { return c.in(received(a), t.Key.HDAB) })
}

// received is when the first version came.
func received(a access.Application) time.Time {
	if len(a.Versions) > 0 {
		return a.Versions[0].Received
	}
	return a.Received
}

// Case counts an application.
func (c *Counter) Case(k Case) {
	c.cases++
	who := k.Applicant
	if who == "" {
		who = notKnown
	}
	first := received(k.Application)
	if c.in(first, "") && len(k.Application.Tracks) > 0 {
		c.national().add(applications, 1, string(k.Application.Kind))
		c.national().add(applicants, 1, who)
	}
	seen := map[string]bool{}
	for i := range k.Application.Tracks {
		t := &k.Application.Tracks[i]
		if c.in(first, t.Key.HDAB) {
			if !seen[t.Key.HDAB] {
				seen[t.Key.HDAB] = true
				c.body(t.Key.HDAB).add(applications, 1, string(k.Application.Kind))
				c.body(t.Key.HDAB).add(applicants, 1, who)
			}
			c.both(t.Key.HDAB, tracks, 1, string(k.Application.Kind))
		}
		c.track(t, first, k.Cards)
	}
	for _, r := range k.Results {
		if c.in(r.At, r.HDAB) {
			c.both(r.HDAB, results, 1)
		}
	}
}

// Measure counts a measure.
func (c *Counter) Measure(m Measure) {
	if !c.Period.hasDay(m.From) {
		return
	}
	c.both(m.HDAB, measures, 1, m.Measure)
	if m.Measure == ehds.MeasureFine {
		c.both(m.HDAB, fines, 1)
	}
}

// track counts what became of a track.
func (c *Counter) track(t *access.Track, first time.Time, cards []ehds.DecisionBody) {
	body := t.Key.HDAB
	for _, d := range t.SetAside {
		c.decision(t, d, cards)
	}
	if t.Decision != nil {
		c.decision(t, *t.Decision, cards)
	}
	for _, v := range t.Permits {
		switch {
		case !c.in(v.Issued, body):
		case v.Previous == "":
			c.both(body, permits, 1)
		default:
			c.both(body, versions, 1)
		}
	}
	opened := time.Time{}
	for _, s := range t.History {
		if s.Axis == ehds.AxisApplication && s.To == string(ehds.StateWithdrawn) && s.From != s.To && c.in(s.At, body) {
			c.both(body, withdrawn, 1)
		}
		if opens(s) && (opened.IsZero() || s.At.Before(opened)) {
			opened = s.At
		}
	}
	if c.in(opened, body) {
		c.both(body, toAccess, days(first, opened, c.zone(body)))
	}
	for _, k := range t.Clocks {
		c.duty(body, k)
	}
}

// opens says whether a step gives the user access to data, or the answer to a data request.
func opens(s access.Step) bool {
	return s.Axis == ehds.Axis(ehds.SideSPE) && s.To == string(ehds.SideAvailable) ||
		s.Axis == ehds.Axis(ehds.SideAnswer) && s.To == string(ehds.SideProvided)
}

// decision counts a decision, and whether it was in time.
func (c *Counter) decision(t *access.Track, d access.Decision, cards []ehds.DecisionBody) {
	body := t.Key.HDAB
	if !c.in(d.Issued, body) {
		return
	}
	c.both(body, inTime, 1, timely(t, d.Issued))
	if d.Outcome != ehds.Positive {
		c.both(body, decisions, 1, string(d.Outcome))
		return
	}
	outcome := string(d.Outcome)
	if len(d.Refused) > 0 {
		outcome = inPart
	}
	c.both(body, decisions, 1, outcome)
	granted := ehds.PermitDetail{}
	if d.Grant != nil {
		granted = *d.Grant
	}
	c.both(body, purposes, 1, orNotKnown(granted.Purposes)...)
	c.both(body, categories, 1, orNotKnown(granted.Data.Categories)...)
	i := slices.IndexFunc(cards, func(k ehds.DecisionBody) bool { return k.DecisionID == d.ID })
	if i >= 0 && cards[i].Fees != nil {
		c.both(body, estimates, cards[i].Fees.AmountCents, cards[i].Fees.Currency)
	}
}

// orNotKnown is a list without what it says twice; one that is empty says that it is not known.
func orNotKnown(list []string) []string {
	if len(list) == 0 {
		return []string{notKnown}
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// timely says how a decision stands to the clock that ran for it: the last that had started by then.
func timely(t *access.Track, issued time.Time) string {
	var ran *access.Clock
	for i := range t.Clocks {
		k := &t.Clocks[i]
		of := k.Kind == access.ClockDecision || k.Kind == access.ClockProposal
		if of && k.State != access.ClockVoid && !k.Start.After(issued) && (ran == nil || !k.Start.Before(ran.Start)) {
			ran = k
		}
	}
	switch {
	case ran == nil:
		return notKnown
	case ran.Met(issued):
		return "in time"
	}
	return "late"
}

// duty counts a duty of a holder or a user whose last day fell in the period.
func (c *Counter) duty(body string, k access.Clock) {
	name := map[access.ClockKind]string{access.ClockDelivery: deliveries, access.ClockResults: publishing}[k.Kind]
	if name == "" || k.State == access.ClockVoid || !c.Period.hasDay(k.LastDay) {
		return
	}
	part := "open"
	switch {
	case k.State == access.ClockMet:
		part = "in time"
	case k.State == access.ClockLate:
		part = "late"
	case c.Now.Before(k.End):
		part = "not yet due"
	}
	c.both(body, name, 1, part)
}

func (c *Counter) zone(hdab string) *time.Location {
	if c.Zone != nil {
		if z := c.Zone(hdab); z != nil {
			return z
		}
	}
	return time.UTC
}

func (c *Counter) in(t time.Time, hdab string) bool { return c.Period.has(t, c.zone(hdab)) }

// both counts for a body and for the nation.
func (c *Counter) both(hdab, name string, n int64, parts ...string) {
	c.body(hdab).add(name, n, parts...)
	c.national().add(name, n, parts...)
}

// national is the tally of the nation.
func (c *Counter) national() tally {
	if c.nation == nil {
		c.nation = tally{}
	}
	return c.nation
}

// body is the tally of a body; with an empty entity, of what names none.
func (c *Counter) body(hdab string) tally {
	if c.bodies == nil {
		c.bodies = map[string]tally{}
	}
	if c.bodies[hdab] == nil {
		c.bodies[hdab] = tally{}
	}
	return c.bodies[hdab]
}
