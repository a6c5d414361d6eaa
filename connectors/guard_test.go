package connectors

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// wild is a driver of every family that does as told.
type wild struct{ do func(context.Context) error }

func (w wild) Capabilities() CatalogueCapabilities { return CatalogueCapabilities{Paged: true} }
func (w wild) List(ctx context.Context, _ time.Time, _ string) (CataloguePage, error) {
	return CataloguePage{Next: "n"}, w.do(ctx)
}
func (w wild) Submit(ctx context.Context, _ Submission) error     { return w.do(ctx) }
func (w wild) Info(ctx context.Context, _ Information) error      { return w.do(ctx) }
func (w wild) Withdraw(ctx context.Context, _ Withdrawal) error   { return w.do(ctx) }
func (w wild) Answer(ctx context.Context, _ DecisionAnswer) error { return w.do(ctx) }
func (w wild) Events(ctx context.Context, _ string) (PermitEvents, error) {
	return PermitEvents{Cursor: "c"}, w.do(ctx)
}
func (w wild) Appeal(ctx context.Context, _ AppealNotice) error         { return w.do(ctx) }
func (w wild) ChangeRequest(ctx context.Context, _ ChangeRequest) error { return w.do(ctx) }
func (w wild) Distribute(ctx context.Context, _ PermitNotice) error     { return w.do(ctx) }
func (w wild) Bring(ctx context.Context, _ PermitNotice) (bool, error)  { return true, w.do(ctx) }
func (w wild) Recognise(ctx context.Context, _ RecognitionNotice) error { return w.do(ctx) }
func (w wild) Measure(ctx context.Context, _ MeasureNotice) error       { return w.do(ctx) }
func (w wild) Send(ctx context.Context, _ Peer, _ string, _ []Outbound) (Answer, error) {
	return Answer{Status: 200}, w.do(ctx)
}

// calls are all calls of all families behind the fence.
func calls(d wild, h Host, t Deadlines) map[string]func(context.Context) error {
	cat, per, cen := GuardCatalogue(d, h, t), GuardPermits(d, h, t), GuardCentral(d, h, t)
	x := GuardExtras(d, h, t)
	return map[string]func(context.Context) error{
		"List":     func(ctx context.Context) error { _, err := cat.List(ctx, time.Time{}, ""); return err },
		"Submit":   func(ctx context.Context) error { return per.Submit(ctx, Submission{}) },
		"Info":     func(ctx context.Context) error { return per.Info(ctx, Information{}) },
		"Withdraw": func(ctx context.Context) error { return per.Withdraw(ctx, Withdrawal{}) },
		"Answer": func(ctx context.Context) error {
			return per.Answer(ctx, DecisionAnswer{Body: ehds.DecisionAnswerBody{}})
		},
		"Events":        func(ctx context.Context) error { _, err := per.Events(ctx, ""); return err },
		"Appeal":        func(ctx context.Context) error { return x.Appeals.Appeal(ctx, AppealNotice{}) },
		"ChangeRequest": func(ctx context.Context) error { return x.ChangeRequests.ChangeRequest(ctx, ChangeRequest{}) },
		"Distribute":    func(ctx context.Context) error { return x.Distributor.Distribute(ctx, PermitNotice{}) },
		"Bring": func(ctx context.Context) error {
			_, err := GuardCourier(d, h, t).Bring(ctx, PermitNotice{})
			return err
		},
		"Measure":   func(ctx context.Context) error { return x.Measures.Measure(ctx, MeasureNotice{}) },
		"Send":      func(ctx context.Context) error { _, err := cen.Send(ctx, Peer{}, "", nil); return err },
		"Recognise": func(ctx context.Context) error { return x.Recognitions.Recognise(ctx, RecognitionNotice{}) },
	}
}

func TestAPanicEndsTheCallOnly(t *testing.T) {
	var log bytes.Buffer
	h := Host{Instance: "wild", Logger: slog.New(slog.NewTextHandler(&log, nil))}
	for name, f := range calls(wild{func(context.Context) error { panic("boom") }}, h, Deadlines{}) {
		log.Reset()
		if err := f(t.Context()); !errors.Is(err, ErrPanic) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error = %v", name, err)
		}
		if !strings.Contains(log.String(), "panic=string") || strings.Contains(log.String(), "boom") || !strings.Contains(log.String(), "connector=wild") {
			t.Errorf("%s: the panic is not in the log: %s", name, log.String())
		}
	}
}

func TestACallEndsAtItsDeadline(t *testing.T) {
	h := Host{Instance: "wild", Logger: slog.New(slog.DiscardHandler)}
	wait := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for name, f := range calls(wild{wait}, h, Deadlines{List: time.Millisecond, Permits: time.Millisecond, Send: time.Millisecond}) {
		if err := f(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

func TestResultsAndErrorsPass(t *testing.T) {
	h := Host{Instance: "wild", Logger: slog.New(slog.DiscardHandler)}
	own := errors.New("own")
	for name, f := range calls(wild{func(context.Context) error { return own }}, h, DefaultDeadlines()) {
		if err := f(t.Context()); !errors.Is(err, own) {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	fine := wild{func(context.Context) error { return nil }}
	page, err := GuardCatalogue(fine, h, DefaultDeadlines()).List(t.Context(), time.Time{}, "")
	if err != nil || page.Next != "n" || !GuardCatalogue(fine, h, Deadlines{}).Capabilities().Paged {
		t.Errorf("a page was lost: %+v, %v", page, err)
	}
	if ok, err := GuardCourier(fine, h, DefaultDeadlines()).Bring(t.Context(), PermitNotice{}); !ok || err != nil {
		t.Errorf("a confirmation was lost: %v", err)
	}
	a, err := GuardCentral(fine, h, DefaultDeadlines()).Send(t.Context(), Peer{}, "", nil)
	if err != nil || a.Status != 200 {
		t.Errorf("an answer was lost: %+v, %v", a, err)
	}
}

// plain takes applications and nothing else.
type plain struct{ Permits }

func TestADriverWithoutExtrasHasNone(t *testing.T) {
	if x := GuardExtras(plain{wild{}}, Host{}, Deadlines{}); x != (Extras{}) {
		t.Errorf("extras of a plain driver: %+v", x)
	}
}
