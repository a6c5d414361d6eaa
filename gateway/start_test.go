package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

func TestNewWantsEverything(t *testing.T) {
	n := newNation(t)
	for name, without := range map[string]func(*Options){
		"config": func(o *Options) { o.Config = nil }, "clock": func(o *Options) { o.Clock = nil },
		"after": func(o *Options) { o.After = nil }, "randomness": func(o *Options) { o.Rand = nil }, "logger": func(o *Options) { o.Logger = nil },
	} {
		o := n.options()
		without(&o)
		if _, err := New(o); err == nil {
			t.Errorf("made without %s", name)
		}
	}
}

// A gateway starts without its anchor: it is alive, says why it is not ready, and becomes ready when
// the anchor is there.
func TestReadyOnlyAfterMarks(t *testing.T) {
	n := newNation(t)
	n.away.Store(true)
	g := n.new(n.options())
	if err := g.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "not started") {
		t.Errorf("before the start: %v", err)
	}
	if g.Addr() != "" || g.AdminAddr() != "" || g.Reload() == nil {
		t.Error("a gateway that is not started has an address, or reloads")
	}
	if err := g.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer n.stop(g)
	if err := g.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "no ncp mark for "+n.entity) {
		t.Errorf("without the anchor: %v", err)
	}
	var s Status
	if status, _ := n.operator("/v1/status", "", &s); status != 200 || s.Ready || !strings.Contains(s.Reason, "ncp mark") || s.Entity != n.entity {
		t.Errorf("status %d %+v", status, s)
	}
	n.away.Store(false)
	n.ready(g)
	if err := g.Start(t.Context()); err == nil {
		t.Error("started twice")
	}
	n.stop(g)
	n.stop(g) // says the same again
	if err := g.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "stopping") {
		t.Errorf("after the stop: %v", err)
	}
	if err := g.Reload(); err == nil {
		t.Error("a stopped gateway reloads")
	}
}

// Marks live a week: when the anchor hands out no more of them, the gateway says so.
func TestMarksThatEndMakeNotReady(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	n.suspend.Store(true)
	n.offset.Store(int64(8 * 24 * 3600 * 1e9))
	if err := g.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "mark") {
		t.Errorf("with marks that ended: %v", err)
	}
}

// The same data directory opens again, with the same keys and the same record.
func TestStartAgain(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	if code, receipt, body := n.deliver(strings.NewReader(n.submit("A1"))); code != 200 || receipt != "RECEIVED" {
		t.Fatalf("%d %s %s", code, receipt, body)
	}
	before, err := g.keys.Public(keys.Exchange, ownerNCP)
	if err != nil {
		t.Fatal(err)
	}
	n.stop(g)
	if _, err := net.Dial("unix", SocketPath(n.dataDir())); err == nil {
		t.Error("the operator socket answers after the stop")
	}
	n.port()
	g = n.start()
	n.ready(g)
	after, err := g.keys.Public(keys.Exchange, ownerNCP)
	if err != nil || string(n.json(before)) != string(n.json(after)) {
		t.Errorf("other keys after a start: %v", err)
	}
	var cases []CaseRow
	if status, code := n.operator("/v1/cases?prefix=app:A1", "", &cases); status != 200 || len(cases) != 1 {
		t.Errorf("%d %s: %v", status, code, cases)
	}
}

// brokenStarts are reasons not to start, with what the error must say.
var brokenStarts = map[string]struct {
	prepare func(t *testing.T, n *nation, o *Options)
	says    string
	is      error
}{
	"address in use": {says: "starting listeners: listen tcp", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Listener, o.Config.Listen.Address = nil, n.listen.Addr().String()
	}},
	"admin address in use": {says: "starting listeners: admin: listen tcp", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Admin.Address = n.server.Listener.Addr().String()
	}},
	"pinned keys missing": {says: "pinned keys of anchor", is: fs.ErrNotExist, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Trust.Anchors[0].JWKS = filepath.Join(n.dir, "absent")
	}},
	"pinned keys empty": {says: "no usable key", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Trust.Anchors[0].JWKS = n.file("empty.json", []byte(`{"keys":[]}`))
	}},
	"pinned keys broken": {says: "pinned keys of anchor", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Trust.Anchors[0].JWKS = n.file("broken.json", []byte(`{"keys":`))
	}},
	"roots broken": {says: "trust.ca_file", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Trust.CAFile = n.file("roots.pem", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	}},
	"rules missing": {says: "desk rules", is: fs.ErrNotExist, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Permits.Desk.Rules = filepath.Join(n.dir, "absent")
	}},
	"rules broken": {says: "starting permits", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Permits.Desk.Rules = n.file("rules.json", []byte(`{"version": 1, "rules": [}`))
	}},
	"unknown permit driver": {says: `no permits driver "other"; this program has: desk`, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Permits.Driver = "other"
	}},
	"unknown central driver": {says: `no central driver "domibus"; this program has: https`, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Central.Driver = "domibus"
	}},
	"unknown catalogue driver": {says: `source s: there is no catalogue driver "floppy"; this program has: ckan, `, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Catalogue.Sources = []config.Source{{Name: "s", Driver: "floppy", Profile: "r8"}}
	}},
	"unknown rule set": {says: `source s: there is no rule set "r9" in this program; it has: r8`, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Catalogue.Sources = []config.Source{{Name: "s", Driver: "rdffile", Location: n.dir, Profile: "r9"}}
	}},
	"unknown cache": {says: "starting cache", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Cache.URL = config.NewSecret("memcached://localhost")
	}},
	"certificate missing": {says: "starting tls", is: fs.ErrNotExist, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Listen.TLS = config.TLS{Cert: filepath.Join(n.dir, "absent"), Key: filepath.Join(n.dir, "absent")}
	}},
	"admin certificate missing": {says: "admin:", is: fs.ErrNotExist, prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.Admin.TLS = config.TLS{Cert: filepath.Join(n.dir, "absent"), Key: filepath.Join(n.dir, "absent")}
	}},
	"keys open to others": {says: "chmod 700", is: keys.ErrPermissions, prepare: func(t *testing.T, n *nation, o *Options) {
		if err := os.MkdirAll(filepath.Join(n.dataDir(), "keys"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(n.dataDir(), "keys"), 0o755); err != nil { //nolint:gosec // what must be refused
			t.Fatal(err)
		}
	}},
	"record locked": {says: fmt.Sprintf("starting record: another process has the record open: process %d", os.Getpid()), is: store.ErrLocked,
		prepare: func(t *testing.T, n *nation, o *Options) {
			holder, given := n.options(), n.listen
			holder.Listener = nil
			g := n.new(holder)
			if err := g.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { n.stop(g) })
			n.ready(g)
			o.Listener = given
		}},
	"data directory too deep": {says: "choose a shorter data_dir", prepare: func(t *testing.T, n *nation, o *Options) {
		o.Config.DataDir = filepath.Join(n.dir, strings.Repeat("d", 100))
	}},
	"no randomness": {says: "starting keys", is: errBroken, prepare: func(t *testing.T, n *nation, o *Options) { o.Rand = broken{} }},
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

