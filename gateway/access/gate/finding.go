package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Severity of a finding, as in a business response.
type Severity string

// The severities. A violation refuses the message, because it contradicts itself; everything else is for
// the body to judge.
const (
	Violation Severity = "violation"
	Warning   Severity = "warning"
	Info      Severity = "info"
)

// Finding is what one rule says about one place.
type Finding struct {
	Code     string   `json:"rule"`    // the rule's id
	Article  string   `json:"article"` // where the rule stands, such as "67(2)(h)"
	Severity Severity `json:"severity"`
	// Completion says that the applicant can mend it, and would be asked to within the four weeks of
	// Art. 68(4).
	Completion bool `json:"completion"`
	// ForStaff marks what concerns the body's own work and is not told to the sender.
	ForStaff bool   `json:"for_staff"`
	Pointer  string `json:"pointer"` // JSON pointer into the message, such as /body/form/section5/legalBasis
	// Section, Country and Field name the place as an information request does (TEHDAS2 D6.4); zero
	// and empty where the place is no field of the form.
	Section int    `json:"section,omitempty"`
	Country string `json:"country,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Mend    string `json:"mend"` // what to do about it
	// Seen repeats names and keys of the form the finding is about. It is input: never send it on.
	Seen []string `json:"seen,omitempty"`
}

// Source cites where the rule stands: "Art. 67(2)(h)" of the Regulation, or another source by name.
func (f Finding) Source() string {
	if f.Article != "" && f.Article[0] >= '0' && f.Article[0] <= '9' {
		return "Art. " + f.Article
	}
	return f.Article
}

// Verdict is what would follow from findings.
type Verdict string

// The verdicts.
const (
	Refused    Verdict = "refused"    // the message would not be validated
	Incomplete Verdict = "incomplete" // completion would be asked for, Art. 68(4)
	Complete   Verdict = "complete"   // the clock of the decision would run
)

// Judge gives the verdict.
func Judge(findings []Finding) Verdict {
	v := Complete
	for _, f := range findings {
		switch {
		case f.Severity == Violation:
			return Refused
		case f.Completion:
			v = Incomplete
		}
	}
	return v
}

// Ask gives the sections of an information request that asks for everything the findings find
// missing: fields with comments, section 6 by country (Art. 68(4); TEHDAS2 D6.4, use case 6). What is no
// field of the form, and what is of no country of the exchange, cannot be asked for in this way and is
// left out.
func Ask(findings []Finding) []ehds.InfoSection {
	var out []ehds.InfoSection
	for _, f := range findings {
		if !f.Completion || f.Section == 0 || f.Field == "" || f.Section == cohortSection && f.Country == "" {
			continue
		}
		i := slices.IndexFunc(out, func(s ehds.InfoSection) bool { return s.Number == f.Section && s.Country == f.Country })
		if i < 0 {
			i = len(out)
			out = append(out, ehds.InfoSection{Number: f.Section, Country: f.Country, Fields: map[string]string{}})
		}
		comment := fmt.Sprintf("%s: %s", f.Source(), f.Mend)
		if said := out[i].Fields[f.Field]; said != "" && !strings.Contains(said, comment) {
			comment = said + "; " + comment
		}
		out[i].Fields[f.Field] = comment
	}
	return out
}
