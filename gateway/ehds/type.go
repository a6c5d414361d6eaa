package ehds

import "strings"

// MessageType names what a message does, for instance "application.submit" (wire profile §3).
// The set is closed: a type that Lookup does not know is refused.
type MessageType string

// The message types of HealthData@EU's fifteen use cases (TEHDAS2 D7.3 §5.2) and our core types.
const (
	DatasetCreate MessageType = "dataset.create"
	DatasetUpdate MessageType = "dataset.update"
	DatasetDelete MessageType = "dataset.delete"

	ApplicationSubmit      MessageType = "application.submit"
	ApplicationAmended     MessageType = "application.amended"
	ApplicationWithdraw    MessageType = "application.withdraw"
	ApplicationAck         MessageType = "application.ack"
	ApplicationStatus      MessageType = "application.status"
	ApplicationInfoRequest MessageType = "application.info-request"
	ApplicationInfo        MessageType = "application.info"
	ApplicationInfoAck     MessageType = "application.info-ack"
	ApplicationExtension   MessageType = "application.extension"
	ApplicationDecision    MessageType = "application.decision"

	DecisionAck    MessageType = "decision.ack"
	DecisionAnswer MessageType = "decision.answer"

	PermitIssued  MessageType = "permit.issued"
	PermitChanged MessageType = "permit.changed"

	AppealSubmit MessageType = "appeal.submit"
	AppealAck    MessageType = "appeal.ack"

	ReportBiennial    MessageType = "report.biennial"
	ResultsRecord     MessageType = "results.record"
	EnforcementRecord MessageType = "enforcement.record"

	ExchangeVoid MessageType = "exchange.void"
)

// The extension types, profile ext-1: not in TEHDAS2 D7.3, and never sent to a peer whose metadata
// does not list them.
const (
	// CatalogueDigest compares what a nation holds with what the centre shows of it.
	CatalogueDigest MessageType = "catalogue.digest"
	// ApplicationShared shows the other bodies an application concerns what one of them decided (Art.
	// 68(5), TEHDAS2 D6.4 R7.3.6).
	ApplicationShared MessageType = "application.shared"
	// ApplicationForward brings an application that was filed nationally and concerns other states to the
	// centre, which passes it on to their contact points (Art. 67(3)).
	ApplicationForward MessageType = "application.forward"
	// PermitChangeRequest asks for a change of a permit: what D7.3 has no message for, and D6.4 §9.4 wants.
	PermitChangeRequest MessageType = "permit.change-request"
	// PermitQuery asks the centre which permits of an application it knows (TEHDAS2 D6.4 R11.0.1).
	PermitQuery MessageType = "permit.query"
)

// responseSuffix marks the business response to a type.
const responseSuffix = ".response"

// Response is the type that answers t.
func (t MessageType) Response() MessageType { return t + responseSuffix }

// IsResponse says whether t is a business response.
func (t MessageType) IsResponse() bool { return strings.HasSuffix(string(t), responseSuffix) }

// Answers is the type a response answers; t itself when it is no response.
func (t MessageType) Answers() MessageType {
	return MessageType(strings.TrimSuffix(string(t), responseSuffix))
}

// Mark is a role a trust anchor has certified, the last segment of the trust mark's type
// (wire profile §1). What a sender may say follows from its marks, never from its payload.
type Mark string

// The marks.
const (
	MarkCentralPlatform       Mark = "central-platform"
	MarkNCP                   Mark = "ncp" // national contact point, Art. 75(1)
	MarkUHDAS                 Mark = "uhdas"
	MarkAuthorisedParticipant Mark = "authorised-participant"
	MarkHDAB                  Mark = "hdab" // signs permits and status lists, never messages
)

// Direction says which way a message travels in the star of TEHDAS2 D7.3.
type Direction uint8

// The directions.
const (
	Up   Direction = 1 << iota // a participant to the central platform
	Down                       // the central platform to a participant
)

// Side is one of the two hubs of a case that goes across, from one contact point to another (profile
// peer-1, no part of HealthData@EU): the one where the applicant filed, which
// speaks as the centre does in the star, and the one whose bodies decide.
type Side uint8

// The sides.
const (
	Filing Side = 1 << iota
	Deciding
)

// SideOf is the side a hub of a country stands on in a case: nat:<country>:<id> names the country the
// applicant filed in. Zero when the case is none that goes across.
func SideOf(c CaseID, country string) Side {
	switch {
	case c.Kind != CaseNational:
		return 0
	case c.Country == country:
		return Filing
	}
	return Deciding
}

// TypeRule is what the wire profile fixes about one message type.
type TypeRule struct {
	Type       MessageType
	Directions Direction
	Up         []Mark   // marks that may send it upwards
	Case       CaseKind // kind of case it belongs to; "" means any
	Answered   bool     // a business response is due
	NeedsRef   bool     // ref and ref_sha256 are required
	NeedsTrack bool     // track is required (every app: case message but the applicant's own)
	Extension  bool     // of profile ext-1: only for peers that list it
	Across     Side     // who may send it across; zero when it never goes there
}

var participants = []Mark{MarkNCP, MarkUHDAS, MarkAuthorisedParticipant}

