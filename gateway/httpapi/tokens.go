package httpapi

import (
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Bounds of what strangers may make us hold: their tokens, until one proves who sent it.
const (
	// DefaultTokenBudget is the size of the shared budget for token bytes, see Exchange.TokenBudget.
	DefaultTokenBudget = 64 << 20
	// freeToken is what every request may hold outside the budget: nearly all messages fit, so a
	// sender of an ordinary one is answered while others hold all of the budget.
	freeToken = 64 << 10
	// tokenStep is how much is taken from the budget at a time, and only when bytes are there to fill it.
	tokenStep = 64 << 10
	// maxTokens bounds the tokens held at once, and with freeToken what is held outside the budget.
	maxTokens = 4096
	// maxRootHeader bounds what precedes the token in a multipart body.
	maxRootHeader = 16 << 10
)

// tokenBudget counts what is held of tokens whose sender is not proved. Its zero value is empty.
type tokenBudget struct {
	bytes  atomic.Int64
	tokens atomic.Int64
}

// lease is one request's part of the budget. It is given back once, by whoever comes first: the
// refusal, the end of the judgement, or the proof of who sent the token.
type lease struct {
	budget *tokenBudget
	limit  int64
	bytes  int64
	over   atomic.Bool
}

// busy is the refusal of a request there is no room for.
func busy() *fault.Error { return fault.New(fault.Unavailable, "busy", "").After(time.Second) }

// lease opens a request's part, false when too many are open.
func (b *tokenBudget) lease(limit int64) (*lease, bool) {
	if b.tokens.Add(1) > maxTokens {
		b.tokens.Add(-1)
		return nil, false
	}
	return &lease{budget: b, limit: limit}, true
}

// take takes n bytes, or none when they are not left.
func (l *lease) take(n int64) bool {
	if l.budget.bytes.Add(n) > l.limit {
		l.budget.bytes.Add(-n)
		return false
	}
	l.bytes += n
	return true
}

// release gives everything back.
func (l *lease) release() {
	if l.over.CompareAndSwap(false, true) {
		l.budget.bytes.Add(-l.bytes)
		l.budget.tokens.Add(-1)
	}
}

// read reads a token under its limit: one byte more is refused, not buffered. What does not fit the
// free part is kept in steps that are paid for before they are made, so that announcing or beginning
// a large token costs nothing here.
func (l *lease) read(r io.Reader, limit int) ([]byte, *fault.Error) {
	head, err := io.ReadAll(io.LimitReader(r, int64(min(limit, freeToken))+1))
	if err != nil {
		return nil, readFault(err)
	}
	if len(head) <= freeToken && len(head) <= limit {
		return head, nil
	}
	steps, size := [][]byte{head}, len(head)
	for size <= limit {
		n := min(tokenStep, limit+1-size)
		if !l.take(int64(n)) {
			return nil, busy()
		}
		step := make([]byte, n)
		n, err = fill(r, step)
		steps, size = append(steps, step[:n]), size+n
		if err == io.EOF { //nolint:errorlint // wrapped, it is a body that was cut
			break
		}
		if err != nil {
			return nil, readFault(err)
		}
	}
	if size > limit {
		return nil, fault.New(fault.TooLarge, "too-large", "")
	}
	return slices.Concat(steps...), nil
}

// fill reads until p is full. Unlike io.ReadFull it hands on the reader's own error, which tells an
// end from a cut.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}

// proved are the parts of a delivery. The receiver asks for the first when the token has proved who
// sent it: from then on the token is the sender's, and no stranger's.
type proved struct {
	exchange.Parts
	lease *lease
}

// Next gives the lease back and hands out the next part.
func (p proved) Next() (string, io.Reader, error) {
	p.lease.release()
	return p.Parts.Next()
}
