package gateway

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/redis"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// redisServer is a redis-server process that a test started and ends by its own id.
type redisServer struct {
	t       *testing.T
	addr    string
	process *exec.Cmd
}

// startRedis runs redis-server on a free loopback port, without persistence.
func startRedis(t *testing.T) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed: the shelf is not tried on a real server")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &redisServer{t: t, addr: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(s.addr)
	s.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if got, err := s.try("PING"); err == nil && got == "+PONG" {
			return s
		} else if time.Now().After(limit) {
			t.Fatalf("redis-server does not answer: %q, %v", got, err)
		}
	}
}

func (s *redisServer) kill() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

// try sends one command in the protocol's form for people and returns the first line of the answer.
func (s *redisServer) try(command string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line), err
}

func (s *redisServer) do(command, want string) {
	s.t.Helper()
	if got, err := s.try(command); err != nil || got != want {
		s.t.Fatalf("%s: %q, %v", command, got, err)
	}
}

func (s *redisServer) flush() { s.t.Helper(); s.do("FLUSHALL", "+OK") }

// hub is the instances of one gateway, which share a server and a secret.
type hub struct {
	*trusttest.Federation
	t      *testing.T
	server *redisServer
	raw    cache.Cache // as whoever has the server's password writes
	names  cache.Keys
}

const hubSecret = "the secret of all instances"

func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{t: t, server: startRedis(t), Federation: trusttest.NewFederation(t), names: cache.NewKeys("https://ncp.be.test", []byte(hubSecret))}
	h.raw = h.connect()
	return h
}

