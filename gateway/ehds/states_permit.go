package ehds

// PermitState is what a permit is worth (TEHDAS2 D6.4 §9.3). The twelve values that travel are made
// from it together with the change asked for, see PermitPhase.Export.
type PermitState string

// The permit states.
const (
	PermitNone    PermitState = ""
	PermitGranted PermitState = "GRANTED"
	PermitAmended PermitState = "AMENDED"
	PermitRenewed PermitState = "RENEWED"
	PermitRevoked PermitState = "REVOKED"
	PermitExpired PermitState = "EXPIRED"
)

// Active says whether a permit in this state allows access.
func (s PermitState) Active() bool {
	return s == PermitGranted || s == PermitAmended || s == PermitRenewed
}

// ChangeKind is a change of a permit that can be asked for.
type ChangeKind string

// The changes. An amendment is a change of persons or the like; a change of scope or data needs a
// new application.
const (
	ChangeNone             ChangeKind = ""
	ChangeAmendment        ChangeKind = "AMENDMENT"
	ChangeRenewal          ChangeKind = "RENEWAL"
	ChangeRevocationAppeal ChangeKind = "REVOCATION_APPEAL"
)

// ChangeOutcome is where a change request stands.
type ChangeOutcome string

// The outcomes.
const (
	OutcomeNone      ChangeOutcome = ""
	OutcomeRequested ChangeOutcome = "REQUESTED"
	OutcomeApproved  ChangeOutcome = "APPROVED"
	OutcomeRejected  ChangeOutcome = "REJECTED"
)

// PermitPhase is the full state of a permit: status × change request × outcome.
type PermitPhase struct {
	State   PermitState   `json:"state"`
	Change  ChangeKind    `json:"change,omitempty"`
	Outcome ChangeOutcome `json:"outcome,omitempty"`
}

// PermitStatusValue is one of the twelve values that travel (TEHDAS2 D6.4 table 3).
type PermitStatusValue string

// The twelve values.
const (
	PermitStatusGranted            PermitStatusValue = "GRANTED"
	PermitStatusRenewalRequested   PermitStatusValue = "RENEWAL_REQUESTED"
	PermitStatusRenewed            PermitStatusValue = "RENEWED"
	PermitStatusRenewalRejected    PermitStatusValue = "RENEWAL_REJECTED"
	PermitStatusExpired            PermitStatusValue = "EXPIRED"
	PermitStatusAmendmentRequested PermitStatusValue = "AMENDMENT_REQUESTED"
	PermitStatusAmended            PermitStatusValue = "AMENDED"
	PermitStatusAmendmentRejected  PermitStatusValue = "AMENDMENT_REJECTED"
	PermitStatusRevoked            PermitStatusValue = "REVOKED"
	PermitStatusRevokeAppealed     PermitStatusValue = "REVOKE_APPEALED"
	PermitStatusAppealApproved     PermitStatusValue = "APPEAL_APPROVED"
	PermitStatusAppealRejected     PermitStatusValue = "APPEAL_REJECTED"
)

// PermitStatusValues lists the twelve, in the order of the table.
func PermitStatusValues() []PermitStatusValue {
	return []PermitStatusValue{PermitStatusGranted, PermitStatusRenewalRequested, PermitStatusRenewed,
		PermitStatusRenewalRejected, PermitStatusExpired, PermitStatusAmendmentRequested,
		PermitStatusAmended, PermitStatusAmendmentRejected, PermitStatusRevoked,
		PermitStatusRevokeAppealed, PermitStatusAppealApproved, PermitStatusAppealRejected}
}

// Export gives the one value that travels. The last change speaks first; without one, and once a
// permit was revoked or has expired, its state does.
func (p PermitPhase) Export() PermitStatusValue {
	switch p.Change {
	case ChangeAmendment:
		return byOutcome(p.Outcome, PermitStatusAmendmentRequested, PermitStatusAmended, PermitStatusAmendmentRejected)
	case ChangeRenewal:
		return byOutcome(p.Outcome, PermitStatusRenewalRequested, PermitStatusRenewed, PermitStatusRenewalRejected)
	case ChangeRevocationAppeal:
		return byOutcome(p.Outcome, PermitStatusRevokeAppealed, PermitStatusAppealApproved, PermitStatusAppealRejected)
	}
	return PermitStatusValue(p.State)
}

func byOutcome(o ChangeOutcome, requested, approved, rejected PermitStatusValue) PermitStatusValue {
	switch o {
	case OutcomeApproved:
		return approved
	case OutcomeRejected:
		return rejected
	}
	return requested
}

// PermitEvent moves a permit.
type PermitEvent string

// The permit events.
const (
	PermitEventGranted           PermitEvent = "granted"
	PermitEventAmendmentAsked    PermitEvent = "amendment-requested"
	PermitEventAmendmentApproved PermitEvent = "amendment-approved"
	PermitEventAmendmentRejected PermitEvent = "amendment-rejected"
	PermitEventRenewalAsked      PermitEvent = "renewal-requested"
	PermitEventRenewalApproved   PermitEvent = "renewal-approved"
	PermitEventRenewalRejected   PermitEvent = "renewal-rejected"
	PermitEventRevoked           PermitEvent = "revoked"
	PermitEventRevocationAppeal  PermitEvent = "revocation-appealed"
	PermitEventAppealApproved    PermitEvent = "appeal-approved"
	PermitEventAppealRejected    PermitEvent = "appeal-rejected"
	PermitEventExpired           PermitEvent = "expired"
	PermitEventSuspended         PermitEvent = "suspended"
	PermitEventResumed           PermitEvent = "resumed"
)

