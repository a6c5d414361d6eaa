package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func TestBackoff(t *testing.T) {
	b := Backoff{First: time.Second, Max: time.Hour, Rand: rand.Reader}
	for n, want := range map[int]time.Duration{0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 12: 2048 * time.Second,
		13: time.Hour, 1 << 40: time.Hour} {
		for range 20 {
			if d := b.Delay(n); d < want/2 || d > want {
				t.Fatalf("attempt %d: %s, want %s to %s", n, d, want/2, want)
			}
		}
	}
	if a, c := b.Delay(10), b.Delay(10); a == c {
		if d := b.Delay(10); d == a {
			t.Error("no jitter")
		}
	}
	b.Rand = strings.NewReader("")
	if d := b.Delay(3); d != 4*time.Second {
		t.Errorf("without randomness: %s", d)
	}
	if d := (Backoff{Rand: rand.Reader}).Delay(3); d != 0 {
		t.Errorf("zero: %s", d)
	}
	d := DefaultBackoff(rand.Reader)
	now := time.Now()
	if d.Spent(now.Add(-d.GiveUp), now) || !d.Spent(now.Add(-d.GiveUp-1), now) {
		t.Error("given up at another age")
	}
}

func TestBreaker(t *testing.T) {
	b, now := NewBreakers(2, time.Minute), time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	allow := func(want bool, after time.Duration) {
		t.Helper()
		if ok, at := b.Allow("p", now); ok != want || !want && at.Sub(now) != after {
			t.Fatalf("allowed %t, next in %s", ok, at.Sub(now))
		}
	}
	allow(true, 0)
	b.Report("p", false, now)
	allow(true, 0)
	b.Report("p", false, now)
	allow(false, time.Minute)
	if ok, _ := b.Allow("other", now); !ok {
		t.Error("another peer is stopped too")
	}
	now = now.Add(time.Minute)
	if ok, _ := b.Ready("p", now); !ok { // to ask is not to probe
		t.Error("no probe is allowed")
	}
	allow(true, 0)            // the probe
	allow(false, time.Second) // one at a time
	b.Cancel("p")
	allow(true, 0)
	b.Report("p", false, now)
	allow(false, time.Minute)
	if n, until := b.State("p"); n != 3 || until != now.Add(time.Minute) {
		t.Errorf("state %d, %s", n, until)
	}
	now = now.Add(time.Minute)
	allow(true, 0)
	b.Report("p", true, now)
	allow(true, 0)
	if n, _ := b.State("p"); n != 0 {
		t.Errorf("%d failures after success", n)
	}
}

func TestBreakerPause(t *testing.T) {
	b, now := NewBreakers(2, time.Minute), time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	b.Pause("p", now.Add(time.Second))
	if ok, at := b.Allow("p", now); ok || !at.Equal(now.Add(time.Second)) {
		t.Errorf("allowed %t, next at %s", ok, at)
	}
	if n, until := b.State("p"); n != 0 || !until.IsZero() {
		t.Error("a pause counts as failure")
	}
	for range 2 { // no probe either
		if ok, _ := b.Allow("p", now.Add(time.Second)); !ok {
			t.Error("the pause does not end")
		}
	}
}

func TestRefusalLimiter(t *testing.T) {
	l, now := NewRefusalLimiter(1, 2), time.Now()
	for i, want := range []bool{true, true, false} {
		if l.Allow("a", now) != want {
			t.Errorf("refusal %d of a burst of two", i+1)
		}
	}
	if !l.Allow("b", now) {
		t.Error("peers share a limit")
	}
	for i := range maxLimited + 1 {
		l.Allow(fmt.Sprint(i), now)
	}
	if len(l.peers) > maxLimited {
		t.Errorf("%d peers are remembered", len(l.peers))
	}
}

// cacheMap is a cache that may fail.
type cacheMap struct {
	m   map[string][]byte
	err error
}

func (c *cacheMap) Get(_ context.Context, k string) ([]byte, bool, error) {
	v, ok := c.m[k]
	return v, ok, c.err
}
func (c *cacheMap) Set(_ context.Context, k string, v []byte, _ time.Duration) error {
	if c.err == nil {
		c.m[k] = v
	}
	return c.err
}

// received counts what comes through.
type received struct {
	replies []Reply
	n       int
}

func (r *received) Receive(context.Context, []byte, Parts) Reply {
	r.n++
	return r.replies[min(r.n, len(r.replies))-1]
}

