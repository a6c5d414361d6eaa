package gate

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Rule is one rule of the law or of the form, as data.
type Rule struct {
	ID       string   `json:"id"`
	Article  string   `json:"article"` // of Regulation (EU) 2025/327 unless it names another source
	Title    string   `json:"title"`
	Severity Severity `json:"severity"`
	// Completion: see Finding.
	Completion bool `json:"completion"`
	ForStaff   bool `json:"for_staff"`
	// Kinds are those of application it applies to.
	Kinds []ehds.ApplicationKind `json:"kinds"`
	// Sections of the form it reads; empty when it reads all, or none.
	Sections []int `json:"sections,omitempty"`

	check func(*exam)
}

// Rules lists every rule an application is examined by, in the order of the findings' places.
func Rules() []Rule {
	return slices.Concat(formRules(), requirementRules(), purposeRules(), dataRules(), fileRules(), periodRules(), procedureRules())
}

var (
	anyKind     = []ehds.ApplicationKind{ehds.DataAccessApplication, ehds.DataRequestApplication}
	accessOnly  = []ehds.ApplicationKind{ehds.DataAccessApplication}
	requestOnly = []ehds.ApplicationKind{ehds.DataRequestApplication}
)

func (k kinds) list() []ehds.ApplicationKind {
	switch k {
	case access:
		return accessOnly
	case request:
		return requestOnly
	}
	return anyKind
}
