package gateway

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// PermitVersion is one version of a permit as the operator sees it.
type PermitVersion struct {
	access.PermitVersion
	Status    ehds.PermitStatusValue `json:"status"`
	InForce   bool                   `json:"in_force"` // now
	Case      string                 `json:"case"`
	Track     ehds.Track             `json:"track"`
	SPE       string                 `json:"spe,omitempty"`
	Datasets  []ehds.GrantedDataset  `json:"datasets,omitempty"`
	Unsettled int                    `json:"unconfirmed"` // notices nobody has confirmed
}

// PermitHistory is a permit with all its versions, oldest first, and who was told of them.
type PermitHistory struct {
	Versions []PermitVersion   `json:"versions"`
	Notices  []exchange.Notice `json:"notices"`
}

// PermitMove is what staff of the gateway do with a permit: revoke, suspend or resume it.
type PermitMove struct {
	Permit  string           `json:"permit"`
	Event   ehds.PermitEvent `json:"event"`
	Reasons string           `json:"reasons"`
	Actor   string           `json:"actor"`
}

// NoticeConfirmed says who confirmed a notice to staff.
type NoticeConfirmed struct {
	Case   string `json:"case"`
	Notice string `json:"notice"`
	By     string `json:"by"`
}

// servePermits adds what an operator asks of permits.
func (g *Gateway) servePermits(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/permits", g.operatorPermits)
	httpapi.Get(api, "/v1/permits/{id}", g.operatorPermit)
	httpapi.Get(api, "/v1/permits/{id}/history", g.operatorPermitHistory)
	httpapi.Post(api, "/v1/permits/move", g.operatorPermitMove)
	httpapi.Post(api, "/v1/permits/query", g.operatorPermitQuery)
	httpapi.Get(api, "/v1/notices", g.operatorNotices)
	httpapi.Post(api, "/v1/notices/confirm", g.operatorNoticeConfirm)
}

// versionsOf are the permit versions of one track, oldest first.
func versionsOf(caseID string, doc exchange.ApplicationDoc, t *access.Track, now time.Time) []PermitVersion {
	out := make([]PermitVersion, 0, len(t.Permits))
	force, _ := t.InForce(now)
	for _, v := range t.Permits {
		p := PermitVersion{PermitVersion: v, Status: v.Phase.Export(), Case: caseID, Track: t.Key, InForce: force != nil && force.ID == v.ID}
		for _, g := range doc.Granted {
			if g.PermitID == v.ID {
				p.SPE, p.Datasets = g.SPE, g.Datasets
			}
		}
		for _, n := range doc.Notices {
			if n.PermitID == v.ID && n.State != exchange.NoticeAcknowledged {
				p.Unsettled++
			}
		}
		out = append(out, p)
	}
	return out
}

// allVersions are the permit versions of every track of a case.
func allVersions(caseID string, doc exchange.ApplicationDoc, now time.Time) (out []PermitVersion) {
	for i := range doc.Application.Tracks {
		out = append(out, versionsOf(caseID, doc, &doc.Application.Tracks[i], now)...)
	}
	return out
}

