package conformance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Options of a run. Cases, Driver, Now, Dir and RunID are required.
type Options struct {
	Cases    []Case
	Driver   lab.Driver
	Now      func() time.Time // real time
	Clock    lab.Clock        // virtual time instead, for driver and parties; nil without
	Dir      string           // the run's own folder
	RunID    string
	Parallel int     // cases at a time; 4 when zero
	Patience float64 // multiplies every wait; 1 when zero
	Logger   *slog.Logger
	// Progress is told of every case that ended. It is called by one goroutine at a time.
	Progress func(done, of int, r Result)
}

// caseBound is the longest a case may take, times the patience.
const caseBound = 60 * time.Second

// startBound is the longest a target may take to start and to be enrolled, times the patience.
const startBound = 30 * time.Second

// Ran is what a run found: the results in the order of the cases, who was judged, and what must stand in no
// report.
type Ran struct {
	Results []Result
	About   lab.Announcement
	Secrets []string
}

// Run runs the cases. The error means that there was no target to judge.
func Run(ctx context.Context, o Options) (Ran, error) {
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	if o.Patience == 0 {
		o.Patience = 1
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	r := &runner{o: o, results: make([]Result, len(o.Cases))}
	shared, err := r.openLab(ctx, "0")
	if err != nil {
		return Ran{}, err
	}
	r.shared = shared
	about := shared.Target.Announced()
	r.lists, err = r.metadata(ctx)
	if err == nil {
		r.runAll(ctx)
	}
	if ended := shared.Close(context.WithoutCancel(ctx)); ended != nil { // EHG-RESILIENCE-003 judges that
		o.Logger.Warn("the shared target did not end well", "error", ended)
	}
	return Ran{r.results, about, r.secrets}, errors.Join(err, ctx.Err())
}

// runner is a run under way.
type runner struct {
	o      Options
	shared *lab.Lab
	lists  listed

	mu      sync.Mutex
	results []Result
	done    int
	labs    int
	secrets []string
}

// listed is what the target's metadata lists.
type listed struct {
	profiles []string
	types    []string
}

func (r *runner) openLab(ctx context.Context, name string) (*lab.Lab, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(float64(startBound)*r.o.Patience))
	defer cancel()
	l, err := lab.Open(ctx, lab.Options{
		Dir: filepath.Join(r.o.Dir, name), RunID: r.o.RunID, Driver: r.o.Driver, Now: r.o.Now, Clock: r.o.Clock, Logger: r.o.Logger,
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.secrets = append(r.secrets, l.Target.Announced().DispatcherKey, keyLine(l.Bootstrap().TLS.Key))
	r.mu.Unlock()
	return l, prepare(ctx, l)
}

// keyLine is a line of a PEM file that tells the key.
func keyLine(pem string) string {
	lines := strings.Split(pem, "\n")
	if len(lines) < 2 {
		return ""
	}
	return lines[1]
}

func (r *runner) metadata(ctx context.Context) (listed, error) {
	p, err := r.shared.Centre.Resolver().Resolve(ctx, r.shared.Entity(), nil)
	if err != nil {
		return listed{}, err
	}
	return listed{p.Gateway.Profiles, p.Gateway.MessageTypes}, nil
}

// runAll runs what shares the target side by side, and then what wants one of its own: side by side too
// when the driver can start many, one by one otherwise.
func (r *runner) runAll(ctx context.Context) {
	var together, alone []int
	for i, c := range r.o.Cases {
		if c.Has(NeedAlone) || c.Has(NeedRestart) || c.Has(NeedClock) {
			alone = append(alone, i)
		} else {
			together = append(together, i)
		}
	}
	r.pool(ctx, together, r.o.Parallel)
	wide := 1
	if r.o.Driver.Abilities().Many && r.o.Clock == nil {
		wide = max(1, r.o.Parallel/2)
	}
	r.pool(ctx, alone, wide)
}

func (r *runner) pool(ctx context.Context, indexes []int, wide int) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range wide {
		wg.Go(func() {
			for i := range next {
				r.finish(i, r.one(ctx, r.o.Cases[i]))
			}
		})
	}
	for _, i := range indexes {
		next <- i
	}
	close(next)
	wg.Wait()
}

func (r *runner) finish(i int, res Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i] = res
	r.done++
	if r.o.Progress != nil {
		r.o.Progress(r.done, len(r.o.Cases), res)
	}
}

