package gateway

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/access"
)

// The body's zone decides what day it is; the configuration's days off move an end, those it takes away
// do not.
func TestCalendarOf(t *testing.T) {
	event := time.Date(2026, 11, 26, 23, 30, 0, 0, time.UTC) // the 27th in Helsinki
	for name, c := range map[string]struct {
		calendar config.Calendar
		last     string
	}{
		"capital":       {config.Calendar{}, "2026-12-25 Europe/Helsinki"},
		"own zone":      {config.Calendar{Zone: "Atlantic/Azores"}, "2026-12-24 Atlantic/Azores"},
		"extra":         {config.Calendar{Extra: []string{"2026-12-25"}}, "2026-12-28 Europe/Helsinki"},
		"extra removed": {config.Calendar{Extra: []string{"2026-12-25"}, Removed: []string{"2026-12-25"}}, "2026-12-25 Europe/Helsinki"},
	} {
		c.calendar.Holidays = config.NoHolidays
		cal, err := calendarOf(c.calendar, "FI")
		if err != nil {
			t.Fatal(err)
		}
		if got := cal.Deadline(event, access.Period{Days: 28}).LastDay.String() + " " + cal.Zone.String(); got != c.last {
			t.Errorf("%s: %s, want %s", name, got, c.last)
		}
	}
	// With the country's holidays: Christmas Day and the weekend after it.
	cal, err := calendarOf(config.Calendar{Removed: []string{"2027-01-06"}}, "FI")
	if err != nil {
		t.Fatal(err)
	}
	if got := cal.Deadline(event, access.Period{Days: 28}).LastDay.String(); got != "2026-12-28" {
		t.Errorf("national holidays: %s", got)
	}
	if cal.Working(access.Date{Year: 2026, Month: 12, Day: 6}) || !cal.Working(access.Date{Year: 2027, Month: 1, Day: 6}) {
		t.Error("what the configuration takes away is a day off")
	}
	if _, err := calendarOf(config.Calendar{Zone: "Europe/Atlantis"}, "FI"); err == nil {
		t.Error("an unknown zone was taken")
	}
}
