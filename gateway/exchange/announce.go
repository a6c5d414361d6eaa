package exchange

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// registrar is who publishes decisions in the history of a case.
const registrar = "register"

// Release is staff's word that a decision may be shown in the public register.
type Release struct {
	Decision string    `json:"decision"`
	At       time.Time `json:"at"`
	By       string    `json:"by"` // opaque staff reference
	// Reasons are shown instead of those of the decision, which may name what the public must not read;
	// empty shows them as they were written.
	Reasons string `json:"reasons,omitempty"`
}

// Release finds the release of a decision; the newest counts.
func (d ApplicationDoc) Release(decisionID string) (Release, bool) {
	for _, r := range slices.Backward(d.Releases) {
		if r.Decision == decisionID {
			return r, true
		}
	}
	return Release{}, false
}

// operatorRelease is what a leaf of class "operator" commits to.
type operatorRelease struct {
	Case    string  `json:"case"`
	Release Release `json:"release"`
}

// Released is the change of a case by which staff release a decision: again, with other reasons, too.
func (a *Applications) Released(s store.State, r Release) (store.Change, error) {
	doc, err := readApplication(s.Doc)
	if err != nil || s.Doc == nil {
		return store.Change{}, fault.New(fault.NotFound, "no-such-case", "no such application is on record").At("/case")
	}
	if !slices.ContainsFunc(doc.Cards, func(c ehds.DecisionBody) bool { return c.DecisionID == r.Decision }) {
		return store.Change{}, fault.New(fault.NotFound, "no-such-decision", "the application has no such decision").At("/decision")
	}
	r.At = s.Now
	doc.Releases = append(doc.Releases, r)
	return store.Change{Doc: mustJSON(doc), Leaves: []store.NewLeaf{{
		Class: evidence.ClassOperator, Material: mustJSON(operatorRelease{Case: s.Case, Release: r}),
	}}}, nil
}

// Unannounced lists the decisions of a case whose time to be published runs or has run out
// (Art. 57(1)(j)).
func (d ApplicationDoc) Unannounced() (out []ehds.Track) {
	for i := range d.Application.Tracks {
		t := &d.Application.Tracks[i]
		c, ok := t.Clock(access.ClockPublication)
		if ok && t.Decision != nil && (c.State == access.ClockRunning || c.State == access.ClockFired) {
			out = append(out, t.Key)
		}
	}
	return out
}

// Announced is the change of a case whose decisions stand in the public register: the clock of their
// publication is met. shown says which decisions stand there.
func (a *Applications) Announced(s store.State, shown func(decisionID string) bool) (store.Change, error) {
	doc, err := readApplication(s.Doc)
	if err != nil {
		return store.Change{}, err
	}
	all, met := outcome{doc: doc}, false
	for _, key := range doc.Unannounced() {
		t, _ := doc.Application.Track(key)
		if !shown(t.Decision.ID) {
			continue
		}
		out, err := a.step(all.doc, access.DecisionPublished{Track: key, At: s.Now, DecisionID: t.Decision.ID, Actor: registrar}, s.Case, s.Now, nil)
		if err != nil {
			return store.Change{}, err
		}
		all, met = all.and(out), true
	}
	if !met {
		return store.Change{}, nil
	}
	return all.change(), nil
}

// ReadApplicationDoc reads the document of an application from the record; ok is false for what is none.
func ReadApplicationDoc(caseID string, doc []byte) (d ApplicationDoc, ok bool) {
	id, err := ehds.ParseCaseID(caseID)
	if err != nil || !id.Kind.Personal() || id.Kind == ehds.CaseEnforcement || doc == nil {
		return ApplicationDoc{}, false
	}
	d, err = readApplication(doc)
	return d, err == nil
}

// ReadFiling reads the newest filing of an application back; nil when it is not there any more.
func ReadFiling(ctx context.Context, record store.Reader, ref store.MessageRef) (*ehds.ApplicationBody, error) {
	m, ok, err := record.Message(ctx, ref.Iss, ref.Jti)
	if err != nil || !ok || m.Erased {
		return nil, err
	}
	var env ehds.Envelope
	var body ehds.ApplicationBody
	if json.Unmarshal(m.Claims, &env) != nil || json.Unmarshal(env.Body, &body) != nil {
		return nil, nil
	}
	return &body, nil
}
