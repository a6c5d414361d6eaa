package holidays_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/holidays"
)

func days(t *testing.T, country string, year int) []string {
	t.Helper()
	var out []string
	for _, d := range holidays.List(country, year) {
		out = append(out, d.Date.String()[5:])
		if d.Name == "" || d.Date.Year != year {
			t.Errorf("%s %d: %+v", country, year, d)
		}
	}
	return out
}

// The lists are from the laws of each state and a printed calendar. Easter falls on 5 April 2026 and
// 28 March 2027, Orthodox Easter on 12 April 2026 and 2 May 2027.
func TestListsAgainstTheLaw(t *testing.T) {
	for _, c := range []struct {
		country string
		year    int
		want    string
	}{
		{"FI", 2026, "01-01 01-06 04-03 04-05 04-06 05-01 05-14 05-24 06-20 10-31 12-06 12-25 12-26"},
		{"FI", 2027, "01-01 01-06 03-26 03-28 03-29 05-01 05-06 05-16 06-26 11-06 12-06 12-25 12-26"},
		{"FR", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
		{"SE", 2026, "01-01 01-06 04-03 04-06 05-01 05-14 06-06 06-20 10-31 12-25 12-26"},
		{"NL", 2027, "01-01 03-29 04-27 05-05 05-06 05-17 12-25 12-26"},
		{"DE", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"},
		{"PT", 2026, "01-01 04-03 04-05 04-25 05-01 06-04 06-10 08-15 10-05 11-01 12-01 12-08 12-25"},
		{"CY", 2026, "01-01 01-06 02-23 03-25 04-01 04-10 04-12 04-13 05-01 06-01 08-15 10-01 10-28 12-24 12-25 12-26"},
		{"CY", 2027, "01-01 01-06 03-15 03-25 04-01 04-30 05-01 05-02 05-03 06-21 08-15 10-01 10-28 12-24 12-25 12-26"},
		{"EE", 2026, "01-01 02-24 04-03 04-05 05-01 05-24 06-23 06-24 08-20 12-24 12-25 12-26"},
		{"HU", 2026, "01-01 03-15 04-03 04-05 04-06 05-01 05-24 05-25 08-20 10-23 11-01 12-25 12-26"},
		{"LU", 2026, "01-01 04-06 05-01 05-09 05-14 05-25 06-23 08-15 11-01 12-25 12-26"},
		{"MT", 2026, "01-01 02-10 03-19 03-31 04-03 05-01 06-07 06-29 08-15 09-08 09-21 12-08 12-13 12-25"},
		{"DK", 2023, "01-01 04-06 04-07 04-10 05-05 05-18 05-29 06-05 12-25 12-26"}, // the last Great Prayer Day
		{"DK", 2024, "01-01 03-28 03-29 04-01 05-09 05-20 06-05 12-25 12-26"},
		{"PL", 2024, "01-01 01-06 04-01 05-01 05-03 05-30 08-15 11-01 11-11 12-25 12-26"},
		{"PL", 2025, "01-01 01-06 04-21 05-01 05-03 06-19 08-15 11-01 11-11 12-24 12-25 12-26"}, // Christmas Eve is new
		{"SK", 2023, "01-01 01-06 04-07 04-10 05-01 05-08 07-05 08-29 09-01 09-15 11-01 11-17 12-24 12-25 12-26"},
		{"SK", 2027, "01-01 01-06 03-26 03-29 05-01 05-08 07-05 08-29 09-15 11-01 12-24 12-25 12-26"}, // two are no days off any more
		{"IT", 2025, "01-01 01-06 04-21 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26"},
		{"IT", 2026, "01-01 01-06 04-06 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26"}, // Saint Francis is new
	} {
		if got := strings.Join(days(t, c.country, c.year), " "); got != c.want {
			t.Errorf("%s %d:\n got %s\nwant %s", c.country, c.year, got, c.want)
		}
	}
}

// A day that is made up for is off as well.
func TestDaysMadeUpFor(t *testing.T) {
	for country, want := range map[string]access.Date{
		"BG": {Year: 2026, Month: 12, Day: 28}, // the 26th is a Saturday
		"LV": {Year: 2028, Month: 11, Day: 20}, // the 18th is a Saturday
	} {
		holiday, ok := holidays.For(country)
		if !ok || !holiday(want) {
			t.Errorf("%s: %s is a working day", country, want)
		}
	}
}

func TestEveryMemberStateIsKnown(t *testing.T) {
	members := "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
	for _, country := range strings.Fields(members) {
		if !slices.Contains(holidays.Countries(), country) {
			t.Errorf("%s is missing", country)
		}
	}
	for _, country := range holidays.Countries() {
		holiday, ok := holidays.For(country)
		if !ok {
			t.Errorf("%s is listed and not known", country)
			continue
		}
		for _, d := range []access.Date{{Year: 2026, Month: 1, Day: 1}, {Year: 2029, Month: 12, Day: 25}} {
			if !holiday(d) {
				t.Errorf("%s: %s is no holiday", country, d)
			}
		}
		// List and For are one thing said twice.
		for _, d := range holidays.List(country, 2028) {
			if !holiday(d.Date) {
				t.Errorf("%s: %+v is listed and no holiday", country, d)
			}
		}
		n := 0
		for d := (access.Date{Year: 2028, Month: 1, Day: 1}); d.Year == 2028; d = d.AddDays(1) {
			if holiday(d) {
				n++
			}
		}
		if n != len(holidays.List(country, 2028)) || n < 8 || n > 18 {
			t.Errorf("%s has %d holidays in 2028 and lists %d", country, n, len(holidays.List(country, 2028)))
		}
	}
	if _, ok := holidays.For("ZZ"); ok || holidays.List("ZZ", 2026) != nil {
		t.Error("a country that is none has holidays")
	}
}

func TestWith(t *testing.T) {
	base, _ := holidays.For("FI")
	eve, may, first := access.Date{Year: 2026, Month: 12, Day: 24}, access.Date{Year: 2026, Month: 5, Day: 1}, access.Date{Year: 2026, Month: 1, Day: 1}
	extra := []access.Date{eve}
	holiday := holidays.With(base, extra, []access.Date{may})
	extra[0] = may // the caller's list is its own
	if !holiday(eve) || holiday(may) || !holiday(first) || holiday(eve.AddDays(-1)) {
		t.Error("the configuration's days are not followed")
	}
	if both := holidays.With(nil, []access.Date{may}, []access.Date{may}); both(may) || both(first) {
		t.Error("what is removed is a day off")
	}
}
