package recognition

import (
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Case is our own side: one track of an application, before it is decided.
type Case struct {
	Kind        ehds.ApplicationKind
	Track       ehds.Track
	Procedure   ehds.Procedure
	Status      ehds.ApplicationState
	Decided     bool                 // a decision was issued on the track
	Application ehds.ApplicationBody // the newest version, as it was filed
	// Datasets are those of the track, from our own published record; one that is not in it has no
	// categories and is never covered by them.
	Datasets []Dataset
	// Missing are the articles that the application does not yet satisfy (Art. 67(2)).
	Missing []string
}

// Dataset is a dataset our body decides on.
type Dataset struct {
	ID         string
	CentralID  string
	Categories []string // codes of Art. 51(1)
}

// Shown is what the other hub showed of the decision of one of its bodies.
type Shown struct {
	Peer     string             // entity of the hub, from its credential
	Track    ehds.Track         // the track of its body
	Decision *ehds.DecisionBody // nil when no decision was shown
	Proof    Proof
}

// Proof is what stands behind a permit that was shown, at the instant it was judged.
type Proof struct {
	Shown bool // a permit came with the decision
	// Valid: signature, trust chain, period and status hold.
	Valid bool
	// Reason is the verifier's code for a permit that is not valid, such as expired or revoked.
	Reason string
	// Permit is what the token says; nil unless its signature holds.
	Permit *ehds.PermitClaims
}

// Reason is one point that speaks for recognition or against it.
type Reason struct {
	Code    string `json:"code"`
	Article string `json:"article"` // of the Regulation, such as "68(10)(b)"
	Against bool   `json:"against,omitempty"`
	Text    string `json:"text"` // holds no content of the form
}

// Outcome is what is to be done. None refuses.
type Outcome string

// The outcomes.
const (
	LeftToStaff Outcome = "LEFT_TO_STAFF"
	Proposed    Outcome = "PROPOSED" // an approval that staff confirm
	Approved    Outcome = "APPROVED"
)

// Result is the judgement, with every reason on both sides.
type Result struct {
	Policy  Policy   `json:"policy"` // in force for the track
	Outcome Outcome  `json:"outcome"`
	Reasons []Reason `json:"reasons"`
	// Permit and Issuer name what was recognised or looked at; empty when nothing was proved.
	Permit string `json:"permit,omitempty"`
	Issuer string `json:"issuer,omitempty"`
	// Conditions are those of the permit, which an approval takes over (Art. 68(10)(h)).
	Conditions []string `json:"conditions,omitempty"`
}

// Judge holds a permit of another body against our own application. All rules are asked, so that staff see
// all that speaks for and against.
func Judge(c Case, s Shown, p Policies) Result {
	r := Result{Policy: p.For(c.Procedure), Outcome: LeftToStaff}
	x := exam{Case: c, Shown: s, form: gate.Read(c.Application)}
	if x.Proof.Permit != nil {
		r.Permit, r.Issuer = x.Proof.Permit.Jti, x.Proof.Permit.Iss
	}
	for _, rule := range rules {
		if reason, asked := rule.ask(&x); asked {
			r.Reasons = append(r.Reasons, reason)
		}
	}
	if r.Policy == Manual {
		r.Reasons = append(r.Reasons, Reason{"procedure-not-covered", "68(5)", true, "toward this hub staff decide in this procedure"})
	}
	if r.Against() {
		return r
	}
	r.Conditions = append([]string{}, x.Proof.Permit.Permit.Conditions...)
	r.Outcome = map[Policy]Outcome{Assist: Proposed, Automatic: Approved}[r.Policy]
	return r
}

// Against says whether any reason speaks against recognition.
func (r Result) Against() bool {
	for _, reason := range r.Reasons {
		if reason.Against {
			return true
		}
	}
	return false
}

// Text is the reasons as they stand in a decision or a note, one a line: first what speaks against.
func (r Result) Text() string {
	var b strings.Builder
	b.WriteString("Mutual recognition under Art. 68(5) of Regulation (EU) 2025/327")
	if r.Permit != "" {
		b.WriteString(" of the permit " + r.Permit + " of " + r.Issuer)
	}
	for _, against := range []bool{true, false} {
		for _, reason := range r.Reasons {
			if reason.Against == against {
				b.WriteString("\n" + map[bool]string{true: "against", false: "for"}[against] + ": " + reason.Text + " (Art. " + reason.Article + ")")
			}
		}
	}
	return b.String()
}

// day is the date of a full-date, at midnight UTC.
func day(text string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, text)
	return t, err == nil
}
