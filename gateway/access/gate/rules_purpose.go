package gate

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// purposeRules hold the purposes against who asks, and remind of the prohibited uses.
func purposeRules() []Rule {
	return []Rule{
		{ID: "purpose-reserved", Article: "53(2)", Title: "purposes a to c are for public sector bodies, Union institutions and those acting for them",
			Severity: Warning, Completion: true, Kinds: anyKind, Sections: []int{2, 3}, check: reserved},
		{ID: "prohibited-uses", Article: "54", Title: "the form has no statement on prohibited uses: staff assess them",
			Severity: Info, ForStaff: true, Kinds: anyKind, check: prohibited},
	}
}

// reserved speaks only when the question whether the applicant is public has been answered; when it
// has not, another rule asks for the answer.
func reserved(x *exam) {
	told := x.form.Answered(3, "applyingForDataOnBehalfOfPublicSector") || x.o.Applicant != ""
	if told && !x.public && slices.ContainsFunc(x.form.Purposes(), ehds.Reserved) {
		x.report(at(2, "purposeForWhichDataWillBeUsed"), "a purpose of points a to c is asked for by an applicant who states not to be public nor to act for a public body",
			"drop the purpose, or show the task and for whom it is carried out")
	}
}

func prohibited(x *exam) {
	x.report(at(0, ""), "detrimental decisions, discrimination, advertising, harmful products and uses that are unethical under national law are never permitted",
		"assess the intended use, section 5")
}
