package gate

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// periodRules are about the dates of the processing.
func periodRules() []Rule {
	return []Rule{
		{ID: "date-form", Article: "67(2)(h)", Title: "the days of the processing are full-dates",
			Severity: Warning, Completion: true, Kinds: accessOnly, Sections: []int{8}, check: dateForms},
		{ID: "period-order", Article: "67(2)(h)", Title: "the processing ends after it starts, and not in the past",
			Severity: Warning, Completion: true, Kinds: accessOnly, Sections: []int{8}, check: periodOrder},
		{ID: "period-length", Article: "68(12)", Title: "a permit lasts ten years at most",
			Severity: Warning, Completion: true, Kinds: accessOnly, Sections: []int{8}, check: periodLength},
	}
}

// Day reads a full-date, or the date of a date-time (RFC 3339). It is midnight UTC of that day.
func Day(s string) (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC().Truncate(24 * time.Hour), err == nil
}

const (
	startField = "estimatedStartDatesForDataProcessing"
	endField   = "estimatedEndDatesForDataProcessing"
)

// PeriodText are the days of processing asked for, as they stand in the form.
func (f Form) PeriodText() (from, to string) { return f.Text(8, startField), f.Text(8, endField) }

// Period are the days of processing asked for; ok only when both can be read.
func (f Form) Period() (from, to time.Time, ok bool) {
	start, end := f.PeriodText()
	from, ok1 := Day(start)
	to, ok2 := Day(end)
	return from, to, ok1 && ok2
}

func dateForms(x *exam) {
	for _, name := range []string{startField, endField} {
		text := x.form.Text(8, name)
		if _, ok := Day(text); text != "" && !ok {
			x.report(at(8, name), "this is no day", "give year, month and day, as 2027-02-01")
		}
	}
}

func periodOrder(x *exam) {
	from, to, ok := x.form.Period()
	if !ok {
		return
	}
	switch today := x.o.Today.Truncate(24 * time.Hour); {
	case !to.After(from):
		x.report(at(8, endField), "the processing ends before it starts", "give an end after the start")
	case !to.After(today):
		x.report(at(8, endField), "the processing ends before a decision can be taken", "give a later end")
	}
}

func periodLength(x *exam) {
	if from, to, ok := x.form.Period(); ok && to.After(from.AddDate(ehds.MaxPermitYears, 0, 0)) {
		x.report(at(8, endField), "more than ten years are asked for", "ask for ten years at most; a permit can be extended once")
	}
}
