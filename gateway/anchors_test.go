package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/memory"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func TestAlarmsOutlastARestart(t *testing.T) {
	dir := t.TempDir()
	a, err := openAlarms(dir)
	if err != nil || len(a.names()) != 0 {
		t.Fatalf("%v, %v", a, err)
	}
	for _, step := range []struct {
		anchor string
		raised bool
		want   []string
	}{
		{"https://a.test", true, []string{"https://a.test"}},
		{"https://a.test", true, []string{"https://a.test"}},
		{"https://b.test", true, []string{"https://a.test", "https://b.test"}},
		{"https://a.test", false, []string{"https://b.test"}},
		{"https://c.test", false, []string{"https://b.test"}},
		{"https://b.test", false, nil},
		{"https://b.test", false, nil},
	} {
		if err := a.set(step.anchor, step.raised); err != nil {
			t.Fatal(err)
		}
		again, err := openAlarms(dir)
		if err != nil || !slices.Equal(again.names(), step.want) {
			t.Errorf("after %s %v: %q, %v", step.anchor, step.raised, again.names(), err)
		}
		a = again
	}
	if _, err := os.Stat(filepath.Join(dir, alarmsFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file without an alarm: %v", err)
	}
}

func TestAlarmsThatCannotBeReadOrKept(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, alarmsFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openAlarms(dir); err == nil || !strings.Contains(err.Error(), alarmsFile) {
		t.Errorf("error = %v", err)
	}
	a := &anchorAlarms{path: filepath.Join(dir, "nowhere", alarmsFile)}
	if err := a.set("https://a.test", true); err == nil {
		t.Error("kept in a directory that is not there")
	}
	if !slices.Equal(a.names(), []string{"https://a.test"}) {
		t.Error("the alarm does not hold until the restart")
	}
}

// The gateway was stopped under an alarm. It starts, trusts nothing, asks, and goes on once the anchor
// shows its pinned keys.
func TestStartUnderAnAlarm(t *testing.T) {
	n := newNation(t)
	anchor := n.server.URL + "/anchor"
	if err := os.MkdirAll(n.dataDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(n.dataDir(), alarmsFile)
	if err := os.WriteFile(path, fmt.Appendf(nil, "[%q]", anchor), 0o600); err != nil {
		t.Fatal(err)
	}
	n.away.Store(true)
	g := n.start()
	defer n.stop(g)
	if got := g.alarms.names(); !slices.Equal(got, []string{anchor}) {
		t.Errorf("under alarm: %q", got)
	}
	n.away.Store(false)
	n.offset.Add(int64(time.Minute))
	n.ready(g)
	n.until("free of alarms", func() error {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return errors.New("the alarm is still on file")
		}
		return nil
	})
}

// pliableKeys are an entity's federation keys that a test changes while it runs.
type pliableKeys struct{ name atomic.Pointer[string] }

func (k *pliableKeys) use(name string)                   { k.name.Store(&name) }
func (k *pliableKeys) Signing() (jose.SigningKey, error) { return trusttest.Key(*k.name.Load()), nil }
func (k *pliableKeys) Public() (jose.KeySet, error)      { return testKeys(*k.name.Load()).Public() }

// The only anchor shows other keys: the gateway is not ready, says who it is, and goes on by itself.
func TestEveryAnchorUnderAlarmIsNotReady(t *testing.T) {
	n := newNation(t)
	k, anchor := &pliableKeys{}, n.server.URL+"/anchor"
	k.use("mallory")
	n.anchor = federation.NewSelf(federation.SelfOptions{Entity: anchor, Keys: k, Clock: n.now, Metadata: func() (map[string]any, error) {
		return map[string]any{federation.TypeFederationEntity: federation.FederationMetadata{
			FetchEndpoint: anchor + "/fetch", MarkEndpoint: anchor + "/mark", MarkStatusEndpoint: anchor + "/mark-status",
		}}, nil
	}})
	g := n.start()
	want := "trust: every anchor is under alarm, none shows its pinned keys: " + anchor
	n.until("not ready for the alarm's sake", func() error {
		status, _, body := n.get("http://" + g.AdminAddr() + "/readyz")
		if status != http.StatusServiceUnavailable || !strings.Contains(body, want) {
			return fmt.Errorf("%d %s", status, body)
		}
		return nil
	})
	var s Status
	if n.operator("/v1/status", "", &s); s.Ready || s.Reason != want || len(s.Alarms) != 1 || s.Alarms[0].Anchor != anchor ||
		!strings.Contains(s.Alarms[0].Detail, "anchor.jwks.json") {
		t.Errorf("status: %+v", s)
	}
	k.use("anchor")
	n.anchor.Renew()
	n.offset.Add(int64(time.Minute))
	n.ready(g)
	s = Status{}
	if n.operator("/v1/status", "", &s); !s.Ready || s.Reason != "" || s.Alarms != nil {
		t.Errorf("status after it: %+v", s)
	}
}