func TestStormShield(t *testing.T) {
	dup := Reply{Receipt: "dup", Status: ehds.Duplicate}
	for name, c := range map[string]struct {
		replies []Reply
		cache   *cacheMap
		calls   int
	}{
		"duplicate":             {[]Reply{{Receipt: "first", Status: ehds.Received}, dup}, &cacheMap{m: map[string][]byte{}}, 2},
		"rejected duplicate":    {[]Reply{{Receipt: "x", Status: ehds.Duplicate, Fault: invalid("x", "", "")}}, &cacheMap{m: map[string][]byte{}}, 4},
		"never acknowledged":    {[]Reply{{Fault: invalid("x", "", "")}}, &cacheMap{m: map[string][]byte{}}, 4},
		"broken cache":          {[]Reply{dup}, &cacheMap{m: map[string][]byte{}, err: errBoom}, 4},
		"nonsense in the cache": {[]Reply{{Receipt: "x", Status: ehds.Received}}, &cacheMap{m: map[string][]byte{keyOf(sha256.Sum256([]byte("token"))): []byte("{")}}, 4},
	} {
		inner := &received{replies: c.replies}
		s := &StormShield{Inner: inner, Cache: c.cache, TTL: time.Hour, Key: keyOf}
		var last Reply
		for range 4 {
			last = s.Receive(t.Context(), []byte("token"), NoParts{})
		}
		if inner.n != c.calls {
			t.Errorf("%s: asked %d times", name, inner.n)
		}
		if name == "duplicate" && (last.Receipt != "dup" || last.Status != ehds.Duplicate || last.Fault != nil) {
			t.Errorf("%s: %+v", name, last)
		}
		if s.Receive(t.Context(), []byte("other"), NoParts{}); inner.n != c.calls+1 {
			t.Errorf("%s: other bytes were answered from the cache", name)
		}
	}
}

func keyOf(d [sha256.Size]byte) string { return fmt.Sprintf("%x", d) }

// shows R15.5.5 R15.6.4
func TestProblems(t *testing.T) {
	seen := map[int]bool{}
	for _, k := range []fault.Kind{fault.Malformed, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Conflict, fault.TooLarge,
		fault.UnsupportedMedia, fault.Invalid, fault.RateLimited, fault.Unavailable, fault.Internal} {
		f := fault.New(k, "code", "detail").At("/x")
		p := ProblemOf(f)
		if seen[p.Status] || p.Type != "urn:ehdsgw:problem:code" || p.Title == "" || p.Field != "/x" {
			t.Errorf("%s: %+v", k, p)
		}
		seen[p.Status] = true
		later := k == fault.Forbidden || k == fault.RateLimited || k == fault.Unavailable || k == fault.Internal || k == fault.Unauthenticated
		if permanent(f) == later {
			t.Errorf("%s: permanent %t", k, permanent(f))
		}
		if back := faultOf(problemJSON(f)); back.Kind != k || back.Code != "code" || back.Field != "/x" {
			t.Errorf("%s came back as %+v", k, back)
		}
	}
	if StatusOf(fault.New("no-such-kind", "", "")) != 500 {
		t.Error("an unknown kind is not ours")
	}
	for _, raw := range []string{"", "{", `{"status":299,"code":"x"}`} {
		if f := faultOf([]byte(raw)); f.Kind != fault.Invalid {
			t.Errorf("%q: %v", raw, f)
		}
	}
}

func TestSchemaPointers(t *testing.T) {
	s, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	body := func(edit func(map[string]any)) []byte {
		var m map[string]any
		mustRead(t, submitBody("A1", "ds-1"), &m)
		edit(m)
		return mustJSON(m)
	}
	dataset := func(m map[string]any) map[string]any { return m["datasets"].([]any)[0].(map[string]any) }
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"good":                {body(func(map[string]any) {}), ""},
		"missing":             {body(func(m map[string]any) { delete(m, "title") }), "/body/title"},
		"missing in an array": {body(func(m map[string]any) { delete(dataset(m), "country") }), "/body/datasets/0/country"},
		"member":              {body(func(m map[string]any) { m["kind"] = "canary" }), "/body/kind"},
		"in an array":         {body(func(m map[string]any) { dataset(m)["country"] = "canary" }), "/body/datasets/0/country"},
		"sender's name":       {body(func(m map[string]any) { dataset(m)["title"] = map[string]any{"canary": 7} }), "/body/datasets/0/title"},
		"sender's name 2":     {body(func(m map[string]any) { m["form_translations"] = map[string]any{"canary": 7} }), "/body/form_translations"},
		"unreadable":          {[]byte("{"), "/body"},
	} {
		f := s.Check(ehds.ApplicationSubmit, c.body)
		if (f == nil) != (c.want == "") || f != nil && f.Field != c.want {
			t.Errorf("%s: %v", name, f)
		}
		if f != nil && c.want != "/body" && !strings.Contains(f.Detail, "Art. 67(2), 69(2)") {
			t.Errorf("%s: the problem names no article: %s", name, f.Detail)
		}
		if f != nil && strings.Contains(string(problemJSON(f)), "canary") {
			t.Errorf("%s: the problem repeats input: %s", name, problemJSON(f))
		}
	}
	if f := s.Check("no.such", []byte("{}")); f == nil || f.Code != "unknown-type" {
		t.Errorf("unknown type: %v", f)
	}
}

