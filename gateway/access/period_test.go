package access

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests name real time zones

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func holidays(days ...string) func(Date) bool {
	return func(d Date) bool {
		for _, s := range days {
			if d.String() == s {
				return true
			}
		}
		return false
	}
}

// The expected days are computed by hand from Regulation 1182/71 and a printed calendar.
func TestDeadline(t *testing.T) {
	const ams = "Europe/Amsterdam"
	for _, c := range []struct {
		name, zone, event string
		period            Period
		holidays          []string
		last, end         string
	}{
		{"28 days on a working day", "UTC", "2026-11-03T09:30:00Z", Period{Days: 28}, nil, "2026-12-01", "2026-12-02T00:00:00Z"},
		{"31 January plus a month", "UTC", "2029-01-31T12:00:00Z", Period{Months: 1}, nil, "2029-02-28", "2029-03-01T00:00:00Z"},
		{"31 January plus a month in a leap year", "UTC", "2028-01-31T12:00:00Z", Period{Months: 1}, nil, "2028-02-29", "2028-03-01T00:00:00Z"},
		{"leap day plus 12 months", "UTC", "2028-02-29T12:00:00Z", Period{Months: 12}, nil, "2029-02-28", "2029-03-01T00:00:00Z"},
		{"clamped end on a Sunday", "UTC", "2026-11-30T12:00:00Z", Period{Months: 3}, nil, "2027-03-01", "2027-03-02T00:00:00Z"},
		{"months over the year's end", "UTC", "2026-12-31T12:00:00Z", Period{Months: 2}, nil, "2027-03-01", "2027-03-02T00:00:00Z"},
		{"same date of a longer month", "UTC", "2027-02-26T12:00:00Z", Period{Months: 3}, nil, "2027-05-26", "2027-05-27T00:00:00Z"},
		{"end on a Saturday", "UTC", "2026-10-02T12:00:00Z", Period{Months: 3}, nil, "2027-01-04", "2027-01-05T00:00:00Z"},
		{"end on a holiday before a weekend", "UTC", "2026-09-25T12:00:00Z", Period{Months: 3}, []string{"2026-12-25"}, "2026-12-28", "2026-12-29T00:00:00Z"},
		{"end on Easter Sunday", "UTC", "2027-02-28T12:00:00Z", Period{Days: 28}, []string{"2027-03-29"}, "2027-03-30", "2027-03-31T00:00:00Z"},
		{"holiday inside a period does not count", "UTC", "2026-11-03T09:30:00Z", Period{Days: 28}, []string{"2026-11-11"}, "2026-12-01", "2026-12-02T00:00:00Z"},
		{"the body's midnight decides the day", ams, "2026-11-03T23:30:00Z", Period{Days: 28}, nil, "2026-12-02", "2026-12-02T23:00:00Z"},
		{"the same instant in UTC", "UTC", "2026-11-03T23:30:00Z", Period{Days: 28}, nil, "2026-12-01", "2026-12-02T00:00:00Z"},
		{"over the start of summer time", ams, "2027-03-01T10:00:00Z", Period{Days: 28}, nil, "2027-03-29", "2027-03-29T22:00:00Z"},
		{"over the end of summer time", ams, "2026-10-01T10:00:00Z", Period{Days: 28}, nil, "2026-10-29", "2026-10-29T23:00:00Z"},
		{"last day is the short one", ams, "2027-02-26T10:00:00Z", Period{Days: 30}, nil, "2027-03-29", "2027-03-29T22:00:00Z"},
		{"30 working days", "UTC", "2026-11-03T09:30:00Z", Period{WorkingDays: 30}, nil, "2026-12-15", "2026-12-16T00:00:00Z"},
		{"30 working days and a holiday", "UTC", "2026-11-03T09:30:00Z", Period{WorkingDays: 30}, []string{"2026-12-08"}, "2026-12-16", "2026-12-17T00:00:00Z"},
		{"working days from a Saturday", "UTC", "2026-11-07T09:30:00Z", Period{WorkingDays: 1}, nil, "2026-11-09", "2026-11-10T00:00:00Z"},
		{"two days over a weekend hold two working days", "UTC", "2026-11-06T09:30:00Z", Period{Days: 2}, nil, "2026-11-10", "2026-11-11T00:00:00Z"},
		{"three days over Christmas hold two working days", "UTC", "2026-12-24T09:30:00Z", Period{Days: 3}, []string{"2026-12-25"}, "2026-12-29", "2026-12-30T00:00:00Z"},
		{"one day needs no two working days", "UTC", "2026-11-06T09:30:00Z", Period{Days: 1}, nil, "2026-11-09", "2026-11-10T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			event, err := time.Parse(time.RFC3339, c.event)
			if err != nil {
				t.Fatal(err)
			}
			cal := Calendar{Zone: zone(t, c.zone), Holiday: holidays(c.holidays...)}
			d := cal.Deadline(event, c.period)
			if d.LastDay.String() != c.last || d.End.Format(time.RFC3339) != c.end {
				t.Errorf("last day %s, end %s; want %s, %s\n%s", d.LastDay, d.End.Format(time.RFC3339), c.last, c.end, strings.Join(d.Steps, "\n"))
			}
			if d.End.Location() != time.UTC {
				t.Error("the end is not stored in UTC")
			}
			if !strings.Contains(d.Steps[0], "not counted") || !strings.Contains(d.Steps[len(d.Steps)-1], c.end) {
				t.Errorf("the steps do not tell the computation: %q", d.Steps)
			}
		})
	}
}

