package access

import (
	"fmt"
	"strings"
	"time"
)

// Date is a calendar day in the acting body's time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// String is the RFC 3339 full-date.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// before says whether a date is earlier than another.
func (d Date) before(other Date) bool { return d.utc().Before(other.utc()) }

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// AddDays is the date a number of days later, or earlier when it is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.utc().AddDate(0, 0, n), time.UTC) }

// valid says whether there is such a day.
func (d Date) valid() bool { return d.Year > 0 && DateOf(d.utc(), time.UTC) == d }

// ParseDate reads an RFC 3339 full-date.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("not a full-date of RFC 3339: %w", err)
	}
	return DateOf(t, time.UTC), nil
}

// Weekday of the date.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// addMonths keeps the day of the month, clamped to the end of a shorter one.
func (d Date) addMonths(n int) (Date, bool) {
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	if d.Day > last {
		return Date{first.Year(), first.Month(), last}, true
	}
	return Date{first.Year(), first.Month(), d.Day}, false
}

// Calendar is the acting body's: its time zone decides what day it is, its holidays move ends.
type Calendar struct {
	Zone    *time.Location  // nil is UTC
	Holiday func(Date) bool // public holidays; nil is none. Saturdays and Sundays need not be listed
	// Name is what a holiday is called, for the proof of a computation; nil, or "", is not known.
	Name func(Date) string
}

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// Working says whether a day is a working day: neither a public holiday nor a Saturday or Sunday
// (Regulation 1182/71 Art. 2(2)).
func (c Calendar) Working(d Date) bool {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	return c.Holiday == nil || !c.Holiday(d)
}

// why says why a day is off.
func (c Calendar) why(d Date) string {
	name := ""
	if c.Name != nil {
		name = c.Name(d)
	}
	switch w := d.Weekday(); {
	case name != "":
		return fmt.Sprintf("%s (%s)", d, name)
	case w == time.Saturday || w == time.Sunday:
		return fmt.Sprintf("%s (%s)", d, w)
	}
	return fmt.Sprintf("%s (a day off of the body)", d)
}

// skipped lists the days off from one day to before another, each with its reason. Saturdays and
// Sundays without another are left out of long lists.
func (c Calendar) skipped(from, to Date, weekends bool) []string {
	var out []string
	for d := from; d.before(to); d = d.AddDays(1) {
		if w := d.Weekday(); c.Working(d) || !weekends && (w == time.Saturday || w == time.Sunday) {
			continue
		}
		out = append(out, c.why(d))
	}
	return out
}

// nextWorking gives up after a year without one, which only a broken calendar has.
func (c Calendar) nextWorking(d Date) Date {
	for i := 0; i < 366 && !c.Working(d); i++ {
		d = d.AddDays(1)
	}
	return d
}

// Period is a length of time in law; exactly one member is set.
type Period struct{ Months, Days, WorkingDays int }

// String names the period.
func (p Period) String() string {
	switch {
	case p == (Period{}):
		return "no period"
	case p.Months == 1:
		return "1 month"
	case p.Months > 0:
		return fmt.Sprintf("%d months", p.Months)
	case p.WorkingDays > 0:
		return fmt.Sprintf("%d working days", p.WorkingDays)
	}
	return fmt.Sprintf("%d days", p.Days)
}

// Deadline is the computed end of a period.
type Deadline struct {
	LastDay Date      // the last day, in the body's time zone
	End     time.Time // the first instant after it, UTC: an act before End is in time
	Steps   []string  // the computation, for a lawyer to read
}

// Deadline computes the end of a period that runs from an event, by Regulation 1182/71: the day of
// the event is not counted (Art. 3(1)); months end on the same date, clamped to the month's end
// (Art. 3(2)(c)); an end on a day off moves to the end of the next working day (Art. 3(4)); two days
// or more hold at least two working days (Art. 3(5)). It is not for periods counted backwards, which
// do not move.
func (c Calendar) Deadline(event time.Time, p Period) Deadline {
	zone := c.zone()
	day := DateOf(event, zone)
	steps := []string{fmt.Sprintf("The event fell on %s %s in %s; that day is not counted (Reg. 1182/71 Art. 3(1)).",
		day.Weekday(), day, zone)}
	var last Date
	switch {
	case p.Months > 0:
		var clamped bool
		last, clamped = day.addMonths(p.Months)
		steps = append(steps, fmt.Sprintf("%s end on the same date of the last month: %s (Art. 3(2)(c)).", p, last))
		if clamped {
			steps = append(steps, "That month has no such date: the period ends on its last day (Art. 3(2)(c)).")
		}
	case p.WorkingDays > 0:
		last = day
		for n := 0; n < p.WorkingDays; n++ {
			last = c.nextWorking(last.AddDays(1))
		}
		step := fmt.Sprintf("%s, Saturdays and Sundays left out: %s (Art. 3(3)).", p, last)
		if off := c.skipped(day.AddDays(1), last, false); len(off) > 0 {
			step = fmt.Sprintf("%s, Saturdays and Sundays left out, and %s: %s (Art. 3(3)).", p, strings.Join(off, ", "), last)
		}
		return c.finish(last, append(steps, step))
	default:
		last = day.AddDays(p.Days)
		steps = append(steps, fmt.Sprintf("%s, days off counted: %s (Art. 3(3)).", p, last))
	}
	if moved := c.nextWorking(last); moved != last {
		steps = append(steps, fmt.Sprintf("%s %s is a day off; off are %s. The period ends on the next working day, %s %s (Art. 3(4)).",
			last.Weekday(), last, strings.Join(c.skipped(last, moved, true), ", "), moved.Weekday(), moved))
		last = moved
	}
	if p.Days >= 2 {
		last, steps = c.twoWorkingDays(day, last, steps)
	}
	return c.finish(last, steps)
}

// twoWorkingDays lengthens a short period until it holds two working days, Art. 3(5).
func (c Calendar) twoWorkingDays(event, last Date, steps []string) (Date, []string) {
	n := 0
	for d := event.AddDays(1); !last.before(d) && n < 2; d = d.AddDays(1) {
		if c.Working(d) {
			n++
		}
	}
	for ; n < 2; n++ {
		last = c.nextWorking(last.AddDays(1))
		steps = append(steps, fmt.Sprintf("The period must hold two working days: it ends on %s (Art. 3(5), assumption).", last))
	}
	return last, steps
}

// endOf is the first instant after a day, UTC.
func (c Calendar) endOf(d Date) time.Time {
	next := d.AddDays(1)
	return time.Date(next.Year, next.Month, next.Day, 0, 0, 0, 0, c.zone()).UTC()
}

func (c Calendar) finish(last Date, steps []string) Deadline {
	end := c.endOf(last)
	return Deadline{last, end, append(steps, fmt.Sprintf("The last day ends at %s.", end.Format(time.RFC3339)))}
}
