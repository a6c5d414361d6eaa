package gateway

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// PermitQuery asks the centre which permits of an application it knows (TEHDAS2 D6.4 R11.0.1).
type PermitQuery struct {
	Case string `json:"case"`
	// Timeout bounds the wait for the centre, in seconds; 0 means a minute.
	Timeout int `json:"timeout,omitempty"`
}

// PermitRegistry is the centre's answer, and where it disagrees with the record about permits of ours.
type PermitRegistry struct {
	Case        string                `json:"case"`
	Asked       time.Time             `json:"asked"`
	Answered    time.Time             `json:"answered"`
	Message     string                `json:"message"` // id of the answer, which is in the record
	Permits     []exchange.Registered `json:"permits"`
	Differences []exchange.Difference `json:"differences"`
}

// Bounds of the wait for the centre, and of the waits between looks at the record.
const (
	permitQueryTimeout = time.Minute
	permitQueryMost    = time.Hour
	permitQueryFirst   = 5 * time.Millisecond
	permitQueryLast    = 500 * time.Millisecond
)

// operatorPermitQuery asks the centre and waits for its answer. An answer that comes later is kept with the
// case, and what differs is flagged there.
func (g *Gateway) operatorPermitQuery(ctx context.Context, q PermitQuery) (PermitRegistry, error) {
	listed, err := g.centreLists(ctx, ehds.PermitQuery)
	if err != nil {
		return PermitRegistry{}, fault.Wrap(err, fault.Unavailable, "centre-unknown", "what the centre takes cannot be told now")
	}
	if !listed {
		return PermitRegistry{}, fault.New(fault.Conflict, "query-not-listed", "the centre's metadata does not list permit.query")
	}
	wait := time.Duration(q.Timeout) * time.Second
	if wait <= 0 {
		wait = permitQueryTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, min(wait, permitQueryMost))
	defer cancel()
	jti := ""
	if _, err = g.record.Update(ctx, q.Case, func(s store.State) (change store.Change, err error) {
		change, jti, err = g.apps.AskPermits(s)
		return change, err
	}); err != nil {
		return PermitRegistry{}, err
	}
	g.outbox.Wake()
	doc, err := g.permitAnswer(ctx, q.Case, jti)
	if err != nil {
		return PermitRegistry{}, err
	}
	r := doc.Registry
	if r.Refused != "" {
		return PermitRegistry{}, fault.New(fault.Conflict, "query-refused", "the centre refused the question: "+r.Refused)
	}
	differ := doc.RegistryDifferences(func(id string) string {
		p, _, perr := g.record.Permit(ctx, id)
		if perr != nil {
			err = perr
		}
		return p.Token
	})
	return PermitRegistry{
		Case: q.Case, Asked: r.Asked, Answered: r.At, Message: r.Message,
		Permits: append([]exchange.Registered{}, r.Permits...), Differences: append([]exchange.Difference{}, differ...),
	}, err
}

// permitAnswer waits until the answer to a question is in the record.
func (g *Gateway) permitAnswer(ctx context.Context, caseID, jti string) (exchange.ApplicationDoc, error) {
	for wait := permitQueryFirst; ; wait = min(2*wait, permitQueryLast) {
		c, _, err := g.record.Case(ctx, caseID)
		if err != nil {
			return exchange.ApplicationDoc{}, err
		}
		doc, _ := exchange.ReadApplicationDoc(c.ID, c.Doc)
		switch {
		case doc.Registry == nil || doc.Registry.Waiting != "" && doc.Registry.Waiting != jti:
			return doc, fault.New(fault.Conflict, "query-superseded", "the centre was asked again meanwhile")
		case doc.Registry.Waiting == "":
			return doc, nil
		}
		if row, ok, err := g.record.OutboxByJTI(ctx, jti); err == nil && ok && row.State == store.OutboxDead {
			return doc, fault.New(fault.Unavailable, "centre-undelivered", "the question could not be delivered: "+row.Reason)
		}
		select {
		case <-ctx.Done():
			return doc, fault.Wrap(ctx.Err(), fault.Unavailable, "centre-unanswered", "the centre has not answered in time; its answer will be kept with the case")
		case <-g.o.After(wait):
		}
	}
}