func TestComposer(t *testing.T) {
	c := Composer{Entity: ncpID, Profile: ehds.ProfileR8, Rand: rand.Reader}
	if a, b := c.NewID(), c.NewID(); !validJTI(a) || a == b {
		t.Errorf("ids %s, %s", a, b)
	}
	defer func() {
		if recover() == nil {
			t.Error("an id was made of nothing")
		}
	}()
	c.Rand = bytes.NewReader(nil)
	c.NewID()
}

func TestHandlersListTheirTypes(t *testing.T) {
	h := (&Applications{}).Handlers()
	list := Types(h)
	if len(list) != len(h) {
		t.Errorf("%d of %d types are told", len(list), len(h))
	}
	for _, typ := range list {
		rule, ok := ehds.Lookup(typ)
		if !ok || rule.Directions&ehds.Down == 0 {
			t.Errorf("%s can never arrive", typ)
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"iss":"a","aud":"b","type":"application.submit","seq":1,"case":"app:A1","profile":"hdeu-r8","body":{}}`))
	f.Add([]byte(`{"attachments":[{"id":"a","size":9e99}]}`))
	f.Add([]byte(`{"seq":1e400,"SEQ":2}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		env, f := readEnvelope(raw)
		if f != nil {
			if f.Kind != fault.Malformed {
				t.Errorf("kind %s", f.Kind)
			}
			return
		}
		if _, f := checkEnvelope(&env, DefaultLimits()); f == nil {
			if env.Seq < 1 || env.Seq > maxSafeInteger || (len(env.Body) == 0) != (env.Profile == ehds.ProfilePeer1) {
				t.Errorf("accepted %+v", env)
			}
			if _, err := ehds.ParseCaseID(env.Case); err != nil {
				t.Error(err)
			}
		} else if !permanent(f) {
			t.Errorf("a fault of form that may pass: %v", f)
		}
	})
}

// What senders write never reaches the log or a problem, at any level.
// shows R16.0.5
func TestNothingPersonalLeaves(t *testing.T) {
	w, ncp, centre := pair(t)
	const canary = "CANARY"
	a := attachment("one", "11")
	a.Name = canary
	bodies := []json.RawMessage{
		[]byte(strings.ReplaceAll(string(submitBody("A1", "ds-1")), "A study", canary)),
		[]byte(strings.ReplaceAll(string(submitBody("A1", canary)), `"version":1`, `"version":"`+canary+`"`)),
		[]byte(`{"` + canary + `":1}`),
	}
	var tokens []string
	try := func(p Parts, mods ...func(*ehds.Envelope)) {
		token := centre.sign(centre.envelope(ncp, mods...))
		tokens = append(tokens, token)
		r := ncp.inbox.Receive(t.Context(), []byte(token), p)
		if r.Fault != nil && (strings.Contains(string(problemJSON(r.Fault)), canary) || strings.Contains(r.Rule, canary)) {
			t.Errorf("a problem repeats input: %s", problemJSON(r.Fault))
		}
		if r.Fault != nil {
			w.log.Debug("fault", "error", r.Fault)
		}
	}
	for i, b := range bodies {
		body := func(e *ehds.Envelope) { e.Body, e.Attachments = b, []ehds.Attachment{a} }
		try(&parts{list: []part{{"one", strings.NewReader("11")}}}, seq(int64(i)+1), body)
		try(&parts{list: []part{{"one", strings.NewReader(canary)}}}, seq(int64(i)+1), body)
		try(&parts{list: []part{{canary, strings.NewReader(canary)}}}, seq(int64(i)+1), body)
		try(&parts{end: io.ErrUnexpectedEOF}, seq(int64(i)+1), body)
	}
	for _, mod := range []func(*ehds.Envelope){
		func(e *ehds.Envelope) { e.Type = canary },
		func(e *ehds.Envelope) { e.Profile = canary },
		func(e *ehds.Envelope) { e.Case = canary },
		func(e *ehds.Envelope) { e.Ref, e.RefSHA256 = canary, canary },
		func(e *ehds.Envelope) { e.Jti = canary },
		func(e *ehds.Envelope) { e.Attachments = []ehds.Attachment{{ID: canary + "/"}} },
	} {
		try(NoParts{}, mod)
	}
	newEvents(ncp, &stream{}).happen(t, status("e", canary))
	row, _ := sentStatus(ncp, centreID, "A1")
	s := ncp.sender(wire(nil))
	w.err = errors.New("unreachable")
	if err := s.Try(t.Context(), row); err == nil && !strings.Contains(w.logs.String(), "cannot be trusted") {
		t.Error("nothing was logged at all")
	}
	out := w.logs.String()
	if strings.Contains(out, canary) {
		t.Errorf("the log holds a canary:\n%s", out)
	}
	for _, token := range tokens {
		if strings.Contains(out, token[:40]) {
			t.Error("the log holds a token")
		}
	}
}