// typeRules is the closed set (TEHDAS2 D7.3 §5.2). Responses are derived from it by Lookup.
var typeRules = []TypeRule{
	{Type: DatasetCreate, Directions: Up, Up: participants, Case: CaseDataset, Answered: true},
	{Type: DatasetUpdate, Directions: Up, Up: participants, Case: CaseDataset, Answered: true},
	{Type: DatasetDelete, Directions: Up, Up: participants, Case: CaseDataset, Answered: true},

	{Type: ApplicationSubmit, Directions: Down, Case: CaseApplication, Answered: true, Across: Filing},
	{Type: ApplicationAmended, Directions: Down, Case: CaseApplication, Answered: true, Across: Filing},
	{Type: ApplicationWithdraw, Directions: Down, Case: CaseApplication, Answered: true, Across: Filing},
	{Type: ApplicationAck, Directions: Up, Up: participants, Case: CaseApplication, NeedsRef: true, NeedsTrack: true, Across: Deciding},
	{Type: ApplicationStatus, Directions: Up | Down, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true, Across: Deciding},
	{Type: ApplicationInfoRequest, Directions: Up, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true, Across: Deciding},
	{Type: ApplicationInfo, Directions: Down, Case: CaseApplication, Answered: true, NeedsRef: true, NeedsTrack: true, Across: Filing},
	{Type: ApplicationInfoAck, Directions: Up, Up: participants, Case: CaseApplication, NeedsRef: true, NeedsTrack: true, Across: Deciding},
	{Type: ApplicationExtension, Directions: Up, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true, Across: Deciding},
	{Type: ApplicationDecision, Directions: Up, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true, Across: Deciding},

	{Type: DecisionAck, Directions: Down, Case: CaseApplication, NeedsRef: true, NeedsTrack: true, Across: Filing},
	{Type: DecisionAnswer, Directions: Down, Case: CaseApplication, Answered: true, NeedsRef: true, NeedsTrack: true, Across: Filing},

	{Type: PermitIssued, Directions: Up, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true, Across: Deciding},
	{Type: PermitChanged, Directions: Up, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true, Across: Deciding},

	{Type: AppealSubmit, Directions: Down, Case: CaseApplication, Answered: true, NeedsTrack: true, Across: Filing},
	{Type: AppealAck, Directions: Up, Up: participants, Case: CaseApplication, NeedsRef: true, NeedsTrack: true, Across: Deciding},

	{Type: ReportBiennial, Directions: Up, Up: participants, Case: CaseReport, Answered: true},
	{Type: ResultsRecord, Directions: Up, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true},
	{Type: EnforcementRecord, Directions: Up | Down, Up: participants, Case: CaseEnforcement, Answered: true},

	{Type: ExchangeVoid, Directions: Up | Down, Up: participants, Answered: true, Across: Filing | Deciding},

	{Type: CatalogueDigest, Directions: Up, Up: participants, Case: CaseCatalogue, Answered: true, Extension: true},
	{Type: ApplicationShared, Directions: Up | Down, Up: participants, Case: CaseApplication, Answered: true, NeedsTrack: true, Extension: true, Across: Filing},
	{Type: ApplicationForward, Directions: Up, Up: participants, Case: CaseNational, Answered: true, Extension: true},
	{Type: PermitQuery, Directions: Up, Up: participants, Case: CaseApplication, Answered: true, Extension: true},
	{Type: PermitChangeRequest, Directions: Down, Case: CaseApplication, Answered: true, NeedsTrack: true, Extension: true},
}

// TypeRules lists every type but the responses, in the order of the use cases.
func TypeRules() []TypeRule { return append([]TypeRule(nil), typeRules...) }

// Lookup finds the rule of a type. A response's rule is derived: it travels the other way, needs a
// reference, and is not answered again.
func Lookup(t MessageType) (TypeRule, bool) {
	base := t.Answers()
	for _, r := range typeRules {
		if r.Type != base {
			continue
		}
		if !t.IsResponse() {
			return r, true
		}
		if !r.Answered {
			return TypeRule{}, false
		}
		return TypeRule{
			Type: t, Directions: opposite(r.Directions), Up: participants,
			Case: r.Case, NeedsRef: true, NeedsTrack: r.NeedsTrack, Extension: r.Extension, Across: otherSide(r.Across),
		}, true
	}
	return TypeRule{}, false
}

func opposite(d Direction) Direction {
	var o Direction
	if d&Up != 0 {
		o |= Down
	}
	if d&Down != 0 {
		o |= Up
	}
	return o
}

// otherSide is who answers what a side sent.
func otherSide(s Side) Side {
	var o Side
	if s&Filing != 0 {
		o |= Deciding
	}
	if s&Deciding != 0 {
		o |= Filing
	}
	return o
}

// AllowedAcross says whether a hub on a side of a case may send the type to the other hub. Only
// contact points speak across.
func (r TypeRule) AllowedAcross(s Side, holds func(Mark) bool) bool {
	return r.Across&s != 0 && holds(MarkNCP)
}

// CaseOn is the kind of case a message of the type belongs to in a profile: what goes across is about
// nat:<country>:<id>, since no centre gave the application an id.
func (r TypeRule) CaseOn(profile string) CaseKind {
	if profile == ProfilePeer1 && r.Across != 0 {
		return CaseNational
	}
	return r.Case
}

// Allowed says whether a sender holding the marks may send the type in a direction.
func (r TypeRule) Allowed(d Direction, holds func(Mark) bool) bool {
	if r.Directions&d == 0 {
		return false
	}
	if d == Down {
		return holds(MarkCentralPlatform)
	}
	for _, m := range r.Up {
		if holds(m) {
			return true
		}
	}
	return false
}
