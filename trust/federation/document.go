package federation

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/singleflight"
)

// document is a statement as one address served it. Nothing in it is verified: every chain made of it
// is, each time. It never changes.
type document struct {
	statement *Statement
	etag      string
	lifetime  time.Duration // as the host allows
	fetched   time.Time     // when the host last sent or confirmed it
}

// query is on whose account, and how recent what is kept has to be.
type query struct {
	spend *budget
	// within is how long ago the host may last have been asked; 0 means that it is asked now.
	within time.Duration
	// strict refuses what is kept when the host cannot be asked.
	strict bool
}

// askedNow is the query of one who wants to know what the host says now, and nothing else.
func askedNow() query { return query{spend: newBudget(), strict: true} }

// alive says whether the statement's own time has come and not passed.
func (d *document) alive(now time.Time) bool { return now.Before(time.Unix(d.statement.Exp, 0)) }

// fresh says whether the document may be used without asking its host.
func (d *document) fresh(now time.Time, within time.Duration) bool {
	age := now.Sub(d.fetched)
	return within > 0 && age >= 0 && age <= min(within, d.lifetime, mostKept) && d.alive(now)
}

// documents are the statements kept by address, in memory and on the shelf shared with other
// instances. At most one exchange with an address is under way at a time.
type documents struct {
	wire   *wire
	shelf  *sealedShelf // nil without one
	clock  func() time.Time
	stale  time.Duration // how long a document may stand in after its host was last asked
	flight singleflight.Group
	near   *recent[string, *document]
}

// get returns the statement an address serves: the one kept while it is fresh enough, else the host's.
// When the host cannot be asked the one kept stands in, while it lives and no longer than the bound.
// check looks at what the statement is about; one that fails it is not kept.
func (d *documents) get(ctx context.Context, address string, q query, check func(*Statement) error) (found, error) {
	kept := d.find(ctx, address)
	if kept != nil && check(kept.statement) != nil {
		kept = nil // the address belonged to somebody else
	}
	now := d.clock()
	if kept != nil && kept.fresh(now, q.within) {
		return found{document: kept}, nil
	}
	if err := q.spend.fetch(); err != nil {
		return found{}, err
	}
	doc, err := d.ask(ctx, address, kept, check)
	switch {
	case err == nil:
		if err := q.spend.read(len(doc.statement.Token)); err != nil {
			return found{}, err
		}
		// Whoever shares an exchange may have asked about another entity at the same address.
		return found{document: doc, asked: true}, check(doc.statement)
	case kept != nil && !q.strict && isUnavailable(err) && kept.alive(now) && now.Sub(kept.fetched) <= d.stale:
		return found{document: kept, stale: true}, nil
	}
	return found{}, err
}

// ask exchanges with the host, once for all who ask at the same time. The exchange is detached: one
// caller that hangs up must not fail the others.
func (d *documents) ask(ctx context.Context, address string, kept *document, check func(*Statement) error) (*document, error) {
	ch := d.flight.DoChan(address, func() (any, error) {
		ctx := context.WithoutCancel(ctx) // the wire has a deadline of its own
		etag := ""
		if kept != nil {
			etag = kept.etag
		}
		a, err := d.wire.get(ctx, address, statementEndpoint, etag)
		if err != nil {
			if !isUnavailable(err) {
				d.drop(ctx, address)
			}
			return nil, err
		}
		doc, err := d.take(a, kept)
		if err == nil {
			err = check(doc.statement)
		}
		if err != nil {
			d.drop(ctx, address)
			return nil, err
		}
		d.keep(ctx, address, doc)
		return doc, nil
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrTime, ctx.Err())
	case res := <-ch:
		doc, _ := res.Val.(*document)
		return doc, res.Err
	}
}

// take makes a document of an answer.
func (d *documents) take(a answer, kept *document) (*document, error) {
	now := d.clock()
	if a.same {
		if kept == nil || kept.etag == "" {
			return nil, fmt.Errorf("%w: not modified, though nothing is kept", ErrFetchStatus)
		}
		etag := a.etag
		if etag == "" {
			etag = kept.etag
		}
		return &document{statement: kept.statement, etag: etag, lifetime: a.lifetime, fetched: now}, nil
	}
	s, err := ParseStatement(a.body)
	if err != nil {
		return nil, err
	}
	return &document{statement: s, etag: a.etag, lifetime: a.lifetime, fetched: now}, nil
}

// find looks near, then on the shelf. What stands there was put there by an instance that has the same
// secret; it is parsed anew, and verified with every chain it becomes part of.
func (d *documents) find(ctx context.Context, address string) *document {
	near, ok := d.near.get(address)
	now := d.clock()
	if d.shelf == nil || ok && now.Sub(near.fetched) < shelfRest {
		return near
	}
	far, at := d.shelf.get(ctx, address, now)
	switch {
	case at.IsZero() || ok && !at.After(near.fetched):
		return near
	case far == nil: // another instance was told that it is no more
		d.near.drop(address)
		return nil
	}
	d.near.put(address, far)
	return far
}

// shelfRest is how long what is near is used before the shelf is looked at for something newer.
const shelfRest = time.Minute

func (d *documents) keep(ctx context.Context, address string, doc *document) {
	d.near.put(address, doc)
	if d.shelf != nil {
		d.shelf.put(ctx, address, doc, d.clock())
	}
}

// drop forgets what an address served, here and for all instances.
func (d *documents) drop(ctx context.Context, address string) {
	d.near.drop(address)
	if d.shelf != nil {
		d.shelf.drop(ctx, address, d.clock())
	}
}
