package gate

import (
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// GrantRule is one point of Art. 68(10) that a permit must state.
type GrantRule struct {
	ID      string `json:"id"`
	Article string `json:"article"`
	Title   string `json:"title"`
	Pointer string `json:"pointer"` // into the permit
	Mend    string `json:"mend"`

	holds func(ehds.PermitDetail) bool
}

// GrantRules lists them in the order of the points. Point (h), further conditions, may be empty: there
// may be none.
func GrantRules() []GrantRule {
	return []GrantRule{
		{"permit-datasets", "68(10)(a)", "the datasets granted, each with its holder", "/granted_datasets", "name dataset and holder of everything granted", granted},
		{"permit-categories", "68(10)(a)", "the categories of Art. 51(1)", "/data/categories", "list the categories of the datasets", categories},
		{"permit-format", "68(10)(a)", "anonymised or pseudonymised", "/data/format", "state one of the two formats", format},
		{"permit-sources", "68(10)(a)", "the sources of the data", "/data/sources", "name them", func(d ehds.PermitDetail) bool { return named(d.Data.Sources) }},
		{"permit-purposes", "68(10)(b)", "the purposes of Art. 53(1)", "/purposes", "list their keys", purposesKnown},
		{"permit-opt-out", "68(10)(c)", "why the exception from the right to opt out is applied", "/opt_out_exception/reason", "give the reason, or do not apply it",
			func(d ehds.PermitDetail) bool { return !d.OptOut.Applied || !blank(d.OptOut.Reason) }},
		{"permit-persons", "68(10)(d)", "the persons authorised to access the data", "/authorised_persons", "name them", authorised},
		{"permit-investigator", "68(10)(d)", "the principal investigator", "/principal_investigator", "name the person", func(d ehds.PermitDetail) bool { return !blank(d.Investigator) }},
		{"permit-duration", "68(10)(e), 68(12)", "the duration: two days, ten years apart at most", "/duration", "give from and to as full-dates", lasting},
		{"permit-environment", "68(10)(f)", "the secure processing environment", "/spe/operator", "name it", func(d ehds.PermitDetail) bool { return !blank(d.SPE.Operator) }},
		{"permit-fees", "68(10)(g)", "the fees, or that there are none", "/fees", "state amount and currency; 0 when there are none", func(d ehds.PermitDetail) bool { return d.Fees != nil }},
	}
}

// GrantGaps says what a permit lacks before it may be signed. A permit with a gap is never signed; what
// the points of Art. 68(10) say is for the body to decide, that they are there is checked here.
func GrantGaps(d ehds.PermitDetail) []Finding {
	var out []Finding
	for _, r := range GrantRules() {
		if !r.holds(d) {
			out = append(out, Finding{Code: r.ID, Article: r.Article, Severity: Violation, ForStaff: true, Pointer: "/permit" + r.Pointer,
				Message: r.Title + ": not stated", Mend: r.Mend})
		}
	}
	return out
}

// Articles names the articles of findings, each once, in order: a short line for logs and notes. It
// holds nothing of the input.
func Articles(findings []Finding) string {
	var out []string
	for _, f := range findings {
		if !slices.Contains(out, f.Article) {
			out = append(out, f.Article)
		}
	}
	return strings.Join(out, ", ")
}

func granted(d ehds.PermitDetail) bool {
	return len(d.Granted) > 0 && !slices.ContainsFunc(d.Granted, func(g ehds.GrantedDataset) bool { return blank(g.DatasetID) || blank(g.Holder) })
}

func categories(d ehds.PermitDetail) bool {
	return len(d.Data.Categories) > 0 && !slices.ContainsFunc(d.Data.Categories, func(k string) bool {
		_, known := ehds.Category(k)
		return !known
	})
}

func format(d ehds.PermitDetail) bool {
	return d.Data.Format == ehds.FormatAnonymised || d.Data.Format == ehds.FormatPseudonymised
}

func named(list []string) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(s string) bool { return blank(s) })
}

func purposesKnown(d ehds.PermitDetail) bool {
	return len(d.Purposes) > 0 && !slices.ContainsFunc(d.Purposes, func(k string) bool {
		_, known := ehds.Purpose(k)
		return !known
	})
}

func authorised(d ehds.PermitDetail) bool {
	return len(d.Persons) > 0 && !slices.ContainsFunc(d.Persons, func(p ehds.PermitPerson) bool { return blank(p.Name) })
}

func lasting(d ehds.PermitDetail) bool {
	from, ok1 := Day(d.Duration.From)
	to, ok2 := Day(d.Duration.To)
	return ok1 && ok2 && to.After(from) && !to.After(from.AddDate(ehds.MaxPermitYears, 0, 0))
}
