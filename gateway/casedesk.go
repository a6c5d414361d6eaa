package gateway

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// CaseSummary is an application in a list: one line a track.
type CaseSummary struct {
	Case      string                `json:"case"`
	Kind      ehds.ApplicationKind  `json:"kind"`
	Version   int                   `json:"version"`
	Track     ehds.Track            `json:"track"`
	Status    ehds.ApplicationState `json:"status"`
	Procedure ehds.Procedure        `json:"procedure"`
	Decision  ehds.DecisionState    `json:"decision,omitempty"`
	Received  time.Time             `json:"received"`
	NextDue   time.Time             `json:"next_due,omitzero"` // the earliest end of a clock that runs on the track
	Overdue   int                   `json:"overdue"`
	Flags     int                   `json:"flags"` // of the case
}

// CaseView is an application in full, as one body or the operator sees it. It has no form.
type CaseView struct {
	Case    string `json:"case"`
	Updated string `json:"updated"`
	exchange.ApplicationDoc
	// Measures are those on record about the user of the case or about a permit of it.
	Measures []CaseMeasure `json:"measures,omitempty"`
}

// DueRow is a clock that has run out or soon will.
type DueRow struct {
	Case    string `json:"case"`
	Overdue bool   `json:"overdue"`
	access.DueClock
}

// serveCases adds what an operator asks of applications.
func (g *Gateway) serveCases(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/case/list", g.operatorApplications)
	httpapi.Get(api, "/v1/case", g.operatorCase)
	httpapi.Get(api, "/v1/case/clocks", g.operatorCaseClocks)
	httpapi.Get(api, "/v1/case/trace", g.operatorCaseTrace)
	httpapi.Get(api, "/v1/due", g.operatorDue)
	httpapi.Post(api, "/v1/case/act", g.operatorCaseAct)
	httpapi.Post(api, "/v1/case/clear", g.operatorCaseClear)
	httpapi.Post(api, "/v1/case/erase", g.operatorCaseErase)
}

// operatorApplications lists the tracks of applications: in one status, of one body, overdue, flagged, or
// with a clock that ends within some hours. The next to be due comes first.
func (g *Gateway) operatorApplications(ctx context.Context, q httpapi.Query) ([]CaseSummary, error) {
	status := ehds.ApplicationState(q.Get("status"))
	if status != "" && !slices.Contains(ehds.ApplicationStates(), status) {
		return nil, fault.New(fault.Invalid, "case-status-unknown", "no application has such a status").At("/status")
	}
	within, err := hours(q.Get("within"))
	if err != nil {
		return nil, err
	}
	out, now := []CaseSummary{}, g.o.Clock()
	err = g.applications(ctx, func(id string, doc exchange.ApplicationDoc) {
		late := access.Overdue(doc.Application, now)
		for _, t := range doc.Application.Tracks {
			s := summary(id, doc, t, late)
			soon := !s.NextDue.IsZero() && !s.NextDue.After(now.Add(within))
			if (status != "" && s.Status != status) || (q.Get("hdab") != "" && t.Key.HDAB != q.Get("hdab")) ||
				(q.Get("overdue") != "" && s.Overdue == 0) || (q.Get("flagged") != "" && s.Flags == 0) || (within > 0 && !soon) {
				continue
			}
			out = append(out, s)
		}
	})
	slices.SortStableFunc(out, func(a, b CaseSummary) int {
		if a.NextDue.IsZero() != b.NextDue.IsZero() { // nothing to be due comes last
			return b.NextDue.Compare(a.NextDue)
		}
		return a.NextDue.Compare(b.NextDue)
	})
	return out, err
}

func summary(id string, doc exchange.ApplicationDoc, t access.Track, late []access.DueClock) CaseSummary {
	s := CaseSummary{
		Case: id, Kind: doc.Application.Kind, Version: doc.Application.Version, Track: t.Key, Status: t.Status,
		Procedure: t.Procedure, Received: doc.Application.Received, Flags: len(doc.Flags),
	}
	if t.Decision != nil {
		s.Decision = t.Decision.Status
	}
	for _, d := range late {
		if d.Track == t.Key {
			s.Overdue++
		}
	}
	s.NextDue, _ = access.NextDue(access.Application{Tracks: []access.Track{t}})
	return s
}

