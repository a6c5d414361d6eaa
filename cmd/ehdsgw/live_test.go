package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/pki"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// hub is what init makes, ready to start: keys pinned, one good description, ports of the system's
// choice.
func hub(t *testing.T) (file string, flags []string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "hub")
	pinned := filepath.Join(t.TempDir(), "anchor.jwks.json")
	write(t, pinned, marshal(t, trusttest.KeySet(trusttest.Key("anchor"))))
	must(t, "init", dir, "--development", "--entity", "https://ncp.fr.test", "--country", "FR", "--anchor-keys", pinned)
	full, err := os.ReadFile("../../gateway/catalogue/profile/testdata/full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "catalogue", "full.ttl"), full)
	return filepath.Join(dir, "ehdsgw.yaml"), []string{
		"--set", "listen.address=127.0.0.1:0", "--set", "admin.address=localhost:0", "--set", "storage.min_free=1MiB",
		"--set", "catalogue.sources[0].interval=0s",
	}
}

// call runs one command in this process. Tests that use it are not parallel: the library has one help flag for
// the whole process, and writes it whenever it reads a command line.
func call(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, append([]string{"ehdsgw"}, args...), strings.NewReader(""), &out, &errs, nil)
	return code, out.String(), errs.String()
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := call(t.Context(), args...)
	if code != exitOK {
		t.Fatalf("ehdsgw %s: exit %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// started runs serve and waits for its ready line. stop ends it and gives the exit code.
func started(t *testing.T, file string, flags []string) (ready string, log *locked, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	log = newLog()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"ehdsgw", "serve", "-c", file}, flags...), strings.NewReader(""), w, log, nil)
		_ = w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("serve ended with exit %d before it was ready\n%s", <-code, log)
	}
	once := sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() {
		if got := once(); got != exitOK {
			t.Errorf("serve ended with exit %d\n%s", got, log)
		}
	})
	return line, log, once
}

// locked is a log that is written and read at the same time.
type locked struct {
	mu     sync.Mutex
	b      bytes.Buffer
	writes chan struct{} // told of every write, when somebody listens
}

func newLog() *locked { return &locked{writes: make(chan struct{}, 1)} }

// Write takes a line.
func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.writes <- struct{}{}:
	default:
	}
	return l.b.Write(p)
}

// String is the log so far.
func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// await waits until the log says something.
func (l *locked) await(t *testing.T, what string) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for !strings.Contains(l.String(), what) {
		select {
		case <-l.writes:
		case <-limit:
			t.Fatalf("the log never says %q\n%s", what, l)
		}
	}
}

// TestServe walks an operator's day on a gateway whose anchor cannot be reached: start, dry run,
// desk, backup and its proof, stop.
func TestServe(t *testing.T) {
	file, flags := hub(t)
	ready, log, stop := started(t, file, flags)
	if !regexp.MustCompile(`^ready entity=https://ncp\.fr\.test listen=127\.0\.0\.1:[1-9]\d* socket=/.*/hub/data/operator\.sock\n$`).MatchString(ready) {
		t.Errorf("ready line: %q", ready)
	}
	var reports []gateway.PublishReport
	if err := json.Unmarshal([]byte(must(t, "catalogue", "publish", "--dry-run", "--output", "json", "-c", file)), &reports); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 1 || !reports[0].DryRun || len(reports[0].Created) != 1 {
		t.Errorf("dry run: %+v", reports)
	}
	if code, _, stderr := call(t.Context(), "catalogue", "publish", "--source", "nope", "-c", file); code != exitNegative || !strings.Contains(stderr, "[no-such-source]") {
		t.Errorf("unknown source: exit %d %s", code, stderr)
	}
	if got := must(t, "desk", "list", "-c", file, "--output", "json"); strings.TrimSpace(got) != "[]" {
		t.Errorf("desk: %s", got)
	}
	if code, _, stderr := call(t.Context(), "evidence", "bundle", "app:6a70b4d104db074a00fd9101", "-c", file); code != exitNegative {
		t.Errorf("bundle of no case: exit %d %s", code, stderr)
	}
	if code, _, stderr := call(t.Context(), append([]string{"serve", "-c", file}, flags...)...); code != exitNegative || !strings.Contains(stderr, "did not start") {
		t.Errorf("a second gateway on the same record: exit %d %s", code, stderr)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	log.await(t, "reloaded TLS files and keys")
	rotateLive(t, file)
	backupLive(t, file)
	if code := stop(); code != exitOK {
		t.Errorf("stopping: exit %d", code)
	}
	if code, _, _ := call(t.Context(), "desk", "list", "-c", file); code != exitCannotTell {
		t.Errorf("desk after the stop: exit %d", code)
	}
}

// rotateLive changes the keys of a running gateway.
func rotateLive(t *testing.T, file string) {
	t.Helper()
	var made, done gateway.KeyChange
	if err := json.Unmarshal([]byte(must(t, "keys", "generate", "--purpose", "exchange", "--output", "json", "-c", file)), &made); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t.Context(), "keys", "rotate", "--purpose", "exchange", "-c", file); code != exitNegative || !strings.Contains(stderr, "[too-early]") {
		t.Errorf("too early: exit %d %s", code, stderr)
	}
	if err := json.Unmarshal([]byte(must(t, "keys", "rotate", "--purpose", "exchange", "--now", "--output", "json", "-c", file)), &done); err != nil {
		t.Fatal(err)
	}
	if done.Key.Kid != made.Key.Kid || done.Retired == nil || len(done.Warnings) != 1 {
		t.Errorf("rotated: %+v", done)
	}
	set, err := jose.ParseKeySet([]byte(must(t, "keys", "export", "--purpose", "exchange", "-c", file)))
	if err != nil || len(set.Keys) != 2 {
		t.Errorf("exported: %v, %v", set, err)
	}
	must(t, "keys", "revoke", "--reason", "superseded", "-c", file, "--", done.Retired.Kid) // a thumbprint may begin with a hyphen
	if got := must(t, "keys", "list", "--purpose", "exchange", "-c", file); strings.Count(got, "revoked") != 1 || strings.Count(got, "active") != 1 {
		t.Errorf("list:\n%s", got)
	}
}