// operatorPermits lists permit versions, the next to end first: of one body, in one status, in force only,
// or ending before a day.
func (g *Gateway) operatorPermits(ctx context.Context, q httpapi.Query) ([]PermitVersion, error) {
	status := ehds.PermitStatusValue(q.Get("status"))
	if status != "" && !slices.Contains(ehds.PermitStatusValues(), status) {
		return nil, fault.New(fault.Invalid, "permit-status-unknown", "no permit has such a status").At("/status")
	}
	var before time.Time
	if text := q.Get("before"); text != "" {
		var err error
		if before, err = time.Parse(time.DateOnly, text); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "date-form", "a day such as 2027-03-31 is wanted").At("/before")
		}
	}
	out, now := []PermitVersion{}, g.o.Clock()
	err := g.applications(ctx, func(id string, doc exchange.ApplicationDoc) {
		for _, v := range allVersions(id, doc, now) {
			if (status != "" && v.Status != status) || (q.Get("hdab") != "" && v.Track.HDAB != q.Get("hdab")) ||
				(q.Get("in_force") != "" && !v.InForce) || (!before.IsZero() && (!v.InForce || !v.Expires.Before(before))) {
				continue
			}
			out = append(out, v)
		}
	})
	slices.SortFunc(out, func(a, b PermitVersion) int { return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

// caseOfPermit finds the case of a permit version.
func (g *Gateway) caseOfPermit(ctx context.Context, id string) (string, error) {
	p, ok, err := g.record.Permit(ctx, id)
	if err == nil && !ok {
		err = noSuchPermit()
	}
	return p.Case, err
}

func noSuchPermit() error {
	return fault.New(fault.NotFound, "no-such-permit", "no such permit is on record")
}

func (g *Gateway) operatorPermitHistory(ctx context.Context, q httpapi.Query) (PermitHistory, error) {
	return g.permitHistory(ctx, q.Get("id"))
}

// permitHistory is a permit with all versions of its track.
func (g *Gateway) permitHistory(ctx context.Context, id string) (PermitHistory, error) {
	out := PermitHistory{Versions: []PermitVersion{}, Notices: []exchange.Notice{}}
	caseID, err := g.caseOfPermit(ctx, id)
	if err != nil {
		return out, err
	}
	_, doc, err := g.applicationDoc(ctx, caseID)
	if err != nil {
		return out, err
	}
	track, ok := doc.Application.TrackOfPermit(id)
	if !ok {
		return out, nil // on record, and the case does not know it
	}
	out.Versions = versionsOf(caseID, doc, track, g.o.Clock())
	for _, n := range doc.Notices {
		if slices.ContainsFunc(track.Permits, func(v access.PermitVersion) bool { return v.ID == n.PermitID }) {
			out.Notices = append(out.Notices, n)
		}
	}
	return out, nil
}

// operatorPermitMove takes a permit's force away, for a time or for good, or gives it back. The status list
// says so with the commit.
func (g *Gateway) operatorPermitMove(ctx context.Context, m PermitMove) (PermitHistory, error) {
	switch m.Event {
	case ehds.PermitEventRevoked, ehds.PermitEventSuspended, ehds.PermitEventResumed:
	default:
		return PermitHistory{}, fault.New(fault.Invalid, "permit-event-unknown", "an operator revokes, suspends or resumes a permit; what else happens to it is decided where the body decides").At("/event")
	}
	if m.Actor == "" {
		return PermitHistory{}, fault.New(fault.Invalid, "name-missing", "who does this is recorded").At("/actor")
	}
	caseID, err := g.caseOfPermit(ctx, m.Permit)
	if err != nil {
		return PermitHistory{}, err
	}
	_, err = g.record.Update(ctx, caseID, func(s store.State) (store.Change, error) {
		return g.apps.Act(s, func(doc exchange.ApplicationDoc) (access.Event, error) {
			track, ok := doc.Application.TrackOfPermit(m.Permit)
			if !ok {
				return nil, noSuchPermit()
			}
			return access.PermitMoved{Track: track.Key, At: s.Now, PermitID: m.Permit, Event: m.Event, Reason: m.Reasons, Actor: m.Actor}, nil
		})
	})
	if err != nil {
		return PermitHistory{}, err
	}
	g.outbox.Wake()
	return g.permitHistory(ctx, m.Permit)
}

// operatorNotices lists notices nobody has confirmed, the first to be confirmed first.
func (g *Gateway) operatorNotices(ctx context.Context, q httpapi.Query) ([]NoticeRow, error) {
	out, now := []NoticeRow{}, g.o.Clock()
	err := g.applications(ctx, func(id string, doc exchange.ApplicationDoc) {
		for _, n := range doc.Notices {
			if q.Get("all") == "" && n.State == exchange.NoticeAcknowledged || q.Get("overdue") != "" && !n.Overdue(now) ||
				q.Get("permit") != "" && n.PermitID != q.Get("permit") {
				continue
			}
			out = append(out, NoticeRow{Case: id, Overdue: n.Overdue(now), Notice: n})
		}
	})
	slices.SortFunc(out, func(a, b NoticeRow) int {
		return cmp.Or(a.AcknowledgeBy.Compare(b.AcknowledgeBy), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

// NoticeRow is a notice and its case.
type NoticeRow struct {
	Case    string `json:"case"`
	Overdue bool   `json:"overdue"`
	exchange.Notice
}

func (g *Gateway) operatorNoticeConfirm(ctx context.Context, r NoticeConfirmed) (struct{}, error) {
	if r.By == "" {
		return struct{}{}, fault.New(fault.Invalid, "name-missing", "who confirmed is recorded").At("/by")
	}
	_, err := g.record.Update(ctx, r.Case, func(s store.State) (store.Change, error) { return g.apps.Confirm(s, r.Notice, r.By) })
	return struct{}{}, err
}
