package exchange

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// RecordDoc is the case document of what a nation tells the others beside its applications: a measure of
// enforcement (Art. 63, 64) or the biennial report (Art. 59(1)). It has no member in common with
// ApplicationDoc: neither reads as the other.
type RecordDoc struct {
	Record *NationalRecord `json:"record"`
}

// NationalRecord is a measure or a report, ours or another nation's.
type NationalRecord struct {
	Nation string `json:"nation"` // whose it is, never from a body
	// Exactly one of the two is set.
	Measure *ehds.EnforcementBody `json:"measure,omitempty"`
	Report  *ehds.ReportBody      `json:"report,omitempty"`
	// Body is the health data access body that took a measure of ours, by its entity, and Actor who recorded
	// it. What a national system told names neither.
	Body  string `json:"body,omitempty"`
	Actor string `json:"actor,omitempty"`

	At          time.Time          `json:"at"`
	Message     store.MessageRef   `json:"message"`          // that carried it here, or from here
	Answer      *ehds.ResponseBody `json:"answer,omitempty"` // of the centre, to ours
	Flagged     int                `json:"flagged,omitempty"`
	Attachments []ehds.Attachment  `json:"attachments,omitempty"`
}

// ReadRecord decodes a case document; false when it is none of a measure or a report.
func ReadRecord(doc []byte) (NationalRecord, bool) {
	var d RecordDoc
	if doc == nil || json.Unmarshal(doc, &d) != nil || d.Record == nil {
		return NationalRecord{}, false
	}
	return *d.Record, true
}

// RecordMeasure records a measure of one of our bodies and tells the centre of it. Cases of the user that are
// open here are flagged, as those in other nations are: a nation may have several bodies (Art. 63(6)). body
// and actor say who took it and who recorded it; both may be empty.
func (a *Applications) RecordMeasure(s store.State, b ehds.EnforcementBody, body, actor string) (store.Change, error) {
	if err := checkMeasure(b); err != nil {
		return store.Change{}, err
	}
	if s.Case != ehds.MeasureCase(a.Router.Country, b.ID).String() {
		return store.Change{}, errUnknownCase()
	}
	change, err := a.record(s, ehds.EnforcementRecord, b, NationalRecord{Measure: &b, Body: body, Actor: actor}, Files{})
	if err == nil {
		change.Send = append(change.Send, a.Compose.Task(store.ChannelInternal, internalTarget, taskMeasure, s.Case, nil))
	}
	return change, err
}

// RecordReport records the biennial report of the nation and sends it to the centre, files included.
func (a *Applications) RecordReport(s store.State, b ehds.ReportBody, files Files) (store.Change, error) {
	b.AttachmentID = ""
	if len(files.List) > 0 {
		b.AttachmentID = files.List[0].ID
	}
	if err := checkReport(b); err != nil {
		return store.Change{}, err
	}
	if s.Case != ehds.PeriodCase(a.Router.Country, b.PeriodFrom, b.PeriodTo).String() {
		return store.Change{}, errUnknownCase()
	}
	return a.record(s, ehds.ReportBiennial, b, NationalRecord{Report: &b}, files)
}

// recordStep is what the leaf of a record commits to.
type recordStep struct {
	Case   string         `json:"case"`
	Record NationalRecord `json:"record"`
}

func recordLeaf(caseID string, r NationalRecord) store.NewLeaf {
	return store.NewLeaf{Class: "state", Material: mustJSON(recordStep{caseID, r})}
}

// record is the first and only filling of the case of a record: a correction has a case of its own.
func (a *Applications) record(s store.State, t ehds.MessageType, body any, r NationalRecord, files Files) (store.Change, error) {
	if s.Doc != nil {
		return store.Change{}, fault.New(fault.Conflict, "recorded-already", "this is recorded; a correction has an id or a period of its own")
	}
	row := a.Compose.Message(Draft{To: a.Centre, Type: t, Case: s.Case, Body: body, Attachments: files.List, Blobs: files.Blobs})
	r.Nation, r.At, r.Attachments = a.Router.Country, s.Now, files.List
	r.Message = store.MessageRef{Iss: a.Compose.Entity, Jti: row.Jti}
	return store.Change{Doc: mustJSON(RecordDoc{&r}), Send: []store.Outgoing{row}, Leaves: []store.NewLeaf{recordLeaf(s.Case, r)}}, nil
}

