package gateway

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// TraceRow is one leaf of a case: a message, a receipt, a transition, an act. It has no content.
type TraceRow struct {
	Leaf  int64          `json:"leaf"`
	At    time.Time      `json:"at"`
	Class evidence.Class `json:"class"`
	What  string         `json:"what"`           // message type, or what moved
	ID    string         `json:"id,omitempty"`   // message id
	Peer  string         `json:"peer,omitempty"` // the other side
	Seq   int64          `json:"seq,omitempty"`
	Ref   string         `json:"ref,omitempty"`    // the message answered
	State string         `json:"state,omitempty"`  // of a message sent; of a receipt; from and to of a transition
	Actor string         `json:"actor,omitempty"`  // of a transition
	Track *ehds.Track    `json:"track,omitempty"`  // of a transition or a message
	Reads string         `json:"detail,omitempty"` // why a message was given up; the reasons of a recognition
}

// operatorCaseTrace tells everything the record holds evidence of in a case, in the order it was recorded.
func (g *Gateway) operatorCaseTrace(ctx context.Context, q httpapi.Query) ([]TraceRow, error) {
	id := q.Get("id")
	if _, _, err := g.applicationDoc(ctx, id); err != nil {
		return nil, err
	}
	leaves, err := g.record.Evidence(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]TraceRow, 0, len(leaves))
	for _, l := range leaves {
		row := TraceRow{Leaf: l.Index, At: l.At.UTC(), Class: l.Class}
		if !row.token(l.Material, g.cfg.Entity) {
			row.step(l.Material)
		}
		if row.Class == evidence.ClassOut && row.ID != "" {
			sent, ok, err := g.record.OutboxByJTI(ctx, row.ID)
			if err != nil {
				return nil, err
			}
			if ok {
				row.State, row.Reads = string(sent.State), sent.Reason
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// tracedTypes are the tokens a case has evidence of.
var tracedTypes = []string{ehds.TypMessage, ehds.TypReceipt, ehds.TypPermit, ehds.TypDecision}

// token reads what a leaf commits to when that is a token. It proves nothing: evidence verify does.
func (r *TraceRow) token(raw []byte, ours string) bool {
	t, err := trust.ReadSigned(raw, jose.ParseOptions{Typ: tracedTypes, Algs: jose.ProfileAlgs()})
	if err != nil {
		return false
	}
	var c struct {
		Iss    string             `json:"iss"`
		Aud    string             `json:"aud"`
		Jti    string             `json:"jti"`
		Type   ehds.MessageType   `json:"type"`
		Seq    int64              `json:"seq"`
		Ref    string             `json:"ref"`
		Status ehds.ReceiptStatus `json:"status"`
		Track  *ehds.Track        `json:"track"`
	}
	// A permit's status is an object: what does not fit is left empty.
	_ = json.Unmarshal(t.Payload(), &c)
	r.ID, r.Peer, r.Seq, r.Ref, r.Track, r.State = c.Jti, c.Iss, c.Seq, c.Ref, c.Track, string(c.Status)
	if c.Iss == ours {
		r.Peer = c.Aud
	}
	switch {
	case c.Type != "":
		r.What = string(c.Type)
	case r.Class == evidence.ClassReceipt:
		r.What = "receipt"
	default:
		r.What = "token"
	}
	return true
}

// step reads a transition, a decision or another record of ours.
func (r *TraceRow) step(raw []byte) {
	var m struct {
		Track    *ehds.Track  `json:"track"`
		Step     *access.Step `json:"step"`
		Decision string       `json:"decision_id"`
		Outcome  string       `json:"outcome"`
		Notice   *struct {
			ID    string `json:"id"`
			State string `json:"state"`
		} `json:"notice"`
		Recognition *exchange.Recognised `json:"recognition"`
		Code        string               `json:"code"`
		Actor       string               `json:"actor"`
	}
	r.What = string(r.Class)
	if json.Unmarshal(raw, &m) != nil {
		return
	}
	r.Track = m.Track
	switch {
	case m.Step != nil:
		r.What, r.Actor, r.State = string(m.Step.Axis)+" "+m.Step.Event, m.Step.Actor, m.Step.To
		if m.Step.From != "" {
			r.State = m.Step.From + " > " + m.Step.To
		}
	case m.Decision != "":
		r.What, r.State = "decision "+m.Decision, m.Outcome
	case m.Notice != nil:
		r.What, r.ID, r.State = "notice", m.Notice.ID, m.Notice.State
	case m.Recognition != nil:
		r.What, r.ID, r.State, r.Reads = "recognition", m.Recognition.Permit, string(m.Recognition.Outcome), m.Recognition.Text()
	case m.Code != "":
		r.What, r.State, r.Actor = "flag cleared", m.Code, m.Actor
	}
}
