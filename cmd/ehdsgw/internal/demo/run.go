package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Options of a run.
type Options struct {
	Dir       string // work folder; empty makes a temporary one
	Catalogue string // used instead of the French catalogue: a file or a directory
	Keep      bool   // leave everything up after the last step until ctx ends
	Progress  *Progress
	Logger    *slog.Logger
	Clock     func() time.Time
	Rand      io.Reader
	// Up is called with the report when the steps are done, while with Keep everything is up again.
	Up func(Report)
}

// stepNames are the steps, in order.
var stepNames = []string{
	"anchor and central platform up",
	"FR and FI resolve to the pinned anchor",
	"FR validates and quarantines",
	"FR publishes: receipts checked, VALIDATED",
	"FI publishes: receipts checked, VALIDATED",
	"nothing anew, one change one update; catalogues equal",
	"one application for data of both reaches FR and FI",
	"the same bytes again: DUPLICATE, one effect",
	"FR asks for a field; the answer takes it back to its phase",
	"FI grants; FR grants one dataset and refuses another",
	"the centre and FI see each status; FR's decision is shared",
	"both decisions accepted: a permit of each body",
	"a person more: a new version, the old one falls",
	"revoked with reasons: everybody is told",
	"filed in FR for both: forwarded, a track in each nation",
	"gateways stopped: permit and statuses verified from files",
	"evidence bundle and reconciliation verified offline",
}

// run is one demo under way.
type run struct {
	o      Options
	dir    string
	report Report

	anchor        *anchorParty
	centre        *centreParty
	fr, fi        *nation
	chosen        Published // the French dataset applied for, and granted
	refused       Published // another of France, applied for and refused; empty when France has only one
	chosenFI      Published // the Finnish one
	caseID        string
	applicationID string
	list          string            // URI of the status list of the French permit
	files         map[string]string // what is needed after the gateways have stopped
}

// stepTime bounds one step.
const stepTime = 60 * time.Second

// Run walks the steps. The report says how far it came; the error is for trouble of the
// machine, not for a step that does not hold.
func Run(ctx context.Context, o Options) (Report, error) {
	r := &run{o: o, dir: o.Dir, files: map[string]string{}, report: Report{
		Quarantined: []Quarantined{}, Published: []Published{}, IDs: map[string]string{}, URLs: map[string]string{},
	}}
	if r.dir == "" {
		dir, err := os.MkdirTemp("", "ehdsgw-demo-")
		if err != nil {
			return r.report, err
		}
		r.dir = dir
		if !o.Keep {
			defer os.RemoveAll(dir)
		}
	}
	abs, err := filepath.Abs(r.dir)
	if err != nil {
		return r.report, err
	}
	r.dir = abs
	defer r.stopAll(context.WithoutCancel(ctx))
	for i, step := range []func(context.Context) (string, error){
		r.centreUp, r.nationsUp, r.validate, r.publishFR, r.publishFI, r.secondPass,
		r.apply, r.replay, r.ask, r.decide, r.statuses, r.accept, r.amend, r.revoke, r.forward, r.verifyPermit, r.verifyEvidence,
	} {
		if !r.step(ctx, i, step) {
			break
		}
	}
	keep := o.Keep && r.report.OK()
	if keep {
		if err := r.restart(ctx); err != nil {
			return r.report, err
		}
	}
	if o.Up != nil {
		o.Up(r.report)
	}
	if keep {
		<-ctx.Done()
	}
	return r.report, nil
}

// restart brings both gateways up again on their folders, for whoever wants to look further.
func (r *run) restart(ctx context.Context) error {
	for _, n := range []*nation{r.fr, r.fi} {
		if err := n.start(ctx, r.o); err != nil {
			return err
		}
		r.report.URLs[n.country+" admin"] = n.admin
	}
	return nil
}

// step runs one step and says whether the next makes sense.
func (r *run) step(ctx context.Context, i int, f func(context.Context) (string, error)) bool {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	s := Step{N: i + 1, Name: stepNames[i]}
	r.o.Progress.Begin(s.N, s.Name)
	start := time.Now()
	detail, err := f(ctx)
	s.MS, s.OK, s.Detail = time.Since(start).Milliseconds(), err == nil, detail
	if err != nil {
		s.Detail = err.Error()
	}
	r.report.Steps = append(r.report.Steps, s)
	r.o.Progress.End(s)
	return s.OK
}

// errNotYet is what a condition returns while waiting makes sense.
var errNotYet = errors.New("not yet")

// eventually asks until the condition holds, fails for good, or the step's time is over.
func eventually(ctx context.Context, what string, condition func(context.Context) error) error {
	t := time.NewTicker(20 * time.Millisecond)
	defer t.Stop()
	var last error
	for {
		if last = condition(ctx); last == nil || !errors.Is(last, errNotYet) {
			return last
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, last)
		case <-t.C:
		}
	}
}

// notYet wraps a reason for waiting on.
func notYet(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errNotYet, fmt.Sprintf(format, args...))
}
