package desk

import (
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// form is what the desk reads of an application form. Every field is optional on the wire; choice
// fields match on their key, never on their value, which is in the applicant's language. A section
// of another shape reads as empty, so that a person looks at it.
type form struct {
	Purposes     []string // section 2
	Investigator string
	PublicSector bool   // section 3
	Format       string // section 5
	SPE          string // section 8
	Tools        string
	Start, End   string
	OptOut       bool
	OptOutReason string
	People       []ehds.PermitPerson
}

// readForm takes from the form what a decision needs. How fields are found and choices read is the
// gate's to know, which also says what is missing.
func readForm(a ehds.ApplicationBody) form {
	g := gate.Read(a)
	f := form{Purposes: g.Purposes(), Investigator: g.Text(2, "projectLeader"), PublicSector: g.PublicSector(), Format: g.Format(),
		SPE: g.Text(8, "nameWebsiteAddressForEnvironment"), Tools: g.Text(8, "technicalRequirementsForEnvironment"), People: g.People()}
	f.Start, f.End = g.PeriodText()
	f.OptOut, f.OptOutReason = g.OptOutException()
	return f
}
