package gateway

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// MeasureRequest records a measure that a body of this nation took (Art. 63, 64).
type MeasureRequest struct {
	HDAB  string `json:"hdab,omitempty"` // entity of the body that took it; the only one when left out
	Actor string `json:"actor"`          // opaque staff reference
	ehds.EnforcementBody
}

// MeasureRow is a measure on record: of this nation, or told by another through the centre.
type MeasureRow struct {
	Case     string    `json:"case"`
	Nation   string    `json:"nation"`
	Ours     bool      `json:"ours"`
	HDAB     string    `json:"hdab,omitempty"`  // that took it, where it is ours and known
	Actor    string    `json:"actor,omitempty"` // who recorded it
	Recorded time.Time `json:"recorded"`
	InForce  bool      `json:"in_force"` // it has begun and not ended
	Flagged  int       `json:"flagged"`  // cases that were open when it came
	// Answer is the centre's, to a measure of ours; nil while it has not answered.
	Answer  *ehds.ResponseBody   `json:"answer,omitempty"`
	Measure ehds.EnforcementBody `json:"measure"`
}

// MeasureView is a measure with the cases it is about.
type MeasureView struct {
	MeasureRow
	Cases []MeasureCase `json:"cases"`
}

// MeasureCase is a case that a measure is about.
type MeasureCase struct {
	Case    string `json:"case"`
	Pending bool   `json:"pending"` // something is to be decided, or a permit has not ended
}

// CaseMeasure is a measure as it is told with a case, without its reasons.
type CaseMeasure struct {
	Case    string `json:"case"` // of the measure
	Nation  string `json:"nation"`
	Measure string `json:"measure"`
	From    string `json:"from"`
	To      string `json:"to,omitempty"`
	Permit  string `json:"permit_id,omitempty"`
	InForce bool   `json:"in_force"`
}

// serveEnforcement adds the calls about measures.
func (g *Gateway) serveEnforcement(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/measures", g.operatorMeasures)
	httpapi.Get(api, "/v1/measures/show", g.operatorMeasure)
	httpapi.Post(api, "/v1/measures/record", g.operatorRecordMeasure)
}

// operatorRecordMeasure records a measure, which tells the centre of it. A permit it names is one that the
// body issued.
func (g *Gateway) operatorRecordMeasure(ctx context.Context, r MeasureRequest) (MeasureView, error) {
	if strings.TrimSpace(r.Actor) == "" {
		return MeasureView{}, fault.New(fault.Invalid, "name-missing", "who does this is recorded").At("/actor")
	}
	hdab, err := g.actingBody(r.HDAB)
	if err == nil && r.PermitID != "" {
		err = g.permitOfBody(ctx, r.PermitID, hdab)
	}
	if err != nil {
		return MeasureView{}, err
	}
	id := ehds.MeasureCase(g.cfg.Country, r.ID).String()
	_, err = g.record.Update(ctx, id, func(s store.State) (store.Change, error) {
		c, err := g.apps.RecordMeasure(s, r.EnforcementBody, hdab, r.Actor)
		if err != nil {
			return c, err
		}
		return c, g.checkOutgoing(c)
	})
	if errors.Is(err, store.ErrErased) {
		err = fault.New(fault.Conflict, "case-erased", "the case was erased; a measure has an id of its own")
	}
	if err != nil {
		return MeasureView{}, err
	}
	g.outbox.Wake()
	return g.measureView(ctx, id)
}

// actingBody is the body of this nation that acts: the one named, or the only one there is.
func (g *Gateway) actingBody(named string) (string, error) {
	if named == "" {
		if len(g.router.Bodies) == 1 {
			return g.router.Bodies[0].Entity, nil
		}
		return "", fault.New(fault.Invalid, "body-unnamed", "several bodies are hosted here: name the one that acts").At("/hdab")
	}
	if _, ours := g.router.Body(named); !ours {
		return "", fault.New(fault.NotFound, "body-unknown", "no body of this entity identifier is hosted here").At("/hdab")
	}
	return named, nil
}

// permitOfBody refuses a permit that is not one of a body.
func (g *Gateway) permitOfBody(ctx context.Context, id, hdab string) error {
	caseID, err := g.caseOfPermit(ctx, id)
	if err != nil {
		return fault.From(err).At("/permit_id")
	}
	_, doc, err := g.applicationDoc(ctx, caseID)
	if err != nil {
		return err
	}
	if t, ok := doc.Application.TrackOfPermit(id); !ok || t.Key.HDAB != hdab {
		return fault.New(fault.Invalid, "permit-of-another", "a body records measures about permits it issued").At("/permit_id")
	}
	return nil
}

