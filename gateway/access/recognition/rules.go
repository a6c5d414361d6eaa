package recognition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// exam is what the rules look at.
type exam struct {
	Case
	Shown
	form gate.Form
}

// rule is one question. holds says yes or no; for a rule on a permit it is asked only when one is proved.
type rule struct {
	code, article string // of the reason when it does not hold
	permit        bool   // asks something of a permit
	yes, no       string
	holds         func(*exam) bool
}

// rules are asked in this order. Every one must hold for an approval.
var rules = []rule{
	{"already-decided", "68(4)", false, "", "the track is decided or withdrawn already", open},
	{"information-awaited", "68(4)", false, "", "the applicant was asked to complete the application", func(x *exam) bool { return x.Status != ehds.StateAwaitingInformation }},
	{"data-request", "69", false, "", "a data request leads to an answer and to no permit", isAccess},
	{"incomplete", "67(2)", false, "the application is complete", "the application is not complete", func(x *exam) bool { return len(x.Missing) == 0 }},
	{"no-decision", "68(5)", false, "", "no decision was shown", func(x *exam) bool { return x.Decision != nil }},
	{"foreign-refusal", "68(5)", false, "the other body decided in favour", "the other body refused; a refusal is never taken over", notRefused},
	{"partly-refused", "68(3)", false, "", "the other body refused some datasets or answered as a data request", whole},
	{"permit-missing", "68(5)", false, "", "no permit was shown", func(x *exam) bool { return x.Proof.Shown }},
	{"", "68(5)", false, "the permit is proved and in force", "", inForce},
	{"other-issuer", "68(5)", true, "it was issued by the body of the hub that showed it", "it was not issued by the body that the hub named", issuedThere},
	{"other-decision", "68(5)", true, "", "it does not belong to the decision that was shown", ofDecision},
	{"not-a-data-permit", "68(8)", true, "", "it is an approval and no data permit", func(x *exam) bool { return x.Proof.Permit.Permit.Kind == ehds.KindDataPermit }},
	{"other-purposes", "68(10)(b)", true, "it covers the purposes asked for", "purposes are asked for that it does not cover, or none", purposes},
	{"reserved-purpose", "53(2)", true, "", "a purpose is reserved to public bodies, and the applicant does not say to be one", reserved},
	{"other-datasets", "68(10)(a)", true, "it names the datasets asked for or covers their categories", "datasets are asked for that it neither names nor covers by category", datasets},
	{"other-format", "68(10)(a)", true, "it covers the form of the data", "the data are asked for in a form it does not cover", format},
	{"opt-out-exception", "71(4)", true, "", "an exception from opt-outs is asked for, which national law grants", noException},
	{"other-persons", "68(10)(d)", true, "it names the persons who will process the data", "persons would process the data whom it does not name, or none are named", persons},
	{"longer-period", "68(10)(e)", true, "it lasts as long as the processing asked for", "the processing asked for is not within its period", period},
}

// ask puts the question. Where it does not arise nothing is said.
func (r rule) ask(x *exam) (Reason, bool) {
	if r.permit && (!x.Proof.Valid || x.Proof.Permit == nil) {
		return Reason{}, false
	}
	if r.code == "" && !x.Proof.Shown {
		return Reason{}, false // said already
	}
	switch ok := r.holds(x); {
	case !ok && r.code == "":
		return unproved(x.Proof), true
	case !ok:
		return Reason{Code: r.code, Article: r.article, Against: true, Text: r.no}, true
	case r.yes == "":
		return Reason{}, false
	}
	code := r.code
	if code == "" {
		code = "permit"
	}
	return Reason{Code: code + "-holds", Article: r.article, Text: r.yes}, true
}

