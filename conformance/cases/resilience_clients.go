package cases

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// dial opens a TLS connection to the target; it is closed when the case ends.
func dial(ctx context.Context, t *c.T) (net.Conn, error) {
	u, err := url.Parse(t.Entity())
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if tr, ok := t.HTTP.Transport.(*http.Transport); ok {
		config = tr.TLSClientConfig.Clone()
	}
	config.NextProtos = []string{"http/1.1"}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", u.Host)
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() }) // the target may have closed it before
	}
	return conn, err
}

// crowdBound is how long a crowd may take to come in: less than what targets let idle connections live.
const crowdBound = 5 * time.Second

// crowd opens n connections and writes the same on each.
func crowd(ctx context.Context, t *c.T, n int, first string) []net.Conn {
	ctx, cancel := context.WithTimeout(ctx, t.Patience(crowdBound))
	defer cancel()
	conns := make([]net.Conn, 0, n)
	for range n {
		conn, err := dial(ctx, t)
		if err != nil {
			t.Note("the target took %d connections and no more", len(conns))
			break
		}
		if first != "" {
			if _, err = conn.Write([]byte(first)); err != nil {
				break
			}
		}
		conns = append(conns, conn)
	}
	t.Require("wire §5", "the target takes more than a handful of connections", len(conns) >= n/2, n, len(conns))
	return conns
}

// quietly is the pace while nothing is wrong: the control of what comes after.
func quietly(ctx context.Context, t *c.T) time.Duration {
	return pace(ctx, t, func(s peer.Sent) {
		t.Control("without the crowd an application is receipted", s.Received(), answered(s))
	})
}

// besides is the pace while a crowd is there.
func besides(ctx context.Context, t *c.T) time.Duration {
	return pace(ctx, t, func(s peer.Sent) {
		t.Require("wire §4", "an application is received", s.Received(), ehds.Received, answered(s))
	})
}

// pace is the middle time to a receipt of a few applications; each answer is looked at.
func pace(ctx context.Context, t *c.T, look func(peer.Sent)) time.Duration {
	took := make([]time.Duration, 5)
	for i := range took {
		env := drafted(t, nil)
		began := t.Now()
		s := t.Send(ctx, t.Centre, env)
		took[i] = t.Now().Sub(began)
		look(s)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// notSlower checks a pace under load against the quiet one, with room for a busy machine.
func notSlower(t *c.T, quiet, busy time.Duration, what string) {
	bound := 20*quiet + t.Patience(time.Second)
	t.Check("wire §5", "messages of the centre are receipted beside "+what, busy <= bound, "at most "+bound.String(), busy)
	t.Measure("receipt, quiet", quiet.Seconds()*1000, "ms")
	t.Measure("receipt, beside "+what, busy.Seconds()*1000, "ms")
}

func dripping(ctx context.Context, t *c.T) {
	quiet := quietly(ctx, t)
	u, err := url.Parse(t.Entity())
	t.Trouble(err)
	head := "POST /exchange HTTP/1.1\r\nHost: " + u.Host + "\r\n"
	for _, row := range []struct {
		what, first, drop string
		n                 int
	}{
		{"300 clients that write their headers byte by byte", head, "X", 300},
		{"300 clients that write their message byte by byte", head + "Content-Type: " + roles.MediaMessage + "\r\nContent-Length: 100000\r\n\r\neyJ", "h", 300},
	} {
		conns := crowd(ctx, t, row.n, row.first)
		over := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				for _, conn := range conns {
					_, _ = conn.Write([]byte(row.drop)) // the target may have had enough of it
				}
				select {
				case <-over:
					return
				case <-time.After(200 * time.Millisecond):
				}
			}
		})
		busy := besides(ctx, t)
		close(over)
		wg.Wait()
		notSlower(t, quiet, busy, row.what)
		for _, conn := range conns {
			_ = conn.Close() // nothing was asked of it
		}
	}
	env, _ := filed(ctx, t, nil)
	settled(ctx, t, env)
}

func idling(ctx context.Context, t *c.T) {
	quiet := quietly(ctx, t)
	crowd(ctx, t, 200, "")
	t.HTTP.CloseIdleConnections() // what comes now needs a connection beside them
	notSlower(t, quiet, besides(ctx, t), "200 idle connections")
	env, _ := filed(ctx, t, nil)
	settled(ctx, t, env)
}

// shouters is how many requests the noisy hub has under way at a time.
const shouters = 16

func noisy(ctx context.Context, t *c.T) {
	quiet := quietly(ctx, t)
	// Well signed and not for this target to act on: an unknown case, again and again.
	loud, over := context.WithCancel(ctx)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		asked = map[string]int{}
	)
	for range shouters {
		wg.Go(func() {
			for loud.Err() == nil {
				env, err := t.Neighbour.Draft(t.Entity(), ehds.ApplicationWithdraw, ehds.ApplicationCase(t.NewID()).String(),
					ehds.WithdrawBody{ApplicationID: strings.Repeat("0", 24), Date: c.Stamp(t.Now())})
				if err != nil {
					return
				}
				s, err := t.Neighbour.Send(loud, env)
				if err != nil {
					continue
				}
				mu.Lock()
				asked[fmt.Sprintf("%d %s", s.Answer.Status, s.Code())]++
				mu.Unlock()
			}
		})
	}
	t.Cleanup(func() { over(); wg.Wait() })
	heard := until(ctx, t.Patience(c.Wait), func() bool { mu.Lock(); defer mu.Unlock(); return len(asked) > 0 })
	t.Control("the noisy hub is heard", heard, heard)
	busy := besides(ctx, t)
	env, _ := filed(ctx, t, nil)
	settled(ctx, t, env)
	over()
	wg.Wait()
	notSlower(t, quiet, busy, "a noisy hub")
	mu.Lock()
	defer mu.Unlock()
	t.Note("the noisy hub was answered: %v", asked)
	for what := range asked {
		t.Check("wire §5", "noise is refused, with no trouble of the target's own", !strings.HasPrefix(what, "500"), "4xx, or 503 with Retry-After", what)
	}
}
