package gateway

import (
	"context"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// deadLetterPage is how many dead letters one call lists at most.
const deadLetterPage = 1000

// DeadLetter is a row of the list.
type DeadLetter = exchange.DeadLetter

// RetryRequest names the dead letter to send again.
type RetryRequest struct {
	ID int64 `json:"id"`
}

// Retried names the outbox row that carries it now: a message goes out under a new number, and so as
// another row.
type Retried struct {
	ID int64 `json:"id"`
}

// deadLetterDesk is the operator's view of what was given up.
type deadLetterDesk struct{ letters *exchange.DeadLetters }

func (g *Gateway) deadLetters() deadLetterDesk {
	return deadLetterDesk{&exchange.DeadLetters{
		Record: g.record, Compose: g.composer(), Logger: g.log, Wake: func() { g.outbox.Wake() },
	}}
}

// list answers with a page of dead letters; the last id of a page is the "after" of the next.
func (d deadLetterDesk) list(ctx context.Context, q httpapi.Query) ([]DeadLetter, error) {
	if q.Get("state") != string(store.OutboxDead) {
		return nil, fault.New(fault.Invalid, "state-not-listed", "only rows in state dead are listed").At("/state")
	}
	var after int64
	if s := q.Get("after"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return nil, fault.New(fault.Invalid, "after-form", "after is the id of an outbox row").At("/after")
		}
		after = n
	}
	return d.letters.List(ctx, after, deadLetterPage)
}

func (d deadLetterDesk) retry(ctx context.Context, req RetryRequest) (Retried, error) {
	id, err := d.letters.Retry(ctx, req.ID)
	return Retried{id}, err
}
