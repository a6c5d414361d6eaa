package programs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// heard are the messages the centre took, one for each id.
func (p *platform) heard() (out []ehds.Envelope) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, env := range p.told {
		out = append(out, env)
	}
	return out
}

// ended counts the permits whose end the centre was told of.
func (p *platform) ended() (n int) {
	for _, env := range p.heard() {
		if env.Type == ehds.PermitChanged {
			n++
		}
	}
	return n
}

// expected is what must have happened by itself in a case, as steps of its history: each once.
func (c *timed) expected() map[string]access.ClockKind {
	switch c.fate {
	case lapses:
		return map[string]access.ClockKind{"application completion-lapsed": access.ClockCompletion}
	case ignores:
		return map[string]access.ClockKind{"application decision-unanswered": access.ClockAnswer}
	case accepts:
		return map[string]access.ClockKind{"permit expired": access.ClockPermit}
	}
	return nil
}

// byItself are all steps that only a clock causes.
func byItself() []string {
	return []string{"application completion-lapsed", "application decision-unanswered", "permit expired"}
}

// verify compares every case, its evidence and what the centre heard with its fate.
func (p *timers) verify() string {
	p.w.t.Helper()
	effects, flags := 0, 0
	if s, err := p.op.Status(p.w.t.Context()); err != nil || s.Counts.Queued != 0 || s.Counts.Dead != 0 {
		p.w.t.Errorf("%d messages queued, %d dead letters: %v", s.Counts.Queued, s.Counts.Dead, err)
	}
	for _, c := range p.cases {
		if c.slow && c.acts() {
			continue // its mail was not there in time
		}
		var faults []string
		fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
		e, f := p.verifyCase(c, fault)
		effects, flags = effects+e, flags+f
		p.verifyTold(c, fault)
		if len(faults) > 0 {
			p.w.t.Errorf("case %s, %s: %s\n%s", c.id, c.fate, strings.Join(faults, "; "), p.trace(c))
		}
	}
	return fmt.Sprintf("%d effects, each once in state, log and mail; %d duties noted as overdue, each once", effects, flags)
}

// trace is what the gateway has evidence of in a case, a line each.
func (p *timers) trace(c *timed) string {
	rows, err := p.op.CaseTrace(p.w.t.Context(), ehds.ApplicationCase(c.id).String())
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%d %s %s %s seq %d %s %s %s\n", r.Leaf, r.At.Format(time.RFC3339Nano), r.Class, r.What, r.Seq, r.ID, r.State, r.Reads)
	}
	return b.String()
}

func (p *timers) verifyCase(c *timed, fault func(string, ...any)) (effects, flags int) {
	v := p.view(c)
	track := v.Application.Tracks[0]
	rows, err := p.op.CaseTrace(p.w.t.Context(), v.Case)
	if err != nil {
		fault("its trace: %v", err)
	}
	leaves := map[string]int{}
	for _, r := range rows {
		if r.Class == evidence.ClassState {
			leaves[r.What]++
		}
	}
	want := c.expected()
	for _, what := range byItself() {
		var steps []access.Step
		for _, s := range track.History {
			if string(s.Axis)+" "+s.Event == what {
				steps = append(steps, s)
			}
		}
		kind, due := want[what]
		if n := map[bool]int{true: 1}[due]; len(steps) != n || leaves[what] != n {
			fault("%s: %d times, %d leaves, want %d", what, len(steps), leaves[what], n)
			continue
		}
		if due {
			effects++
			p.verifyStep(c, track, kind, steps[0], fault)
		}
	}
	for _, k := range track.Clocks {
		if k.State == access.ClockRunning && !p.w.now().Before(k.End.Add(timersGrace+time.Minute)) {
			fault("its clock %s ended %v and runs", k.Kind, k.End)
		}
		if k.Kind == access.ClockDecision && k.State == access.ClockFired {
			flags++
		}
	}
	overdue := 0
	for _, f := range v.Flags {
		switch {
		case f.Code == "decision-overdue":
			overdue++
		case strings.Contains(f.Code, "late") || f.Code == "clock-not-applied":
			fault("flag %s", f.Code)
		}
	}
	if n := map[bool]int{true: 1}[c.fate == forgotten || c.fate == completes]; overdue != n {
		fault("%d times decision-overdue, want %d", overdue, n)
	}
	return effects, flags
}

// verifyStep: dated at the legal end, and applied after the grace period and after mail had time to come.
func (p *timers) verifyStep(c *timed, track access.Track, kind access.ClockKind, s access.Step, fault func(string, ...any)) {
	i := slices.IndexFunc(track.Clocks, func(k access.Clock) bool { return k.Kind == kind && k.State == access.ClockFired })
	if i < 0 {
		fault("no clock %s has fired", kind)
		return
	}
	end := track.Clocks[i].End
	if !s.At.Equal(end) || s.Recorded.Before(end.Add(timersGrace)) {
		fault("%s dated %v and applied %v, the period ended %v", s.Event, s.At, s.Recorded, end)
	}
	if kind != access.ClockPermit && s.Recorded.Before(c.caughtUp) {
		fault("%s applied %v, mail had not caught up before %v", s.Event, s.Recorded, c.caughtUp)
	}
}

// verifyTold counts the messages to the centre by what they say.
func (p *timers) verifyTold(c *timed, fault func(string, ...any)) {
	n := map[string]int{}
	for _, b := range p.centre.about(c.id) {
		n[string(b.Axis)+" "+b.Status]++
		if b.Axis == ehds.AxisApplication && b.Status == string(ehds.StateWithdrawn) {
			if at, err := time.Parse(time.RFC3339, b.Date); err != nil || p.w.now().Before(at) {
				fault("withdrawn at %s", b.Date)
			}
		}
	}
	want := map[string]int{"application WITHDRAWN": 0, "permit.issued ": 0, "permit.changed EXPIRED": 0, "permit EXPIRED": 0}
	switch c.fate {
	case lapses, ignores, withdraws:
		want["application WITHDRAWN"] = 1
	case accepts:
		want["permit.issued "], want["permit.changed EXPIRED"], want["permit EXPIRED"] = 1, 1, 1
	}
	for what, times := range want {
		if n[what] != times {
			fault("the centre was told %q %d times, want %d: %v", what, n[what], times, n)
		}
	}
}
