package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func opened(t testing.TB, b *tokenBudget, limit int64) *lease {
	t.Helper()
	l, ok := b.lease(limit)
	if !ok {
		t.Fatal("no lease")
	}
	t.Cleanup(l.release)
	return l
}

// unfinished is a body that stops short of its end until it is let go, and ends in a cut then.
type unfinished struct {
	left int
	stop func() // called when it stops
	goOn <-chan struct{}
}

func (u *unfinished) Read(p []byte) (int, error) {
	if u.left == 0 {
		u.stop()
		<-u.goOn
		return 0, io.ErrUnexpectedEOF
	}
	n := min(len(p), u.left)
	clear(p[:n])
	u.left -= n
	return n, nil
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Strangers who begin large tokens and do not end them hold no more than the budget, and nobody else
// is kept from being answered.
func TestStrangersHoldNoMoreThanTheBudget(t *testing.T) {
	const senders, size = 200, 1_900_000
	e, logs := endpoint(&fake{})
	e.Limits.MaxToken, e.TokenBudget = 2<<20, 16<<20
	before := heap()
	goOn := make(chan struct{})
	var stopped, over sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	stopped.Add(senders)
	for range senders {
		over.Go(func() {
			var once sync.Once
			r := httptest.NewRequest("POST", "/exchange", &unfinished{size, func() { once.Do(stopped.Done) }, goOn})
			r.Header.Set("Content-Type", mediaMessage)
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			once.Do(stopped.Done)
			mu.Lock()
			codes[w.Code]++
			mu.Unlock()
		})
	}
	stopped.Wait()
	if grown := int64(heap()) - int64(before); grown > e.TokenBudget+senders*freeToken*3/2+8<<20 {
		t.Errorf("%d MiB are held", grown>>20)
	}
	if w := post(e, mediaMessage, strings.Repeat("a", freeToken)); w.Code != 200 {
		t.Errorf("an ordinary sender meanwhile: %d", w.Code)
	}
	close(goOn)
	over.Wait()
	if want := int(e.TokenBudget / size); codes[503] < senders-want-1 || codes[400] < want-1 || codes[400]+codes[503] != senders {
		t.Errorf("answers %v", codes)
	}
	if b, n := e.tokens.bytes.Load(), e.tokens.tokens.Load(); b != 0 || n != 0 {
		t.Errorf("%d bytes, %d tokens were not given back", b, n)
	}
	if w := post(e, mediaMessage, strings.Repeat("a", size)); w.Code != 200 {
		t.Errorf("a large token afterwards: %d", w.Code)
	}
	if !strings.Contains(logs.String(), "rule=busy") {
		t.Error("who was turned away is not in the log")
	}
}

// Who finds no room is told at once, without having to send the rest.
func TestRefusalsDoNotWaitForTheRest(t *testing.T) {
	for name, c := range map[string]struct {
		announced, sent int
		tokens          int64 // held by others
		status          int
		retry           string
	}{
		"no budget":         {freeToken + 100, freeToken + 50, 0, 503, "1"},
		"announced too big": {200<<10 + 1, 0, 0, 413, ""},
		"too many tokens":   {100, 0, maxTokens, 503, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := endpoint(&fake{})
			e.Limits.MaxToken, e.TokenBudget = 200<<10, 1
			e.tokens.tokens.Store(c.tokens)
			s := httptest.NewServer(e)
			defer s.Close()
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			fmt.Fprintf(conn, "POST /exchange HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
				mediaMessage, c.announced, strings.Repeat("a", c.sent))
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != c.status || resp.Header.Get("Retry-After") != c.retry {
				t.Errorf("%d %v", resp.StatusCode, resp.Header)
			}
		})
	}
}

// judging is a receiver that looks around before and after its sender is proved.
type judging struct{ before, after func() }

func (j judging) Receive(_ context.Context, _ []byte, parts exchange.Parts) exchange.Reply {
	j.before()
	_, _, _ = parts.Next()
	j.after()
	return exchange.Reply{Receipt: "a.b.c"}
}

// A token is in the budget until its sender is proved, so that complete ones do not pile up either.
func TestBudgetIsHeldUntilTheSenderIsProved(t *testing.T) {
	large := strings.Repeat("a", 2*freeToken)
	for media, body := range map[string]string{mediaMessage: large, related: withRoot(large).end()} {
		var during, after int64
		e, _ := endpoint(nil)
		e.Limits.MaxToken = 4 * freeToken
		e.Receiver = judging{func() { during = e.tokens.bytes.Load() }, func() { after = e.tokens.bytes.Load() + e.tokens.tokens.Load() }}
		if w := post(e, media, body); w.Code != 200 || during < freeToken || after != 0 {
			t.Errorf("%s: %d; %d bytes while it is judged, %d after", media, w.Code, during, after)
		}
		if n := e.tokens.bytes.Load() + e.tokens.tokens.Load(); n != 0 {
			t.Errorf("%s: given back twice: %d", media, n)
		}
	}
}

