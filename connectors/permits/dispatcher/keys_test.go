package dispatcher_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// TestKeys: who has no key that counts learns nothing; a key can be replaced without a gap.
//
// shows R15.5.1
// shows R15.5.3
func TestKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	first := h.keys["one"]
	code := func() int { return h.ask("one", "GET", "/applications", nil).Code }
	if code() != 200 {
		t.Fatal("the key is refused")
	}
	for name, bad := range map[string]string{
		"none": "", "another": "secret", "shortened": first[:len(first)-1], "longer": first + "A", "of another id": strings.Replace(first, first[7:9], "00", 1),
		"huge": strings.Repeat("a.", 5000), "a path": "ehdsnd.../../keys.x",
	} {
		h.keys["bad"] = bad
		w := h.ask("bad", "GET", "/applications", nil)
		if p := problemIn(t, w); p.Status != 401 || p.Code != "key-unknown" || p.Detail != "" || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	h.addKey("one") // the second; both count until the first is revoked
	second := h.keys["one"]
	list, err := h.d.Keys(t.Context())
	if err != nil || len(list) != 3 {
		t.Fatalf("%d keys, %v", len(list), err)
	}
	id := strings.Split(first, ".")[1]
	if _, err := h.d.RevokeKey(t.Context(), id, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{first, second} {
		if h.keys["one"] = k; code() != 200 {
			t.Error("a key is refused while both may be used")
		}
	}
	if _, err := h.d.RevokeKey(t.Context(), id, 2*time.Hour); err != nil { // cannot be put off
		t.Fatal(err)
	}
	h.pass(time.Hour)
	if h.keys["one"] = first; code() != 401 {
		t.Error("a revoked key counts")
	}
	if h.keys["one"] = second; code() != 200 {
		t.Error("the other key is gone too")
	}
	h.open() // a restart
	if code() != 200 {
		t.Error("the key is forgotten over a restart")
	}
	for _, m := range h.host.Mailbox.(*connectortest.Mailbox).Mails() {
		if bytes.Contains(m.Value, []byte(strings.Split(second, ".")[2])) {
			t.Errorf("the key is stored under %s", m.Key)
		}
	}
	if strings.Contains(h.log.String(), strings.Split(second, ".")[2]) || !strings.Contains(h.log.String(), "unauthorised attempt") {
		t.Errorf("the log:\n%s", h.log)
	}
}

func TestKeysEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	k, err := h.d.AddKey(t.Context(), "one", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	h.keys["one"] = k.Key
	h.must(200, "one", "GET", "/applications", nil)
	h.pass(time.Minute)
	h.must(401, "one", "GET", "/applications", nil)
	if _, err := h.d.AddKey(t.Context(), "nobody", 0); fault.CodeOf(err) != "no-such-system" {
		t.Error(err)
	}
	if _, err := h.d.RevokeKey(t.Context(), "000000000000", 0); fault.CodeOf(err) != "no-such-key" {
		t.Error(err)
	}
	h.o.Systems = h.o.Systems[1:] // the system leaves the configuration
	h.open()
	if h.keys["one"] = k.Key; h.ask("one", "GET", "/applications", nil).Code != 401 {
		t.Error("a system that is no longer configured is let in")
	}
}

// TestGuessingIsBounded: beyond a rate guesses are not even logged, and a system with a key goes on.
func TestGuessingIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	h.keys["guess"] = "ehdsnd.000000000000.x"
	codes := map[int]int{}
	for range 200 {
		w := h.ask("guess", "GET", "/applications", nil)
		codes[w.Code]++
		if w.Code == 429 && w.Header().Get("Retry-After") != "1" {
			t.Fatal("no Retry-After")
		}
	}
	if codes[401] != 20 || codes[429] != 180 || strings.Count(h.log.String(), "unauthorised") != 20 {
		t.Errorf("%v, %d lines", codes, strings.Count(h.log.String(), "unauthorised"))
	}
	h.must(200, "one", "GET", "/applications", nil)
}