func TestACalendarWithoutWorkingDaysEnds(t *testing.T) {
	cal := Calendar{Holiday: func(Date) bool { return true }}
	for _, p := range []Period{{Days: 28}, {Months: 3}, {WorkingDays: 30}} {
		if d := cal.Deadline(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), p); d.End.IsZero() {
			t.Errorf("%s has no end", p)
		}
	}
}

func TestLengths(t *testing.T) {
	for _, c := range []struct {
		kind     ClockKind
		proc     ehds.Procedure
		extended bool
		want     string
	}{
		{ClockDecision, ehds.ProcedureStandard, false, "3 months"},
		{ClockDecision, ehds.ProcedureStandard, true, "6 months"},
		{ClockDecision, ehds.ProcedureAccelerated, false, "2 months"},
		{ClockDecision, ehds.ProcedureAccelerated, true, "3 months"},
		{ClockCompletion, ehds.ProcedureStandard, false, "28 days"},
		{ClockAnswer, ehds.ProcedureStandard, false, "28 days"},
		{ClockPublication, ehds.ProcedureStandard, false, "30 working days"},
	} {
		if got := Length(c.kind, c.proc, c.extended).String(); got != c.want {
			t.Errorf("%s %s %v: %s, want %s", c.kind, c.proc, c.extended, got, c.want)
		}
	}
}

// The proof names each day that moved an end, and why it is off.
func TestProofsNameDaysOff(t *testing.T) {
	cal := Calendar{Zone: zone(t, "Europe/Helsinki"), Holiday: holidays("2026-12-25", "2026-12-28", "2026-12-08"), Name: func(d Date) string {
		return map[string]string{"2026-12-25": "joulupäivä", "2026-12-08": "a holiday"}[d.String()]
	}}
	event := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		period Period
		want   string
	}{
		{Period{Days: 28}, "Friday 2026-12-25 is a day off; off are 2026-12-25 (joulupäivä), 2026-12-26 (Saturday), 2026-12-27 (Sunday), " +
			"2026-12-28 (a day off of the body). The period ends on the next working day, Tuesday 2026-12-29 (Art. 3(4))."},
		{Period{WorkingDays: 10}, "10 working days, Saturdays and Sundays left out, and 2026-12-08 (a holiday): 2026-12-14 (Art. 3(3))."},
		{Period{WorkingDays: 5}, "5 working days, Saturdays and Sundays left out: 2026-12-04 (Art. 3(3))."},
	} {
		steps := cal.Deadline(event, c.period).Steps
		if got := steps[len(steps)-2]; got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.period, got, c.want)
		}
	}
}
