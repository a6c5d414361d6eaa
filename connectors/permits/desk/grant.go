package desk

import (
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// reservedPurposes says why a rule may not approve: points a to c of Art. 53(1) are for public
// bodies, and only a person can tell who is one.
func reservedPurposes(f form) string {
	for _, key := range f.Purposes {
		if p, ok := ehds.Purpose(key); ok && p.PublicOnly && !f.PublicSector {
			return "Art. 53(1)(a)-(c): the purpose is reserved to public bodies and the applicant does not say to be one"
		}
	}
	return ""
}

// grant fills Art. 68(10)(a) to (h). missing says what cannot be filled; it names points and fields
// of the form, never their contents.
func (r Rules) grant(c *caseDoc, f form, v verdict, now time.Time) (g ehds.PermitDetail, missing string) {
	t := v.Terms
	var gaps []string
	gap := func(ok bool, text string) {
		if !ok {
			gaps = append(gaps, text)
		}
	}
	g = ehds.PermitDetail{Kind: ehds.KindDataPermit, ApplicationID: c.Application.ApplicationID, Version: 1,
		Purposes: append([]string{}, f.Purposes...), Persons: f.People, Investigator: f.Investigator, Fees: t.Fees,
		OptOut: ehds.PermitOptOut{Applied: f.OptOut}, Conditions: append([]string{}, t.Conditions...)}
	g.Data.Format = f.Format
	g.Data.Categories, g.Data.Sources, g.Granted = r.data(c, v)
	gap(len(g.Granted) > 0, "(a) no dataset of this track, or none that is not refused")
	gap(len(g.Granted) == 0 || len(g.Data.Categories) > 0, "(a) the datasets' categories are neither in the rules nor in the published record")
	gap(!slices.ContainsFunc(g.Granted, func(d ehds.GrantedDataset) bool { return d.Holder == "" }), "(a) a dataset without a holder")
	gap(f.Format != "", "(a) section5.formatOfTheElectronicHealthData")
	gap(len(f.Purposes) > 0 && !slices.ContainsFunc(f.Purposes, unknownPurpose), "(b) section2.purposeForWhichDataWillBeUsed")
	if f.OptOut {
		g.OptOut.Reason = f.OptOutReason
		gap(f.OptOutReason != "", "(c) section8.optOutJustification")
	}
	gap(len(f.People) > 0, "(d) section8.peopleWhoWillBeProcessingTheData")
	gap(f.Investigator != "", "(d) section2.projectLeader")
	var ok bool
	g.Duration, ok = duration(f, t, now)
	gap(ok, "(e) section8.estimatedStartDatesForDataProcessing and estimatedEndDatesForDataProcessing, ten years at most")
	g.SPE = spe(f, t)
	gap(g.SPE.Operator != "", "(f) section8.nameWebsiteAddressForEnvironment")
	gap(t.Fees != nil, "(g) fees are not in the rules")
	left := gate.GrantGaps(g) // what the form and the rules gave, held against the points once more
	gap(len(gaps) > 0 || len(left) == 0, gate.Articles(left))
	if len(gaps) > 0 {
		return ehds.PermitDetail{}, "Art. 68(10) cannot be filled: " + strings.Join(gaps, "; ")
	}
	return g, ""
}

func unknownPurpose(key string) bool {
	_, ok := ehds.Purpose(key)
	return !ok
}

// data is what is granted: the track's datasets with their holders, and their categories. One
// dataset whose category nobody knows leaves the categories empty.
func (r Rules) data(c *caseDoc, v verdict) (categories, sources []string, granted []ehds.GrantedDataset) {
	add := func(list []string, s string) []string {
		if s == "" || slices.Contains(list, s) {
			return list
		}
		return append(list, s)
	}
	known := true
	for _, d := range r.datasetsOf(c) {
		if refuses(v.Refused, d.DatasetID) {
			continue
		}
		info := r.know(c, d)
		cats := info.Categories
		if len(cats) == 0 {
			cats = v.Terms.Categories
		}
		known = known && len(cats) > 0
		for _, k := range cats {
			categories = add(categories, k)
		}
		sources = add(sources, info.Holder)
		granted = append(granted, ehds.GrantedDataset{Holder: info.Holder, DatasetID: d.DatasetID, CatalogID: d.CatalogID,
			CentralID: c.Published[d.DatasetID].CentralID})
	}
	if !known {
		categories = nil
	}
	return categories, sources, granted
}

// duration is what the applicant asked for, cut to what the rule allows. It does not begin before
// the decision.
func duration(f form, t Terms, now time.Time) (ehds.PermitDuration, bool) {
	today := now.Truncate(24 * time.Hour)
	from, ok := day(f.Start)
	if f.Start != "" && !ok {
		return ehds.PermitDuration{}, false
	}
	if from.Before(today) {
		from = today
	}
	to, asked := day(f.End)
	if f.End != "" && !asked {
		return ehds.PermitDuration{}, false
	}
	if t.DurationMonths > 0 {
		if most := addMonths(from, t.DurationMonths); !asked || to.After(most) {
			to, asked = most, true
		}
	}
	if !asked || !to.After(from) || to.After(from.AddDate(ehds.MaxPermitYears, 0, 0)) {
		return ehds.PermitDuration{}, false
	}
	return ehds.PermitDuration{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)}, true
}

// addMonths keeps the day of the month, clamped to a shorter month's end.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(t.Day(), first.AddDate(0, 1, -1).Day())-1)
}

// day reads a full-date or the date of a date-time.
func day(s string) (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC().Truncate(24 * time.Hour), err == nil
}

func spe(f form, t Terms) ehds.PermitSPE {
	s := ehds.PermitSPE{Operator: t.SPE.Operator, Tools: t.SPE.Tools}
	if s.Operator == "" {
		s.Operator = f.SPE
	}
	if s.Tools == nil && f.Tools != "" {
		s.Tools = []string{f.Tools}
	}
	return s
}