// One of two anchors under alarm: the other carries on, and the operator sees it.
func TestOneAnchorUnderAlarmIsTold(t *testing.T) {
	a, b := config.Anchor{Entity: "https://a.test", JWKS: "a.json"}, config.Anchor{Entity: "https://b.test", JWKS: "b.json"}
	g := &Gateway{anchors: []federation.Anchor{{Entity: a.Entity}, {Entity: b.Entity}}, alarms: &anchorAlarms{}, cfg: &config.Config{}}
	g.cfg.Trust.Anchors = []config.Anchor{a, b}
	for _, c := range []struct {
		alarmed []string
		told    []string
		ready   string
	}{
		{nil, nil, ""},
		{[]string{"https://gone.test"}, nil, ""}, // pinned no more
		{[]string{b.Entity}, []string{b.Entity}, ""},
		{[]string{b.Entity, "https://gone.test"}, []string{b.Entity}, ""},
		{[]string{b.Entity, a.Entity}, []string{a.Entity, b.Entity}, "https://a.test, https://b.test"},
	} {
		g.alarms.list = c.alarmed
		var told []string
		for _, x := range g.alarmDetails() {
			told = append(told, x.Anchor)
		}
		if !slices.Equal(told, c.told) {
			t.Errorf("%q under alarm: %q are told", c.alarmed, told)
		}
		err := g.anchorsReady()
		if (err == nil) != (c.ready == "") || err != nil && !strings.HasSuffix(err.Error(), c.ready) {
			t.Errorf("%q under alarm: %v", c.alarmed, err)
		}
	}
	if g = (&Gateway{alarms: &anchorAlarms{}}); g.anchorsReady() != nil {
		t.Error("without any anchor there is none under alarm")
	}
}

// Nobody needs trust, and it goes on all the same once the anchor shows its pinned keys.
func TestAlarmEndsWithoutTraffic(t *testing.T) {
	n := newNation(t)
	g, anchor := n.start(), n.server.URL+"/anchor" // for its client; it has its own resolver
	o := federation.Options{Anchors: g.anchors, HTTP: g.client.HTTP(), Clock: n.now, Logger: g.log, Alarmed: []string{anchor, "https://gone.test"}}
	ended := 0
	o.Alarm = func(_ context.Context, name string, raised bool) {
		if name == anchor && !raised {
			ended++
		}
	}
	g = &Gateway{resolver: federation.NewResolver(o)}
	ctx, cancel := context.WithCancel(t.Context())
	turns := 0
	g.o.After = func(time.Duration) <-chan time.Time {
		c := make(chan time.Time, 1)
		if turns++; turns == 3 {
			cancel()
		} else {
			c <- n.now()
		}
		return c
	}
	g.keepAnchors(ctx)
	if ended != 1 {
		t.Errorf("the alarm ended %d times", ended)
	}
}

func TestStatementShelf(t *testing.T) {
	c := memory.New(memory.Options{Now: time.Now})
	s := statementShelf{c, cache.NewKeys("https://ncp.fr.test", []byte("secret"))}
	ctx := context.Background()
	if _, ok := s.Get(ctx, "https://a.test/x"); ok {
		t.Error("found where nothing was put")
	}
	s.Put(ctx, "https://a.test/x", []byte("a"), time.Minute)
	if v, ok := s.Get(ctx, "https://a.test/x"); !ok || string(v) != "a" {
		t.Errorf("%q %v", v, ok)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	s.Put(ctx, "https://a.test/x", []byte("b"), time.Minute)
	if _, ok := s.Get(ctx, "https://a.test/x"); ok {
		t.Error("a closed cache has a value")
	}
}
