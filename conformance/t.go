package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// T is a running case. Its methods may be called from several goroutines; those that end the case only from
// the one that Run began in.
type T struct {
	*lab.Lab

	c        Case
	patience float64

	mu         sync.Mutex
	assertions []Assertion
	transcript []Exchange
	figures    []Figure
	controlled bool // a control held
	warned     bool
	failed     bool
	allow      map[int]bool // statuses from 500 that the clause itself allows
	skipped    string
	trouble    error
	cleanups   []func()
	secrets    []string
}

// ended ends a case early; the reason is in T.
type ended struct{}

// Patience is d times the run's patience: how long a case waits for what must come.
func (t *T) Patience(d time.Duration) time.Duration { return time.Duration(float64(d) * t.patience) }

// Wait is the usual patience, for what a target does on its own.
const Wait = 10 * time.Second

// Settle is how long a case watches that nothing happens. It is never the only proof of anything.
const Settle = 300 * time.Millisecond

// Cleanup runs f when the case is over, last first.
func (t *T) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// Secret names a text that must stand in no report: a canary, a key, a token.
func (t *T) Secret(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.secrets = append(t.secrets, s)
}

// Check asserts what a clause asks for, and goes on either way.
func (t *T) Check(clause, what string, held bool, expected, actual any) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.assertions = append(t.assertions, Assertion{What: what, Clause: clause, Held: held, Expected: show(expected), Actual: show(actual)})
	switch {
	case held:
	case t.c.Level == Must:
		t.failed = true
	default:
		t.warned = true
	}
	return held
}

// Require asserts what a clause asks for, and ends the case when it does not hold.
func (t *T) Require(clause, what string, held bool, expected, actual any) {
	if !t.Check(clause, what, held, expected, actual) {
		panic(ended{})
	}
}

// Warn asserts something whose absence is no failure.
func (t *T) Warn(clause, what string, held bool, expected, actual any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.assertions = append(t.assertions, Assertion{What: what, Clause: clause, Held: held, Expected: show(expected), Actual: show(actual)})
	t.warned = t.warned || !held
}

// Control asserts that the target does the right thing with the right input, next to the wrong one that a
// negative case is about. When it does not hold, the case says nothing: it ends ERROR.
func (t *T) Control(what string, held bool, actual any) {
	t.mu.Lock()
	t.assertions = append(t.assertions, Assertion{What: what, Control: true, Held: held, Actual: show(actual)})
	t.controlled = t.controlled || held
	t.mu.Unlock()
	if !held {
		t.Trouble(fmt.Errorf("control: %s: %s", what, show(actual)))
	}
}

// Trouble ends the case as ERROR: the tester cannot tell. A nil error is none.
func (t *T) Trouble(err error) {
	if err == nil {
		return
	}
	t.mu.Lock()
	t.trouble = errors.Join(t.trouble, err)
	t.mu.Unlock()
	panic(ended{})
}

// Skip ends the case as SKIP.
func (t *T) Skip(reason string) {
	t.mu.Lock()
	t.skipped = reason
	t.mu.Unlock()
	panic(ended{})
}

// Allow takes a status from 500 as an answer the clause allows; any other is a failure.
func (t *T) Allow(status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.allow == nil {
		t.allow = map[int]bool{}
	}
	t.allow[status] = true
}

// Measure notes a figure.
func (t *T) Measure(name string, value float64, unit string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.figures = append(t.figures, Figure{name, value, unit})
}

// Note writes a line to the transcript.
func (t *T) Note(format string, a ...any) {
	t.record(Exchange{At: t.Now(), Direction: "note", Note: fmt.Sprintf(format, a...)})
}

func (t *T) record(e Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.transcript) < maxTranscript {
		t.transcript = append(t.transcript, e)
	}
	if e.Direction == "to-target" && e.Status >= 500 && !t.allow[e.Status] {
		t.failed = true
		t.assertions = append(t.assertions, Assertion{
			What: "the target has no trouble of its own with what it is sent", Clause: "wire §5", Expected: "no 5xx", Actual: fmt.Sprint(e.Status),
		})
	}
}

// maxTranscript bounds the transcript of one case.
const maxTranscript = 400

// Draft makes the claims of a message from a hub to the target; a hub that cannot is the tester's trouble.
func (t *T) Draft(from *peer.Hub, typ ehds.MessageType, caseID string, body any) ehds.Envelope {
	env, err := from.Draft(t.Entity(), typ, caseID, body)
	t.Trouble(err)
	return env
}

// Send signs and sends a message to the target.
func (t *T) Send(ctx context.Context, from *peer.Hub, env ehds.Envelope) peer.Sent {
	token, err := from.Sign(env)
	t.Trouble(err)
	return t.Post(ctx, from, env, token)
}

