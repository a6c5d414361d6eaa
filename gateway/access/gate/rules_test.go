package gate

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func TestRulesAreWhole(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z][a-z0-9-]{2,40}$`)
	seen := map[string]bool{}
	for _, r := range Rules() {
		if !form.MatchString(r.ID) || seen[r.ID] || r.Article == "" || r.Title == "" || len(r.Kinds) == 0 || r.check == nil {
			t.Errorf("rule %+v", r)
		}
		if r.Severity == Violation && (r.Completion || r.ForStaff) || r.Completion && r.ForStaff || r.Completion && r.Severity != Warning {
			t.Errorf("%s: a violation refuses, and only the applicant completes", r.ID)
		}
		seen[r.ID] = true
	}
	for _, r := range GrantRules() {
		if !form.MatchString(r.ID) || seen[r.ID] || r.Article == "" || r.holds == nil {
			t.Errorf("rule %+v", r)
		}
		seen[r.ID] = true
	}
}

// where is a rule and a place.
type where struct{ code, pointer string }

func found(findings []Finding) (out []where) {
	for _, f := range findings {
		if f.Code != "prohibited-uses" {
			out = append(out, where{f.Code, f.Pointer})
		}
	}
	return out
}

// shows R7.1.2
func TestLanguages(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]bool{"fi": true, "fr-BE": true, "EN": true, "mt": true, "ga": true, "no": false, "uk": false, "": false, "e": false, "en_GB": false, "  ": false} {
		if Language(tag) != want {
			t.Errorf("%q: %t", tag, !want)
		}
		b := completeAccess()
		b.Language = tag
		got := found(Check(b, Options{Today: testDay}))
		if want != (len(got) == 0) || !want && got[0] != (where{"language", "/body/language"}) {
			t.Errorf("%q: %v", tag, got)
		}
	}
	all := strings.Fields(officialLanguages)
	if len(all) != 24 {
		t.Errorf("%d languages", len(all))
	}
	for _, tag := range all {
		b := completeAccess()
		b.Language = tag
		if got := found(Check(b, Options{Today: testDay})); len(got) > 0 {
			t.Errorf("%s: %v", tag, got)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	yes, no := map[string]any{"key": "a"}, map[string]any{"key": "b"}
	keys := func(list ...string) (out []any) {
		for _, k := range list {
			out = append(out, map[string]any{"key": k})
		}
		return out
	}
	known := map[string]Dataset{
		"ds-1": {Categories: []string{"EHRS"}, Holder: "H", TrustedHolder: true}, "ds-2": {Categories: []string{"HGPD"}, Holder: "H", TrustedHolder: true},
	}
	other := map[string]Dataset{"ds-1": known["ds-1"], "ds-2": {Holder: "I", TrustedHolder: true}}
	on := func(day string) Options {
		d, _ := time.Parse(time.DateOnly, day)
		return Options{Today: d}
	}
	type body = ehds.ApplicationBody
	in := func(section, name string, value any) func(*testing.T, body) body {
		return func(t *testing.T, b body) body { return set(t, b, section, name, value) }
	}
	public := func(purposes ...string) func(*testing.T, body) body {
		return func(t *testing.T, b body) body {
			b = set(t, b, "section3", "applyingForDataOnBehalfOfPublicSector", yes)
			b = set(t, b, "section3", "applyingForDataForCarryingOutTasks", yes)
			b = set(t, b, "section8", "frequencyOfAccessOrDataUpdates", "once")
			return set(t, b, "section2", "purposeForWhichDataWillBeUsed", keys(purposes...))
		}
	}
	as := func(kind ehds.ApplicationKind) func(*testing.T, body) body {
		return func(_ *testing.T, b body) body { b.Kind = kind; return b }
	}
	for _, c := range []struct {
		name string
		from body
		mod  func(*testing.T, body) body
		o    Options
		want []where
	}{
		{"purpose a of a private applicant", completeAccess(), in("section2", "purposeForWhichDataWillBeUsed", keys("e", "a")), Options{},
			[]where{{"purpose-reserved", "/body/form/section2/purposeForWhichDataWillBeUsed"}}},
		{"purpose a, known to be public", completeAccess(), func(t *testing.T, b body) body {
			return set(t, set(t, b, "section2", "purposeForWhichDataWillBeUsed", keys("a")), "section8", "frequencyOfAccessOrDataUpdates", "once")
		}, Options{Applicant: PublicApplicant}, nil},
		{"purpose c of a public applicant, known to be private", completeRequest(), nil, Options{Applicant: PrivateApplicant},
			[]where{{"purpose-reserved", "/body/form/section2/purposeForWhichDataWillBeUsed"}}},
		{"purpose e.ii", completeAccess(), in("section2", "purposeForWhichDataWillBeUsed", keys("e.ii", "f")), Options{}, nil},
		{"purpose nobody knows", completeAccess(), in("section2", "purposeForWhichDataWillBeUsed", keys("e", "z")), Options{},
			[]where{{"choice-unknown", "/body/form/section2/purposeForWhichDataWillBeUsed"}}},
		{"choice with a value only", completeAccess(), in("section3", "legalOrNaturalPerson", map[string]any{"value": "Legal"}), Options{},
			[]where{{"field-shape", "/body/form/section3/legalOrNaturalPerson"}}},
		{"field nobody knows", completeAccess(), in("section7", "z", 1), Options{}, []where{{"field-unknown", "/body/form/section7"}}},
		{"member of section 6 nobody knows", completeAccess(), func(t *testing.T, b body) body {
			return edit(t, b, "section6", func(v any) { v.([]any)[1].(map[string]any)["z"] = 1 })
		}, Options{}, []where{{"field-unknown", "/body/form/section6/1"}}},
		{"section that is a list", completeAccess(), func(_ *testing.T, b body) body { b.Form["section9"] = json.RawMessage(`[]`); return b }, Options{},
			[]where{{"field-shape", "/body/form/section9"}}},
		{"field of the other kind", completeAccess(), in("section5", "whyAreTheDataRequested", "w"), Options{},
			[]where{{"form-other-kind", "/body/form/section5"}}},
		{"ten years and a day", completeAccess(), in("section8", endField, "2037-02-02"), Options{}, []where{{"period-length", "/body/form/section8/" + endField}}},
		{"ten years", completeAccess(), in("section8", endField, "2037-02-01"), Options{}, nil},
		{"date-time", completeAccess(), in("section8", endField, "2028-01-31T00:00:00+01:00"), Options{}, nil},
		{"ends before it starts", completeAccess(), in("section8", endField, "2027-01-31"), Options{}, []where{{"period-order", "/body/form/section8/" + endField}}},
		{"ended", completeAccess(), nil, on("2029-01-31"), []where{{"period-order", "/body/form/section8/" + endField}}},
		{"day of another calendar", completeAccess(), in("section8", startField, "01:02:2027"), Options{}, []where{{"date-form", "/body/form/section8/" + startField}}},
		{"person without a name", completeAccess(), in("section8", "peopleWhoWillBeProcessingTheData", []any{map[string]any{"fullName": "N"}, map[string]any{"emailAddress": "x"}}),
			Options{}, []where{{"person-name", "/body/form/section8/peopleWhoWillBeProcessingTheData/1/fullName"}}},
		{"country without its part", completeAccess(), func(_ *testing.T, b body) body {
			b.Datasets = append(b.Datasets, ehds.ApplicationDataset{DatasetID: "ds-3", Country: "SE"})
			return b
		}, Options{}, []where{{"country-missing", "/body/form/section6/2/country_id"}}},
		{"country not asked for", completeAccess(), func(_ *testing.T, b body) body { b.Datasets = b.Datasets[:1]; return b }, Options{},
			[]where{{"country-not-asked", "/body/form/section6/1/country_id"}}},
		{"country nobody knows", completeAccess(), func(t *testing.T, b body) body {
			return edit(t, b, "section6", func(v any) { v.([]any)[1].(map[string]any)["country_id"] = "NARNIA" })
		}, Options{}, []where{{"country-unknown", "/body/form/section6/1/country_id"}, {"country-missing", "/body/form/section6/2/country_id"}}},
		{"one part, not in a list, by code", completeAccess(), func(_ *testing.T, b body) body {
			b.Datasets = b.Datasets[:1]
			b.Form["section6"] = json.RawMessage(`{"country_id": "fr", "timePeriodOfDataExtraction": "2019"}`)
			return b
		}, Options{}, []where{{"scope", "/body/form/section6/inclusionCriteria"}}},
		{"variable of another dataset", completeAccess(), in("section1", "datasetVariables", []any{map[string]any{"datasetId": "ds-9"}}), Options{},
			[]where{{"variable-not-asked", "/body/form/section1/datasetVariables/0/datasetId"}}},
		{"request for pseudonymised data", completeRequest(), in("section5", "formatOfTheElectronicHealthData", no), Options{},
			[]where{{"form-other-kind", "/body/form/section5"}, {"request-format", "/body/form/section5/formatOfTheElectronicHealthData"}}},
		{"plan beside the sections", completeRequest(), func(_ *testing.T, b body) body {
			b.Form["section6"] = json.RawMessage(`[{"country_id":"FRANCE"}]`)
			b.Form["tabulationPlanArray"] = json.RawMessage(`[{"tabulationDesiredDirection":"d"}]`)
			return b
		}, Options{}, nil},
		{"categories before and after", completeAccess(), nil, Options{Today: time.Date(2029, 3, 26, 0, 0, 0, 0, time.UTC).AddDate(-1, 0, 0), Datasets: map[string]Dataset{"ds-1": {Categories: []string{"EHRS"}}}},
			[]where{{"category-early", "/body/datasets/0"}}},
		{"category in force", completeAccess(), in("section8", endField, "2030-01-01"), Options{Today: time.Date(2029, 3, 26, 0, 0, 0, 0, time.UTC), Datasets: map[string]Dataset{"ds-1": {Categories: []string{"EHRS"}}}}, nil},
		{"genetic data", completeAccess(), in("section8", endField, "2036-01-01"), Options{Today: time.Date(2031, 3, 26, 0, 0, 0, 0, time.UTC), Datasets: map[string]Dataset{"ds-2": {Categories: []string{"HGPD"}}}},
			[]where{{"category-stricter", "/body/datasets/1"}}},
		{"public body, purposes a to c", completeAccess(), public("a", "c"), Options{}, []where{{"accelerated-possible", "/body/form/section3/applyingForDataForCarryingOutTasks"}}},
		{"public body, research too", completeAccess(), public("a", "e"), Options{Procedure: ehds.ProcedureAccelerated},
			[]where{{"accelerated-not-possible", "/body/form/section2/purposeForWhichDataWillBeUsed"}}},
		{"one trusted holder", completeAccess(), in("section8", endField, "2036-01-01"), Options{Today: time.Date(2031, 3, 26, 0, 0, 0, 0, time.UTC), Datasets: known},
			[]where{{"trusted-holder-possible", "/body/datasets"}, {"category-stricter", "/body/datasets/1"}}},
		{"two holders", completeAccess(), in("section8", endField, "2036-01-01"), Options{Today: time.Date(2031, 3, 26, 0, 0, 0, 0, time.UTC), Datasets: other, Procedure: ehds.ProcedureTrustedHolder},
			[]where{{"trusted-holder-not-possible", "/body/datasets"}}},
		{"files as named", completeAccess(), nil, Options{Attachments: map[string]int64{"f": 1}}, nil},
		{"file that did not come", completeAccess(), in("section9", "additionalAttachment", []any{map[string]any{"id": "f"}, map[string]any{"id": "g"}}),
			Options{Attachments: map[string]int64{"f": 1}}, []where{{"file-absent", "/body/form/section9/additionalAttachment/1"}}},
		{"file of another size, and one more", completeAccess(), in("section9", "additionalAttachment", []any{map[string]any{"id": "h", "size": 7}}),
			Options{Attachments: map[string]int64{"f": 1, "h": 8, "i": 1}}, []where{{"file-unnamed", "/attachments"}, {"file-size", "/body/form/section9/additionalAttachment/0"}}},
		{"file of a tabulation plan", completeRequest(), func(_ *testing.T, b body) body {
			b.Form["section6"] = json.RawMessage(`[{"country_id":"FRANCE","tabulationPlanArray":[{"tabulationPlan":{"id":"p","name":"n","size":1}}]}]`)
			return b
		}, Options{Attachments: map[string]int64{}}, []where{{"file-absent", "/body/form/section6/0/tabulationPlanArray/0/tabulationPlan"}}},
		{"form of the other kind", completeAccess(), as(ehds.DataRequestApplication), Options{}, []where{{"form-kind", "/body/kind"}}},
		{"request's form of an access application", completeRequest(), as(ehds.DataAccessApplication), Options{}, []where{{"form-kind", "/body/kind"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := c.from
			if c.mod != nil {
				b = c.mod(t, b)
			}
			if c.o.Today.IsZero() {
				c.o.Today = testDay
			}
			findings := Check(b, c.o)
			got := found(findings)
			if len(c.want) == 1 && c.want[0].code == "form-kind" { // everything of its own kind is missing as well
				if !slices.Contains(got, c.want[0]) || Judge(findings) != Refused {
					t.Errorf("got %v", got)
				}
				return
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestEarlyCategoryAsConfigured(t *testing.T) {
	t.Parallel()
	o := Options{Today: testDay, Datasets: map[string]Dataset{"ds-1": {Categories: []string{"EHRS"}}}}
	for early, want := range map[Severity]Severity{"": Info, Info: Info, Warning: Warning, Violation: Info} {
		o.Early = early
		for _, f := range Check(completeAccess(), o) {
			if f.Code == "category-early" && f.Severity != want {
				t.Errorf("%q: %s", early, f.Severity)
			}
		}
	}
}

func TestOptOutAgainstIssue(t *testing.T) {
	t.Parallel()
	first, later := testDay, testDay.AddDate(0, 1, 0)
	for _, c := range []struct {
		name          string
		first, issued time.Time
		ofVersion     bool
		want          time.Time
	}{
		{"first version", time.Time{}, first, false, first},
		{"amendment", first, later, false, first},
		{"amendment, counted from each version", first, later, true, later},
		{"first version unknown", time.Time{}, later, false, later},
	} {
		if got := OptOutCutoff(c.first, c.issued, c.ofVersion); !got.Equal(c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
