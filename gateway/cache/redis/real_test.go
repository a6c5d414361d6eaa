package redis_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/cachetest"
	"github.com/ehdsgw/ehdsgw/gateway/cache/redis"
)

func TestContractOnRealServer(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	cachetest.Run(t, func(t *testing.T) cache.Cache {
		return open(t, "redis://"+s.addr, redis.Options{})
	}, cachetest.Capabilities{Flush: func(t *testing.T) {
		s.command(t, "FLUSHALL")
		s.command(t, "SCRIPT", "FLUSH")
	}})
}

// startCluster runs a cluster of one node that serves every slot.
func startCluster(t *testing.T) *server {
	t.Helper()
	bus := freeAddr(t)
	s := startServer(t, "--cluster-enabled", "yes", "--cluster-port", bus[strings.LastIndex(bus, ":")+1:])
	s.command(t, "CLUSTER", "ADDSLOTSRANGE", 0, 16383)
	eventually(t, "the cluster is up", func() bool {
		return strings.Contains(s.command(t, "CLUSTER", "INFO"), "cluster_state:ok")
	})
	return s
}

func TestCluster(t *testing.T) {
	t.Parallel()
	s := startCluster(t)
	t.Run("contract", func(t *testing.T) { clusterContract(t, s) })
	t.Run("Incr is not repeated", func(t *testing.T) { clusterIncrOnce(t, s) })
}

func clusterContract(t *testing.T, s *server) {
	cachetest.Run(t, func(t *testing.T) cache.Cache {
		return open(t, "redis+cluster://"+s.addr, redis.Options{})
	}, cachetest.Capabilities{Flush: func(t *testing.T) { s.command(t, "FLUSHALL") }})
}

// clusterIncrOnce does what TestIncrIsNotRepeated does where the
// library by itself sends a command again: the node announces the address of a
// proxy that loses one answer.
func clusterIncrOnce(t *testing.T, s *server) {
	direct := open(t, "redis://"+s.addr, redis.Options{})
	if _, err := direct.Incr(t.Context(), "n", time.Hour); err != nil {
		t.Fatal(err)
	}
	proxy := startLossy(t, s.addr)
	port := proxy.addr[strings.LastIndex(proxy.addr, ":")+1:]
	s.command(t, "CONFIG", "SET", "cluster-announce-ip", "127.0.0.1", "cluster-announce-port", port)
	eventually(t, "the node announces the proxy", func() bool {
		return strings.Contains(s.command(t, "CLUSTER", "SLOTS"), port)
	})
	c := open(t, "redis+cluster://"+s.addr, redis.Options{})
	if _, _, err := c.Get(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	proxy.dropAnswer.Store(true)
	if n, err := c.Incr(t.Context(), "n", time.Hour); err == nil {
		t.Errorf("Incr = %d without an answer", n)
	}
	if got := s.command(t, "GET", "n"); got != "2" {
		t.Errorf("counter = %s, want 2", got)
	}
}

func TestContractBehindSentinel(t *testing.T) {
	t.Parallel()
	master := startServer(t)
	sentinel := startSentinel(t, master)
	cachetest.Run(t, func(t *testing.T) cache.Cache {
		return open(t, "redis+sentinel://"+sentinel.addr+"/main", redis.Options{})
	}, cachetest.Capabilities{Flush: func(t *testing.T) { master.command(t, "FLUSHALL") }})
}

// bounded fails when an operation takes far longer than its deadline. The slack
// is for a busy machine, and far below what the client would wait by itself.
func bounded(t *testing.T, what string, deadline time.Duration, call func()) {
	t.Helper()
	start := time.Now()
	call()
	if took := time.Since(start); took > deadline+400*time.Millisecond {
		t.Errorf("%s took %s with a deadline of %s", what, took, deadline)
	}
}

const deadline = 150 * time.Millisecond

func safe(c cache.Cache) *cache.Guarded {
	return cache.Safe(c, cache.SafeOptions{Timeout: deadline, Open: 50 * time.Millisecond, Now: time.Now})
}

// missesOnly does one of each and expects answers without errors or values.
func missesOnly(t *testing.T, c cache.Cache) {
	t.Helper()
	bounded(t, "Get", deadline, func() {
		if v, ok, err := c.Get(t.Context(), "k"); v != nil || ok || err != nil {
			t.Errorf("Get = %q, %v, %v; want a miss", v, ok, err)
		}
	})
	bounded(t, "Set", deadline, func() {
		if err := c.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
			t.Errorf("Set = %v", err)
		}
	})
	bounded(t, "Delete", deadline, func() {
		if err := c.Delete(t.Context(), "k", "l"); err != nil {
			t.Errorf("Delete = %v", err)
		}
	})
	bounded(t, "Incr", deadline, func() {
		if n, err := c.Incr(t.Context(), "n", time.Hour); n != 0 || err != nil {
			t.Errorf("Incr = %d, %v; want 0", n, err)
		}
	})
}

