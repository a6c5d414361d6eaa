package biennial

import "maps"

// Figure is one number of the report.
type Figure struct {
	Letter string `json:"letter"` // of Art. 59(1)
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	// Value is null when the record cannot know it; Unknown says why.
	Value   *int64 `json:"value"`
	Unknown string `json:"unknown,omitempty"`
	// Parts divide the value. With Overlap one thing may be in several.
	Parts   map[string]int64 `json:"parts,omitempty"`
	Overlap bool             `json:"parts_overlap,omitempty"`
	// Over is how many the value was added up over, where the article asks for an average; Average is null when
	// there was none.
	Over    *int64   `json:"over,omitempty"`
	Average *float64 `json:"average,omitempty"`
	How     string   `json:"how,omitempty"` // it was counted
}

// The names of the figures that are counted.
const (
	applications = "applications_received"
	applicants   = "applicants"
	tracks       = "tracks_received"
	withdrawn    = "tracks_withdrawn"
	decisions    = "decisions_issued"
	permits      = "permits_issued"
	versions     = "permit_versions_issued"
	purposes     = "purposes_granted"
	categories   = "categories_granted"
	results      = "results_published"
	deliveries   = "deliveries_due"
	publishing   = "results_due"
	measures     = "measures_taken"
	fines        = "fines_imposed"
	estimates    = "fees_estimated"
	toAccess     = "days_to_access"
	inTime       = "decisions_in_time"
)

// form is a figure before it is counted.
type form struct {
	Figure
	average bool
	parts   bool // the parts are the figure: amounts of several currencies are not added
}

// forms are the figures in the order of the article's letters.
func forms() []form {
	of := func(letter, name, unit, how string) form {
		return form{Figure: Figure{Letter: letter, Name: name, Unit: unit, How: how}}
	}
	none := func(letter, name, unit, why string) form {
		return form{Figure: Figure{Letter: letter, Name: name, Unit: unit, Unknown: why}}
	}
	overlap := func(f form) form { f.Overlap = true; return f }
	days := of("h", toAccess, "days", "calendar days from the receipt of the first version to the first access in a secure processing environment, or to the answer to a data request, where that fell in the period")
	days.average = true
	fees := of("g", estimates, "cents", "estimates told with decisions in favour (Art. 62(5)), by currency; what was paid is not on record")
	fees.parts = true
	return []form{
		of("a", applications, "applications", "first versions received, by kind; a body counts those with a track of its own, the nation counts each once"),
		of("a", applicants, "applications", "the same applications, by who applied as the newest form says"),
		of("a", tracks, "tracks", "tracks of the same applications (one for each body and catalogue), by kind"),
		of("a", withdrawn, "withdrawals", "moves of a track to withdrawn; one that was reopened and withdrawn again counts twice"),
		of("a", decisions, "decisions", "decisions issued, those set aside on appeal included, by outcome"),
		of("a", permits, "permits", "first versions of permits issued"),
		of("a", versions, "permit versions", "amendments and renewals issued"),
		overlap(of("a", purposes, "decisions in favour", "decisions in favour issued, by the purposes they grant (Art. 53(1))")),
		overlap(of("a", categories, "decisions in favour", "decisions in favour issued, by the categories they grant (Art. 51(1))")),
		of("a", results, "results", "results recorded (Art. 61(4)); their summaries are in the public register"),
		of("b", deliveries, "duties", "deliveries by data holders whose last day fell in the period (Art. 60)"),
		of("b", publishing, "duties", "publications of results by data users whose last day fell in the period (Art. 61(4))"),
		of("b", measures, "measures", "measures of Art. 63 and 64 that begin in the period, fines included, by measure"),
		of("b", fines, "fines", "administrative fines that begin in the period (Art. 64)"),
		none("b", "fines_amount", "cents", "the record of a measure carries no amount"),
		none("c", "audits_of_users", "audits", "audits of data users are not on record"),
		none("d", "audits_of_environments", "audits", "audits of secure processing environments are not on record"),
		none("e", "requests_of_natural_persons", "requests", "requests on data protection rights do not pass the gateway"),
		none("f", "stakeholder_activities", "activities", "a description, written by people"),
		none("g", "revenues", "cents", "payments are not on record; see "+estimates),
		fees,
		days,
		of("h", inTime, "decisions", "the same decisions as in (a), against the time the law gives (Art. 68(4), 68(6), 69, 72); beside what the article asks for"),
		none("i", "quality_labels", "labels", "labels are issued by data holders and are not on record with cases"),
		none("j", "publications", "publications", "results are on record with their links, not with their kind; see "+results),
		none("k", "products", "products and services", "results are on record with their links, not with their kind; see "+results),
	}
}

// tally is what was counted: by figure, and by part of it.
type tally map[string]*count

type count struct {
	value, over int64
	parts       map[string]int64
}

// add counts n of a figure, in some parts of it.
func (t tally) add(name string, n int64, parts ...string) {
	c := t[name]
	if c == nil {
		c = &count{parts: map[string]int64{}}
		t[name] = c
	}
	c.value += n
	c.over++
	for _, p := range parts {
		c.parts[p] += n
	}
}

// figures writes a tally down.
func (t tally) figures() []Figure {
	list := forms()
	out := make([]Figure, len(list))
	for i, f := range list {
		out[i] = f.Figure
		if f.Unknown != "" {
			continue
		}
		c := t[f.Name]
		if c == nil {
			c = &count{}
		}
		out[i].Parts = maps.Clone(c.parts)
		if f.parts && len(c.parts) > 1 {
			out[i].Unknown = "the parts are in several currencies"
			continue
		}
		value, over := c.value, c.over
		out[i].Value = &value
		if f.average {
			out[i].Over = &over
			if c.over > 0 {
				mean := float64(c.value) / float64(c.over)
				out[i].Average = &mean
			}
		}
	}
	return out
}
