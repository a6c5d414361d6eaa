package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/memory"
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
