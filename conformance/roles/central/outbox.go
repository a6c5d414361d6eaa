package central

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Times of sending.
const (
	tokenLife  = time.Hour // exp - iat of an attempt
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
	idleCheck  = 30 * time.Second // for what nobody wakes Run about: held messages, peers that return
	sendBound  = time.Minute      // of one attempt, attachments included
)

// Run delivers what is queued until ctx ends, and applies messages whose missing predecessor never
// came.
func (c *Central) Run(ctx context.Context) {
	for {
		if err := c.Deliver(ctx); err != nil && ctx.Err() == nil {
			c.o.Logger.ErrorContext(ctx, "delivery stopped", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-c.o.After(c.pause()):
		}
	}
}

// pause is the time until the next message is due.
func (c *Central) pause() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, wait := c.o.Clock(), idleCheck
	for _, q := range c.state.queues {
		wait = min(wait, c.state.out[q[0]].Due.Sub(now))
	}
	return max(wait, 0)
}

// Deliver sends everything that is due, each line (peer and case) in its order, different peers at
// the same time, until nothing more is. Messages that fail become due later. The error is one of our
// own record: what peers do is no error.
func (c *Central) Deliver(ctx context.Context) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	for more := true; more; {
		var err error
		if more, err = c.releaseOverdue(ctx); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		due := c.due()
		if len(due) == 0 {
			return nil
		}
		var wg sync.WaitGroup
		errs := make([]error, 0, len(due))
		var mu sync.Mutex
		for peer, jobs := range due {
			wg.Go(func() {
				for _, jti := range jobs {
					if err := c.try(ctx, peer, jti); err != nil {
						mu.Lock()
						errs = append(errs, err)
						mu.Unlock()
						return
					}
				}
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// due is the head of every line whose time has come, by peer.
func (c *Central) due() map[string][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.o.Clock()
	out := map[string][]string{}
	for l, q := range c.state.queues {
		if !c.state.out[q[0]].Due.After(now) {
			out[l.Peer] = append(out[l.Peer], q[0])
		}
	}
	return out
}

// receivers are the marks one may send to.
var receivers = []ehds.Mark{ehds.MarkNCP, ehds.MarkUHDAS, ehds.MarkAuthorisedParticipant}

// try sends one message once.
func (c *Central) try(ctx context.Context, peerID, jti string) error {
	ctx, cancel := context.WithTimeout(ctx, sendBound)
	defer cancel()
	peer, err := c.resolver.Resolve(ctx, peerID, nil)
	if err == nil && peer.Gateway == nil {
		err = roles.ErrUnknownEntity
	}
	if err == nil {
		err = peer.Holds(c.o.Clock(), receivers...)
	}
	if err != nil {
		c.o.Logger.WarnContext(ctx, "a peer may not be sent to now", "peer", peerID, "error", err)
		return c.settle(ctx, jti, settlement{State: outQueued, Reason: "peer-not-trusted"}, 0)
	}
	if !takes(peer, c.typeOf(jti)) {
		return c.settle(ctx, jti, settlement{State: outDead, Reason: "type-not-listed"}, 0)
	}
	env, err := c.sign(ctx, jti)
	if err != nil {
		return err
	}
	answer, err := roles.Post(ctx, c.o.HTTP, peer.Gateway.ExchangeEndpoint, c.lastToken(jti), env.Attachments, c.blobs)
	if err != nil {
		c.o.Logger.InfoContext(ctx, "a peer cannot be reached", "peer", peerID, "type", env.Type)
		return c.settle(ctx, jti, settlement{State: outQueued, Reason: "unreachable"}, 0)
	}
	if answer.Receipt == "" {
		return c.unreceipted(ctx, jti, answer)
	}
	return c.receipted(ctx, peer, jti, answer)
}

// takes says whether a message type may be sent to a peer: one of profile ext-1 only where its metadata lists
// it. Who asked by such a type may be answered.
func takes(peer *roles.Peer, t ehds.MessageType) bool {
	rule, _ := ehds.Lookup(t)
	return !rule.Extension || t.IsResponse() || slices.Contains(peer.Gateway.MessageTypes, string(t))
}

func (c *Central) typeOf(jti string) ehds.MessageType {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.out[jti].Env.Type
}

// sign makes one attempt and keeps it before it leaves: only iat and exp change between attempts.
func (c *Central) sign(ctx context.Context, jti string) (ehds.Envelope, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	env, now := c.state.out[jti].Env, c.o.Clock()
	env.Iat, env.Exp = now.Unix(), now.Add(tokenLife).Unix()
	token, err := forge.Sign(c.exchange, ehds.TypMessage, env)
	if err != nil {
		return env, err
	}
	ch := c.begin(ctx)
	ch.leaf(forge.ClassOut, token)
	ch.e.Attempt = &attempt{jti, token}
	return env, ch.write()
}

func (c *Central) lastToken(jti string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	tokens := c.state.out[jti].tokens
	if len(tokens) == 0 {
		return ""
	}
	return tokens[len(tokens)-1]
}

// sent is what a receipt is held against.
func (c *Central) sent(jti string) forge.Sent {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.state.out[jti]
	return forge.Sent{
		Jti: jti, From: o.Env.Iss, To: o.Env.Aud, Tokens: append([]string(nil), o.tokens...), Attachments: o.Env.Attachments,
	}
}

// receipted judges a signed answer.
func (c *Central) receipted(ctx context.Context, peer *roles.Peer, jti string, a roles.Answer) error {
	_, final, err := forge.CheckReceipt(a.Receipt, c.sent(jti), peer.Gateway.JWKS, peer.LogOf(), c.o.Clock())
	if err != nil {
		c.o.Logger.WarnContext(ctx, "a receipt does not hold", "peer", peer.ID, "error", err)
		return c.settle(ctx, jti, settlement{State: outQueued, Reason: "receipt-invalid"}, 0)
	}
	if final.Status == ehds.Received {
		return c.settle(ctx, jti, settlement{State: outDelivered, Receipt: a.Receipt}, 0)
	}
	var p ehds.Problem
	if err := forge.DecodeKnown(final.Problem, &p); err != nil {
		return c.settle(ctx, jti, settlement{State: outQueued, Reason: "receipt-invalid"}, 0)
	}
	switch p.Status {
	case http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return c.settle(ctx, jti, settlement{State: outQueued, Reason: "rejected-" + p.Code, Receipt: a.Receipt}, a.RetryAfter)
	}
	// A rejected message has used its number: the line goes on.
	return c.settle(ctx, jti, settlement{State: outDead, Reason: "rejected-" + p.Code, Receipt: a.Receipt}, 0)
}

// unreceipted judges a bare answer. What the peer will never read is given up, and its number taken
// by exchange.void.
func (c *Central) unreceipted(ctx context.Context, jti string, a roles.Answer) error {
	reason := fmt.Sprintf("answered-%d", a.Status)
	switch a.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return c.settle(ctx, jti, settlement{State: outDead, Reason: reason}, 0)
	}
	return c.settle(ctx, jti, settlement{State: outQueued, Reason: reason}, a.RetryAfter)
}

// settle records what became of an attempt. wait is the least time until the next one.
func (c *Central) settle(ctx context.Context, jti string, s settlement, wait time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.state.out[jti]
	ch := c.begin(ctx)
	s.Jti, s.Due = jti, ch.now.Add(max(wait, backoff(o.Tries)))
	if s.Receipt != "" {
		ch.leaf(forge.ClassReceipt, s.Receipt)
	}
	if s.State == outDead && s.Receipt == "" && o.Env.Type != ehds.ExchangeVoid {
		ch.put(draft{
			to: o.Env.Aud, typ: ehds.ExchangeVoid, caseID: o.Env.Case,
			body: ehds.VoidBody{Seq: o.Env.Seq, Reason: s.Reason},
		}, o.Env.Seq, jti)
	}
	ch.e.Settled = &s
	return ch.write()
}

// backoff doubles from one second to five minutes.
func backoff(tries int) time.Duration {
	return min(firstRetry<<min(tries, 16), lastRetry)
}

// ErrUnknownMessage means that no such message was sent.
var ErrUnknownMessage = errors.New("central: no such message was sent")

// Replay sends the very bytes of a message's last attempt again and returns the status of the
// receipt, once it has been checked. Nothing is recorded.
func (c *Central) Replay(ctx context.Context, messageID string) (ehds.ReceiptStatus, error) {
	c.mu.Lock()
	o := c.state.out[messageID]
	c.mu.Unlock()
	if o == nil || c.lastToken(messageID) == "" {
		return "", ErrUnknownMessage
	}
	peer, err := c.resolver.Resolve(ctx, o.Env.Aud, nil)
	if err != nil {
		return "", err
	}
	if peer.Gateway == nil {
		return "", roles.ErrUnknownEntity
	}
	a, err := roles.Post(ctx, c.o.HTTP, peer.Gateway.ExchangeEndpoint, c.lastToken(messageID), o.Env.Attachments, c.blobs)
	if err != nil {
		return "", err
	}
	if a.Receipt == "" {
		return "", fmt.Errorf("%w: answered %d without a receipt", forge.ErrReceipt, a.Status)
	}
	outer, _, err := forge.CheckReceipt(a.Receipt, c.sent(messageID), peer.Gateway.JWKS, peer.LogOf(), c.o.Clock())
	return outer.Status, err
}