// hours reads a time span of the operator API; empty is none.
func hours(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 24*366*10 {
		return 0, fault.New(fault.Invalid, "within-range", "a number of hours from 1 to ten years is wanted").At("/within")
	}
	return time.Duration(n) * time.Hour, nil
}

// applicationDoc reads a case.
func (g *Gateway) applicationDoc(ctx context.Context, id string) (store.Case, exchange.ApplicationDoc, error) {
	c, ok, err := g.record.Case(ctx, id)
	switch {
	case errors.Is(err, store.ErrErased) || (err == nil && c.Erased):
		return c, exchange.ApplicationDoc{}, fault.New(fault.Conflict, "case-erased", "the case was erased")
	case err != nil:
		return c, exchange.ApplicationDoc{}, err
	}
	doc, read := exchange.ReadApplicationDoc(id, c.Doc)
	if !ok || !read {
		return c, doc, fault.New(fault.NotFound, "unknown-case", "no such case or track is known here")
	}
	return c, doc, nil
}

// operatorCase shows a case, with "as" as a body of this nation may see it.
func (g *Gateway) operatorCase(ctx context.Context, q httpapi.Query) (CaseView, error) {
	v, err := g.caseView(ctx, q.Get("id"))
	if hdab := q.Get("as"); err == nil && hdab != "" {
		if _, ours := g.router.Body(hdab); !ours {
			return CaseView{}, fault.New(fault.NotFound, "body-unknown", "no body of this entity identifier is hosted here").At("/as")
		}
		v.ApplicationDoc = v.SeenBy(hdab)
	}
	return v, err
}

func (g *Gateway) caseView(ctx context.Context, id string) (CaseView, error) {
	c, doc, err := g.applicationDoc(ctx, id)
	v := CaseView{Case: c.ID, Updated: c.Updated.UTC().Format(time.RFC3339), ApplicationDoc: doc}
	if err == nil {
		v.Measures, err = g.measuresOf(ctx, doc)
	}
	return v, err
}

// CaseClocks are the clocks of one track.
type CaseClocks struct {
	Track  ehds.Track     `json:"track"`
	Clocks []access.Clock `json:"clocks"`
}

func (g *Gateway) operatorCaseClocks(ctx context.Context, q httpapi.Query) ([]CaseClocks, error) {
	_, doc, err := g.applicationDoc(ctx, q.Get("id"))
	out := []CaseClocks{}
	for _, t := range doc.Application.Tracks {
		out = append(out, CaseClocks{t.Key, append([]access.Clock{}, t.Clocks...)})
	}
	return out, err
}

// operatorDue lists what should have been done, then what is due within some hours (14 days unless said),
// over all cases.
func (g *Gateway) operatorDue(ctx context.Context, q httpapi.Query) ([]DueRow, error) {
	within, err := hours(q.Get("within"))
	if err != nil {
		return nil, err
	}
	if within == 0 {
		within = dueSoon
	}
	late, soon, now := []DueRow{}, []DueRow{}, g.o.Clock()
	cases, err := g.casesDue(ctx, now.Add(within))
	if err != nil {
		return nil, err
	}
	for _, id := range cases {
		_, doc, err := g.applicationDoc(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, d := range access.Overdue(doc.Application, now) {
			late = append(late, DueRow{id, true, d})
		}
		for _, d := range access.DueSoon(doc.Application, now, within) {
			soon = append(soon, DueRow{id, false, d})
		}
	}
	byEnd := func(a, b DueRow) int { return cmp.Or(a.Clock.End.Compare(b.Clock.End), cmp.Compare(a.Case, b.Case)) }
	slices.SortFunc(late, byEnd)
	slices.SortFunc(soon, byEnd)
	return append(late, soon...), nil
}

// casesDue are the cases with a timer up to an instant, found without reading the others.
func (g *Gateway) casesDue(ctx context.Context, until time.Time) ([]string, error) {
	var out []string
	for _, state := range []store.TimerState{store.TimerRuns, store.TimerLate, store.TimerNoted} {
		var after store.CaseTimer
		for {
			page, err := g.record.TimersUntil(ctx, state, until, after, maxCases)
			if err != nil {
				return nil, err
			}
			for _, t := range page {
				out, after = append(out, t.Case), t
			}
			if len(page) < maxCases {
				break
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
