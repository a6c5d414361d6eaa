package holidays

import (
	"cmp"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
)

// Day is a public holiday in one year.
type Day struct {
	Date access.Date
	Name string // in a language of the country
}

// List is the holidays of a country in a year by date, to be held against the official list.
func List(country string, year int) []Day {
	var out []Day
	add := func(t time.Time, name string) {
		if !t.IsZero() && t.Year() == year {
			out = append(out, Day{access.DateOf(t, t.Location()), name})
		}
	}
	for _, h := range rulesOf(country) {
		for _, y := range []int{year - 1, year} {
			actual, observed := h.Calc(y)
			add(actual, h.Name)
			if !observed.Equal(actual) {
				add(observed, h.Name)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Day) int { return cmp.Compare(a.Date.String(), b.Date.String()) })
	return slices.CompactFunc(out, func(a, b Day) bool { return a.Date == b.Date })
}
