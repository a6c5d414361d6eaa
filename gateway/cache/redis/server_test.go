package redis_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// server is a redis-server process that a test started and ends by its own id.
type server struct {
	addr, dir string
	args      []string
	process   *exec.Cmd
	ended     chan struct{}
}

// startServer runs redis-server on a free loopback port without persistence.
func startServer(t *testing.T, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed: the test against a real server is skipped")
	}
	s := &server{addr: freeAddr(t), dir: t.TempDir(), args: args}
	t.Cleanup(func() { s.kill() })
	s.start(t)
	return s
}

// start runs the process, also again after kill, and waits until it answers.
func (s *server) start(t *testing.T) {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	args := append([]string{"--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no",
		"--dir", s.dir, "--logfile", filepath.Join(s.dir, "log")}, s.args...)
	s.run(t, args)
}

// run starts the process again while it ends by itself: between choosing a port and binding it, a
// connection of another test may have had it.
func (s *server) run(t *testing.T, args []string) {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: s.addr, MaxRetries: -1, DialerRetries: 1})
	defer client.Close()
	s.launch(t, args)
	eventually(t, "redis-server answers", func() bool {
		select {
		case <-s.ended:
			s.launch(t, args)
			return false
		default:
			return client.Ping(t.Context()).Err() == nil
		}
	})
}

func (s *server) launch(t *testing.T, args []string) {
	t.Helper()
	process, ended := exec.Command("redis-server", args...), make(chan struct{})
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(ended)
		_ = process.Wait() // how it ended is nobody's concern
	}()
	s.process, s.ended = process, ended
}

// kill ends the process this test started, and no other.
func (s *server) kill() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		<-s.ended
		s.process = nil
	}
}

// command runs one command on the server.
func (s *server) command(t *testing.T, args ...any) string {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: s.addr, DialerRetries: 1})
	defer client.Close()
	answer, err := client.Do(t.Context(), args...).Result()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return fmt.Sprint(answer)
}

// startSentinel runs a Sentinel that watches one master under the name "main".
func startSentinel(t *testing.T, master *server) *server {
	t.Helper()
	s := &server{addr: freeAddr(t), dir: t.TempDir()}
	_, port, _ := net.SplitHostPort(s.addr)
	host, masterPort, _ := net.SplitHostPort(master.addr)
	file := filepath.Join(s.dir, "sentinel.conf")
	text := fmt.Sprintf("bind 127.0.0.1\nport %s\ndir %s\nlogfile %s\nsentinel monitor main %s %s 1\n",
		port, s.dir, filepath.Join(s.dir, "log"), host, masterPort)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kill() })
	s.run(t, []string{file, "--sentinel"})
	return s
}

// eventually asks again until something outside this process has happened.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(10 * time.Second); !done(); <-tick.C {
		if time.Now().After(limit) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// blackHole accepts connections and never answers.
func blackHole(t *testing.T, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() }()
		}
	}()
	return l
}

// lossy forwards to a server and can swallow one answer and hang up.
type lossy struct {
	addr       string
	dropAnswer atomic.Bool
}

func startLossy(t *testing.T, target string) *lossy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &lossy{addr: l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.forward(conn, target)
		}
	}()
	return p
}

func (p *lossy) forward(client net.Conn, target string) {
	defer client.Close()
	upstream, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", target)
	if err != nil {
		return
	}
	defer upstream.Close()
	go func() { _, _ = io.Copy(upstream, client) }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := upstream.Read(buffer)
		if err != nil || p.dropAnswer.CompareAndSwap(true, false) {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