// Post sends a token, whatever it is, to the target, and keeps the exchange. A target that answers nothing
// at all fails the case.
func (t *T) Post(ctx context.Context, from *peer.Hub, env ehds.Envelope, token string) peer.Sent {
	s, err := from.Post(ctx, env, token)
	e := Exchange{
		At: t.Now(), Direction: "to-target", What: string(env.Type), Party: from.Entity(), Status: s.Answer.Status,
		Header: headerOf(token), Claims: claimsOf(env), Code: s.Code(),
	}
	if s.Outer != nil {
		e.Receipt = string(s.Outer.Status)
	}
	if s.Fault != nil {
		e.Note = "the receipt does not hold: " + s.Fault.Error()
	}
	if err != nil {
		e.Note = "no answer: " + err.Error()
	}
	t.record(e)
	if err != nil {
		if ctx.Err() != nil {
			t.Trouble(fmt.Errorf("%s was not answered in time: %w", env.Type, err))
		}
		t.Require("wire §5", "every request is answered", false, "an HTTP answer", "none")
	}
	return s
}

// Await waits for a message the target owes by a clause. No verdict comes from the clock alone: when the
// message does not come, the target is asked something it must answer, and only a target that answers that
// has failed; one that does not leaves the case undecided.
func (t *T) Await(ctx context.Context, at *peer.Hub, clause, what string, match func(peer.Received) bool) peer.Received {
	r, ok := t.AwaitFor(ctx, at, t.Patience(Wait), match)
	if ok {
		return r
	}
	if err := t.Alive(ctx); err != nil {
		t.Trouble(fmt.Errorf("%s did not come within %s, nor did anything else: %w", what, t.Patience(Wait), err))
	}
	if r, ok = t.AwaitFor(ctx, at, time.Millisecond, match); !ok {
		t.Require(clause, what, false, what, "nothing within "+t.Patience(Wait).String()+", while another message was answered in full")
	}
	return r
}

// Alive says whether the target answers a well-formed application with receipt and response.
func (t *T) Alive(ctx context.Context) error {
	body := t.Application(nil)
	env, err := t.Centre.Draft(t.Entity(), ehds.ApplicationSubmit, ehds.ApplicationCase(body.ApplicationID).String(), body)
	if err != nil {
		return err
	}
	if err := t.Centre.Deliver(ctx, env); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, t.Patience(Wait))
	defer cancel()
	_, err = t.Centre.Await(ctx, func(r peer.Received) bool { return r.Env.Ref == env.Jti && r.Env.Type.IsResponse() })
	return err
}

// AwaitFor waits for a message of the target and says whether it came.
func (t *T) AwaitFor(ctx context.Context, at *peer.Hub, wait time.Duration, match func(peer.Received) bool) (peer.Received, bool) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	r, err := at.Await(ctx, match)
	if err != nil {
		return r, false
	}
	t.record(Exchange{
		At: r.At, Direction: "from-target", What: string(r.Env.Type), Party: at.Entity(), Header: headerOf(r.Token), Claims: claimsOf(r.Env), Receipt: string(r.Status),
	})
	return r, true
}

// headerOf is a token's header for a transcript, as far as it can be read.
func headerOf(token string) map[string]any {
	header, err := forge.PeekHeader(token)
	if err != nil {
		return nil
	}
	delete(header, "trust_chain") // long, and public
	return header
}

// claimsOf is what a transcript shows of the claims: no body, and no names of files.
func claimsOf(env ehds.Envelope) map[string]any {
	env.Body, env.Sealed, env.Attachments = nil, "", slices.Clone(env.Attachments)
	for i := range env.Attachments {
		env.Attachments[i].Name = ""
	}
	raw, err := json.Marshal(env)
	if err != nil {
		return nil
	}
	var out map[string]any
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

// redact takes the case's secrets out of what it found: a target that shows one fails its case, and the
// report that says so does not show it again.
func (t *T) redact() {
	for i := range t.assertions {
		a := &t.assertions[i]
		a.Expected, a.Actual = t.withoutSecrets(a.Expected), t.withoutSecrets(a.Actual)
	}
	for i := range t.transcript {
		e := &t.transcript[i]
		e.What, e.Code, e.Note = t.withoutSecrets(e.What), t.withoutSecrets(e.Code), t.withoutSecrets(e.Note)
		t.redactMembers(e.Header)
		t.redactMembers(e.Claims)
	}
}

// redactMembers takes secrets out of an object's texts, at any depth.
func (t *T) redactMembers(members map[string]any) {
	for name, v := range members {
		switch v := v.(type) {
		case string:
			members[name] = t.withoutSecrets(v)
		case map[string]any:
			t.redactMembers(v)
		case []any:
			for i, x := range v {
				switch x := x.(type) {
				case string:
					v[i] = t.withoutSecrets(x)
				case map[string]any:
					t.redactMembers(x)
				}
			}
		}
	}
}

func (t *T) withoutSecrets(text string) string {
	for _, s := range t.secrets {
		text = strings.ReplaceAll(text, s, "[redacted]")
	}
	return text
}

func show(v any) string {
	if v == nil {
		return ""
	}
	s := fmt.Sprint(v)
	if len(s) > 2000 {
		s = s[:2000] + "…"
	}
	return s
}
