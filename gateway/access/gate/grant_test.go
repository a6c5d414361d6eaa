package gate

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func completePermit() ehds.PermitDetail {
	return ehds.PermitDetail{Kind: ehds.KindDataPermit, ApplicationID: "A1", Version: 1,
		Data:     ehds.PermitData{Categories: []string{"EHRS"}, Format: ehds.FormatPseudonymised, Sources: []string{"H"}},
		Purposes: []string{"e"}, OptOut: ehds.PermitOptOut{Applied: true, Reason: "r"}, Persons: []ehds.PermitPerson{{Name: "N"}}, Investigator: "I",
		Duration: ehds.PermitDuration{From: "2027-02-01", To: "2037-02-01"}, SPE: ehds.PermitSPE{Operator: "S"}, Fees: &ehds.Fees{Currency: "EUR"},
		Granted: []ehds.GrantedDataset{{Holder: "H", DatasetID: "ds-1"}}}
}

// A permit that lacks one point of Art. 68(10) has that gap and no other.
func TestGrantGaps(t *testing.T) {
	t.Parallel()
	type detail = ehds.PermitDetail
	for name, c := range map[string]struct {
		mod  func(*detail)
		want string
	}{
		"complete":             {func(*detail) {}, ""},
		"no exception":         {func(d *detail) { d.OptOut = ehds.PermitOptOut{} }, ""},
		"no dataset":           {func(d *detail) { d.Granted = nil }, "permit-datasets"},
		"dataset, no holder":   {func(d *detail) { d.Granted[0].Holder = " " }, "permit-datasets"},
		"no category":          {func(d *detail) { d.Data.Categories = nil }, "permit-categories"},
		"unknown category":     {func(d *detail) { d.Data.Categories = []string{"EHRS", "XXXX"} }, "permit-categories"},
		"no format":            {func(d *detail) { d.Data.Format = "" }, "permit-format"},
		"statistical":          {func(d *detail) { d.Data.Format = ehds.FormatAnonymisedStatistical }, "permit-format"},
		"no source":            {func(d *detail) { d.Data.Sources = []string{""} }, "permit-sources"},
		"no purpose":           {func(d *detail) { d.Purposes = nil }, "permit-purposes"},
		"unknown purpose":      {func(d *detail) { d.Purposes = []string{"z"} }, "permit-purposes"},
		"exception, no reason": {func(d *detail) { d.OptOut.Reason = "" }, "permit-opt-out"},
		"nobody":               {func(d *detail) { d.Persons = nil }, "permit-persons"},
		"no investigator":      {func(d *detail) { d.Investigator = "" }, "permit-investigator"},
		"no end":               {func(d *detail) { d.Duration.To = "" }, "permit-duration"},
		"no time at all":       {func(d *detail) { d.Duration.To = d.Duration.From }, "permit-duration"},
		"eleven years":         {func(d *detail) { d.Duration.To = "2038-02-01" }, "permit-duration"},
		"no environment":       {func(d *detail) { d.SPE.Operator = "" }, "permit-environment"},
		"no word of fees":      {func(d *detail) { d.Fees = nil }, "permit-fees"},
	} {
		d := completePermit()
		c.mod(&d)
		gaps := GrantGaps(d)
		if (c.want == "") != (len(gaps) == 0) || len(gaps) > 1 || len(gaps) == 1 && gaps[0].Code != c.want {
			t.Errorf("%s: %v", name, gaps)
		}
	}
	if n := len(GrantGaps(ehds.PermitDetail{})); n != len(GrantRules())-1 { // no exception is applied
		t.Errorf("an empty permit has %d gaps", n)
	}
	if got := Articles(GrantGaps(ehds.PermitDetail{})); got != "68(10)(a), 68(10)(b), 68(10)(d), 68(10)(e), 68(12), 68(10)(f), 68(10)(g)" {
		t.Error(got)
	}
}
