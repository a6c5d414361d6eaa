package gateway

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
)

// measures records a measure in each nation. The centre tells Finland of the one France took against the user,
// and Finland flags what she has there; it refuses nothing. Nobody is told of the one against a data holder
// (Art. 63(6)).
func (f *foreign) measures(caseID string) {
	t := f.t
	t.Helper()
	took := func(g *Gateway, b ehds.EnforcementBody) {
		t.Helper()
		b.From, b.To, b.Reasons = "2026-01-01", "2030-01-01", "r"
		v, err := g.operatorRecordMeasure(t.Context(), MeasureRequest{Actor: "staff-1", EnforcementBody: b})
		if err != nil {
			t.Fatal(err)
		}
		f.until("the centre answered "+v.Case, func() error {
			if v, err = g.measureView(t.Context(), v.Case); err == nil && (v.Answer == nil || v.Answer.Result != ehds.Validated) {
				err = fmt.Errorf("%+v", v.Answer)
			}
			return err
		})
	}
	took(f.fi, ehds.EnforcementBody{ID: "E-1", Measure: ehds.MeasureExclusionHolder, Against: "HOLDER", Subject: "hospital-3"})
	before, err := f.fi.caseView(t.Context(), caseID)
	if err != nil {
		t.Fatal(err)
	}
	took(f.fr, ehds.EnforcementBody{ID: "E-2", Measure: ehds.MeasureExclusionUser, Against: "USER", Subject: "user-7"})
	var v CaseView
	f.until("Finland flags the case", func() (err error) {
		v, err = f.fi.caseView(t.Context(), caseID)
		flagged := slices.ContainsFunc(v.Flags, func(x exchange.Flag) bool { return x.Code == "measure-elsewhere" && x.Note == "enf:FR:E-2" })
		if err == nil && !flagged {
			err = errors.New("no flag yet")
		}
		return err
	})
	if len(v.Measures) != 1 || v.Measures[0].Nation != "FR" || !v.Measures[0].InForce {
		t.Errorf("measures of the case: %+v", v.Measures)
	}
	if a, b := before.Application.Tracks[0], v.Application.Tracks[0]; a.Status != b.Status || len(b.Permits) != 1 || b.Permits[0].Phase != a.Permits[0].Phase {
		t.Errorf("the measure changed the case: %+v", b)
	}
	list, err := f.fr.operatorMeasures(t.Context(), httpapi.Query{})
	if err != nil || len(list) != 1 || !list[0].Ours {
		t.Errorf("France has %+v, %v", list, err)
	}
}
