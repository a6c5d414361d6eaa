package gateway

import (
	"context"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// CaseAct is what staff of the gateway do with a track. Which members count depends on Do.
type CaseAct struct {
	Case    string      `json:"case"`
	Track   *ehds.Track `json:"track,omitempty"` // the only one when left out
	Do      string      `json:"do"`              // extend, reroute, appeal or side
	Actor   string      `json:"actor"`
	Reasons string      `json:"reasons,omitempty"`

	Procedure ehds.Procedure   `json:"procedure,omitempty"` // reroute
	Approved  bool             `json:"approved,omitempty"`  // appeal
	Machine   ehds.SideMachine `json:"machine,omitempty"`   // side
	Subject   string           `json:"subject,omitempty"`
	Event     ehds.SideEvent   `json:"event,omitempty"`
}

// CaseClear takes the flags of a code off a case.
type CaseClear struct {
	Case  string `json:"case"`
	Code  string `json:"code"`
	Actor string `json:"actor"`
}

// CaseErase erases a case for good.
type CaseErase struct {
	Case  string `json:"case"`
	Actor string `json:"actor"`
}

// operatorCaseAct applies an act of staff, with its messages and its evidence in one change.
func (g *Gateway) operatorCaseAct(ctx context.Context, a CaseAct) (CaseView, error) {
	if strings.TrimSpace(a.Actor) == "" {
		return CaseView{}, fault.New(fault.Invalid, "name-missing", "who does this is recorded").At("/actor")
	}
	_, err := g.record.Update(ctx, a.Case, func(s store.State) (store.Change, error) {
		return g.apps.Act(s, func(doc exchange.ApplicationDoc) (access.Event, error) {
			track, err := onlyTrack(doc, a.Track)
			if err != nil {
				return nil, err
			}
			return a.event(track, s.Now)
		})
	})
	if err != nil {
		return CaseView{}, err
	}
	g.outbox.Wake()
	return g.caseView(ctx, a.Case)
}

// onlyTrack is the track that is named, or the only one there is.
func onlyTrack(doc exchange.ApplicationDoc, named *ehds.Track) (ehds.Track, error) {
	switch {
	case named != nil:
		return *named, nil
	case len(doc.Application.Tracks) == 1:
		return doc.Application.Tracks[0].Key, nil
	}
	return ehds.Track{}, fault.New(fault.Invalid, "track-missing", "the case has several tracks: name one").At("/track")
}

// event is the act as the law of the case knows it.
func (a CaseAct) event(track ehds.Track, at time.Time) (access.Event, error) {
	switch a.Do {
	case "extend":
		return access.Extended{Track: track, At: at, Reasons: a.Reasons, Actor: a.Actor}, nil
	case "reroute":
		return access.Rerouted{Track: track, At: at, Procedure: a.Procedure, Reasons: a.Reasons, Actor: a.Actor}, nil
	case "appeal":
		return access.AppealDecided{Track: track, At: at, Approved: a.Approved, Reasons: a.Reasons, Actor: a.Actor}, nil
	case "side":
		return access.SideMoved{Track: track, At: at, Machine: a.Machine, Subject: a.Subject, Event: a.Event, Reasons: a.Reasons, Actor: a.Actor}, nil
	}
	return nil, fault.New(fault.Invalid, "act-unknown", "an operator extends, re-routes, notes the outcome of an appeal or moves a side machine").At("/do")
}

// Cleared says how many flags were taken off.
type Cleared struct {
	Cleared int `json:"cleared"`
}

func (g *Gateway) operatorCaseClear(ctx context.Context, r CaseClear) (Cleared, error) {
	if r.Code == "" || r.Actor == "" {
		return Cleared{}, fault.New(fault.Invalid, "name-missing", "the flag's code and who looked are wanted").At("/code")
	}
	var out Cleared
	_, err := g.record.Update(ctx, r.Case, func(s store.State) (store.Change, error) {
		c, n, err := exchange.ClearFlags(s, r.Code, r.Actor)
		out.Cleared = n
		return c, err
	})
	return out, err
}

// operatorCaseErase destroys the key of a case: its personal content is gone, also from backups. Its leaves
// stay in the log and can be linked to nothing. A measure is kept as long as it lasts.
func (g *Gateway) operatorCaseErase(ctx context.Context, r CaseErase) (struct{}, error) {
	if r.Actor == "" {
		return struct{}{}, fault.New(fault.Invalid, "name-missing", "who does this is recorded").At("/actor")
	}
	id, err := ehds.ParseCaseID(r.Case)
	measure := err == nil && id.Kind == ehds.CaseEnforcement
	if measure {
		err = g.measureMayGo(ctx, r.Case)
	} else {
		_, _, err = g.applicationDoc(ctx, r.Case)
	}
	if err != nil {
		return struct{}{}, err
	}
	g.log.WarnContext(ctx, "a case is erased", "case", r.Case, "actor", r.Actor)
	if err = g.record.Erase(ctx, r.Case); err == nil && measure {
		g.apps.ForgetMeasure(r.Case)
	}
	return struct{}{}, err
}
