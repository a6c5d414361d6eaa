package ehds

// SideMachine names a machine that runs beside a track and moves neither the application nor its
// decision or permit: what holders, environments and staff do meanwhile. None of them travels in a
// message to the centre.
type SideMachine string

// The side machines. Each runs once for every subject (a holder, an environment, a section), or once where
// the track has only one.
const (
	// SideCompleteness is the check that the application holds what Art. 67(2) or 69(2) asks for.
	SideCompleteness SideMachine = "completeness"
	// SideTrustedHolder is the assessment by the trusted data holder (Art. 72).
	SideTrustedHolder SideMachine = "trusted-holder"
	// SideFees is the estimate of the fees and the agreement on them (Art. 62).
	SideFees SideMachine = "fees"
	// SideDelivery is the data holder's duty to deliver (Art. 60).
	SideDelivery SideMachine = "delivery"
	// SideSPE is the data's stay in a secure processing environment (Art. 68(7), 68(12), 73).
	SideSPE SideMachine = "spe"
	// SideAnswer is the answer to a data request that was approved (Art. 69(4)).
	SideAnswer SideMachine = "answer"
	// SideHearing is the hearing before a measure of enforcement (Art. 63).
	SideHearing SideMachine = "hearing"
)

// SideMachines lists them in the order of a case's life.
func SideMachines() []SideMachine {
	return []SideMachine{SideCompleteness, SideTrustedHolder, SideFees, SideDelivery, SideSPE, SideAnswer, SideHearing}
}

// SideState is a state of a side machine. SideNone is the state before it began.
type SideState string

// The states of the side machines.
const (
	SideNone SideState = ""

	SideChecking   SideState = "CHECKING"
	SideComplete   SideState = "COMPLETE"
	SideIncomplete SideState = "INCOMPLETE"

	SideForwarded SideState = "FORWARDED"
	SideProposed  SideState = "PROPOSED"
	SideAccepted  SideState = "ACCEPTED"
	SideDeclined  SideState = "DECLINED"
	SideReturned  SideState = "RETURNED"
	SideRecalled  SideState = "RECALLED"

	SideEstimated SideState = "ESTIMATED"
	SideDisputed  SideState = "DISPUTED"
	SideAgreed    SideState = "AGREED"
	SideSet       SideState = "SET"
	SideContested SideState = "CONTESTED"
	SideSettled   SideState = "SETTLED"

	SideRequested SideState = "REQUESTED"
	SideExtended  SideState = "EXTENDED"
	SideDelivered SideState = "DELIVERED"
	SideRefused   SideState = "REFUSED"
	SideCancelled SideState = "CANCELLED"

	SideReceived  SideState = "RECEIVED"
	SideAvailable SideState = "AVAILABLE"
	SideClosed    SideState = "CLOSED"
	SideDeleted   SideState = "DELETED"

	SideApproved    SideState = "APPROVED"
	SideProvided    SideState = "PROVIDED"
	SideNotPossible SideState = "NOT_POSSIBLE"

	SideNotified SideState = "NOTIFIED"
	SideHeard    SideState = "HEARD"
	SideUnheard  SideState = "UNHEARD"
)

// SideEvent moves a side machine.
type SideEvent string

// The events of the side machines. What moves two machines has one name.
const (
	SideEventStarted    SideEvent = "started"
	SideEventComplete   SideEvent = "complete"
	SideEventIncomplete SideEvent = "incomplete"

	SideEventForwarded SideEvent = "forwarded"
	SideEventAssessed  SideEvent = "assessed"
	SideEventAccepted  SideEvent = "accepted"
	SideEventDeclined  SideEvent = "declined"
	SideEventReturned  SideEvent = "returned"
	SideEventRecalled  SideEvent = "recalled"

	SideEventEstimated SideEvent = "estimated"
	SideEventDisputed  SideEvent = "disputed"
	SideEventAgreed    SideEvent = "agreed"
	SideEventSet       SideEvent = "set"
	SideEventContested SideEvent = "contested"
	SideEventSettled   SideEvent = "settled"

	SideEventRequested SideEvent = "requested"
	SideEventExtended  SideEvent = "extended"
	SideEventDelivered SideEvent = "delivered"
	SideEventRefused   SideEvent = "refused"
	SideEventCancelled SideEvent = "cancelled"

	SideEventReceived SideEvent = "received"
	SideEventProvided SideEvent = "provided"
	SideEventClosed   SideEvent = "closed"
	SideEventReopened SideEvent = "reopened"
	SideEventDeleted  SideEvent = "deleted"

	SideEventApproved    SideEvent = "approved"
	SideEventNotPossible SideEvent = "not-possible"

	SideEventNotified SideEvent = "notified"
	SideEventHeard    SideEvent = "heard"
	SideEventUnheard  SideEvent = "unheard"
)

// NeedsReasons says whether the event is nothing without written reasons: a longer time, and every
// no.
func (e SideEvent) NeedsReasons() bool {
	switch e {
	case SideEventExtended, SideEventDeclined, SideEventReturned, SideEventRecalled, SideEventRefused,
		SideEventDisputed, SideEventSet, SideEventContested, SideEventNotPossible, SideEventNotified, SideEventIncomplete:
		return true
	}
	return false
}

// SideEvents lists the events of a machine, each once, in the order of its table.
func SideEvents(m SideMachine) []SideEvent {
	var out []SideEvent
	seen := map[SideEvent]bool{}
	for _, e := range SideTransitions(m) {
		if !seen[e.Event] {
			seen[e.Event] = true
			out = append(out, e.Event)
		}
	}
	return out
}