func TestASystemHasItsRate(t *testing.T) {
	t.Parallel()
	o := twoSystems()
	o.Systems[0].Rate = 2
	h := newHouse(t, o)
	codes := map[int]int{}
	for range 20 {
		codes[h.ask("one", "GET", "/applications", nil).Code]++
	}
	h.must(200, "all", "GET", "/applications", nil)
	h.pass(time.Second)
	for range 3 {
		codes[h.ask("one", "GET", "/applications", nil).Code]++
	}
	if codes[200] != 10 || codes[429] != 13 {
		t.Error(codes)
	}
}

// TestAnothersLooksLikeAbsent: a system limited to one body learns nothing of the others.
//
// shows R15.5.4
func TestAnothersLooksLikeAbsent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	s.Track.HDAB = bodyTwo
	h.submit(s)
	id := s.Application.ApplicationID
	h.must(200, "all", "GET", "/applications/"+id, nil)
	if list := h.must(200, "one", "GET", "/applications", nil); string(list) != "[]" {
		t.Errorf("the list is %s", list)
	}
	for op, route := range dispatcher.Routes() {
		method, path, _ := strings.Cut(route, " ")
		if !strings.Contains(path, "{") {
			continue
		}
		fill := func(application, notice string) string {
			return strings.NewReplacer("{id}", application, "{permit}", "DP-1", "{notice}", notice, "{attachment}", "a").Replace(path)
		}
		// A body that is right for every operation: what is another's must not show by a later check.
		var body any
		if method == "POST" {
			body = map[string]any{"status": "PRE_SCREENING", "sections": []any{map[string]any{"number": 2, "fields": map[string]string{"a": "b"}}},
				"due_dates": []any{map[string]string{"clock": "decision", "date": "2027-01-01"}}, "outcome": "Negative", "reasons": "r", "reason": "r",
				"signatory": map[string]string{"name": "A", "job_title": "B"}, "procedure": "STANDARD", "machine": "fees", "approved": true,
				"title": "t", "summary": "s", "published": "2026-11-01"}
			body.(map[string]any)["event"] = map[bool]any{true: "revoked", false: ehds.SideEvents(ehds.SideFees)[0]}[op == "changePermit"]
		}
		other, none := h.ask("one", method, fill(id, "1"), body), h.ask("one", method, fill("0000", "77"), body)
		if other.Code != 404 || other.Body.String() != none.Body.String() {
			t.Errorf("%s: %d %s, absent: %d %s", op, other.Code, other.Body, none.Code, none.Body)
		}
		if code := h.ask("nobody", method, fill(id, "1"), body).Code; code != 401 && code != 429 {
			t.Errorf("%s without a key: %d", op, code)
		}
	}
	if len(h.events()) != 1 {
		t.Error("something was told of another body's application")
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*dispatcher.Options){
		"no system":    func(o *dispatcher.Options) { o.Systems = nil },
		"a name twice": func(o *dispatcher.Options) { o.Systems[1].Name = "one" },
		"a name":       func(o *dispatcher.Options) { o.Systems[1].Name = "One/../" },
		"placement":    func(o *dispatcher.Options) { o.Place = "elsewhere" },
		"what to emit": func(o *dispatcher.Options) { o.Emit = []string{"everything"} },
		"a push secret": func(o *dispatcher.Options) {
			o.Systems[0].Push = webhook.Target{URL: "https://x.example", Secret: "short"}
		},
		"a push URL": func(o *dispatcher.Options) {
			o.Systems[0].Push = webhook.Target{Secret: "whsec_" + strings.Repeat("A", 44)}
		},
	} {
		o := twoSystems()
		spoil(&o)
		if _, err := dispatcher.New(connectortest.Host(), o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	host := connectortest.Host()
	host.Mailbox = nil
	if _, err := dispatcher.New(host, twoSystems()); err == nil {
		t.Error("no mailbox: accepted")
	}
}
