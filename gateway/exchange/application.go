package exchange

import (
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// ApplicationDoc is the case document of an application: the domain's document and what the exchange
// needs to carry out its effects. It is sealed with the case's key.
type ApplicationDoc struct {
	Application access.Application `json:"application"`
	// Counterpart is who brings the case to us: the centre, or the hub it was filed with (profile peer-1).
	// Everything we say goes there.
	Counterpart string `json:"centre"` // the name it has in records made before there were peers
	// Filing is the message that brought the newest version: its form and attachments.
	Filing store.MessageRef `json:"filing"`
	// Nations are the others whose bodies decide on their datasets of the newest version.
	Nations []string `json:"nations,omitempty"`
	Shared  []Shared `json:"shared,omitempty"` // by them
	// Recognised is what came of the permits that peers showed, oldest first (Art. 68(5)).
	Recognised []Recognised `json:"recognised,omitempty"`
	Flags      []Flag       `json:"flags,omitempty"`
	// Route is what the newest form says of the procedures the application fits.
	Route access.RouteFacts `json:"route,omitzero"`
	// Trusted are the tracks all of whose data are those of one trusted data holder (Art. 72(1)).
	Trusted []ehds.Track `json:"trusted,omitempty"`
	// Cards are the decisions as they were told, oldest first.
	Cards []ehds.DecisionBody `json:"cards,omitempty"`
	// Results are those told of the case, oldest first, for the public register (Art. 58(1)(g)).
	Results []PublishedResults `json:"results,omitempty"`
	// Releases are those of decisions for the public register, oldest first.
	Releases []Release `json:"releases,omitempty"`
	// User is the applicant's opaque reference, as the filing has it.
	User string `json:"user,omitempty"`
	// Documents are those that went out with messages about the case, oldest first.
	Documents []CaseDocument `json:"documents,omitempty"`
	// Granted and Notices say who must know of the permits, and who confirmed what.
	Granted []Granted `json:"granted,omitempty"`
	Notices []Notice  `json:"notices,omitempty"`
	// Registry is what the centre said of the permits when it was last asked.
	Registry *Registry `json:"registry,omitempty"`
}

// Flag asks staff to look.
type Flag struct {
	At   time.Time `json:"at"`
	Code string    `json:"code"`
	Note string    `json:"note,omitempty"`
}

// Applications applies messages and national events to applications.
type Applications struct {
	Rules   access.Rules
	Router  *Router
	Compose Composer
	Systems Systems // the permit systems of the bodies
	// AcknowledgeWithin is how long a recipient has to confirm a notice about a permit of a body; without
	// one it is AcknowledgeWithin of this package.
	AcknowledgeWithin map[string]time.Duration
	Addresses         Addresses // of recipients with systems of their own
	Gates             Gates
	// Stationery makes the documents that go with decisions and permits; nil makes none.
	Stationery *Stationery
	// Recognition is how permits of other bodies are recognised; the zero value leaves all to staff.
	Recognition Recognition
	// Centre is the central platform: what belongs to no application goes there.
	Centre string

	measured measures
}

// Handlers are the message types an application understands, and those of datasets.
func (a *Applications) Handlers() Handlers {
	h := Handlers{
		ehds.ApplicationSubmit:   a.submit,
		ehds.ApplicationAmended:  a.amended,
		ehds.ApplicationWithdraw: a.withdraw,
		ehds.ApplicationInfo:     a.info,
		ehds.ApplicationStatus:   a.statusTold,
		ehds.DecisionAnswer:      a.decisionAnswer,
		ehds.DecisionAck:         a.noted,
		ehds.AppealSubmit:        a.appeal,
		ehds.ApplicationShared:   a.shared,
		ehds.PermitChangeRequest: a.changeAsked,
		ehds.EnforcementRecord:   a.measureTold,
		ehds.ExchangeVoid:        func(*Handling) []ehds.Finding { return nil },
	}
	for _, t := range []ehds.MessageType{
		ehds.ApplicationStatus, ehds.ApplicationInfoRequest, ehds.ApplicationExtension,
		ehds.ApplicationDecision, ehds.PermitIssued, ehds.PermitChanged, ehds.ApplicationShared, ehds.ResultsRecord, ehds.ExchangeVoid,
	} {
		h[t.Response()] = a.response
	}
	h[ehds.EnforcementRecord.Response()], h[ehds.ReportBiennial.Response()] = a.recordAnswered, a.recordAnswered
	for _, t := range []ehds.MessageType{ehds.DatasetCreate, ehds.DatasetUpdate, ehds.DatasetDelete} {
		h[t.Response()] = datasetResponse
	}
	h[ehds.CatalogueDigest.Response()] = digestResponse
	h[ehds.PermitQuery.Response()] = a.permitsTold
	h[ehds.ApplicationForward.Response()] = forwardAnswered
	return withOrigin(h)
}

// across are the message types of an application that another hub filed with us (profile peer-1): there
// the hub speaks as the centre does in the star.
func (a *Applications) across() Handlers {
	return Handlers{
		ehds.ApplicationSubmit:   a.submit,
		ehds.ApplicationAmended:  a.amended,
		ehds.ApplicationWithdraw: a.withdraw,
		ehds.ApplicationInfo:     a.info,
		ehds.DecisionAnswer:      a.decisionAnswer,
		ehds.DecisionAck:         a.noted,
		ehds.AppealSubmit:        a.appeal,
		ehds.ApplicationShared:   a.shared,

		ehds.ApplicationStatus.Response():      a.response,
		ehds.ApplicationInfoRequest.Response(): a.response,
		ehds.ApplicationExtension.Response():   a.response,
		ehds.ApplicationDecision.Response():    a.response,
		ehds.PermitIssued.Response():           a.response,
		ehds.PermitChanged.Response():          a.response,
	}
}

func (a *Applications) submit(h *Handling) []ehds.Finding {
	var b ehds.ApplicationBody
	if f := h.Body(&b); f != nil {
		return f
	}
	if f := sameApplication(h.Env.Case, b.ApplicationID); f != nil {
		return f
	}
	submitted, f := instant("/body/dateSubmitted", b.DateSubmitted)
	if f != nil {
		return f
	}
	tracks, findings := a.Router.Tracks(b.Datasets)
	if refused(findings) {
		return findings
	}
	var doc ApplicationDoc
	if h.Doc != nil { // another nation's status came first
		if f := h.application(&doc); f != nil {
			return f
		}
	}
	doc.Counterpart, doc.Filing = h.Env.Iss, store.MessageRef{Iss: h.Env.Iss, Jti: h.Env.Jti}
	doc.Nations = a.nationsOf(b.Datasets)
	doc = a.ofUser(doc, b.User, h.Now)
	if findings = append(findings, a.examine(b, ehds.ProcedureStandard, &doc, sizes(h.Env.Attachments), h.Now)...); refused(findings) {
		return findings
	}
	return append(findings, a.apply(h, doc, access.Submitted{
		ID: b.ApplicationID, Kind: b.Kind, Version: b.Version, Submitted: submitted, Received: h.Now,
		Tracks: tracks, Procedure: ehds.ProcedureStandard, Message: h.Env.Jti,
	})...)
}

func (a *Applications) amended(h *Handling) []ehds.Finding {
	var b ehds.ApplicationBody
	doc, submitted, f := h.act(&b, &b.ApplicationID, "/body/dateSubmitted", &b.DateSubmitted)
	if f != nil {
		return f
	}
	doc.Filing, doc.User = store.MessageRef{Iss: h.Env.Iss, Jti: h.Env.Jti}, b.User
	doc.Nations = a.nationsOf(b.Datasets)
	// Datasets may be added and taken out, also all of this nation's: that refuses nothing, and staff see it.
	tracks, routing := a.Router.Tracks(b.Datasets)
	if refused(routing) {
		routing = nil
	}
	findings := append(routing, a.examine(b, doc.procedure(), &doc, nil, h.Now)...)
	if refused(findings) {
		return findings
	}
	return append(findings, a.apply(h, doc, access.Amended{Version: b.Version, Submitted: submitted, Received: h.Now, Message: h.Env.Jti, Tracks: tracks})...)
}

func (a *Applications) withdraw(h *Handling) []ehds.Finding {
	var b ehds.WithdrawBody
	doc, at, f := h.act(&b, &b.ApplicationID, "/body/date", &b.Date)
	if f != nil {
		return f
	}
	return a.apply(h, doc, access.Withdrawn{Track: h.Env.Track, At: at, Reason: b.Reason, Message: h.Env.Jti})
}

func (a *Applications) info(h *Handling) []ehds.Finding {
	var b ehds.InfoBody
	doc, at, f := h.act(&b, &b.ApplicationID, "/body/responded_at", &b.RespondedAt)
	if f != nil {
		return f
	}
	noted := toSender(gate.CheckAnswers(doc.Application.Kind, b.Sections))
	return append(noted, a.apply(h, doc, access.InfoReceived{Track: *h.Env.Track, At: at, Received: h.Now, Message: h.Env.Jti})...)
}

func (a *Applications) decisionAnswer(h *Handling) []ehds.Finding {
	var b ehds.DecisionAnswerBody
	doc, at, f := h.act(&b, &b.ApplicationID, "/body/responded_at", &b.RespondedAt)
	if f != nil {
		return f
	}
	return a.apply(h, doc, access.DecisionAnswered{
		Track: *h.Env.Track, DecisionID: b.DecisionID, Answer: b.Answer, At: at, Message: h.Env.Jti,
	})
}

func (a *Applications) appeal(h *Handling) []ehds.Finding {
	var b ehds.AppealBody
	doc, at, f := h.act(&b, &b.ApplicationID, "/body/date", &b.Date)
	if f != nil {
		return f
	}
	return a.apply(h, doc, access.AppealSubmitted{
		Track: *h.Env.Track, DecisionID: b.DecisionID, AppealID: b.AppealID, At: at, Message: h.Env.Jti,
	})
}

// statusTold is a status of another nation's track, passed on by the centre with its origin.
func (a *Applications) statusTold(h *Handling) []ehds.Finding {
	var b ehds.StatusBody
	if f := h.Body(&b); f != nil {
		return f
	}
	if f := sameApplication(h.Env.Case, b.ApplicationID); f != nil {
		return f
	}
	if h.Env.Origin == nil {
		return violation("/origin", "origin-missing", "a status passed on names its origin")
	}
	if f := a.ofAnotherNation(h.Env.Origin, *h.Env.Track); f != nil {
		return f
	}
	at, f := instant("/body/date", b.Date)
	if f != nil {
		return f
	}
	doc := ApplicationDoc{Counterpart: h.Env.Iss, Application: access.Application{ID: b.ApplicationID}}
	if h.Doc != nil {
		if f := h.application(&doc); f != nil {
			return f
		}
	}
	return a.apply(h, doc, access.StatusTold{
		Track: *h.Env.Track, Nation: h.Env.Origin.Nation, Axis: b.Axis, Status: b.Status, At: at,
	})
}

// response notes what the centre did not validate, for staff: nothing is undone by itself.
func (a *Applications) response(h *Handling) []ehds.Finding {
	var b ehds.ResponseBody
	var doc ApplicationDoc
	if f := h.Body(&b); f != nil {
		return f
	}
	if f := h.application(&doc); f != nil {
		return f
	}
	if b.Result == ehds.Validated {
		return nil
	}
	note := string(h.Env.Type.Answers())
	for _, f := range b.Findings {
		note += " " + safeCode(f.Code)
	}
	code := "not-validated-by-centre"
	if h.Env.Profile == ehds.ProfilePeer1 {
		code = "not-validated-by-peer"
	}
	doc.Flags = append(doc.Flags, Flag{At: h.Now, Code: code, Note: note})
	h.Doc = mustJSON(doc)
	return nil
}

// noted is an acknowledgement: it changes nothing but the record.
func (a *Applications) noted(h *Handling) []ehds.Finding {
	var b ehds.AckBody
	var doc ApplicationDoc
	return h.about(&b, &b.ApplicationID, &doc)
}

// about reads a body and the document of its case. id is the body's member that names the application,
// which is the case's.
func (h *Handling) about(body any, id *string, doc *ApplicationDoc) []ehds.Finding {
	if f := h.Body(body); f != nil {
		return f
	}
	if f := h.application(doc); f != nil {
		return f
	}
	return sameApplication(h.Env.Case, *id)
}

// act reads a body that tells a dated act about a known case: the document, when it happened, or why
// not. The pointers lead into body, which is filled on the way.
func (h *Handling) act(body any, id *string, pointer string, date *string) (ApplicationDoc, time.Time, []ehds.Finding) {
	var doc ApplicationDoc
	if f := h.about(body, id, &doc); f != nil {
		return doc, time.Time{}, f
	}
	at, f := instant(pointer, *date)
	return doc, at, f
}

// application reads the case document; an unknown case, another nation's track and a case that another
// hub filed look the same.
func (h *Handling) application(doc *ApplicationDoc) []ehds.Finding {
	if h.Doc == nil || json.Unmarshal(h.Doc, doc) != nil || h.Env.Profile == ehds.ProfilePeer1 && doc.Counterpart != h.Env.Iss {
		return unknownCase("/case")
	}
	return nil
}

// errUnknownCase is the answer about a case or a track that is none of the asker's, such as a permit system's
// about another body's: the same as about one that does not exist, so that nothing is learnt from it.
func errUnknownCase() *fault.Error {
	return fault.New(fault.NotFound, access.CodeUnknownCase, "no such case or track is known here")
}

// unknownCase is the same as a finding.
func unknownCase(pointer string) []ehds.Finding { return findingOf(errUnknownCase().At(pointer)) }

// findingOf tells a domain refusal as a finding.
func findingOf(err error) []ehds.Finding {
	f := fault.From(err)
	pointer := f.Field
	if pointer == "" {
		pointer = "/body"
	}
	return violation(pointer, f.Code, f.Detail)
}

// applicationOf is the id of the application a case is about; empty when it is about none.
func applicationOf(caseID string) string {
	id, _ := ehds.ParseCaseID(caseID) // of none, the zero value is about none
	return id.ApplicationID()
}

func sameApplication(caseID, applicationID string) []ehds.Finding {
	if id := applicationOf(caseID); id == "" || id != applicationID {
		return violation("/body/application_id", "case-mismatch", "application_id and case name different applications")
	}
	return nil
}

func instant(pointer, s string) (time.Time, []ehds.Finding) {
	t, err := instantOf(s)
	if err != nil {
		return t, violation(pointer, "date-form", err.Detail)
	}
	return t, nil
}

// instantOf reads an RFC 3339 instant, in UTC.
func instantOf(s string) (time.Time, *fault.Error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, fault.Wrap(err, fault.Invalid, "date-form", "not an RFC 3339 instant")
	}
	return t.UTC(), nil
}
