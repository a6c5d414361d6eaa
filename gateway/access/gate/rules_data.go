package gate

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// dataRules are about the data asked for: where, in what format, of which categories.
func dataRules() []Rule {
	return []Rule{
		{ID: "request-format", Article: "69(1)", Title: "a data request is answered in anonymised statistical format only",
			Severity: Violation, Kinds: requestOnly, Sections: []int{5}, check: requestFormat},
		{ID: "country-missing", Article: "67(2)(d)", Title: "every country of the data has its part in section 6",
			Severity: Warning, Completion: true, Kinds: accessOnly, Sections: []int{6}, check: countryMissing},
		{ID: "country-not-asked", Article: "67(2)(d)", Title: "a country in section 6 of which no dataset is asked for",
			Severity: Warning, Kinds: anyKind, Sections: []int{6}, check: countryNotAsked},
		{ID: "variable-not-asked", Article: "67(2)(d)", Title: "a variable of a dataset that is not asked for",
			Severity: Warning, Kinds: anyKind, Sections: []int{1}, check: variableNotAsked},
		{ID: "person-name", Article: "67(2)(a)", Title: "every person who will have access is named",
			Severity: Warning, Completion: true, Kinds: accessOnly, Sections: []int{8}, check: personNames},
		{ID: "category-early", Article: "51(1), 105", Title: "a category whose duty does not apply yet",
			Severity: Info, Kinds: anyKind, check: early},
		{ID: "category-stricter", Article: "51(4)", Title: "a category for which national law may be stricter",
			Severity: Info, ForStaff: true, Kinds: anyKind, check: stricter},
	}
}

func requestFormat(x *exam) {
	if x.form.Format() == ehds.FormatPseudonymised {
		x.report(at(5, "formatOfTheElectronicHealthData"), "pseudonymised data cannot be had by a data request",
			"apply for access under Art. 67, or leave the format out")
	}
}

func countryMissing(x *exam) {
	have := x.form.Countries()
	var told []string
	for _, d := range x.body.Datasets {
		if !slices.Contains(have, d.Country) && !slices.Contains(told, d.Country) {
			told = append(told, d.Country)
			x.report(place{section: cohortSection, entry: len(x.form.entries), field: "country_id"}, "a country of the data has no part in section 6",
				"fill section 6 for every country of the datasets").Country = knownCountry(d.Country)
		}
	}
}

// knownCountry is a code of the exchange, or nothing: it goes into a finding.
func knownCountry(code string) string {
	if c, ok := ehds.CountryByCode(code); ok {
		return c.Code
	}
	return ""
}

func countryNotAsked(x *exam) {
	for i, e := range x.form.entries {
		if e.Country != "" && !slices.ContainsFunc(x.body.Datasets, func(d ehds.ApplicationDataset) bool { return d.Country == e.Country }) {
			x.report(place{section: cohortSection, entry: i, field: "country_id"}, "no dataset of this country is asked for", "add its datasets, or drop the part")
		}
	}
}

func variableNotAsked(x *exam) {
	list, _ := as[[]struct {
		DatasetID json.RawMessage `json:"datasetId"`
	}](x.form.sections[1]["datasetVariables"])
	asked := map[string]bool{"": true}
	for _, d := range x.body.Datasets {
		asked[d.DatasetID] = true
	}
	for i, v := range list {
		if id, _ := as[string](v.DatasetID); !asked[id] {
			p := at(1, "datasetVariables")
			p.below = "/" + strconv.Itoa(i) + "/datasetId"
			x.report(p, "the variable's dataset is not among those asked for", "add the dataset, or drop the variable")
		}
	}
}

func personNames(x *exam) {
	for i, raw := range x.form.peopleRaw() {
		p, ok := as[struct {
			FullName string `json:"fullName"`
		}](raw)
		if ok && blank(p.FullName) && !empty(raw) {
			where := at(8, "peopleWhoWillBeProcessingTheData")
			where.below = "/" + strconv.Itoa(i) + "/fullName"
			x.report(where, "a person who will have access has no name", "give the full name")
		}
	}
}

// early says which datasets hold a category before its day. Pilots run before: how grave that is, is
// configuration.
func early(x *exam) {
	x.categories(func(i int, c ehds.CategoryCode) {
		if from, err := time.Parse(time.DateOnly, c.From); err == nil && x.o.Today.Before(from) {
			f := x.report(place{plain: "/datasets/" + strconv.Itoa(i)}, "category "+c.Code+", Art. 51(1)("+c.Letter+"), must be made available from "+c.From+" only",
				"none in a pilot; else wait, or ask for other data")
			if x.o.Early == Warning {
				f.Severity = Warning
			}
		}
	})
}

func stricter(x *exam) {
	x.categories(func(i int, c ehds.CategoryCode) {
		if c.StricterNational {
			x.report(place{plain: "/datasets/" + strconv.Itoa(i)}, "category "+c.Code+", Art. 51(1)("+c.Letter+"): stricter measures and further safeguards of national law may apply",
				"see the national rules")
		}
	})
}

// categories calls f for every category of every dataset asked for that the body knows.
func (x *exam) categories(f func(i int, c ehds.CategoryCode)) {
	for i, d := range x.body.Datasets {
		for _, code := range x.o.Datasets[d.DatasetID].Categories {
			if c, ok := ehds.Category(code); ok {
				f(i, c)
			}
		}
	}
}
