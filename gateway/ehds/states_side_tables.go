package ehds

type sideEdge = Transition[SideState, SideEvent]

// SideTransitions is the table of a side machine; it is empty for a machine that is none. Where the
// regulation names a duty and no states, the states are ours (docs/assumptions.md).
func SideTransitions(m SideMachine) []Transition[SideState, SideEvent] {
	switch m {
	case SideCompleteness:
		return completenessEdges()
	case SideTrustedHolder:
		return trustedHolderEdges()
	case SideFees:
		return feeEdges()
	case SideDelivery:
		return deliveryEdges()
	case SideSPE:
		return speEdges()
	case SideAnswer:
		return answerEdges()
	case SideHearing:
		return hearingEdges()
	}
	return nil
}

func completenessEdges() []sideEdge {
	const law, again = "Art. 67(2), 68(4), 69(2)", "Art. 68(4)"
	return []sideEdge{
		{SideNone, SideEventStarted, SideChecking, false, "The body began to check what the application holds.", law},
		{SideChecking, SideEventComplete, SideComplete, false, "Nothing is missing.", law},
		{SideChecking, SideEventIncomplete, SideIncomplete, false, "Something is missing; an information request says what.", law},
		{SideIncomplete, SideEventStarted, SideChecking, false, "The completion is checked.", again},
		{SideComplete, SideEventStarted, SideChecking, false, "A new version is checked.", again},
	}
}

func trustedHolderEdges() []sideEdge {
	const law, ours = "Art. 72", "Art. 72(1) (assumption)"
	return []sideEdge{
		{SideNone, SideEventForwarded, SideForwarded, false, "The body forwarded the application to the trusted data holder.", law},
		{SideForwarded, SideEventAssessed, SideProposed, false, "The holder assessed it and proposes a decision.", law},
		{SideProposed, SideEventAccepted, SideAccepted, false, "The body follows the proposal.", "TEHDAS2 D6.4, R12.0.3"},
		{SideProposed, SideEventDeclined, SideDeclined, false, "The body does not follow the proposal, with reasons.", "TEHDAS2 D6.4, R12.0.3"},
		{SideForwarded, SideEventReturned, SideReturned, false, "The holder gave it back: not all data asked for are its own.", ours},
		{SideForwarded, SideEventRecalled, SideRecalled, false, "The body took it back before an assessment.", ours},
		{SideProposed, SideEventRecalled, SideRecalled, false, "The body took it back; the proposal has no effect.", ours},
		{SideReturned, SideEventForwarded, SideForwarded, false, "The body forwarded it again.", ours},
		{SideRecalled, SideEventForwarded, SideForwarded, false, "The body forwarded it again.", ours},
	}
}

func feeEdges() []sideEdge {
	const told, agree, dispute = "Art. 62(5)", "Art. 62", "Art. 62 (dispute settlement)"
	return []sideEdge{
		{SideNone, SideEventEstimated, SideEstimated, false, "An estimate of the fees was told.", told},
		{SideEstimated, SideEventEstimated, SideEstimated, false, "The estimate was replaced.", told},
		{SideDisputed, SideEventEstimated, SideEstimated, false, "A new estimate answers the objection.", told},
		{SideEstimated, SideEventAgreed, SideAgreed, false, "Holder and user agree.", agree},
		{SideEstimated, SideEventDisputed, SideDisputed, false, "Holder and user do not agree.", agree},
		{SideDisputed, SideEventAgreed, SideAgreed, false, "Holder and user agree after all.", agree},
		{SideEstimated, SideEventSet, SideSet, false, "The body set the fees, a month after the permit without an agreement.", agree},
		{SideDisputed, SideEventSet, SideSet, false, "The body set the fees, a month after the permit without an agreement.", agree},
		{SideSet, SideEventContested, SideContested, false, "Holder or user went to a dispute settlement body.", dispute},
		{SideContested, SideEventSettled, SideSettled, false, "The dispute was settled.", dispute},
	}
}

func deliveryEdges() []sideEdge {
	const law, ours = "Art. 60", "Art. 60 (assumption)"
	edges := []sideEdge{
		{SideNone, SideEventRequested, SideRequested, false, "The body asked the holder for the data.", law},
		{SideRequested, SideEventExtended, SideExtended, false, "The body gave the holder up to three months more.", law},
	}
	for _, open := range []SideState{SideRequested, SideExtended} {
		edges = append(edges,
			sideEdge{open, SideEventDelivered, SideDelivered, false, "The holder delivered.", law},
			sideEdge{open, SideEventRefused, SideRefused, false, "The holder says that it will not or cannot deliver; Art. 63 is for the body.", ours},
			sideEdge{open, SideEventCancelled, SideCancelled, false, "The body needs the data no more.", ours})
	}
	return append(edges,
		sideEdge{SideDelivered, SideEventRequested, SideRequested, false, "What came could not be used; the body asked again.", ours},
		sideEdge{SideRefused, SideEventRequested, SideRequested, false, "The body insists.", ours},
		sideEdge{SideCancelled, SideEventRequested, SideRequested, false, "The body asked again.", ours})
}

func speEdges() []sideEdge {
	const in, out, ours = "Art. 68(7)", "Art. 68(12)", "Art. 73 (assumption)"
	return []sideEdge{
		{SideNone, SideEventReceived, SideReceived, false, "The data came from the holder.", in},
		{SideReceived, SideEventProvided, SideAvailable, false, "The data are in the environment, open to the user.", in},
		{SideAvailable, SideEventReceived, SideReceived, false, "More data came, or better ones.", in},
		{SideReceived, SideEventClosed, SideClosed, false, "Access ended before it was opened.", out},
		{SideAvailable, SideEventClosed, SideClosed, false, "Access ended: the permit lost its force, or the user is done.", out},
		{SideClosed, SideEventReopened, SideAvailable, false, "The permit has force again, or the user is not done.", ours},
		{SideClosed, SideEventDeleted, SideDeleted, false, "The environment deleted the data.", out},
		{SideNone, SideEventDeleted, SideDeleted, false, "The environment holds nothing; its receipt was never told.", ours},
		{SideDeleted, SideEventReceived, SideReceived, false, "The data came again, under a newer version of the permit.", ours},
	}
}

func answerEdges() []sideEdge {
	const law = "Art. 69(4)"
	return []sideEdge{
		{SideNone, SideEventApproved, SideApproved, false, "The applicant accepted the approval of the data request.", law},
		{SideApproved, SideEventProvided, SideProvided, false, "The anonymised answer was given.", law},
		{SideApproved, SideEventNotPossible, SideNotPossible, false, "No answer can be given, with reasons.", law},
		{SideNotPossible, SideEventProvided, SideProvided, false, "The answer could be given after all.", law},
		{SideProvided, SideEventProvided, SideProvided, false, "A corrected answer was given.", law},
	}
}

func hearingEdges() []sideEdge {
	const law = "Art. 63"
	return []sideEdge{
		{SideNone, SideEventNotified, SideNotified, false, "The body told its findings and asked for views.", law},
		{SideNotified, SideEventHeard, SideHeard, false, "User or holder gave its views.", law},
		{SideNotified, SideEventUnheard, SideUnheard, false, "User or holder let the time pass.", law},
		{SideUnheard, SideEventHeard, SideHeard, false, "The views came late and were taken.", law},
		{SideHeard, SideEventNotified, SideNotified, false, "New findings, a new hearing.", law},
		{SideUnheard, SideEventNotified, SideNotified, false, "New findings, a new hearing.", law},
	}
}
