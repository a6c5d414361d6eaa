package holidays

import (
	"cmp"
	"slices"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/ehdsgw/ehdsgw/gateway/access"
)

// For gives the public holidays that hold in a whole country, for access.Calendar. Saturdays and
// Sundays are not among them unless they are holidays too. ok is false for a country whose holidays
// are not known here; its days off are those of the configuration. country is ISO 3166-1 alpha-2.
func For(country string) (holiday func(access.Date) bool, ok bool) {
	if rulesOf(country) == nil {
		return nil, false
	}
	named := Names(country)
	return func(d access.Date) bool { return named(d) != "" }, true
}

// Names gives what the holidays of a country are called, in a language of the country; "" for a day
// that is none, and always for a country that is not known.
func Names(country string) func(access.Date) string {
	rules := rulesOf(country)
	return func(d access.Date) string {
		for _, h := range rules {
			// A holiday late in December may be made up for in January.
			for _, year := range []int{d.Year, d.Year - 1} {
				if actual, observed := h.Calc(year); on(actual, d) || on(observed, d) {
					return cmp.Or(h.Name, "public holiday")
				}
			}
		}
		return ""
	}
}

// With adds days off to those of a country, such as regional holidays, and removes days that are none.
// What is removed is no day off even if it is also added. holiday may be nil.
func With(holiday func(access.Date) bool, extra, removed []access.Date) func(access.Date) bool {
	extra, removed = slices.Clone(extra), slices.Clone(removed)
	return func(d access.Date) bool {
		return !slices.Contains(removed, d) && (slices.Contains(extra, d) || holiday != nil && holiday(d))
	}
}

// Countries lists the countries whose holidays are known, by code.
func Countries() []string {
	return []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
		"IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
}

// on says whether a computed day, the start of one in whatever zone the library uses, is a date.
func on(t time.Time, d access.Date) bool {
	return !t.IsZero() && access.DateOf(t, t.Location()) == d
}

// fixed is a holiday on one date of every year from a year on; zero means always.
func fixed(name string, month time.Month, day, since int) *cal.Holiday {
	return &cal.Holiday{Name: name, Type: cal.ObservancePublic, Month: month, Day: day, StartYear: since, Func: cal.CalcDayOfMonth}
}

// easter is a holiday a number of days from Easter Sunday.
func easter(name string, offset int) *cal.Holiday {
	return &cal.Holiday{Name: name, Type: cal.ObservancePublic, Offset: offset, Func: cal.CalcEasterOffset}
}

// orthodox is a holiday a number of days from Orthodox Easter Sunday.
func orthodox(name string, offset int) *cal.Holiday {
	h := easter(name, offset)
	h.Julian = true
	return h
}

// saturdayFrom is a holiday on the first Saturday from a date.
func saturdayFrom(name string, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Name: name, Type: cal.ObservancePublic, Month: month, Day: day, Weekday: time.Saturday, Offset: 1, Func: cal.CalcWeekdayFrom}
}