// unproved says why a permit that was shown counts for nothing.
func unproved(p Proof) Reason {
	why := p.Reason
	if why == "" {
		why = "not-proved"
	}
	text := map[string]string{
		"expired": "the permit has expired", "revoked": "the permit was revoked or replaced", "suspended": "the permit is suspended",
		"not-yet-valid": "the permit's period has not begun",
	}[why]
	if text == "" {
		text = fmt.Sprintf("the permit is not proved (%s)", why)
	}
	return Reason{Code: "permit-" + why, Article: "68(5)", Against: true, Text: text}
}

func open(x *exam) bool     { return !x.Decided && !x.Status.Terminal() && x.Status != "" }
func isAccess(x *exam) bool { return x.Kind == ehds.DataAccessApplication }
func inForce(x *exam) bool {
	return x.Proof.Valid && x.Proof.Permit != nil
}

func notRefused(x *exam) bool { return x.Decision == nil || x.Decision.Outcome == ehds.Positive }

func whole(x *exam) bool {
	return x.Decision == nil || len(x.Decision.RefusedDatasets) == 0 && x.Decision.ConvertedTo == ""
}

// issuedThere: the token names its issuer, and the issuer is a body under the hub that showed it. A hub
// shows what its own bodies decided, nobody else's.
func issuedThere(x *exam) bool {
	iss := x.Proof.Permit.Iss
	return iss == x.Shown.Track.HDAB && ehds.HostedBy(iss, x.Peer)
}

// ofDecision: a permit names the decision it follows from. One that was shown without a decision is no
// proof of any.
func ofDecision(x *exam) bool {
	return x.Decision != nil && x.Decision.DecisionID == x.Proof.Permit.Permit.DecisionID
}

func purposes(x *exam) bool {
	asked := x.form.Purposes()
	return len(asked) > 0 && within(asked, x.Proof.Permit.Permit.Purposes)
}

func reserved(x *exam) bool {
	return x.form.PublicSector() || !slices.ContainsFunc(x.form.Purposes(), func(key string) bool {
		p, known := ehds.Purpose(key)
		return !known || p.PublicOnly
	})
}

// datasets: each one of ours is named in the permit, as where both bodies answer for parts of one registry,
// or all its categories are among those the other body permitted for the same use.
func datasets(x *exam) bool {
	p := x.Proof.Permit.Permit
	covered := func(d Dataset) bool {
		named := slices.ContainsFunc(p.Granted, func(g ehds.GrantedDataset) bool {
			return d.ID != "" && g.DatasetID == d.ID || d.CentralID != "" && g.CentralID == d.CentralID
		})
		return named || len(d.Categories) > 0 && within(d.Categories, p.Data.Categories)
	}
	return len(x.Datasets) > 0 && !slices.ContainsFunc(x.Datasets, func(d Dataset) bool { return !covered(d) })
}

// format: what reveals less is covered by what reveals more (Art. 66).
func format(x *exam) bool {
	asked, permitted := x.form.Format(), x.Proof.Permit.Permit.Data.Format
	return asked != "" && (asked == permitted || asked == ehds.FormatAnonymised && permitted == ehds.FormatPseudonymised)
}

func noException(x *exam) bool {
	asked, _ := x.form.OptOutException()
	return !asked
}

// persons: the project leader asked for is the permit's investigator, and everybody who would process our
// data may process theirs.
func persons(x *exam) bool {
	p := x.Proof.Permit.Permit
	var named, asked []string
	for _, person := range p.Persons {
		named = append(named, name(person.Name))
	}
	for _, person := range x.form.People() {
		asked = append(asked, name(person.Name))
	}
	leader := name(x.form.Text(2, "projectLeader"))
	return leader != "" && leader == name(p.Investigator) && len(asked) > 0 && within(asked, named)
}

// name is a person's name as two forms may spell it: white space and case aside.
func name(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// period: our processing ends no later than theirs may. Where it begins does not matter: the grant begins at
// the decision.
func period(x *exam) bool {
	_, to, ok := x.form.Period()
	last, read := day(x.Proof.Permit.Permit.Duration.To)
	return ok && read && !to.After(last)
}

// within says whether all of some are among others.
func within(some, others []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(others, s) })
}
