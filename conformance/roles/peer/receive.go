package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Received is one delivery of a message whose sender is proved.
type Received struct {
	At      time.Time
	Env     ehds.Envelope
	Token   string
	Header  forge.Header
	From    *roles.Peer
	Digest  string // of the content, without times
	Attempt int    // 1 for the first delivery of this jti
	Status  ehds.ReceiptStatus
	Receipt string // as answered; empty when a rule left it out
}

// maxHeard bounds what a hub keeps.
const maxHeard = 100_000

// serveExchange handles POST /exchange (wire profile §5).
func (h *Hub) serveExchange(w http.ResponseWriter, r *http.Request) {
	in, v, proved := h.resolver.Receive(w, r, h.o.Entity)
	if !proved {
		return
	}
	got := Received{At: v.At, Token: in.Token, Header: v.Token.Header, From: v.Peer, Digest: v.Digest}
	if err := forge.DecodeExact(v.Token.Payload, &got.Env); err != nil || !roles.ValidJTI(v.Jti) {
		roles.WriteProblem(w, roles.NewProblem(http.StatusBadRequest, "envelope", "the claims have an unknown, mistyped or misspelt member"))
		return
	}
	b := h.behaviour(got)
	if !b.before(w, r) {
		return
	}
	stored, err := in.Attachments(got.Env.Attachments, h.blobs)
	if err != nil {
		status := http.StatusUnprocessableEntity
		if errors.Is(err, roles.ErrMalformed) {
			status = http.StatusBadRequest
		}
		roles.WriteProblem(w, roles.NewProblem(status, "attachments", "the parts are not those of the signed list"))
		return
	}
	h.answer(w, &got, stored, b)
}

// answer keeps the message, unless a rule refuses it, and writes its receipt.
func (h *Hub) answer(w http.ResponseWriter, got *Received, stored []ehds.ReceiptAttachment, b Behaviour) {
	status, err := h.keep(got, stored, b)
	if err != nil {
		roles.WriteProblem(w, roles.NewProblem(http.StatusServiceUnavailable, "try-later", ""))
		return
	}
	if got.Status == ehds.Received {
		h.respond(*got)
	}
	if b.ResetAfter {
		reset(w)
		return
	}
	roles.WriteToken(w, status, roles.MediaReceipt, got.Receipt)
}

// keep makes the receipt and remembers the delivery.
func (h *Hub) keep(got *Received, stored []ehds.ReceiptAttachment, b Behaviour) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ref := messageRef{got.Env.Iss, got.Env.Jti}
	known := h.first[ref]
	got.Attempt = h.tries[ref] + 1
	receipt, status, err := h.receipt(got, known, stored, b)
	if err != nil {
		return 0, err
	}
	if got.Receipt, err = forge.Sign(h.keys.Exchange, ehds.TypReceipt, receipt); err != nil {
		return 0, err
	}
	if known == nil && b.Problem == nil {
		first := *got
		h.first[ref] = &first
	}
	if b.Claims != nil {
		b.Claims(&receipt)
		if got.Receipt, err = forge.Sign(h.keys.Exchange, ehds.TypReceipt, receipt); err != nil {
			return 0, err
		}
	}
	if b.Receipt != nil {
		got.Receipt = b.Receipt(got.Receipt)
	}
	h.tries[ref]++
	if len(h.heard) < maxHeard {
		h.heard = append(h.heard, *got)
	}
	close(h.news)
	h.news = make(chan struct{})
	return status, nil
}

// receipt is what the delivery is answered with: DUPLICATE with the first receipt when it is known.
func (h *Hub) receipt(got *Received, known *Received, stored []ehds.ReceiptAttachment, b Behaviour) (ehds.Receipt, int, error) {
	now := h.o.Clock().UTC()
	r := ehds.Receipt{
		Iss: h.o.Entity, Aud: got.Env.Iss, Iat: now.Unix(), Ref: got.Env.Jti, TokenSHA256: forge.SHA256Hex(got.Token),
		ReceivedAt: now.Format("2006-01-02T15:04:05.000000Z"), Status: ehds.Received,
	}
	status := http.StatusOK
	switch {
	case b.Problem != nil:
		raw, err := json.Marshal(b.Problem)
		if err != nil {
			return r, 0, err
		}
		r.Status, r.Problem, status = ehds.Rejected, raw, b.Problem.Status
	case known != nil && known.Digest != got.Digest:
		raw, err := json.Marshal(roles.NewProblem(http.StatusConflict, "jti-conflict", "this jti was used for another message"))
		if err != nil {
			return r, 0, err
		}
		r.Status, r.Problem, status = ehds.Rejected, raw, http.StatusConflict
	case known != nil:
		r.Status, r.Original = ehds.Duplicate, known.Receipt
	default:
		salt := make([]byte, forge.SaltSize)
		if _, err := io.ReadFull(h.o.Rand, salt); err != nil {
			return r, 0, err
		}
		class := forge.ClassIn
		if got.Env.Type.IsResponse() {
			class = forge.ClassResponse
		}
		evidence, err := h.log.Evidence(class, salt, got.Token)
		if err != nil {
			return r, 0, err
		}
		r.Evidence, r.Attachments = evidence, stored
	}
	got.Status = r.Status
	return r, status, nil
}

// Heard lists the deliveries kept so far that match, in the order of their arrival; nil matches all.
func (h *Hub) Heard(match func(Received) bool) []Received {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Received
	for _, r := range h.heard {
		if match == nil || match(r) {
			out = append(out, r)
		}
	}
	return out
}

// Await returns the first delivery that matches, waiting for it until ctx ends.
func (h *Hub) Await(ctx context.Context, match func(Received) bool) (Received, error) {
	next := 0
	for {
		h.mu.Lock()
		for ; next < len(h.heard); next++ {
			if match(h.heard[next]) {
				r := h.heard[next]
				h.mu.Unlock()
				return r, nil
			}
		}
		news := h.news
		h.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return Received{}, ctx.Err()
		}
	}
}

// Store puts content where attachments are sent from, and describes it.
func (h *Hub) Store(id, name, mediaType string, content []byte) (ehds.Attachment, error) {
	sha, size, err := h.blobs.Put(bytes.NewReader(content), int64(len(content)))
	return ehds.Attachment{ID: id, Name: name, MediaType: mediaType, Size: size, SHA256: sha}, err
}
