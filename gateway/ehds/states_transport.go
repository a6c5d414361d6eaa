package ehds

// TransportState is where one outgoing message stands (TEHDAS2 D7.3, the twelve steps of an
// exchange).
type TransportState string

// The transport states.
const (
	TransportQueued         TransportState = "QUEUED"
	TransportSent           TransportState = "SENT"
	TransportReceived       TransportState = "RECEIVED"
	TransportDelivered      TransportState = "DELIVERED"
	TransportRespondedOK    TransportState = "RESPONDED_OK"
	TransportRespondedError TransportState = "RESPONDED_ERROR"
	TransportFailed         TransportState = "FAILED"
	TransportDeadLettered   TransportState = "DEAD_LETTERED"
)

// TransportEvent moves a message.
type TransportEvent string

// The transport events.
const (
	TransportEventSend      TransportEvent = "send"
	TransportEventReceipt   TransportEvent = "receipt"
	TransportEventRejected  TransportEvent = "rejected"
	TransportEventDelivered TransportEvent = "delivered"
	TransportEventValid     TransportEvent = "validated"
	TransportEventInvalid   TransportEvent = "not-validated"
	TransportEventError     TransportEvent = "error"
	TransportEventRetry     TransportEvent = "retry"
	TransportEventGiveUp    TransportEvent = "give-up"
)

// TransportTransitions is the transport machine.
func TransportTransitions() []Transition[TransportState, TransportEvent] {
	const src, own = "TEHDAS2 D7.3, steps of an exchange", "wire profile §4"
	return []Transition[TransportState, TransportEvent]{
		{TransportQueued, TransportEventSend, TransportSent, false, "An attempt was signed and handed to the transport.", src},
		{TransportSent, TransportEventReceipt, TransportReceived, false, "The other side's signed receipt says RECEIVED or DUPLICATE.", src},
		{TransportSent, TransportEventRejected, TransportDeadLettered, false, "The receipt says REJECTED for a fault that sending again cannot mend.", own},
		{TransportSent, TransportEventError, TransportFailed, false, "The attempt failed; the other side may or may not have it.", src},
		{TransportFailed, TransportEventRetry, TransportQueued, false, "The attempt is repeated after a wait.", src},
		{TransportFailed, TransportEventGiveUp, TransportDeadLettered, false, "Attempts are used up; the reason is kept for staff.", src},
		{TransportReceived, TransportEventDelivered, TransportDelivered, false, "The access point handed the message to its owner.", src},
		{TransportReceived, TransportEventValid, TransportRespondedOK, false, "On https one receipt covers both steps; the business response says VALIDATED.", own},
		{TransportReceived, TransportEventInvalid, TransportRespondedError, false, "On https one receipt covers both steps; the business response says NOT_VALIDATED.", own},
		{TransportDelivered, TransportEventValid, TransportRespondedOK, false, "The business response says VALIDATED.", src},
		{TransportDelivered, TransportEventInvalid, TransportRespondedError, false, "The business response says NOT_VALIDATED, with findings.", src},
	}
}

// Next finds the edges of a table that leave a state by an event: none when it is illegal, more than
// one only for edges that resume.
func Next[S comparable, E ~string](table []Transition[S, E], from S, e E) []Transition[S, E] {
	var out []Transition[S, E]
	for _, t := range table {
		if t.From == from && t.Event == e {
			out = append(out, t)
		}
	}
	return out
}