// recordAnswered notes what the centre says of a record of ours.
func (a *Applications) recordAnswered(h *Handling) []ehds.Finding {
	var b ehds.ResponseBody
	if f := h.Body(&b); f != nil {
		return f
	}
	r, ok := ReadRecord(h.Doc)
	if !ok || r.Message.Jti != h.Env.Ref {
		return unknownCase("/case")
	}
	r.Answer = &b
	h.Doc = mustJSON(RecordDoc{&r})
	return nil
}

// recorded is what an event about a record does: it fills the case of it. The report is the coordinator's
// (Art. 59(1)): another body's system cannot send it.
func (e *Events) recorded(s store.State, ev connectors.PermitEvent, made papers) (store.Change, error) {
	a := e.Applications
	switch {
	case ev.Kind == connectors.EventEnforcement && ev.Enforcement != nil:
		return a.RecordMeasure(s, *ev.Enforcement, "", ev.Actor)
	case ev.Kind == connectors.EventReport && ev.Report != nil:
		if a.Systems.Of(a.Router.Coordinator()) != e.Instance {
			return store.Change{}, errUnknownCase()
		}
		var files Files
		if p := made[ofRecord]; p != nil {
			files = Files{List: p.list, Blobs: p.blobs}
		}
		return a.RecordReport(s, *ev.Report, files)
	}
	return store.Change{}, fault.New(fault.Invalid, "event-incomplete", "a record was told without its contents")
}

// ofRecord is what the documents of a record belong to: its case has no other.
const ofRecord = "record"

// checkMeasure holds a measure against what every peer checks (Art. 63(2)-(4), 64): exclusions end, and each
// measure has its own kind of addressee.
func checkMeasure(b ehds.EnforcementBody) error {
	bad := func(pointer, detail string) error {
		return fault.New(fault.Invalid, "measure-form", detail).At(pointer)
	}
	only := ehds.AddresseeOf(b.Measure)
	exclusion := b.Measure == ehds.MeasureExclusionUser || b.Measure == ehds.MeasureExclusionHolder
	from, ferr := time.Parse(time.DateOnly, b.From)
	to, terr := time.Parse(time.DateOnly, cmp.Or(b.To, b.From))
	switch {
	case !caseForm(ehds.MeasureCase("EU", b.ID)):
		return bad("/id", "an id without spaces is wanted")
	case only == "" && b.Measure != ehds.MeasureFine:
		return bad("/measure", "a measure of Art. 63 or 64 is wanted")
	case only != "" && b.Against != only || b.Against != "USER" && b.Against != "HOLDER":
		return bad("/against", "USER or HOLDER is wanted, as the measure has it")
	case b.Subject == "" || len(b.Subject) > 1000:
		return bad("/subject", "whom it is against is wanted")
	case b.Reasons == "":
		return bad("/reasons", "the reasons are wanted")
	case ferr != nil:
		return bad("/from", "a day such as 2027-03-31 is wanted")
	case terr != nil || to.Before(from) || exclusion && b.To == "":
		return bad("/to", "a day not before the first is wanted; an exclusion has an end")
	case exclusion && to.After(from.AddDate(5, 0, 0)):
		return bad("/to", "an exclusion lasts five years at most (Art. 63)")
	}
	if _, err := ehds.ParsePermitID(b.PermitID); b.PermitID != "" && err != nil {
		return bad("/permit_id", "the id of a permit is wanted")
	}
	return nil
}

func checkReport(b ehds.ReportBody) error {
	bad := func(pointer, detail string) error {
		return fault.New(fault.Invalid, "report-form", detail).At(pointer)
	}
	from, ferr := time.Parse(time.DateOnly, b.PeriodFrom)
	to, terr := time.Parse(time.DateOnly, b.PeriodTo)
	switch {
	case ferr != nil:
		return bad("/period_from", "a day such as 2027-03-31 is wanted")
	case terr != nil || !to.After(from):
		return bad("/period_to", "a day after the first is wanted")
	case b.Language == "":
		return bad("/language", "a language tag is wanted")
	case b.Title == "":
		return bad("/title", "a title is wanted")
	case b.AttachmentID == "" && b.URL == "":
		return bad("/url", "the report itself is wanted: a document, or where it is published")
	}
	return nil
}

// caseForm says whether an id reads back as the case it was made for.
func caseForm(id ehds.CaseID) bool {
	back, err := ehds.ParseCaseID(id.String())
	return err == nil && back == id && len(id.ID) <= 256
}