// missing says why a case cannot be observed; empty when it can.
func (r *runner) missing(c Case) string {
	can := r.o.Driver.Abilities()
	for _, n := range c.Needs {
		switch n {
		case NeedClock:
			if !can.Clock {
				return "not observable: needs a virtual clock"
			}
		case NeedRestart:
			if !can.Restart {
				return "not observable: needs a target that can be restarted"
			}
		case NeedOutput:
			if !can.Output {
				return "not observable: needs the target's output and state folder"
			}
		case NeedDispatcher:
			if r.shared.Target.Announced().URLs.Dispatcher == "" {
				return "not observable: the target announces no dispatcher interface"
			}
		case NeedExt1:
			if !slices.Contains(r.lists.profiles, ehds.ProfileExt1) {
				return "not asked: the target's metadata does not list ext-1"
			}
		case NeedPeer1:
			if !slices.Contains(r.lists.profiles, ehds.ProfilePeer1) {
				return "not asked: the target's metadata does not list peer-1"
			}
		}
	}
	return ""
}

// one runs one case.
func (r *runner) one(ctx context.Context, c Case) Result {
	began := r.o.Now()
	res := Result{
		ID: c.ID, Title: c.Title, Why: c.Why, Group: c.Group(), Level: c.Level, Polarity: c.Polarity, Profiles: c.Profiles,
		Clauses: c.Clauses, Fidelity: c.Fidelity, Measures: c.Report,
	}
	if reason := r.missing(c); reason != "" {
		res.Outcome, res.Reason = Skip, reason
		return res
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(float64(caseBound)*r.o.Patience))
	defer cancel()
	l, err := r.labFor(ctx, c)
	if err != nil {
		res.Outcome, res.Reason = Err, "no target of its own: "+err.Error()
		return res
	}
	t := &T{Lab: l, c: c, patience: r.o.Patience}
	t.run(ctx)
	if l != r.shared {
		if err := l.Close(context.WithoutCancel(ctx)); err != nil {
			r.o.Logger.Warn("a target did not end well", "case", c.ID, "error", err)
		}
	}
	t.conclude(&res)
	r.mu.Lock()
	r.secrets = append(r.secrets, t.secrets...)
	r.mu.Unlock()
	res.Took = r.o.Now().Sub(began)
	return res
}

// labFor is the shared lab, or one of the case's own where it needs that and the driver can.
func (r *runner) labFor(ctx context.Context, c Case) (*lab.Lab, error) {
	if !r.o.Driver.Abilities().Many || !c.Has(NeedAlone) && !c.Has(NeedRestart) && !c.Has(NeedClock) {
		return r.shared, nil
	}
	r.mu.Lock()
	r.labs++
	name := strconv.Itoa(r.labs)
	r.mu.Unlock()
	return r.openLab(ctx, name)
}

// run runs the case's function; it ends with the first thing that ends a case.
func (t *T) run(ctx context.Context) {
	defer func() {
		t.mu.Lock()
		cleanups := t.cleanups
		t.mu.Unlock()
		for _, f := range slices.Backward(cleanups) {
			f()
		}
	}()
	defer func() {
		switch e := recover(); e {
		case nil, ended{}:
		default:
			t.trouble = fmt.Errorf("the case broke: %v\n%s", e, debug.Stack())
		}
	}()
	t.c.Run(ctx, t)
}

// conclude turns what happened into an outcome.
func (t *T) conclude(res *Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.redact()
	res.Assertions, res.Transcript, res.Figures = t.assertions, t.transcript, t.figures
	asserted := slices.ContainsFunc(t.assertions, func(a Assertion) bool { return !a.Control })
	switch {
	case t.failed:
		res.Outcome, res.Reason, res.Mend = Fail, firstBroken(t.assertions), t.c.Mend
	case t.trouble != nil:
		res.Outcome, res.Reason = Err, t.withoutSecrets(t.trouble.Error())
	case t.skipped != "":
		res.Outcome, res.Reason = Skip, t.skipped
	case t.c.Polarity == Negative && !t.controlled:
		res.Outcome, res.Reason = Err, "no positive control held: a refusal alone proves nothing"
	case !asserted && !t.c.Report:
		res.Outcome, res.Reason = Err, "nothing was asserted"
	case t.c.Report && len(t.figures) == 0:
		res.Outcome, res.Reason = Err, "nothing was measured"
	case t.warned:
		res.Outcome, res.Reason, res.Mend = Warn, firstBroken(t.assertions), t.c.Mend
	default:
		res.Outcome = Pass
	}
}

func firstBroken(all []Assertion) string {
	for _, a := range all {
		if !a.Held && !a.Control {
			return a.What
		}
	}
	return ""
}