// NeedsReasons says whether the event is nothing without written reasons: what takes access away.
func (e PermitEvent) NeedsReasons() bool { return e == PermitEventRevoked || e == PermitEventSuspended }

// NewVersion says whether the event makes a new permit version with a new permit id.
func (e PermitEvent) NewVersion() bool {
	switch e {
	case PermitEventAmendmentApproved, PermitEventRenewalApproved, PermitEventAppealApproved:
		return true
	}
	return false
}

// PermitTransitions is the permit machine (TEHDAS2 D6.4 §9.3). It is generated: the same edges hold
// for every active state, whatever became of an earlier request. That a permit is renewed once at
// most (Art. 68(12)) also after an amendment is checked by who applies the table, since it needs the
// permit's versions. A suspension is none of the twelve values that travel: it is an entry in the
// status list and a mark on the version, and leaves the phase as it is.
func PermitTransitions() []Transition[PermitPhase, PermitEvent] {
	const src, term, own = "TEHDAS2 D6.4 §9.3, table 3", "Art. 68(12)", "wire profile §6 (assumption)"
	type edge = Transition[PermitPhase, PermitEvent]
	table := []edge{{PermitPhase{}, PermitEventGranted, PermitPhase{State: PermitGranted}, false,
		"The applicant accepted a positive decision on an access application.", src}}
	for _, from := range activePhases() {
		ask := func(c ChangeKind) PermitPhase { return PermitPhase{from.State, c, OutcomeRequested} }
		table = append(table,
			edge{from, PermitEventRevoked, PermitPhase{State: PermitRevoked}, false, "The body revoked the permit.", "Art. 63(2)"},
			edge{from, PermitEventExpired, PermitPhase{State: PermitExpired}, false, "The permit's duration ended.", term},
			edge{from, PermitEventSuspended, from, false, "The body stops access for a time; the status list says so.", own},
			edge{from, PermitEventResumed, from, false, "The body ends the suspension.", own})
		if from.Outcome == OutcomeRequested {
			table = append(table, answers(from)...)
			continue
		}
		table = append(table, edge{from, PermitEventAmendmentAsked, ask(ChangeAmendment), false,
			"The user asks for a change of persons or conditions.", src})
		if from.State != PermitRenewed {
			table = append(table, edge{from, PermitEventRenewalAsked, ask(ChangeRenewal), false,
				"The user asks for the one renewal, at least a month before expiry.", term})
		}
	}
	appealed := PermitPhase{PermitRevoked, ChangeRevocationAppeal, OutcomeRequested}
	return append(table,
		edge{PermitPhase{State: PermitRevoked}, PermitEventRevocationAppeal, appealed, false, "The user appeals the revocation.", src},
		edge{appealed, PermitEventAppealApproved, PermitPhase{PermitGranted, ChangeRevocationAppeal, OutcomeApproved}, false,
			"The appeal succeeded: a new version starts at once.", src},
		edge{appealed, PermitEventAppealRejected, PermitPhase{PermitRevoked, ChangeRevocationAppeal, OutcomeRejected}, false,
			"The appeal failed: the permit stays revoked.", src})
}

func answers(from PermitPhase) []Transition[PermitPhase, PermitEvent] {
	const src = "TEHDAS2 D6.4 §9.3, table 3"
	to, yes, no := PermitAmended, PermitEventAmendmentApproved, PermitEventAmendmentRejected
	if from.Change == ChangeRenewal {
		to, yes, no = PermitRenewed, PermitEventRenewalApproved, PermitEventRenewalRejected
	}
	return []Transition[PermitPhase, PermitEvent]{
		{from, yes, PermitPhase{to, from.Change, OutcomeApproved}, false, "The body approved: a new version with a new permit id.", src},
		{from, no, PermitPhase{from.State, from.Change, OutcomeRejected}, false, "The body refused: the permit stays as it was.", src},
	}
}

// activePhases lists every phase that allows access and can be reached.
func activePhases() []PermitPhase {
	out := []PermitPhase{
		{State: PermitGranted},
		{PermitGranted, ChangeRevocationAppeal, OutcomeApproved},
		{PermitAmended, ChangeAmendment, OutcomeApproved},
		{PermitRenewed, ChangeRenewal, OutcomeApproved},
	}
	for _, s := range []PermitState{PermitGranted, PermitAmended, PermitRenewed} {
		for _, o := range []ChangeOutcome{OutcomeRequested, OutcomeRejected} {
			out = append(out, PermitPhase{s, ChangeAmendment, o})
			if s != PermitRenewed {
				out = append(out, PermitPhase{s, ChangeRenewal, o})
			}
		}
	}
	return out
}