// operatorMeasures lists measures, the newest first: of one nation, against users or holders, against one of
// them, or in force only.
func (g *Gateway) operatorMeasures(ctx context.Context, q httpapi.Query) ([]MeasureRow, error) {
	against := q.Get("against")
	if against != "" && against != "USER" && against != "HOLDER" {
		return nil, fault.New(fault.Invalid, "measure-against", "a measure is against a USER or a HOLDER").At("/against")
	}
	out := []MeasureRow{}
	err := g.measures(ctx, func(m MeasureRow) {
		if (q.Get("nation") != "" && m.Nation != q.Get("nation")) || (against != "" && m.Measure.Against != against) ||
			(q.Get("subject") != "" && m.Measure.Subject != q.Get("subject")) || (q.Get("in_force") != "" && !m.InForce) {
			return
		}
		out = append(out, m)
	})
	slices.SortFunc(out, func(a, b MeasureRow) int { return cmp.Or(b.Recorded.Compare(a.Recorded), cmp.Compare(a.Case, b.Case)) })
	return out, err
}

// measures reads every measure on record.
func (g *Gateway) measures(ctx context.Context, see func(MeasureRow)) error {
	return store.EachCase(ctx, g.record, string(ehds.CaseEnforcement)+":", "", func(c store.Case) error {
		if r, ok := exchange.ReadRecord(c.Doc); ok && r.Measure != nil {
			see(g.measureRow(c.ID, r))
		}
		return nil
	})
}

func (g *Gateway) measureRow(id string, r exchange.NationalRecord) MeasureRow {
	day := g.o.Clock().UTC().Format(time.DateOnly)
	return MeasureRow{
		Case: id, Nation: r.Nation, Ours: r.Nation == g.cfg.Country, HDAB: r.Body, Actor: r.Actor, Recorded: r.At,
		InForce: r.Measure.From <= day && !ended(*r.Measure, day), Flagged: r.Flagged, Answer: r.Answer, Measure: *r.Measure,
	}
}

// ended says whether the last day of a measure is before a day; one without a last day does not end.
func ended(m ehds.EnforcementBody, day string) bool { return m.To != "" && m.To < day }

func (g *Gateway) operatorMeasure(ctx context.Context, q httpapi.Query) (MeasureView, error) {
	return g.measureView(ctx, q.Get("id"))
}

// measureOn reads the measure of a case.
func (g *Gateway) measureOn(ctx context.Context, id string) (MeasureRow, error) {
	c, ok, err := g.record.Case(ctx, id)
	switch {
	case errors.Is(err, store.ErrErased) || (err == nil && c.Erased):
		return MeasureRow{}, fault.New(fault.Conflict, "case-erased", "the case was erased")
	case err != nil:
		return MeasureRow{}, err
	}
	r, read := exchange.ReadRecord(c.Doc)
	if !ok || !read || r.Measure == nil {
		return MeasureRow{}, fault.New(fault.NotFound, "no-such-measure", "no measure of this case is on record")
	}
	return g.measureRow(id, r), nil
}

// measureView is a measure with the cases it is about.
func (g *Gateway) measureView(ctx context.Context, id string) (MeasureView, error) {
	row, err := g.measureOn(ctx, id)
	out := MeasureView{MeasureRow: row, Cases: []MeasureCase{}}
	if err != nil || row.Measure.Against != "USER" {
		return out, err
	}
	now := g.o.Clock()
	err = g.applications(ctx, func(id string, doc exchange.ApplicationDoc) {
		if doc.Concerned(row.Measure) {
			out.Cases = append(out.Cases, MeasureCase{Case: id, Pending: doc.Pending(now)})
		}
	})
	return out, err
}

// measuresOf are the measures about the user of a case or about a permit of it, the newest first.
func (g *Gateway) measuresOf(ctx context.Context, doc exchange.ApplicationDoc) ([]CaseMeasure, error) {
	var out []CaseMeasure
	err := g.measures(ctx, func(m MeasureRow) {
		if b := m.Measure; doc.Concerned(b) {
			out = append(out, CaseMeasure{Case: m.Case, Nation: m.Nation, Measure: b.Measure, From: b.From, To: b.To, Permit: b.PermitID, InForce: m.InForce})
		}
	})
	slices.SortFunc(out, func(a, b CaseMeasure) int { return cmp.Or(cmp.Compare(b.From, a.From), cmp.Compare(a.Case, b.Case)) })
	return out, err
}

// measureMayGo refuses to erase a measure that lasts: other bodies must be able to know of it (Art. 63(6)), and
// the law sets no period for one without an end.
func (g *Gateway) measureMayGo(ctx context.Context, id string) error {
	row, err := g.measureOn(ctx, id)
	if err == nil && !ended(row.Measure, g.o.Clock().UTC().Format(time.DateOnly)) {
		err = fault.New(fault.Conflict, "measure-lasts", "a measure is kept until its last day has passed, and one without a last day is kept: bodies must know of it (Art. 63(6))")
	}
	return err
}
