package httpapi

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
)

// Media types of the exchange.
const (
	mediaMessage = "application/ehds-message+jwt"
	mediaReceipt = "application/ehds-receipt+jwt"
)

// Receiver takes one delivery.
type Receiver interface {
	Receive(ctx context.Context, raw []byte, parts exchange.Parts) exchange.Reply
}

// Exchange is the endpoint other hubs post messages to.
type Exchange struct {
	Receiver Receiver
	Limits   exchange.Limits
	Deadline time.Duration // of one request, attachments included
	Clock    func() time.Time
	Logger   *slog.Logger
	Metrics  *telemetry.Metrics
	// Slots bounds the deliveries judged at once; the rest get 503 at once instead of a queue. A slot is
	// taken when the token is there: who sends slowly holds a connection, and only a sender that has
	// proved itself holds a slot while attachments arrive.
	Slots chan struct{}
	// TokenBudget is how many bytes of tokens may be held at once whose senders have not proved
	// themselves, beyond the first 64 KiB of each; zero means DefaultTokenBudget. When nothing is left a
	// request gets 503 at once.
	TokenBudget int64

	tokens tokenBudget
}

// tokenDeadline bounds the reading of a token: 2 MiB at 600 kbit/s.
const tokenDeadline = 30 * time.Second

// ServeHTTP handles POST {exchange_endpoint}.
func (e *Exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := e.Clock()
	ctx, cancel := context.WithTimeout(r.Context(), e.Deadline)
	defer cancel()
	// A body that is not read in time ends with an error. What writes the answer is not affected.
	d := &deadline{w: w}
	defer d.leave()
	stop := context.AfterFunc(ctx, d.pass)
	defer stop()
	reply := e.receive(ctx, w, r, d)
	e.write(w, reply)
	e.observe(ctx, r, reply, e.Clock().Sub(start))
}

// deadline ends the reading of a body. It may pass at any time, from another goroutine, but the writer
// is the handler's alone: once that has returned nobody may touch it.
type deadline struct {
	mu   sync.Mutex
	w    http.ResponseWriter
	left bool
}

// pass makes every read of the body fail from now on.
func (d *deadline) pass() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.left {
		_ = http.NewResponseController(d.w).SetReadDeadline(time.Unix(1, 0)) // without support the server's own timeout ends it
	}
}

// leave is for the handler, before it returns.
func (d *deadline) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = true
}

func (e *Exchange) receive(ctx context.Context, w http.ResponseWriter, r *http.Request, d *deadline) exchange.Reply {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || (media != mediaMessage && media != "multipart/related") {
		return exchange.Reply{Rule: "media-type", Fault: fault.New(fault.UnsupportedMedia, "unsupported-media-type", "")}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return exchange.Reply{Rule: "content-encoding", Fault: fault.New(fault.UnsupportedMedia, "unsupported-media-type", "")}
	}
	if media == mediaMessage && r.ContentLength > int64(e.Limits.MaxToken) {
		return refuseUnread(d, fault.New(fault.TooLarge, "too-large", ""))
	}
	l, ok := e.tokens.lease(cmp.Or(e.TokenBudget, DefaultTokenBudget))
	if !ok {
		return refuseUnread(d, busy())
	}
	defer l.release()
	raw, parts, f := e.readToken(w, r, media, params, l, d)
	if f != nil {
		return refuseUnread(d, f)
	}
	select {
	case e.Slots <- struct{}{}:
		defer func() { <-e.Slots }()
	default:
		return exchange.Reply{Rule: "busy", Fault: busy()}
	}
	return e.Receiver.Receive(ctx, raw, proved{parts, l})
}

// refuseUnread refuses a request whose body is not read to its end. The server would wait for some of
// the rest before it answers; nobody is to be kept waiting, nor to keep us.
func refuseUnread(d *deadline, f *fault.Error) exchange.Reply {
	d.pass()
	return exchange.Reply{Rule: f.Code, Fault: f}
}

// readToken reads the token, within its own deadline and budget, and opens what follows it.
func (e *Exchange) readToken(w http.ResponseWriter, r *http.Request, media string, params map[string]string, l *lease, d *deadline) ([]byte, exchange.Parts, *fault.Error) {
	slow := time.AfterFunc(min(tokenDeadline, e.Deadline), d.pass)
	defer slow.Stop()
	if media == mediaMessage {
		raw, f := l.read(r.Body, e.Limits.MaxToken)
		return raw, exchange.NoParts{}, f
	}
	body := http.MaxBytesReader(w, r.Body, int64(e.Limits.MaxToken)+e.Limits.MaxAttachmentBytes+multipartOverhead)
	raw, parts, f := openMultipart(body, params, e.Limits, l)
	return raw, parts, f
}

// readFault judges a token that cannot be read. A body that did not come in time may come again.
func readFault(err error) *fault.Error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return fault.Wrap(err, fault.TooLarge, "too-large", "")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.Wrap(err, fault.Unavailable, "too-slow", "").After(time.Second)
	}
	return fault.Wrap(err, fault.Malformed, "malformed", "")
}

// write answers with the receipt under the problem's status, or with a bare problem for a sender
// that did not prove itself.
func (e *Exchange) write(w http.ResponseWriter, reply exchange.Reply) {
	if reply.Receipt == "" {
		// An answer with neither receipt nor fault would be our own defect.
		writeProblem(w, cmp.Or(reply.Fault, fault.New(fault.Internal, "internal", "")))
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaReceipt)
	h.Set("Cache-Control", "no-store")
	status := http.StatusOK
	if reply.Fault != nil {
		status = exchange.StatusOf(reply.Fault)
		retryAfter(h, reply.Fault)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, reply.Receipt) // the peer asks again: (iss, jti) is claimed
}

// observe writes the one access event of a request. It names nothing a sender wrote before it proved
// itself.
func (e *Exchange) observe(ctx context.Context, r *http.Request, reply exchange.Reply, took time.Duration) {
	outcome := string(reply.Status)
	if reply.Receipt == "" {
		outcome = "refused"
	}
	e.Metrics.Received.WithLabelValues(outcome).Inc()
	e.Metrics.Latency.WithLabelValues(outcome).Observe(took.Seconds())
	attrs := []any{"outcome", outcome, "ms", took.Milliseconds(), "remote", r.RemoteAddr}
	if _, known := ehds.Lookup(reply.Type); known {
		attrs = append(attrs, "type", string(reply.Type)) // any other is the sender's own text
	}
	if reply.Rule != "" {
		e.Metrics.Refused.WithLabelValues(reply.Rule).Inc()
		attrs = append(attrs, "rule", reply.Rule)
	}
	if reply.Fault != nil && reply.Fault.Kind == fault.Internal {
		e.Logger.ErrorContext(ctx, "exchange", append(attrs, "error", reply.Fault)...)
		return
	}
	e.Logger.InfoContext(ctx, "exchange", attrs...)
}
