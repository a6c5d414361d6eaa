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
	if _, err := calendarOf(config.Calendar{Zone: "Europe/Atlantis"}, "FI"); err == nil {
		t.Error("an unknown zone was taken")
	}
}
