package programs

import (
	"bufio"
	"net"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// redisServer is a redis-server process of this test.
type redisServer struct {
	address string
	cmd     *exec.Cmd
}

// startRedis runs redis-server on a free loopback port, without persistence.
func startRedis(t *testing.T) *redisServer {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed: FLUSHALL under load is left out")
	}
	r := &redisServer{address: freeAddress(t)}
	dir := t.TempDir()
	_, port, err := net.SplitHostPort(r.address)
	if err != nil {
		t.Fatal(err)
	}
	r.cmd = exec.Command(path, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no",
		"--dir", dir, "--logfile", filepath.Join(dir, "log"))
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // by its own id
		_ = r.cmd.Wait()
	})
	eventually(t, "redis-server answers", 10*time.Second, func() bool {
		answer, err := r.command("PING")
		return err == nil && answer == "+PONG\r\n"
	})
	return r
}

// command sends one inline command and returns the first line of the answer.
func (r *redisServer) command(line string) (string, error) {
	conn, err := net.DialTimeout("tcp", r.address, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return "", err
	}
	if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

// A cache emptied every 20 ms under load costs nothing but work: nothing is lost, no replay accepted.
func TestProgramFlushAll(t *testing.T) {
	size := programSize(t)
	redis := startRedis(t)
	w := newWorld(t)
	w.settings["cache"] = "redis://" + redis.address + "/0"
	w.writeConfiguration()
	w.start()
	var keysSeen atomic.Bool
	flushes := every(t.Context(), 20*time.Millisecond, func() {
		if n, err := redis.command("DBSIZE"); err == nil && n != ":0\r\n" {
			keysSeen.Store(true)
		}
		if answer, err := redis.command("FLUSHALL"); err != nil || answer != "+OK\r\n" {
			w.centre.fault("FLUSHALL: %q, %v", answer, err)
		}
	})
	began := time.Now()
	l := startLoad(w.centre, 8)
	const repeats, conns = 200, 16
	var storms []*storm
	for len(storms) < 2 || time.Since(began) < size.window {
		s := newStorm(w)
		s.rage(t.Context(), repeats, conns, func() {})
		storms = append(storms, s)
	}
	l.stop()
	took := time.Since(began)
	flushed := flushes()
	list := l.list()
	var received, duplicate, unanswered int64
	for _, s := range storms {
		list = append(list, s.file())
		received, duplicate, unanswered = received+s.received.Load(), duplicate+s.duplicate.Load(), unanswered+s.unanswered.Load()
	}
	w.drain(list, 30*time.Second)
	v := w.verify(list)
	if !keysSeen.Load() {
		t.Error("the gateway never kept anything in redis: the program shows nothing")
	}
	if unanswered+l.failed.Load() > 0 {
		t.Errorf("%d requests without an answer", unanswered+l.failed.Load())
	}
	t.Logf("FLUSHALL, size %s: N = %d times in %v under load; %d cases, %d messages acknowledged, %s",
		size.name, flushed, took.Round(time.Millisecond), len(list), v.messages, w.claim())
	t.Logf("  %d storms of %d equal sendings over %d connections: %d RECEIVED, %d DUPLICATE; %d answered 429 or 503; log of %d leaves, %d checkpoints",
		len(storms), repeats, conns, received, duplicate, l.refused.Load(), v.leaves, v.checkpoints)
	if received != int64(len(storms)) {
		t.Errorf("%d storms, %d times RECEIVED", len(storms), received)
	}
}
