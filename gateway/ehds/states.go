package ehds

// ApplicationState is a state of an application or data request, one per track (TEHDAS2 D6.4 §7.6,
// tables 1 and 2). DRAFT exists only at the front office and never travels.
type ApplicationState string

// The application states. StateNone is the state before there is an application.
const (
	StateNone                ApplicationState = ""
	StateSubmitted           ApplicationState = "SUBMITTED"
	StatePreScreening        ApplicationState = "PRE_SCREENING"
	StateProcessing          ApplicationState = "PROCESSING"
	StateAwaitingInformation ApplicationState = "AWAITING_ADDITIONAL_INFORMATION"
	StateDecisionIssued      ApplicationState = "DECISION_ISSUED"
	StateWithdrawn           ApplicationState = "WITHDRAWN"
)

// ApplicationStates lists the states that travel, least advanced first.
func ApplicationStates() []ApplicationState {
	return []ApplicationState{StateSubmitted, StatePreScreening, StateAwaitingInformation,
		StateProcessing, StateDecisionIssued, StateWithdrawn}
}

// Terminal says whether an application in this state is closed. DECISION_ISSUED is left by one edge
// only: a positive decision rejected or unanswered.
func (s ApplicationState) Terminal() bool {
	return s == StateDecisionIssued || s == StateWithdrawn
}

// ApplicationEvent moves an application from state to state.
type ApplicationEvent string

// The application events.
const (
	EventSubmitted          ApplicationEvent = "submitted"
	EventScreeningStarted   ApplicationEvent = "screening-started"
	EventProcessingStarted  ApplicationEvent = "processing-started"
	EventInfoRequested      ApplicationEvent = "info-requested"
	EventInfoReceived       ApplicationEvent = "info-received"
	EventAmended            ApplicationEvent = "amended"
	EventWithdrawn          ApplicationEvent = "withdrawn"
	EventCompletionLapsed   ApplicationEvent = "completion-lapsed"
	EventDecisionIssued     ApplicationEvent = "decision-issued"
	EventDecisionRejected   ApplicationEvent = "decision-rejected"
	EventDecisionUnanswered ApplicationEvent = "decision-unanswered"
	EventInfoInTime         ApplicationEvent = "info-in-time"
	EventAnswerInTime       ApplicationEvent = "answer-in-time"
)

// Transition is one edge of a state machine, with the sentence that explains it and where that
// sentence comes from.
type Transition[S comparable, E ~string] struct {
	From  S
	Event E
	To    S
	// Resumes marks an edge that is only taken when To is the phase the application came from.
	Resumes bool
	Why     string
	Source  string
}

const (
	srcAppStates = "TEHDAS2 D6.4 §7.6, tables 1-2"
	src684       = "Art. 68(4)"
	srcTimers    = "wire profile, timers and queued mail (assumption)"
)

// ApplicationTransitions is the application machine (TEHDAS2 D6.4 §7.6). What is not in the table is
// illegal.
func ApplicationTransitions() []Transition[ApplicationState, ApplicationEvent] {
	const (
		none, sub, pre = StateNone, StateSubmitted, StatePreScreening
		pro, wait      = StateProcessing, StateAwaitingInformation
		dec, out       = StateDecisionIssued, StateWithdrawn
	)
	return []Transition[ApplicationState, ApplicationEvent]{
		{none, EventSubmitted, sub, false, "The applicant filed the application.", srcAppStates},
		{sub, EventScreeningStarted, pre, false, "The body checks whether the application is complete.", srcAppStates},
		{pre, EventProcessingStarted, pro, false, "The application is complete and is assessed.", srcAppStates},
		{pre, EventInfoRequested, wait, false, "The body asks the applicant to complete the application.", src684},
		{pro, EventInfoRequested, wait, false, "The body asks for more information during assessment.", src684},
		{wait, EventInfoReceived, pre, true, "The answer returns the application to the phase it came from.", srcAppStates},
		{wait, EventInfoReceived, pro, true, "The answer returns the application to the phase it came from.", srcAppStates},
		{sub, EventAmended, sub, false, "A new version replaces the application before screening.", "TEHDAS2 D7.3 §5.2, use case 7"},
		{pre, EventAmended, pre, false, "A new version replaces the application during screening.", "TEHDAS2 D7.3 §5.2, use case 7"},
		{pro, EventAmended, pro, false, "A new version replaces the application during assessment.", "TEHDAS2 D7.3 §5.2, use case 7"},
		{wait, EventAmended, pre, true, "A new version counts as the completion asked for.", "TEHDAS2 D7.3 §5.2, use case 7 (assumption)"},
		{wait, EventAmended, pro, true, "A new version counts as the completion asked for.", "TEHDAS2 D7.3 §5.2, use case 7 (assumption)"},
		{sub, EventWithdrawn, out, false, "The applicant withdrew before screening.", srcAppStates},
		{pre, EventWithdrawn, out, false, "The applicant withdrew during screening.", srcAppStates},
		{pro, EventWithdrawn, out, false, "The applicant withdrew during assessment.", srcAppStates},
		{wait, EventWithdrawn, out, false, "The applicant withdrew instead of answering.", srcAppStates},
		{wait, EventCompletionLapsed, out, false, "The applicant did not complete the application in four weeks.", src684},
		{pro, EventDecisionIssued, dec, false, "The body decided.", srcAppStates},
		{dec, EventDecisionIssued, dec, false, "A new decision follows an appeal that was approved.", "TEHDAS2 D6.4 §9.3"},
		{dec, EventDecisionRejected, out, false, "The applicant rejected a positive decision.", srcAppStates},
		{dec, EventDecisionUnanswered, out, false, "Nobody answered a positive decision in 28 days.", "TEHDAS2 D6.4 §8"},
		{out, EventInfoInTime, pre, true, "The completion was made in time but arrived after the automatic withdrawal.", srcTimers},
		{out, EventInfoInTime, pro, true, "The completion was made in time but arrived after the automatic withdrawal.", srcTimers},
		{out, EventAnswerInTime, dec, false, "The decision was answered in time but the answer arrived after the automatic withdrawal.", srcTimers},
	}
}

