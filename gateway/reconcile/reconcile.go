package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Record is the part of the store a comparison uses.
type Record interface {
	store.Updater
	Case(ctx context.Context, caseID string) (store.Case, bool, error)
	Cases(ctx context.Context, prefix, after string, limit int) ([]store.Case, error)
	DescriptionHeads(ctx context.Context, prefix, after string, limit int) ([]store.Description, error)
	OutboxByJTI(ctx context.Context, jti string) (store.Outbox, bool, error)
}

// Reconciler compares catalogues. It is safe for concurrent use.
type Reconciler struct {
	Record  Record
	Country string
	Centre  string // entity identifier of the centre
	Compose exchange.Composer
	// Listed says whether the centre's metadata lists a message type.
	Listed func(context.Context, ehds.MessageType) (bool, error)
	// Shown reads the centre's public catalogue; nil when no address of it is known.
	Shown Shown
	Clock func() time.Time
	After func(time.Duration) <-chan time.Time
	Wake  func() // the outbox
}

// Errors of Run.
var (
	// ErrNotListed is returned when the centre does not know catalogue.digest: compare over HTTP.
	ErrNotListed = errors.New("the centre's metadata does not list catalogue.digest")
	// ErrNoAddress is returned when no address of the public catalogue is known.
	ErrNoAddress = errors.New("no address of the centre's public catalogue is known")
	// ErrUnread is returned when the public catalogue could not be read to its end.
	ErrUnread = errors.New("the centre's catalogue cannot be read")
	// ErrUnanswered is returned when the centre has not answered in time. Its answer is taken when it
	// comes, but to no purpose: begin again.
	ErrUnanswered = errors.New("the centre has not answered in time")
	// ErrUndelivered is returned when a question was given up.
	ErrUndelivered = errors.New("the question could not be delivered")
	// ErrRefused is returned when the centre did not validate a question.
	ErrRefused = errors.New("the centre refused the question")
)

// restarts bounds how often a comparison begins again because the centre's catalogue changed.
const restarts = 3

// Run compares in messages until ctx ends. The report is complete only without an error.
func (r *Reconciler) Run(ctx context.Context) (Report, error) {
	listed, err := r.Listed(ctx, ehds.CatalogueDigest)
	if err != nil {
		return Report{}, fmt.Errorf("the centre's metadata: %w", err)
	}
	if !listed {
		return Report{}, ErrNotListed
	}
	for again := 0; ; again++ {
		report, err := r.once(ctx)
		if !errors.Is(err, digest.ErrMoved) || again == restarts {
			return report, err
		}
	}
}

// once makes one comparison, in a case of its own.
func (r *Reconciler) once(ctx context.Context) (Report, error) {
	began := r.Clock()
	ours, err := r.holds(ctx)
	if err != nil {
		return Report{}, err
	}
	report := Report{
		Case:    ehds.CaseID{Kind: ehds.CaseCatalogue, Country: r.Country, ID: r.Compose.NewID()}.String(),
		Country: r.Country, Centre: r.Centre, Mode: ByMessages, Proves: ByMessages.Proves(), Scheme: digest.Scheme, At: began.UTC(),
	}
	descent := digest.NewDescent(ours)
	for ask := descent.Ask(); len(ask) > 0; ask = descent.Ask() {
		answer, err := r.ask(ctx, report.Case, ours, ask)
		if err != nil {
			return report, err
		}
		report.Messages += 2
		if err := descent.Take(*answer); err != nil {
			return report, fmt.Errorf("the centre's answer: %w", err)
		}
	}
	count, root := descent.Theirs()
	report.Theirs, report.Equal, report.Hashes = Side{count, root.String()}, descent.Equal(), descent.Hashes()
	if err := r.fill(ctx, &report, ours, descent.Differences()); err != nil {
		return report, err
	}
	report.Took = r.Clock().Sub(began)
	return report, r.conclude(ctx, report)
}

// ask sends one question and waits for its answer.
func (r *Reconciler) ask(ctx context.Context, caseID string, ours *digest.Tree, ask []string) (*ehds.CatalogueDigestAnswer, error) {
	row := r.Compose.Message(exchange.Draft{To: r.Centre, Type: ehds.CatalogueDigest, Case: caseID, Body: ehds.CatalogueDigestBody{
		Scheme: digest.Scheme, Count: ours.Len(), Root: ours.Root().String(), Ask: ask,
	}})
	_, err := r.Record.Update(ctx, caseID, func(store.State) (store.Change, error) {
		return store.Change{Doc: encode(exchange.DigestDoc{Waiting: row.Jti}), Send: []store.Outgoing{row}}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("queueing the question: %w", err)
	}
	r.Wake()
	body, err := r.answered(ctx, caseID, row.Jti)
	if err != nil {
		return nil, err
	}
	if body.Result != ehds.Validated || body.Catalogue == nil {
		code := ""
		if len(body.Findings) > 0 {
			code = body.Findings[0].Code
		}
		return nil, fmt.Errorf("%w: %s", ErrRefused, code)
	}
	return body.Catalogue, nil
}

// Waits between looks at the record for an answer.
const (
	firstLook = 5 * time.Millisecond
	lastLook  = 500 * time.Millisecond
)

// answered waits until the answer to a question is in the record.
func (r *Reconciler) answered(ctx context.Context, caseID, jti string) (*ehds.CatalogueDigestResponse, error) {
	for wait := firstLook; ; wait = min(2*wait, lastLook) {
		c, _, err := r.Record.Case(ctx, caseID)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnanswered, err)
		}
		var doc exchange.DigestDoc
		if err := json.Unmarshal(c.Doc, &doc); err != nil {
			return nil, fmt.Errorf("case %s: %w", caseID, err)
		}
		if doc.Waiting == "" && doc.Answer != nil {
			return doc.Answer, nil
		}
		row, ok, err := r.Record.OutboxByJTI(ctx, jti)
		if err == nil && ok && row.State == store.OutboxDead {
			return nil, fmt.Errorf("%w: %s", ErrUndelivered, row.Reason)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnanswered, ctx.Err())
		case <-r.After(wait):
		}
	}
}

// conclude keeps the report with its case.
func (r *Reconciler) conclude(ctx context.Context, report Report) error {
	_, err := r.Record.Update(ctx, report.Case, func(store.State) (store.Change, error) {
		return store.Change{Doc: encode(exchange.DigestDoc{Result: encode(report)})}, nil
	})
	if err != nil {
		return fmt.Errorf("keeping the report: %w", err)
	}
	return nil
}

// encode marshals types of our own, which cannot fail.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a type of our own does not marshal: %v", err))
	}
	return b
}
