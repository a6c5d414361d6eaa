package gateway

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/biennial"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/register"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// biennial counts the figures of a period from the whole record.
func (g *Gateway) biennial(ctx context.Context, p biennial.Period) (biennial.Report, error) {
	b := &biennialCount{g: g, live: map[string]bool{}, Counter: biennial.Counter{
		Period: p, Now: g.o.Clock(), Zone: func(hdab string) *time.Location {
			// The nation has no zone of its own; its coordinator speaks for it.
			return g.apps.Rules.Of(cmp.Or(hdab, g.apps.Router.Coordinator())).Zone
		},
	}}
	for _, kind := range []ehds.CaseKind{ehds.CaseApplication, ehds.CaseNational, ehds.CaseEnforcement} {
		if err := store.EachCase(ctx, g.record, string(kind)+":", "", func(c store.Case) error { return b.count(ctx, c) }); err != nil {
			return biennial.Report{}, err
		}
	}
	if err := b.erased(ctx); err != nil {
		return biennial.Report{}, err
	}
	return b.Report(), nil
}

// biennialCount feeds a counter from the record.
type biennialCount struct {
	biennial.Counter
	g    *Gateway
	live map[string]bool // applications and measures that are on record, as the register names them
}

// count counts an application decided here, or a measure of our own. What we filed elsewhere has no track
// here and counts there.
func (b *biennialCount) count(ctx context.Context, c store.Case) error {
	if m, ok := exchange.ReadRecord(c.Doc); ok {
		if m.Measure != nil && m.Nation == b.g.cfg.Country {
			b.live[register.Measure(c.ID, *m.Measure, m.At).ID] = true
			b.Measure(biennial.Measure{HDAB: m.Body, EnforcementBody: *m.Measure})
		}
		return nil
	}
	doc, ok := exchange.ReadApplicationDoc(c.ID, c.Doc)
	if !ok || len(doc.Application.Tracks) == 0 {
		return nil
	}
	b.live[shownAs(c.ID, doc.Application).ID] = true
	k := biennial.Case{Application: doc.Application, Cards: doc.Cards}
	for _, r := range doc.Results {
		k.Results = append(k.Results, biennial.Result{HDAB: resultBody(doc, r), At: r.At})
	}
	if b.Receives(doc.Application) {
		form, err := exchange.ReadFiling(ctx, b.g.record, doc.Filing)
		if err != nil && !errors.Is(err, store.ErrErased) {
			return err
		}
		k.Applicant = applicantKind(form)
	}
	b.Case(k)
	return nil
}

// erased counts the cases that were erased, by what the public register keeps of them: those it keeps anything
// of that happened in the period.
func (b *biennialCount) erased(ctx context.Context) error {
	lost := map[string]bool{}
	err := eachKept(ctx, b.g.record, func(_ string, e register.Entry) {
		if name := cmp.Or(e.Application, e.ID); !b.live[name] && b.Covers(e.Date) {
			lost[name] = true
		}
	})
	b.Lost(len(lost))
	return err
}

// resultBody is the body whose results they are: of the track, or of the permit they name.
func resultBody(doc exchange.ApplicationDoc, r exchange.PublishedResults) string {
	if r.Track.HDAB != "" {
		return r.Track.HDAB
	}
	if t, ok := doc.Application.TrackOfPermit(r.PermitID); ok {
		return t.Key.HDAB
	}
	if len(doc.Application.Tracks) == 1 {
		return doc.Application.Tracks[0].Key.HDAB
	}
	return ""
}

// applicantKind is who applied, by section 3 of the form; empty when it does not say.
func applicantKind(form *ehds.ApplicationBody) string {
	if form == nil {
		return ""
	}
	return map[string]string{"a": "legal person", "b": "natural person"}[gate.Read(*form).Choice(3, "legalOrNaturalPerson")]
}