// recovers expects a value to come back soon after the server does.
func recovers(t *testing.T, c cache.Cache) {
	t.Helper()
	start := time.Now()
	eventually(t, "the cache works again", func() bool {
		_ = c.Set(t.Context(), "again", []byte("v"), time.Hour)
		_, ok, err := c.Get(t.Context(), "again")
		return ok && err == nil
	})
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("recovery took %s", took)
	}
}

func TestServerKilledAndRestarted(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := safe(open(t, "redis://"+s.addr, redis.Options{}))
	if err := c.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := c.Get(t.Context(), "k"); !ok || err != nil {
		t.Fatalf("Get = %v, %v before the kill", ok, err)
	}
	s.kill()
	for range 10 { // enough to open the breaker and to pass it again
		missesOnly(t, c)
	}
	if c.Ping(t.Context()) == nil {
		t.Error("Ping of a dead server works")
	}
	s.start(t)
	recovers(t, c)
	if _, ok, err := c.Get(t.Context(), "k"); ok || err != nil {
		t.Errorf("Get = %v, %v; a restarted server without persistence holds nothing", ok, err)
	}
}

// TestBlackHole replaces the server by a listener that never answers, on
// connections old and new, and puts the server back.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := safe(open(t, "redis://"+s.addr, redis.Options{}))
	if err := c.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	s.kill()
	hole := blackHole(t, s.addr)
	for range 3 {
		missesOnly(t, c)
	}
	bounded(t, "Ping", deadline, func() {
		if c.Ping(t.Context()) == nil {
			t.Error("Ping of a black hole works")
		}
	})
	_ = hole.Close()
	s.start(t)
	recovers(t, c)
}

// TestBlackHoleOfEveryKind bounds the first call through Sentinel and cluster,
// which ask for the topology before they send anything.
func TestBlackHoleOfEveryKind(t *testing.T) {
	t.Parallel()
	hole := blackHole(t, "127.0.0.1:0")
	for _, address := range []string{
		"redis://" + hole.Addr().String(), "rediss://" + hole.Addr().String(),
		"redis+sentinel://" + hole.Addr().String() + "/main", "redis+cluster://" + hole.Addr().String(),
	} {
		t.Run(address[:strings.Index(address, ":")], func(t *testing.T) {
			t.Parallel()
			missesOnly(t, safe(open(t, address, redis.Options{})))
		})
	}
}

// TestBlackHoleUnderLoad asks from many sides at once: nobody may wait for the
// deadlines of those before.
func TestBlackHoleUnderLoad(t *testing.T) {
	t.Parallel()
	hole := blackHole(t, "127.0.0.1:0")
	for _, address := range []string{
		"redis://" + hole.Addr().String(), "redis+sentinel://" + hole.Addr().String() + "/main",
		"redis+cluster://" + hole.Addr().String(),
	} {
		t.Run(address[:strings.Index(address, ":")], func(t *testing.T) {
			t.Parallel()
			c := safe(open(t, address, redis.Options{}))
			var wg sync.WaitGroup
			for range 64 {
				wg.Go(func() {
					bounded(t, "Get", deadline, func() {
						if _, ok, err := c.Get(t.Context(), "k"); ok || err != nil {
							t.Errorf("Get = %v, %v; want a miss", ok, err)
						}
					})
				})
			}
			wg.Wait()
		})
	}
}

// TestPausedServer stops answers on a connection that is in use.
func TestPausedServer(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := safe(open(t, "redis://"+s.addr, redis.Options{}))
	if err := c.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	s.command(t, "CLIENT", "PAUSE", 900, "ALL")
	missesOnly(t, c)
	recovers(t, c)
	if _, ok, err := c.Get(t.Context(), "k"); err != nil {
		t.Errorf("Get = %v, %v", ok, err)
	}
}
