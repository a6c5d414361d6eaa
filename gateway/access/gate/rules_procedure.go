package gate

import (
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// procedureRules say which procedure an application fits.
func procedureRules() []Rule {
	return []Rule{
		{ID: "accelerated-possible", Article: "68(6)", Title: "the accelerated procedure is possible",
			Severity: Info, ForStaff: true, Kinds: accessOnly, Sections: []int{2, 3}, check: func(x *exam) {
				if x.o.Procedure != ehds.ProcedureAccelerated && x.accelerated() {
					x.report(at(3, "applyingForDataForCarryingOutTasks"), "a public body with a task asks for purposes a to c only",
						"look for its legal mandate in public health and re-route")
				}
			}},
		{ID: "accelerated-not-possible", Article: "68(6)", Title: "the accelerated procedure is for public bodies with a mandate in public health and purposes a to c",
			Severity: Warning, ForStaff: true, Kinds: accessOnly, Sections: []int{2, 3}, check: func(x *exam) {
				if x.o.Procedure == ehds.ProcedureAccelerated && !x.accelerated() {
					x.report(at(2, "purposeForWhichDataWillBeUsed"), "the application does not fit the accelerated procedure", "re-route to the standard procedure")
				}
			}},
		{ID: "trusted-holder-possible", Article: "72(1)", Title: "the procedure of a trusted data holder is possible",
			Severity: Info, ForStaff: true, Kinds: anyKind, check: func(x *exam) {
				if x.o.Procedure != ehds.ProcedureTrustedHolder && x.trusted() {
					x.report(place{plain: "/datasets"}, "all data asked for are of one trusted data holder", "forward the application for assessment")
				}
			}},
		{ID: "trusted-holder-not-possible", Article: "72(1)", Title: "the procedure of a trusted data holder needs all data to be that holder's",
			Severity: Warning, ForStaff: true, Kinds: anyKind, check: func(x *exam) {
				if x.o.Procedure == ehds.ProcedureTrustedHolder && !x.trusted() {
					x.report(place{plain: "/datasets"}, "not all data asked for are of one trusted data holder", "re-route to the standard procedure")
				}
			}},
	}
}

// accelerated is what the form can say of it. Whether there is a legal mandate in the field of public
// health, a person must see.
func (x *exam) accelerated() bool {
	return x.public && x.form.Choice(3, "applyingForDataForCarryingOutTasks") == keyYes &&
		ehds.ReservedOnly(x.form.Purposes())
}

func (x *exam) trusted() bool {
	holder := ""
	for _, d := range x.body.Datasets {
		k := x.o.Datasets[d.DatasetID]
		if !k.TrustedHolder || k.Holder == "" || holder != "" && holder != k.Holder {
			return false
		}
		holder = k.Holder
	}
	return holder != ""
}