func (h *hub) connect() cache.Cache {
	h.t.Helper()
	c, err := redis.New(&url.URL{Scheme: "redis", Host: h.server.addr}, redis.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	return c
}

// shelf is an instance's own, as a gateway makes it.
func (h *hub) shelf() federation.Shelf {
	return statementShelf{cache.Safe(h.connect(), cache.SafeOptions{Now: time.Now, Timeout: 5 * time.Second}), h.names}
}

// instance is a gateway that has just started.
func (h *hub) instance(s federation.Shelf, secret string, onboarded ...*trusttest.Entity) *federation.Resolver {
	o := h.Options(onboarded...)
	o.Shelf, o.ShelfSecret = s, []byte(secret)
	return federation.NewResolver(o)
}

// holds expects that an entity is trusted, with the exchange key it has now.
func (h *hub) holds(r *federation.Resolver, e *trusttest.Entity) {
	h.t.Helper()
	got, err := r.Resolve(h.t.Context(), e.ID, nil)
	if err != nil {
		h.t.Fatalf("%s: %v", e.ID, err)
	}
	if got.Gateway.Keys.Keys[0].Kid != e.Exchange.Kid {
		h.t.Fatalf("%s: a key that was revoked came back", e.ID)
	}
}

// statements counts the requests for statements, not those for the status of marks.
func (h *hub) statements() int {
	return h.Requests("") - h.Requests(trusttest.AnchorID+"/federation/mark-status")
}

// addresses are those whose statements a resolution of e puts on the shelf.
func (h *hub) addresses(e *trusttest.Entity) map[string]string {
	return map[string]string{
		"leaf": e.ID + federation.WellKnown, "anchor": trusttest.AnchorID + federation.WellKnown,
		"vouched": trusttest.AnchorID + "/federation/fetch?" + url.Values{"sub": {e.ID}}.Encode(),
	}
}

// copy reads what stands on the server about e.
func (h *hub) copy(e *trusttest.Entity) map[string][]byte {
	h.t.Helper()
	out := map[string][]byte{}
	for name, address := range h.addresses(e) {
		v, ok, err := h.raw.Get(h.t.Context(), h.names.Statement(address))
		if err != nil || !ok {
			h.t.Fatalf("%s is not on the server: %v", address, err)
		}
		out[name] = v
	}
	return out
}

// write puts values in the place of those about e, past the gateway.
func (h *hub) write(e *trusttest.Entity, values map[string][]byte) {
	h.t.Helper()
	for name, v := range values {
		if err := h.raw.Set(h.t.Context(), h.names.Statement(h.addresses(e)[name]), v, time.Hour); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestInstancesShareStatementsOnARealServer(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	fr := h.NCP("FR")
	first := h.instance(h.shelf(), hubSecret, fr)
	h.holds(first, fr)
	if n := h.statements(); n != 3 || len(h.copy(fr)) != 3 {
		t.Fatalf("%d statements fetched", n)
	}
	h.Forget()
	second := h.instance(h.shelf(), hubSecret, fr)
	h.holds(second, fr)
	if n := h.statements(); n != 0 {
		t.Errorf("the second instance fetched %d statements", n)
	}
	// What one has asked for anew the other takes: in all, as many requests as for one instance.
	h.Clock.Advance(6 * time.Minute)
	fr.Rotate(false)
	h.holds(first, fr)
	h.holds(second, fr)
	if n := h.statements(); n != 3 {
		t.Errorf("%d statements fetched after the refresh time", n)
	}
	// A refusal is shared, and a new instance cannot fall back behind it while the hosts are silent.
	fr.Disown()
	h.Clock.Advance(6 * time.Minute)
	if _, err := first.Resolve(t.Context(), fr.ID, nil); err == nil {
		t.Fatal("an entity its superior dropped is trusted")
	}
	fr.Down(true)
	h.Anchor.Down(true)
	for name, r := range map[string]*federation.Resolver{"first": first, "new": h.instance(h.shelf(), hubSecret, fr)} {
		if _, err := r.Resolve(t.Context(), fr.ID, nil); err == nil {
			t.Errorf("the %s instance trusts an entity that was dropped", name)
		}
	}
}

// flushing is a shelf that is wiped at one moment of its use: before or after the n-th operation.
type flushing struct {
	federation.Shelf
	server *redisServer
	at     int64 // even: before operation at/2; odd: after it
	n      atomic.Int64
}

func (s *flushing) moment(do func()) {
	n := 2 * (s.n.Add(1) - 1)
	if n == s.at {
		s.server.flush()
	}
	do()
	if n+1 == s.at {
		s.server.flush()
	}
}

func (s *flushing) Get(ctx context.Context, key string) (v []byte, ok bool) {
	s.moment(func() { v, ok = s.Shelf.Get(ctx, key) })
	return v, ok
}

func (s *flushing) Put(ctx context.Context, key string, value []byte, ttl time.Duration) {
	s.moment(func() { s.Shelf.Put(ctx, key, value, ttl) })
}

// The server is wiped at every moment there is: around each use of the shelf, and around each exchange.
func TestServerWipedAtAnyMoment(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	fr := h.NCP("FR")
	moments := int64(1)
	for at := int64(0); at < moments; at++ {
		s := &flushing{Shelf: h.shelf(), server: h.server, at: at}
		one, other := h.instance(s, hubSecret, fr), h.instance(h.shelf(), hubSecret, fr)
		for range 3 {
			h.holds(one, fr)
			h.holds(other, fr)
			h.Clock.Advance(6 * time.Minute)
			fr.Rotate(false)
		}
		moments = 2 * s.n.Load()
	}
	if moments < 20 {
		t.Errorf("only %d moments were tried", moments)
	}
	t.Logf("wiped at %d moments", moments)
	h.Intercept(func(http.ResponseWriter, *http.Request) bool { h.server.flush(); return false })
	one := h.instance(h.shelf(), hubSecret, fr)
	h.holds(one, fr)
	h.Clock.Advance(6 * time.Minute)
	h.holds(one, fr)
}

// The same while many resolve at once, which no order of moments tries.
func TestServerWipedUnderLoad(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	fr, de := h.NCP("FR"), h.NCP("DE")
	var work, wipe sync.WaitGroup
	done := make(chan struct{})
	wipe.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if _, err := h.server.try("FLUSHALL"); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for range 2 {
		r := h.instance(h.shelf(), hubSecret, fr, de)
		for _, e := range []*trusttest.Entity{fr, de} {
			work.Go(func() {
				for range 30 {
					if got, err := r.Refresh(context.Background(), e.ID); err != nil || got.ID != e.ID {
						t.Errorf("%s: %v", e.ID, err)
						return
					}
					h.Clock.Advance(30 * time.Second)
				}
			})
		}
	}
	work.Wait()
	close(done)
	wipe.Wait()
}

// What somebody with the server's password writes is never believed: a new instance asks the hosts.
func TestPoisonedServerIsNeverBelieved(t *testing.T) {
	t.Parallel()
	for name, poison := range map[string]func(h *hub, fr *trusttest.Entity, old, now map[string][]byte){
		"wiped":  func(h *hub, _ *trusttest.Entity, _, _ map[string][]byte) { h.server.flush() },
		"killed": func(h *hub, _ *trusttest.Entity, _, _ map[string][]byte) { h.server.kill() },
		"garbage": func(h *hub, fr *trusttest.Entity, _, _ map[string][]byte) {
			h.write(fr, map[string][]byte{"leaf": []byte("x")})
		},
		"another type of value": func(h *hub, fr *trusttest.Entity, _, _ map[string][]byte) {
			key := h.names.Statement(h.addresses(fr)["leaf"])
			h.server.do("DEL "+key, ":1")
			h.server.do("LPUSH "+key+" x", ":1")
		},
		"one bit": func(h *hub, fr *trusttest.Entity, _, now map[string][]byte) {
			now["leaf"][len(now["leaf"])/2] ^= 1
			h.write(fr, now)
		},
		"its time made newer": func(h *hub, fr *trusttest.Entity, old, _ map[string][]byte) {
			at := fmt.Sprintf(`"fetched":%d`, h.Clock.Now().Add(-6*time.Minute).UnixMilli())
			text := string(old["leaf"])
			if !strings.Contains(text, at) {
				h.t.Fatalf("the entry has another form: %q", text)
			}
			h.write(fr, map[string][]byte{"leaf": []byte(strings.Replace(text, at, fmt.Sprintf(`"fetched":%d`, h.Clock.Now().UnixMilli()), 1))})
		},
		"moved": func(h *hub, fr *trusttest.Entity, _, now map[string][]byte) {
			h.write(fr, map[string][]byte{"leaf": now["anchor"], "anchor": now["leaf"]})
		},
		"a statement in plain": func(h *hub, fr *trusttest.Entity, _, _ map[string][]byte) {
			h.write(fr, map[string][]byte{"leaf": []byte(fr.Configuration())})
		},
		"by another secret": func(h *hub, fr *trusttest.Entity, _, now map[string][]byte) {
			h.holds(h.instance(h.shelf(), "a secret of somebody else", fr), fr)
			if string(h.copy(fr)["leaf"]) == string(now["leaf"]) {
				h.t.Fatal("nothing was written")
			}
		},
		"replayed": func(h *hub, fr *trusttest.Entity, old, _ map[string][]byte) { h.write(fr, old) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t)
			fr := h.NCP("FR")
			h.holds(h.instance(h.shelf(), hubSecret, fr), fr)
			old := h.copy(fr)
			h.Clock.Advance(6 * time.Minute)
			fr.Rotate(false) // the former exchange key is revoked
			h.holds(h.instance(h.shelf(), hubSecret, fr), fr)
			poison(h, fr, old, h.copy(fr))
			h.Forget()
			h.holds(h.instance(h.shelf(), hubSecret, fr), fr)
			if h.statements() == 0 {
				t.Error("nobody was asked")
			}
		})
	}
}

// An instance that has the newer statement does not take the older one back, not even when no host can
// be asked; and what is replayed stands in no longer than it would have.
func TestReplayedEntryDoesNotBringBackWhatWas(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	fr := h.NCP("FR")
	running := h.instance(h.shelf(), hubSecret, fr)
	h.holds(running, fr)
	old := h.copy(fr)
	h.Clock.Advance(6 * time.Minute)
	fr.Rotate(false)
	h.holds(running, fr)
	h.write(fr, old)
	fr.Down(true)
	h.Anchor.Down(true)
	h.Clock.Advance(6 * time.Minute)
	h.holds(running, fr)              // stands in, and is the newer
	h.Clock.Advance(49 * time.Minute) // an hour and a minute after the old ones were fetched
	if _, err := h.instance(h.shelf(), hubSecret, fr).Resolve(t.Context(), fr.ID, nil); err == nil {
		t.Error("a replayed entry outlasts its bound")
	}
	h.holds(running, fr)
}