// backupLive copies a live record, proves the copy, spoils it and sees it refused.
func backupLive(t *testing.T, file string) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy.db")
	var made created
	if err := json.Unmarshal([]byte(must(t, "backup", "create", copied, "-c", file, "--output", "json")), &made); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if made.Path != copied || made.Size != int64(len(raw)) {
		t.Errorf("backup create: %+v, the copy has %d bytes", made, len(raw))
	}
	if code, _, stderr := call(t.Context(), "backup", "create", copied, "-c", file); code == exitOK {
		t.Errorf("a second copy to the same place: exit %d %s", code, stderr)
	}
	var r proved
	out := must(t, "backup", "verify", copied, "-c", file, "--output", "json")
	if err := json.Unmarshal([]byte(out), &r); err != nil || !r.OK || r.Size != made.Size || r.Root != made.Root {
		t.Errorf("backup verify: %v %s", err, out)
	}
	raw[len(raw)/2] ^= 1
	write(t, copied, raw)
	if code, stdout, stderr := call(t.Context(), "backup", "verify", copied, "-c", file); code != exitNegative || !strings.Contains(stdout, "not proved") {
		t.Errorf("a spoiled copy: exit %d\n%s%s", code, stdout, stderr)
	}
}

// TestExamplesStart starts a gateway from every example configuration, with the files it names made
// up and no anchor to reach.
func TestExamplesStart(t *testing.T) {
	examples, err := filepath.Glob("../../config/examples/*.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, example := range examples {
		t.Run(filepath.Base(example), func(t *testing.T) {
			raw, err := os.ReadFile(example)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), filepath.Base(example))
			write(t, file, raw)
			cfg, err := config.Load(file, config.Options{Overrides: map[string]string{"storage.min_free": "1MiB"}})
			if err != nil {
				t.Fatal(err)
			}
			supply(t, cfg)
			if findings := append(config.CheckFiles(cfg), checkParts(cfg, file)...); len(findings) > 0 {
				t.Fatalf("the example is not fit to start: %v", findings)
			}
			startAndStop(t, cfg)
		})
	}
}

// supply makes the files an example names: keys of an anchor nobody runs, TLS files of a throw-away
// authority, rules, and a description for every source.
func supply(t *testing.T, cfg *config.Config) {
	t.Helper()
	for _, a := range cfg.Trust.Anchors {
		write(t, a.JWKS, marshal(t, trusttest.KeySet(trusttest.Key(a.Entity))))
	}
	ca, err := pki.DevelopmentCA(filepath.Join(t.TempDir(), "pki"), pki.Options{Clock: time.Now, Rand: rand.Reader, Names: []string{"localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	for to, from := range map[string]string{
		cfg.Listen.TLS.Cert: ca.CertFile(), cfg.Listen.TLS.Key: ca.KeyFile(), cfg.Listen.TLS.ClientCA: ca.CAFile(),
		cfg.Admin.TLS.Cert: ca.CertFile(), cfg.Admin.TLS.Key: ca.KeyFile(), cfg.Admin.TLS.ClientCA: ca.CAFile(), cfg.Trust.CAFile: ca.CAFile(),
	} {
		raw, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if to != "" {
			write(t, to, raw)
		}
	}
	if rules := cfg.Permits.Desk.Rules; rules != "" {
		write(t, rules, marshal(t, startingRules(cfg)))
	}
	if m := cfg.Permits.REMS.Mapping; m != "" {
		write(t, m, []byte(`{}`))
	}
	if jwks := cfg.Permits.REMS.Visas.JWKS; jwks != "" {
		write(t, jwks, marshal(t, trusttest.KeySet(trusttest.Key("rems"))))
	}
	full, err := fs.ReadFile(os.DirFS("../../gateway/catalogue/profile/testdata"), "full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range cfg.Catalogue.Sources {
		if s.Profile != profile.Release {
			t.Errorf("source %s: this program validates by %s only", s.Name, profile.Release)
		}
		if !strings.Contains(s.Location, "://") {
			write(t, filepath.Join(s.Location, "full.ttl"), full)
		}
		if s.LoginFile != "" {
			write(t, s.LoginFile, []byte(`{"email": "steward@holder.example", "password": "made up"}`))
		}
		for _, c := range s.Contexts {
			write(t, c.File, []byte(`{"@context": {}}`))
		}
	}
}

// startAndStop brings a gateway up on ports of the system's choice and ends it.
func startAndStop(t *testing.T, cfg *config.Config) {
	t.Helper()
	listen := func() net.Listener {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return ln
	}
	log := newLog()
	g, err := gateway.New(gateway.Options{
		Config: cfg, Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: slog.New(slog.NewTextHandler(log, nil)),
		Listener: listen(), AdminListener: listen(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Start(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	conn, err := net.Dial("tcp", g.Addr())
	if err != nil {
		t.Errorf("nobody listens: %v", err)
	} else {
		_ = conn.Close()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), stopBound)
	defer cancel()
	if err := g.Stop(ctx); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
	if _, err := os.Stat(gateway.RecordDir(cfg.DataDir)); err != nil {
		t.Error(fmt.Errorf("no record was made: %w", err))
	}
}
