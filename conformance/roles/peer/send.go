package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// tokenLife is exp - iat of what a hub says.
const tokenLife = time.Hour

// Sent is one attempt to send a message and what was answered.
type Sent struct {
	Env     ehds.Envelope
	Token   string
	Answer  roles.Answer
	Outer   *ehds.Receipt // the receipt answered; nil when there was none or it does not hold
	Final   *ehds.Receipt // the receipt that decides: Outer, or the first one inside a DUPLICATE
	Fault   error         // why a receipt that was there does not hold
	Problem ehds.Problem  // of a REJECTED receipt or a bare problem; zero otherwise
}

// Received says whether the peer took the message, now or before.
func (s Sent) Received() bool { return s.Final != nil && s.Final.Status == ehds.Received }

// Code is the problem's code; empty when there is none.
func (s Sent) Code() string { return s.Problem.Code }

// Draft makes the claims of a message to a peer: fresh jti, the next number of its case, one hour of
// life. body is marshalled; nil leaves it out.
func (h *Hub) Draft(to string, typ ehds.MessageType, caseID string, body any) (ehds.Envelope, error) {
	id, err := uuid.NewV7FromReader(h.o.Rand)
	if err != nil {
		return ehds.Envelope{}, err
	}
	now := h.o.Clock()
	env := ehds.Envelope{
		Iss: h.o.Entity, Aud: to, Iat: now.Unix(), Exp: now.Add(tokenLife).Unix(), Jti: id.String(), Type: typ,
		Profile: h.profileOf(typ), Case: caseID, Seq: h.Next(to, caseID),
	}
	if body != nil {
		if env.Body, err = json.Marshal(body); err != nil {
			return env, err
		}
	}
	return env, nil
}

func (h *Hub) profileOf(typ ehds.MessageType) string {
	rule, _ := ehds.Lookup(typ)
	switch {
	case h.o.Mark == ehds.MarkNCP:
		return ehds.ProfilePeer1
	case rule.Extension:
		return ehds.ProfileExt1
	}
	return ehds.ProfileR8
}

// Next takes the next number of a peer's case.
func (h *Hub) Next(to, caseID string) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := line{to, caseID}
	h.seqs[l]++
	return h.seqs[l]
}

// Sign signs the claims with the exchange key.
func (h *Hub) Sign(env ehds.Envelope) (string, error) {
	return forge.Sign(h.Keys().Exchange, ehds.TypMessage, env)
}

// Send signs the claims and posts them.
func (h *Hub) Send(ctx context.Context, env ehds.Envelope) (Sent, error) {
	token, err := h.Sign(env)
	if err != nil {
		return Sent{}, err
	}
	return h.Post(ctx, env, token)
}

// Post sends a token, whatever it is, to the exchange endpoint of env's aud, and checks the receipt
// against env. The error means that there was no HTTP answer, or that the peer cannot be resolved.
func (h *Hub) Post(ctx context.Context, env ehds.Envelope, token string) (Sent, error) {
	peer, err := h.resolver.Resolve(ctx, env.Aud, nil)
	if err != nil {
		return Sent{Env: env, Token: token}, err
	}
	if peer.Gateway == nil {
		return Sent{Env: env, Token: token}, roles.ErrUnknownEntity
	}
	s := Sent{Env: env, Token: token}
	tokens := h.remember(env.Jti, token)
	if s.Answer, err = roles.Post(ctx, h.o.HTTP, peer.Gateway.ExchangeEndpoint, token, env.Attachments, h.blobs); err != nil {
		return s, err
	}
	h.judge(&s, peer, tokens)
	if s.Fault != nil { // its keys may have been renewed since they were fetched
		if fresh, err := h.resolver.Refresh(ctx, env.Aud); err == nil && fresh != peer {
			h.judge(&s, fresh, tokens)
		}
	}
	return s, nil
}

func (h *Hub) remember(jti, token string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent[jti] = append(h.sent[jti], token)
	return append([]string(nil), h.sent[jti]...)
}

// judge reads the answer: a receipt is checked in full, evidence included.
func (h *Hub) judge(s *Sent, peer *roles.Peer, tokens []string) {
	s.Outer, s.Final, s.Fault = nil, nil, nil
	if s.Answer.Receipt == "" {
		s.Problem = s.Answer.Problem
		return
	}
	outer, final, err := forge.CheckReceipt(s.Answer.Receipt, forge.Sent{
		Jti: s.Env.Jti, From: s.Env.Iss, To: s.Env.Aud, Tokens: tokens, Attachments: s.Env.Attachments,
	}, peer.Gateway.JWKS, peer.LogOf(), h.o.Clock())
	if err != nil {
		s.Fault = err
		return
	}
	s.Outer, s.Final = &outer, &final
	if len(final.Problem) > 0 {
		s.Fault = forge.DecodeKnown(final.Problem, &s.Problem)
	}
}

// respond sends the business response a message is owed (wire profile §4), later and by itself.
func (h *Hub) respond(got Received) {
	rule, known := ehds.Lookup(got.Env.Type)
	if !known || !rule.Answered || got.Env.Type.IsResponse() || h.ctx.Err() != nil {
		return
	}
	h.later.Go(func() {
		if err := h.sendResponse(got); err != nil && h.ctx.Err() == nil {
			h.o.Logger.Warn("a response could not be sent", "type", got.Env.Type, "error", err)
		}
	})
}

// CentralID is what a hub in the centre's place calls the dataset of a case: always the same.
func CentralID(datasetCase string) string { return "c-" + forge.SHA256Hex(datasetCase)[:24] }

func (h *Hub) sendResponse(got Received) error {
	body := ehds.ResponseBody{Result: ehds.Validated}
	if got.Env.Type == ehds.DatasetCreate {
		body.CentralID = CentralID(got.Env.Case)
	}
	env, err := h.Draft(got.Env.Iss, got.Env.Type.Response(), got.Env.Case, body)
	if err != nil {
		return err
	}
	env.Track, env.Profile = got.Env.Track, got.Env.Profile
	env.Ref, env.RefSHA256 = got.Env.Jti, forge.SHA256Hex(got.Token)
	return h.Deliver(h.ctx, env)
}

// deliveries and deliverPause bound how often Deliver tries.
const (
	deliveries   = 40
	deliverPause = 250 * time.Millisecond
)

// ErrNotDelivered means that a peer did not take a message.
var ErrNotDelivered = errors.New("hub: message not taken")

// Deliver sends a message until the peer takes it or refuses it for good.
func (h *Hub) Deliver(ctx context.Context, env ehds.Envelope) error {
	var last error
	for range deliveries {
		s, err := h.Send(ctx, env)
		switch {
		case err == nil && s.Received():
			return nil
		case err == nil && s.Final != nil && s.Final.Status == ehds.Rejected && !passing(s.Answer.Status):
			return fmt.Errorf("%w: %s", ErrNotDelivered, s.Code())
		case err == nil:
			last = fmt.Errorf("%w: answered %d", ErrNotDelivered, s.Answer.Status)
		default:
			last = err
		}
		select {
		case <-time.After(deliverPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return last
}

// passing says whether a refusal may be gone later (wire profile §4).
func passing(status int) bool {
	return status == http.StatusForbidden || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}
