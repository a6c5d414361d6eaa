package filing

import (
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// New is an application about to be filed with another hub.
func New(to string, a ehds.ApplicationBody, message string, at time.Time) Filing {
	return Filing{ID: a.ApplicationID, To: to, Application: a, Tracks: []Track{},
		Versions: []Version{{Number: a.Version, At: at, Message: message}}}
}

// notPossible is the refusal of what the state does not allow; it says which state that is.
func notPossible(what, state string) error {
	return fault.New(fault.Conflict, CodeNotPossible, fmt.Sprintf("%s is not possible: the application is %s", what, state))
}

// Amended files a new version of the whole application, while a decision is due. It stays the same
// application, of the same kind. The hub answers one version before it is sent the next, so that it is
// known on both sides which one is in force.
func (f Filing) Amended(a ehds.ApplicationBody, message string, at time.Time) (Filing, error) {
	last := f.Versions[len(f.Versions)-1].Number
	if err := f.undecided("an amendment"); err != nil {
		return f, err
	}
	switch {
	case a.ApplicationID != f.ID || a.Kind != f.Application.Kind:
		return f, fault.New(fault.Invalid, "another-application", "a new version has the id and the kind of the application").At("/application")
	case a.Version <= last:
		return f, fault.New(fault.Conflict, "version-not-newer", fmt.Sprintf("version %d was filed already; the application is %s", last, f.state())).At("/application/version")
	case f.Result == "" && (len(f.Tracks) == 0 || len(f.Versions) > 1):
		return f, notPossible("an amendment", fmt.Sprintf("%s, and the other hub has not answered version %d yet", f.state(), last))
	}
	out := f.Clone()
	out.Application, out.Before, out.Result, out.Findings = a, &f.Application, "", nil
	out.Versions = append(out.Versions, Version{Number: a.Version, At: at, Message: message})
	return out, nil
}

// undecided wants a track that is open.
func (f Filing) undecided(what string) error {
	if f.TurnedAway() {
		return notPossible(what, "not filed: the other hub did not validate it")
	}
	if len(f.Tracks) > 0 && !slices.ContainsFunc(f.Tracks, Track.undecided) {
		return notPossible(what, f.state())
	}
	return nil
}

func (t Track) undecided() bool { return !t.Status.Terminal() }

// state is that of a track that is open, else of the last one.
func (f Filing) state() string {
	state := "filed"
	for _, t := range f.Tracks {
		if state = string(t.Status); t.undecided() {
			break
		}
	}
	return state
}

// act takes note of what the applicant did.
func (f Filing) act(t ehds.MessageType, message string, at time.Time) Filing {
	out := f.Clone()
	out.Acts = append(out.Acts, Act{At: at, Type: t, Message: message})
	return out
}

// Withdrawn withdraws what is undecided.
func (f Filing) Withdrawn(message string, at time.Time) (Filing, error) {
	if err := f.undecided("a withdrawal"); err != nil {
		return f, err
	}
	return f.act(ehds.ApplicationWithdraw, message, at), nil
}

// Showed shows what another body decided, while a decision is due.
func (f Filing) Showed(message string, at time.Time) (Filing, error) {
	if err := f.undecided("to show another decision"); err != nil {
		return f, err
	}
	return f.act(ehds.ApplicationShared, message, at), nil
}

// Completed answers an information request; the request answered is returned.
func (f Filing) Completed(body, message string, at time.Time) (Filing, Track, error) {
	t, err := f.Of(body)
	if err != nil {
		return f, Track{}, err
	}
	if t.Asked == nil {
		return f, Track{}, notPossible("an answer to a request for information", string(t.Status))
	}
	return f.act(ehds.ApplicationInfo, message, at), *t, nil
}

// Answer answers the decision in force.
func (f Filing) Answer(body string, a ehds.Answer, message string, at time.Time) (Filing, Track, error) {
	t, err := f.Of(body)
	if err != nil {
		return f, Track{}, err
	}
	switch {
	case t.Decision == nil:
		return f, Track{}, notPossible("an answer to a decision", string(t.Status))
	case t.Decision.Status != ehds.DecisionPositiveIssued && t.Decision.Status != ehds.DecisionNegativeIssued:
		return f, Track{}, fault.New(fault.Conflict, CodeNotPossible, "the decision is "+string(t.Decision.Status)+" already")
	case a == ehds.AnswerNoResponse || !ehds.AnswerFits(t.Decision.Card.Outcome, a):
		return f, Track{}, fault.New(fault.Invalid, "answer-does-not-fit",
			"ACCEPT and REJECT fit a positive decision, ACCEPT and APPEAL a negative one").At("/answer")
	}
	out := f.act(ehds.DecisionAnswer, message, at)
	told, _ := out.Of(body)
	to := map[ehds.Answer]ehds.DecisionState{
		ehds.AnswerAccept: ehds.DecisionPositiveAccepted, ehds.AnswerReject: ehds.DecisionPositiveRejected, ehds.AnswerAppeal: ehds.DecisionNegativeAppealed,
	}[a]
	if a == ehds.AnswerAccept && t.Decision.Card.Outcome == ehds.Negative {
		to = ehds.DecisionNegativeAccepted
	}
	out.decide(told, to, at, "answered")
	return out, *t, nil
}

// Appealed sends the text of an appeal against a negative decision, once.
func (f Filing) Appealed(body, id, message string, at time.Time) (Filing, Track, error) {
	t, err := f.Of(body)
	if err != nil {
		return f, Track{}, err
	}
	switch {
	case t.Decision == nil || t.Decision.Card.Outcome != ehds.Negative:
		return f, Track{}, notPossible("an appeal", string(t.Status))
	case t.Decision.Appeal != "":
		return f, Track{}, fault.New(fault.Conflict, CodeNotPossible, "an appeal was submitted already")
	case t.Decision.Status != ehds.DecisionNegativeIssued && t.Decision.Status != ehds.DecisionNegativeAppealed:
		return f, Track{}, fault.New(fault.Conflict, CodeNotPossible, "the decision is "+string(t.Decision.Status)+" already")
	}
	out := f.act(ehds.AppealSubmit, message, at)
	told, _ := out.Of(body)
	told.Decision.Appeal = id
	out.decide(told, ehds.DecisionNegativeAppealed, at, "appealed")
	return out, *t, nil
}