func TestReadingATokenInSteps(t *testing.T) {
	cut := errors.New("cut")
	const limit = 3*tokenStep + 5
	for name, c := range map[string]struct {
		size   int
		end    error
		budget int64
		code   string
	}{
		"empty":                {0, nil, 0, ""},
		"free":                 {freeToken, nil, 0, ""},
		"one over":             {freeToken + 1, nil, 0, "busy"},
		"one over, paid":       {freeToken + 1, nil, limit, ""},
		"step's end":           {freeToken + 1 + tokenStep, nil, limit, ""},
		"limit":                {limit, nil, limit, ""},
		"over the limit":       {limit + 1, nil, limit, "too-large"},
		"budget for a step":    {freeToken + tokenStep + 2, nil, tokenStep, "busy"},
		"cut in free":          {10, cut, limit, "malformed"},
		"cut in a step":        {freeToken + 10, cut, limit, "malformed"},
		"cut looking finished": {freeToken + 10, io.ErrUnexpectedEOF, limit, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			want := strings.Repeat("abc", c.size)[:c.size]
			var r io.Reader = strings.NewReader(want)
			if c.end != nil {
				r = io.MultiReader(r, iotest.ErrReader(c.end))
			}
			var b tokenBudget
			l := opened(t, &b, c.budget)
			got, f := l.read(iotest.DataErrReader(r), limit)
			if c.code == "" && (f != nil || string(got) != want) || c.code != "" && (f == nil || f.Code != c.code) {
				t.Errorf("%d of %d bytes, %v", len(got), c.size, f)
			}
			if f != nil && f.Code == "busy" && (f.Kind != fault.Unavailable || f.RetryAfter <= 0) {
				t.Errorf("busy: %+v", f)
			}
			l.release()
			l.release()
			if n := b.bytes.Load() + b.tokens.Load(); n != 0 {
				t.Errorf("%d left", n)
			}
		})
	}
}

// The header of the root part is not a way around the budget.
func TestRootHeaderIsBounded(t *testing.T) {
	for size, want := range map[int]int{maxRootHeader / 2: 200, maxRootHeader: 400, 8 << 20: 400} {
		e, _ := endpoint(&fake{})
		e.Limits.MaxAttachmentBytes = 64 << 20
		body := "--BB\r\nX: " + strings.Repeat("a", size) + "\r\n" + withRoot("tok").end()[len("--BB\r\n"):]
		if w := post(e, related, body); w.Code != want {
			t.Errorf("%d bytes: %d", size, w.Code)
		}
	}
}

// leaving is a writer that looks whether its handler returns while it is in use. Over HTTP/2 that
// would be the end of the process.
type leaving struct {
	*httptest.ResponseRecorder
	used     atomic.Bool
	inside   chan struct{}
	returned chan struct{}
	late     chan bool
}

func (l *leaving) SetReadDeadline(time.Time) error {
	if !l.used.CompareAndSwap(false, true) {
		return nil
	}
	close(l.inside)
	select {
	case <-l.returned:
		l.late <- true
	case <-time.After(50 * time.Millisecond): // time enough to return in, were nothing in the way
		l.late <- false
	}
	return nil
}

// Read is a body that breaks when the deadline is being set.
func (l *leaving) Read([]byte) (int, error) {
	<-l.inside
	return 0, io.ErrUnexpectedEOF
}

func TestHandlerOutlivesTheUseOfItsWriter(t *testing.T) {
	for name, hangUp := range map[string]bool{"the deadline": false, "the client hangs up": true} {
		e, _ := endpoint(&fake{})
		l := &leaving{ResponseRecorder: httptest.NewRecorder(), inside: make(chan struct{}), returned: make(chan struct{}), late: make(chan bool, 1)}
		r := httptest.NewRequest("POST", "/exchange", l)
		r.Header.Set("Content-Type", mediaMessage)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if hangUp {
			cancel()
		} else {
			e.Deadline = time.Millisecond
		}
		e.ServeHTTP(l, r.WithContext(ctx))
		close(l.returned)
		if <-l.late {
			t.Errorf("%s: the writer was used after its handler", name)
		}
	}
}
