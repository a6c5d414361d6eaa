package programs

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is the gateway's process.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error // of Wait, once exited is closed
}

// binary is the gateway as released: built once for all programs of a run, or the one that
// EHDSGW_PROGRAMS_BINARY names.
var binary = os.Getenv("EHDSGW_PROGRAMS_BINARY")

// TestMain builds the binary, without the race detector, and removes it after the last program.
func TestMain(m *testing.M) {
	if raw := os.Getenv(lifeKey); raw != "" {
		os.Exit(live(raw))
	}
	if os.Getenv("EHDSGW_PROGRAMS") == "" || binary != "" {
		os.Exit(m.Run())
	}
	dir, err := build()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func build() (dir string, err error) {
	began := time.Now()
	if dir, err = os.MkdirTemp("", "ehdsgw-programs-"); err != nil {
		return "", err
	}
	binary = filepath.Join(dir, "ehdsgw")
	out, err := exec.Command("go", "build", "-o", binary, "github.com/ehdsgw/ehdsgw/cmd/ehdsgw").CombinedOutput()
	if err != nil {
		return dir, errors.Join(fmt.Errorf("building the gateway: %w\n%s", err, out), os.RemoveAll(dir))
	}
	fmt.Printf("programs: the gateway was built in %v\n", time.Since(began).Round(100*time.Millisecond))
	return dir, nil
}

// start runs the gateway and returns how long it took to become ready.
func (w *world) start() time.Duration {
	w.t.Helper()
	began := time.Now()
	w.launch()
	w.ready(30 * time.Second)
	return time.Since(began)
}

// startUnready runs the gateway and waits until it is alive: it must not say that it is ready.
func (w *world) startUnready() {
	w.t.Helper()
	w.launch()
	w.answers("/livez", 30*time.Second)
	if code := w.adminStatus("/readyz"); code != http.StatusServiceUnavailable {
		w.t.Errorf("/readyz answers %d", code)
	}
}

func (w *world) launch() {
	w.t.Helper()
	logFile, err := os.OpenFile(w.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	defer logFile.Close()
	c := &child{cmd: exec.Command(binary, "serve", "-c", w.config()), exited: make(chan struct{})}
	c.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + os.TempDir()}
	if w.pace != nil {
		c.cmd.Path, c.cmd.Env = os.Args[0], append(c.cmd.Env, lifeKey+"="+w.pace.life(w.config()))
	}
	c.cmd.Stdout, c.cmd.Stderr = logFile, logFile
	if err := c.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { c.err = c.cmd.Wait(); close(c.exited) }()
	first := w.child == nil
	w.child = c
	if first {
		w.t.Cleanup(func() { w.kill(); w.tellLog() })
	}
}

func (w *world) logFile() string { return filepath.Join(w.dir, "gateway.log") }

// tellLog shows the end of the gateway's log when the program failed.
func (w *world) tellLog() {
	if !w.t.Failed() {
		return
	}
	raw, err := os.ReadFile(w.logFile())
	if err != nil {
		return
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	w.t.Logf("end of the gateway's log (%d lines):\n%s", len(lines), strings.Join(lines[max(0, len(lines)-30):], "\n"))
}

// ready waits until the gateway says that it can do its work.
func (w *world) ready(within time.Duration) {
	w.t.Helper()
	w.answers("/readyz", within)
}

// answers waits until a path of the admin listener answers 200.
func (w *world) answers(path string, within time.Duration) {
	w.t.Helper()
	eventually(w.t, path+" answers 200", within, func() bool {
		select {
		case <-w.child.exited:
			w.t.Fatalf("the gateway ended by itself: %v", w.child.err)
		default:
		}
		return w.adminStatus(path) == http.StatusOK
	})
}

// adminStatus asks the admin listener; 0 when nobody answers.
func (w *world) adminStatus(path string) int {
	c := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get("http://" + w.admin + path)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// kill ends the gateway's process with SIGKILL and waits until it is gone.
func (w *world) kill() {
	if w.child == nil {
		return
	}
	_ = w.child.cmd.Process.Kill() // gone already is fine
	<-w.child.exited
}

// terminate sends SIGTERM, waits for the end and returns how long it took. The exit code must be 0.
func (w *world) terminate() time.Duration {
	w.t.Helper()
	began := time.Now()
	if err := w.child.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatalf("SIGTERM: %v", err)
	}
	select {
	case <-w.child.exited:
	case <-time.After(40 * time.Second):
		w.t.Fatal("the gateway did not end within 40 s of SIGTERM")
	}
	if w.child.err != nil {
		w.t.Errorf("the gateway ended with %v after SIGTERM, not with exit code 0", w.child.err)
	}
	return time.Since(began)
}

// spread describes durations.
func spread(list []time.Duration) string {
	if len(list) == 0 {
		return "none"
	}
	s := slices.Sorted(slices.Values(list))
	return fmt.Sprintf("median %v, longest %v", median(s).Round(time.Millisecond), s[len(s)-1].Round(time.Millisecond))
}

func median(list []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}
