package central

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// acting is one act of the applicant on an application of hers.
type acting struct {
	*change
	a   *application
	raw []byte
}

// act runs an act and answers with the application as it stands then.
func act(c *Central, do func(*acting) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
		if err != nil {
			frontProblem(w, c, told(http.StatusRequestEntityTooLarge, "too-large", "the request is too large"))
			return
		}
		id := r.PathValue("id")
		if err := c.doAct(r, id, raw, do); err != nil {
			frontProblem(w, c, err)
			return
		}
		v, _ := c.viewOf(id)
		roles.WriteJSON(w, http.StatusAccepted, v)
	}
}

func (c *Central) doAct(r *http.Request, id string, raw []byte, do func(*acting) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := c.begin(r.Context())
	a := ch.application(id)
	if a == nil {
		return told(http.StatusNotFound, "not-found", "no such application")
	}
	if err := do(&acting{ch, a, raw}); err != nil {
		return err
	}
	ch.applications[id] = a
	return ch.write()
}

func (x *acting) caseID() string { return ehds.ApplicationCase(x.a.ID).String() }

func (x *acting) done(what ehds.MessageType, t *track, status, reason, jti string) {
	s := step{At: x.now, Date: x.now, What: string(what), Status: status, Reason: reason, Message: jti}
	if t != nil {
		s.Track = &t.Track
	}
	x.a.Timeline = append(x.a.Timeline, s)
}

// decided finds the track of a decision.
func (x *acting) decided(decisionID string) (*track, error) {
	for i := range x.a.Tracks {
		if t := &x.a.Tracks[i]; t.Decision != nil && t.Decision.Card.DecisionID == decisionID {
			return t, nil
		}
	}
	return nil, told(http.StatusNotFound, "not-found", "no such decision")
}

// answers is what an answer makes of a decision.
var answers = map[ehds.Outcome]map[ehds.Answer]ehds.DecisionState{
	ehds.Positive: {
		ehds.AnswerAccept: ehds.DecisionPositiveAccepted, ehds.AnswerReject: ehds.DecisionPositiveRejected,
		ehds.AnswerNoResponse: ehds.DecisionLapsed,
	},
	ehds.Negative: {
		ehds.AnswerAccept: ehds.DecisionNegativeAccepted, ehds.AnswerAppeal: ehds.DecisionNegativeAppealed,
	},
}

// answer sends decision.answer, dated by the centre.
func (x *acting) answer() error {
	var b struct {
		DecisionID string      `json:"decision_id"`
		Answer     ehds.Answer `json:"answer"`
	}
	if err := decodeForm(x.raw, &b); err != nil {
		return err
	}
	t, err := x.decided(b.DecisionID)
	if err != nil {
		return err
	}
	d := t.Decision
	if d.State != ehds.DecisionPositiveIssued && d.State != ehds.DecisionNegativeIssued {
		return told(http.StatusConflict, "answered", "the decision was answered before")
	}
	to, fits := answers[d.Card.Outcome][b.Answer]
	if !fits {
		return told(http.StatusConflict, "answer-does-not-fit", "this answer does not fit the outcome")
	}
	d.State, d.Answer = to, b.Answer
	jti := x.queue(draft{
		to: t.Entity, typ: ehds.DecisionAnswer, caseID: x.caseID(), track: &t.Track,
		ref: d.Message.MessageID, refSHA: d.Message.TokenSHA256,
		body: ehds.DecisionAnswerBody{ApplicationID: x.a.ID, DecisionID: b.DecisionID, Answer: b.Answer, RespondedAt: stamp(x.now)},
	})
	x.done(ehds.DecisionAnswer, t, string(to), "", jti)
	return nil
}

// appeal sends appeal.submit: the text of an appeal against a negative decision. It opens the appeal
// when no answer did (TEHDAS2 D7.3, use case 12).
func (x *acting) appeal() error {
	var b struct {
		DecisionID string `json:"decision_id"`
		Text       string `json:"text"`
	}
	if err := decodeForm(x.raw, &b); err != nil {
		return err
	}
	t, err := x.decided(b.DecisionID)
	if err != nil {
		return err
	}
	if s := t.Decision.State; b.Text == "" || s != ehds.DecisionNegativeIssued && s != ehds.DecisionNegativeAppealed {
		return told(http.StatusConflict, "no-appeal", "an appeal has a text and is against a negative decision")
	}
	id, err := uuid.NewRandomFromReader(x.c.o.Rand)
	if err != nil {
		return err
	}
	t.Decision.State = ehds.DecisionNegativeAppealed
	jti := x.queue(draft{
		to: t.Entity, typ: ehds.AppealSubmit, caseID: x.caseID(), track: &t.Track,
		body: ehds.AppealBody{
			ApplicationID: x.a.ID, DecisionID: b.DecisionID, AppealID: id.String(), User: x.a.Body.User, Text: b.Text, Date: stamp(x.now),
		},
	})
	x.done(ehds.AppealSubmit, t, string(t.Decision.State), "", jti)
	return nil
}

// info sends application.info: the applicant's completion, dated by the centre.
func (x *acting) info() error {
	var b struct {
		Track    ehds.Track        `json:"track"`
		Sections []ehds.InfoAnswer `json:"sections"`
	}
	if err := decodeForm(x.raw, &b); err != nil {
		return err
	}
	for i := range x.a.Tracks {
		t := &x.a.Tracks[i]
		if t.Track != b.Track || t.InfoRequest == nil {
			continue
		}
		body := ehds.InfoBody{ApplicationID: x.a.ID, Version: x.a.Body.Version, RespondedAt: stamp(x.now), Sections: b.Sections}
		if err := fitsSchema(ehds.ApplicationInfo, body); err != nil {
			return err
		}
		jti := x.queue(draft{
			to: t.Entity, typ: ehds.ApplicationInfo, caseID: x.caseID(), track: &t.Track,
			ref: t.InfoRequest.MessageID, refSHA: t.InfoRequest.TokenSHA256, body: body,
		})
		t.InfoRequest = nil
		x.done(ehds.ApplicationInfo, t, "", "", jti)
		return nil
	}
	return told(http.StatusConflict, "nothing-asked", "no information is asked for on this track")
}

// withdraw sends application.withdraw to every contact point that has the application.
func (x *acting) withdraw() error {
	var b struct {
		Reason string `json:"reason"`
	}
	if err := decodeForm(x.raw, &b); err != nil {
		return err
	}
	body := ehds.WithdrawBody{ApplicationID: x.a.ID, Date: stamp(x.now), Reason: b.Reason}
	if err := fitsSchema(ehds.ApplicationWithdraw, body); err != nil {
		return err
	}
	for _, s := range x.a.Sent {
		jti := x.queue(draft{to: s.Entity, typ: ehds.ApplicationWithdraw, caseID: x.caseID(), body: body})
		x.done(ehds.ApplicationWithdraw, nil, "", b.Reason, jti)
	}
	return nil
}

// fitsSchema holds a body against its schema before it is sent.
func fitsSchema(t ehds.MessageType, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return told(http.StatusUnprocessableEntity, "malformed", "the request is not JSON")
	}
	return checkBody(t, raw)
}