// A start that fails says why and leaves nothing behind: no goroutine, no descriptor, no listener.
func TestStartThatFailsLeavesNothing(t *testing.T) {
	for name, c := range brokenStarts {
		t.Run(name, func(t *testing.T) {
			n := newNation(t)
			o := n.options()
			c.prepare(t, n, &o)
			files, routines := descriptors(t), ours()
			g := n.new(o)
			err := g.Start(t.Context())
			if err == nil {
				n.stop(g)
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("the error says %q, want %q", err, c.says)
			}
			n.until("free of goroutines", func() error {
				if now := ours(); len(now) > len(routines) {
					return fmt.Errorf("%d, before %d\n%s", len(now), len(routines), strings.Join(now, "\n\n"))
				}
				return nil
			})
			if o.Listener != nil {
				if _, err := o.Listener.Accept(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("the listener given is open: %v", err)
				}
				files = slices.DeleteFunc(files, func(f string) bool { return strings.HasPrefix(f, "socket:") })
			}
			n.until("free of descriptors", func() error {
				for _, f := range descriptors(t) {
					if !slices.Contains(files, f) && (o.Listener == nil || !strings.HasPrefix(f, "socket:")) {
						return fmt.Errorf("%s is open", f)
					}
				}
				return nil
			})
			if err := g.Stop(context.Background()); err != nil {
				t.Errorf("a stop after a start that failed: %v", err)
			}
		})
	}
}

// A stop leaves nothing behind either, however often.
func TestStopLeavesNothing(t *testing.T) {
	n := newNation(t)
	files, routines := descriptors(t), ours()
	for range 5 {
		n.port()
		g := n.start()
		n.ready(g)
		n.stop(g)
	}
	n.server.CloseClientConnections()
	n.until("free of goroutines", func() error {
		if now := ours(); len(now) > len(routines) {
			return fmt.Errorf("%d, before %d\n%s", len(now), len(routines), strings.Join(now, "\n\n"))
		}
		return nil
	})
	n.until("free of descriptors", func() error {
		if now := descriptors(t); len(now) > len(files) {
			return fmt.Errorf("%v, before %v", now, files)
		}
		return nil
	})
}

// descriptors are the files and sockets this process has open.
func descriptors(t *testing.T) []string {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("descriptors cannot be listed here: %v", err)
	}
	var out []string
	for _, e := range list {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasSuffix(to, "/fd") {
			out = append(out, to)
		}
	}
	return out
}

// ours are the goroutines that run code of this module, besides tests.
func ours() []string {
	buf := make([]byte, 4<<20)
	var out []string
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "github.com/ehdsgw/ehdsgw/") && !strings.Contains(g, "testing.tRunner") && !strings.Contains(g, "httptest") {
			out = append(out, g)
		}
	}
	return out
}

// shows R15.5.3-4 R15.6.5
func TestSocketIsTheOperatorsFromTheFirstMoment(t *testing.T) {
	n := newNation(t)
	if err := os.MkdirAll(n.dataDir(), 0o755); err != nil { //nolint:gosec // a data directory made by others
		t.Fatal(err)
	}
	n.file("data/operator.sock", []byte("left behind"))
	n.start()
	info, err := os.Stat(SocketPath(n.dataDir()))
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("socket mode %v, %v", info.Mode(), err)
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	n := newNation(t)
	for range 2 {
		k, err := keys.Open(filepath.Join(dir, "keys"), keys.Options{Clock: n.now, Rand: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		if err := EnsureKeys(k, []string{"a", "b"}); err != nil {
			t.Fatal(err)
		}
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
	}
	list, err := os.ReadDir(filepath.Join(dir, "keys"))
	if err != nil || len(list) != 6 {
		t.Errorf("%d key files, %v", len(list), err)
	}
}
