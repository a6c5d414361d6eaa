package biennial

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Period is what a report is about: all days from From to To, both included, each a full-date. A moment belongs
// to the day it has in the local time of the body concerned.
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// NewPeriod reads a period. Without its first day it is the two calendar years that ended last before now, or
// with its last day alone the two years up to that; without its last day, two years from the first.
// The error is a fault.Invalid with the code period-form.
func NewPeriod(from, to string, now time.Time) (Period, error) {
	first, ferr := time.Parse(time.DateOnly, from)
	last, terr := time.Parse(time.DateOnly, to)
	switch {
	case from != "" && ferr != nil:
		return Period{}, fault.New(fault.Invalid, "period-form", "a day such as 2027-01-01 is wanted").At("/from")
	case to != "" && terr != nil:
		return Period{}, fault.New(fault.Invalid, "period-form", "a day such as 2028-12-31 is wanted").At("/to")
	case from == "" && to == "":
		last = time.Date(now.Year()-1, time.December, 31, 0, 0, 0, 0, time.UTC)
		first = last.AddDate(0, 0, 1).AddDate(-2, 0, 0)
	case from == "":
		first = last.AddDate(0, 0, 1).AddDate(-2, 0, 0)
	case to == "":
		last = first.AddDate(2, 0, -1)
	}
	if !last.After(first) {
		return Period{}, fault.New(fault.Invalid, "period-form", "a day after the first is wanted").At("/to")
	}
	return Period{first.Format(time.DateOnly), last.Format(time.DateOnly)}, nil
}

// has says whether a moment is in the period, in a body's local time.
func (p Period) has(t time.Time, zone *time.Location) bool {
	return !t.IsZero() && p.hasDay(t.In(zone).Format(time.DateOnly))
}

// hasDay says whether a full-date is in the period.
func (p Period) hasDay(day string) bool { return p.From <= day && day <= p.To }

// days counts the calendar days from one moment to another in a body's local time.
func days(from, to time.Time, zone *time.Location) int64 {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int64(midnight(to).Sub(midnight(from)) / (24 * time.Hour))
}
