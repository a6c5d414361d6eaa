package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
)

// alarmsFile, in the data directory, names the anchors that broke their pin. It is no part of the
// record: a restored backup must not bring trust back, and whoever may write it may change the pins.
const alarmsFile = "anchor-alarms.json"

// anchorAlarms remembers across restarts which anchors broke their pin.
type anchorAlarms struct {
	path string
	mu   sync.Mutex
	list []string
}

// openAlarms reads what is remembered. A file that cannot be read stops the start: without it an anchor
// under alarm would be trusted.
func openAlarms(dir string) (*anchorAlarms, error) {
	a := &anchorAlarms{path: filepath.Join(dir, alarmsFile)}
	raw, err := os.ReadFile(a.path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &a.list)
	}
	if err != nil {
		return nil, fmt.Errorf("anchors under alarm, %s: %w; once every anchor shows its pinned keys, the file may be removed", a.path, err)
	}
	return a, nil
}

// set adds or removes an anchor, durably.
func (a *anchorAlarms) set(anchor string, raised bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = slices.DeleteFunc(a.list, func(x string) bool { return x == anchor })
	if raised {
		a.list = append(a.list, anchor)
	}
	if len(a.list) == 0 {
		if err := os.Remove(a.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	raw, err := json.Marshal(a.list)
	if err != nil {
		return err
	}
	return replaceFile(a.path, raw)
}

// replaceFile puts a whole file, readable by its owner only, in the place of another, and returns once that
// outlasts a loss of power.
func replaceFile(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // created with mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error to report is the first one
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// names are those under alarm.
func (a *anchorAlarms) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.list)
}

// anchorAlarm is told by the resolver when trust in an anchor stops and when it goes on.
func (g *Gateway) anchorAlarm(ctx context.Context, anchor string, raised bool) {
	if err := g.alarms.set(anchor, raised); err != nil {
		g.log.ErrorContext(ctx, "an anchor's alarm cannot be kept for the next start", "entity", anchor, "error", err)
	}
	g.countAnchors()
}

func (g *Gateway) countAnchors() {
	alarmed := len(g.alarmedAnchors())
	g.metrics.Anchors.WithLabelValues("trusted").Set(float64(len(g.anchors) - alarmed))
	g.metrics.Anchors.WithLabelValues("alarmed").Set(float64(alarmed))
}

// alarmedAnchors are those under alarm of the anchors that are pinned now.
func (g *Gateway) alarmedAnchors() (out []string) {
	names := g.alarms.names()
	for _, a := range g.anchors {
		if slices.Contains(names, a.Entity) {
			out = append(out, a.Entity)
		}
	}
	return out
}

// anchorsReady says which anchors broke their pin, when none is left to trust.
func (g *Gateway) anchorsReady() error {
	alarmed := g.alarmedAnchors()
	if len(alarmed) == 0 || len(alarmed) < len(g.anchors) {
		return nil
	}
	return fmt.Errorf("trust: every anchor is under alarm, none shows its pinned keys: %s", strings.Join(alarmed, ", "))
}

// AnchorAlarm is an anchor that does not show its pinned keys, and what to do about it.
type AnchorAlarm struct {
	Anchor string `json:"anchor"`
	Detail string `json:"detail"`
}

func (g *Gateway) alarmDetails() (out []AnchorAlarm) {
	alarmed := g.alarmedAnchors()
	for _, a := range g.cfg.Trust.Anchors {
		if slices.Contains(alarmed, a.Entity) {
			out = append(out, AnchorAlarm{a.Entity, "it does not show its pinned keys, and nothing under it is trusted until it does; " +
				"ask its operator over another channel; if its keys were changed on purpose, put the new ones into " + a.JWKS + " and restart"})
		}
	}
	return out
}

// keepAnchors asks the anchors under alarm again and again until ctx ends: trust goes on once they show
// their pinned keys, though no message comes that would ask them.
func (g *Gateway) keepAnchors(ctx context.Context) {
	for {
		g.resolver.AskAlarmed(ctx)
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(houseKeeping):
		}
	}
}

// statementShelf keeps federation statements in the cache that instances share. The resolver
// authenticates and verifies what it reads; here nothing is trusted and nothing may fail.
type statementShelf struct {
	cache cache.Cache
	names cache.Keys
}

// Get is federation.Shelf.
func (s statementShelf) Get(ctx context.Context, key string) ([]byte, bool) {
	v, ok, err := s.cache.Get(ctx, s.names.Statement(key))
	return v, ok && err == nil
}

// Put is federation.Shelf. What cannot be kept is fetched again.
func (s statementShelf) Put(ctx context.Context, key string, value []byte, ttl time.Duration) {
	_ = s.cache.Set(ctx, s.names.Statement(key), value, ttl)
}
