package gate

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Beyond says what a permit gives that its application did not ask for: datasets, purposes, a format that
// tells more. Access is limited to what the application's purpose needs (Art. 66(1)), and more data or
// another scope is a new application, not an amendment (TEHDAS2 D6.4 §9.3). Persons and duration may be
// amended and are not compared. It is for staff: a body may have agreed with the applicant otherwise.
func Beyond(b ehds.ApplicationBody, d ehds.PermitDetail) []Finding {
	form := Read(b)
	var out []Finding
	add := func(id, article, pointer, message, mend string) {
		out = append(out, Finding{Code: id, Article: article, Severity: Warning, ForStaff: true, Pointer: "/permit" + pointer, Message: message, Mend: mend})
	}
	if slices.ContainsFunc(d.Granted, func(g ehds.GrantedDataset) bool { return !asked(b, g) }) {
		add("permit-beyond-datasets", "66(1)", "/granted_datasets", "a dataset is granted that the application does not ask for", "amend without it, or ask for a new application")
	}
	if purposes := form.Purposes(); slices.ContainsFunc(d.Purposes, func(p string) bool { return !slices.Contains(purposes, p) }) {
		add("permit-beyond-purposes", "66(1)", "/purposes", "a purpose is granted that the application does not mark", "amend without it, or ask for a new application")
	}
	if d.Data.Format == ehds.FormatPseudonymised && form.Format() == ehds.FormatAnonymised {
		add("permit-beyond-format", "66(2)", "/data/format", "pseudonymised data are granted, anonymised data were asked for", "grant the anonymised format")
	}
	if applied, _ := form.OptOutException(); d.OptOut.Applied && !applied {
		add("permit-beyond-opt-out", "71(4)", "/opt_out_exception", "the exception from the right to opt out is applied, and was not asked for", "amend without it")
	}
	return out
}

func asked(b ehds.ApplicationBody, g ehds.GrantedDataset) bool {
	return slices.ContainsFunc(b.Datasets, func(d ehds.ApplicationDataset) bool {
		return d.DatasetID == g.DatasetID || d.DatasetID == g.CentralID && g.CentralID != ""
	})
}