// DecisionState is a state of the decision phase, an axis of its own (TEHDAS2 D6.4 §9.3).
type DecisionState string

// The decision states.
const (
	DecisionNone             DecisionState = ""
	DecisionPositiveIssued   DecisionState = "POSITIVE_DECISION_ISSUED"
	DecisionPositiveAccepted DecisionState = "POSITIVE_DECISION_ACCEPTED"
	DecisionPositiveRejected DecisionState = "POSITIVE_DECISION_REJECTED"
	DecisionLapsed           DecisionState = "WITHDRAWN" // positive, no answer in 28 days
	DecisionNegativeIssued   DecisionState = "NEGATIVE_DECISION_ISSUED"
	DecisionNegativeAccepted DecisionState = "NEGATIVE_DECISION_ACCEPTED"
	DecisionNegativeAppealed DecisionState = "NEGATIVE_DECISION_APPEALED"
	DecisionAppealApproved   DecisionState = "APPEAL_APPROVED"
	DecisionAppealRejected   DecisionState = "APPEAL_REJECTED"
)

// DecisionStates lists the states that travel.
func DecisionStates() []DecisionState {
	return []DecisionState{DecisionPositiveIssued, DecisionPositiveAccepted, DecisionPositiveRejected,
		DecisionLapsed, DecisionNegativeIssued, DecisionNegativeAccepted, DecisionNegativeAppealed,
		DecisionAppealApproved, DecisionAppealRejected}
}

// DecisionEvent moves a decision from state to state.
type DecisionEvent string

// The decision events.
const (
	DecisionEventPositive       DecisionEvent = "issued-positive"
	DecisionEventNegative       DecisionEvent = "issued-negative"
	DecisionEventAccept         DecisionEvent = "accept"
	DecisionEventReject         DecisionEvent = "reject"
	DecisionEventNoResponse     DecisionEvent = "no-response"
	DecisionEventAppeal         DecisionEvent = "appeal"
	DecisionEventAppealApproved DecisionEvent = "appeal-approved"
	DecisionEventAppealRejected DecisionEvent = "appeal-rejected"
	DecisionEventAnswerInTime   DecisionEvent = "answer-in-time"
)

// DecisionTransitions is the machine of the decision phase. A new decision after an approved appeal
// is a new run of the machine, with an id of its own. No edge appeals a positive decision.
func DecisionTransitions() []Transition[DecisionState, DecisionEvent] {
	const src = "TEHDAS2 D6.4 §9.3"
	return []Transition[DecisionState, DecisionEvent]{
		{DecisionNone, DecisionEventPositive, DecisionPositiveIssued, false, "The body decided in favour.", src},
		{DecisionNone, DecisionEventNegative, DecisionNegativeIssued, false, "The body refused.", src},
		{DecisionPositiveIssued, DecisionEventAccept, DecisionPositiveAccepted, false, "The applicant accepted; an access application leads to a permit, a data request to an approval (Art. 69(4)).", src},
		{DecisionPositiveIssued, DecisionEventReject, DecisionPositiveRejected, false, "The applicant rejected the conditions.", src},
		{DecisionPositiveIssued, DecisionEventNoResponse, DecisionLapsed, false, "Nobody answered in 28 days.", "TEHDAS2 D6.4 §8"},
		{DecisionLapsed, DecisionEventAnswerInTime, DecisionPositiveIssued, false, "The answer was given in time but arrived after the automatic withdrawal.", srcTimers},
		{DecisionNegativeIssued, DecisionEventAccept, DecisionNegativeAccepted, false, "The applicant accepted the refusal.", src},
		{DecisionNegativeIssued, DecisionEventAppeal, DecisionNegativeAppealed, false, "The applicant appealed under national law.", src},
		{DecisionNegativeAppealed, DecisionEventAppealApproved, DecisionAppealApproved, false, "The appeal succeeded; a new decision follows.", src},
		{DecisionNegativeAppealed, DecisionEventAppealRejected, DecisionAppealRejected, false, "The appeal failed.", src},
	}
}

// AnswerFits says whether an answer can be given to a decision: ACCEPT and REJECT fit a positive
// one, ACCEPT and APPEAL a negative one. NO_RESPONSE is the centre's word for the 28 days having
// passed and fits a positive one only.
func AnswerFits(o Outcome, a Answer) bool {
	switch o {
	case Positive:
		return a == AnswerAccept || a == AnswerReject || a == AnswerNoResponse
	case Negative:
		return a == AnswerAccept || a == AnswerAppeal
	}
	return false
}
