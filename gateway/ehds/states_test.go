package ehds

import (
	"slices"
	"testing"
)

// sound checks what holds of every table: sentences with sources, no edge twice, every state but the
// start reached, and one target an edge unless it resumes.
func sound[S comparable, E ~string](t *testing.T, table []Transition[S, E], start S) {
	t.Helper()
	reached := map[S]bool{start: true}
	for changed := true; changed; {
		changed = false
		for _, e := range table {
			if reached[e.From] && !reached[e.To] {
				reached[e.To], changed = true, true
			}
		}
	}
	for i, e := range table {
		if e.Why == "" || e.Source == "" || e.Event == "" {
			t.Errorf("edge %v has no sentence or source", e)
		}
		if !reached[e.From] {
			t.Errorf("%v cannot be reached", e.From)
		}
		for _, o := range table[:i] {
			if o.From == e.From && o.Event == e.Event && (o.To == e.To || !o.Resumes || !e.Resumes) {
				t.Errorf("%v --%s--> leads to %v and %v", e.From, e.Event, o.To, e.To)
			}
		}
	}
}

func TestTablesAreSound(t *testing.T) {
	sound(t, ApplicationTransitions(), StateNone)
	sound(t, DecisionTransitions(), DecisionNone)
	sound(t, PermitTransitions(), PermitPhase{})
	sound(t, TransportTransitions(), TransportQueued)
	for _, m := range SideMachines() {
		if len(SideTransitions(m)) == 0 {
			t.Errorf("%s has no table", m)
		}
		sound(t, SideTransitions(m), SideNone)
		want := map[SideEvent]bool{}
		for _, e := range SideTransitions(m) {
			want[e.Event] = true
		}
		if events := SideEvents(m); len(events) != len(want) || slices.ContainsFunc(events, func(e SideEvent) bool { return !want[e] }) {
			t.Errorf("%s lists %v", m, events)
		}
	}
	if SideTransitions("other") != nil {
		t.Error("a machine that is none has a table")
	}
}

// shows R7.6.2
func TestApplicationTable(t *testing.T) {
	for _, e := range ApplicationTransitions() {
		if e.From == StateDecisionIssued && e.To != StateWithdrawn && e.To != StateDecisionIssued {
			t.Errorf("a decided application goes to %s", e.To)
		}
		if e.From == StateWithdrawn && e.Event != EventInfoInTime && e.Event != EventAnswerInTime {
			t.Errorf("a withdrawn application moves by %s", e.Event)
		}
		if e.To != StateNone && !slices.Contains(ApplicationStates(), e.To) {
			t.Errorf("%s is not listed", e.To)
		}
	}
	for _, s := range ApplicationStates() {
		withdraw := len(Next(ApplicationTransitions(), s, EventWithdrawn)) == 1
		if withdraw == s.Terminal() {
			t.Errorf("%s: terminal %v, can be withdrawn %v", s, s.Terminal(), withdraw)
		}
	}
}

func TestDecisionTable(t *testing.T) {
	for _, e := range DecisionTransitions() {
		if e.Event == DecisionEventAppeal && e.From != DecisionNegativeIssued {
			t.Errorf("%s can be appealed", e.From)
		}
		if !slices.Contains(DecisionStates(), e.To) {
			t.Errorf("%s is not listed", e.To)
		}
	}
}

func TestAnswerFits(t *testing.T) {
	want := map[Outcome][]Answer{Positive: {AnswerAccept, AnswerReject, AnswerNoResponse}, Negative: {AnswerAccept, AnswerAppeal}, "": nil, "positive": nil}
	for o, answers := range want {
		for _, a := range []Answer{AnswerAccept, AnswerReject, AnswerAppeal, AnswerNoResponse, ""} {
			if AnswerFits(o, a) != slices.Contains(answers, a) {
				t.Errorf("%q and %q", o, a)
			}
		}
	}
}

// Exactly the twelve values travel, and every one of them can come about.
// shows R9.3.1-2
func TestPermitPhasesExportTheTwelveValues(t *testing.T) {
	got := map[PermitStatusValue]bool{}
	for _, e := range PermitTransitions() {
		v := e.To.Export()
		if !slices.Contains(PermitStatusValues(), v) {
			t.Errorf("%+v travels as %q", e.To, v)
		}
		got[v] = true
	}
	for _, v := range PermitStatusValues() {
		if !got[v] {
			t.Errorf("nothing travels as %s", v)
		}
	}
	if len(PermitStatusValues()) != 12 {
		t.Errorf("%d values", len(PermitStatusValues()))
	}
	for _, c := range []struct {
		phase PermitPhase
		want  PermitStatusValue
	}{
		{PermitPhase{State: PermitGranted}, PermitStatusGranted},
		{PermitPhase{PermitAmended, ChangeRenewal, OutcomeRequested}, PermitStatusRenewalRequested},
		{PermitPhase{PermitGranted, ChangeAmendment, OutcomeRejected}, PermitStatusAmendmentRejected},
		{PermitPhase{PermitRevoked, ChangeRevocationAppeal, OutcomeRequested}, PermitStatusRevokeAppealed},
		{PermitPhase{PermitGranted, ChangeRevocationAppeal, OutcomeApproved}, PermitStatusAppealApproved},
		{PermitPhase{PermitRevoked, ChangeRevocationAppeal, OutcomeRejected}, PermitStatusAppealRejected},
		{PermitPhase{State: PermitExpired}, PermitStatusExpired},
	} {
		if got := c.phase.Export(); got != c.want {
			t.Errorf("%+v travels as %s, want %s", c.phase, got, c.want)
		}
	}
}

// shows R9.4.5
func TestOnlyActivePermitsCanBeChanged(t *testing.T) {
	for _, e := range PermitTransitions() {
		switch e.Event {
		case PermitEventAmendmentAsked, PermitEventRenewalAsked, PermitEventRevoked, PermitEventExpired,
			PermitEventSuspended, PermitEventResumed:
			if !e.From.State.Active() {
				t.Errorf("%+v moves by %s", e.From, e.Event)
			}
		}
		if e.From.State == PermitRenewed && e.Event == PermitEventRenewalAsked {
			t.Error("a renewed permit can be renewed")
		}
		if e.From.State == PermitExpired {
			t.Errorf("an expired permit moves by %s", e.Event)
		}
	}
}
