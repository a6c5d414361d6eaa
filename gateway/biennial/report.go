package biennial

import (
	"maps"
	"slices"
)

// Report is the figures of a period, of the nation and of each of its bodies.
type Report struct {
	Period  Period   `json:"period"`
	Figures []Figure `json:"figures"` // of the nation, in the order of the article's letters
	// Bodies are those that had anything to count, by entity. One without an entity holds what names no body.
	Bodies []Body `json:"bodies"`
	Cases  int64  `json:"cases"` // that were read
	// Lost cases were erased, beside those read: what they would add to the period is missing.
	Lost int64 `json:"lost"`
}

// Body is the figures of one body.
type Body struct {
	HDAB    string   `json:"hdab"` // its entity identifier
	Figures []Figure `json:"figures"`
}

// Report writes down what was counted so far.
func (c *Counter) Report() Report {
	r := Report{Period: c.Period, Figures: c.national().figures(), Bodies: []Body{}, Cases: c.cases, Lost: c.lost}
	for _, hdab := range slices.Sorted(maps.Keys(c.bodies)) {
		r.Bodies = append(r.Bodies, Body{HDAB: hdab, Figures: c.bodies[hdab].figures()})
	}
	return r
}

// Of is the report of one body alone; its figures are none when it had nothing to count.
func (r Report) Of(hdab string) Report {
	of := Body{HDAB: hdab, Figures: tally{}.figures()}
	if i := slices.IndexFunc(r.Bodies, func(b Body) bool { return b.HDAB == hdab }); i >= 0 {
		of = r.Bodies[i]
	}
	r.Figures, r.Bodies = of.Figures, []Body{of}
	return r
}
