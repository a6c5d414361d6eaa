package central

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

var errNoReceipt = errors.New("central: no receipt can be signed")

// handling is one message at its turn.
type handling struct {
	*change
	env    ehds.Envelope
	from   *message
	nation string // of the sender, from its credential

	response *ehds.ResponseBody // being written; nil when none is due

	shown       *ehds.CatalogueDigestAnswer // with the response to catalogue.digest
	digestBytes int                         // of it so far, about

	known []ehds.RegisteredPermit // with the response to permit.query

	filed string // with the response to application.forward: the id the application got
}

// handler judges a message and, when nothing is against it, changes the domain. A finding of severity
// violation means NOT_VALIDATED; the handler has changed nothing then.
type handler func(h *handling) []ehds.Finding

// handlerOf finds what a type does. Types that only have to be kept are received and validated.
func handlerOf(t ehds.MessageType) handler {
	switch t {
	case ehds.DatasetCreate, ehds.DatasetUpdate:
		return (*handling).publish
	case ehds.DatasetDelete:
		return (*handling).withdrawDataset
	case ehds.ApplicationAck:
		return (*handling).acknowledged
	case ehds.ApplicationStatus:
		return (*handling).status
	case ehds.ApplicationInfoRequest:
		return (*handling).infoRequested
	case ehds.ApplicationDecision:
		return (*handling).decided
	case ehds.PermitIssued:
		return (*handling).permitIssued
	case ehds.PermitChanged:
		return (*handling).permitChanged
	case ehds.ApplicationInfoAck, ehds.ApplicationExtension, ehds.AppealAck, ehds.ResultsRecord:
		return (*handling).onTrack
	case ehds.ReportBiennial:
		return (*handling).ownCase
	case ehds.EnforcementRecord:
		return (*handling).measureTaken
	case ehds.CatalogueDigest:
		return (*handling).digestAsked
	case ehds.ApplicationShared:
		return (*handling).shared
	case ehds.ApplicationForward:
		return (*handling).forwardedHere
	case ehds.PermitQuery:
		return (*handling).permitsAsked
	}
	if t.IsResponse() {
		return (*handling).responded
	}
	return func(*handling) []ehds.Finding { return nil } // exchange.void: it has used its number
}

// handle runs a message's handler and queues the business response where one is due. The response
// comes before everything else the message causes.
func (ch *change) handle(env ehds.Envelope, m *message, findings []ehds.Finding) {
	h := &handling{change: ch, env: env, from: m, nation: m.Nation}
	before := len(ch.e.Queued)
	rule, _ := ehds.Lookup(env.Type)
	if !rule.Answered {
		handlerOf(env.Type)(h)
		return
	}
	// The response takes its number first, and its place is kept.
	l := line{env.Iss, env.Case}
	seq := max(ch.seqs[l], ch.c.state.outSeq[l]) + 1
	ch.seqs[l] = seq
	body := ehds.ResponseBody{Result: ehds.Validated}
	h.response = &body
	body.Findings = append(findings, handlerOf(env.Type)(h)...)
	if refused(body.Findings) {
		body.Result = ehds.NotValidated
	}
	caused := append([]outbound(nil), ch.e.Queued[before:]...)
	ch.e.Queued = ch.e.Queued[:before]
	ch.put(draft{
		to: env.Iss, typ: env.Type.Response(), caseID: env.Case, track: env.Track,
		ref: env.Jti, refSHA: m.TokenSHA256, body: h.said(body),
	}, seq, "")
	ch.e.Queued = append(ch.e.Queued, caused...)
}

// said is the response's body with what its type adds.
func (h *handling) said(b ehds.ResponseBody) any {
	if h.env.Type == ehds.CatalogueDigest && b.Result == ehds.Validated {
		return ehds.CatalogueDigestResponse{ResponseBody: b, Catalogue: h.shown}
	}
	if h.env.Type == ehds.PermitQuery && b.Result == ehds.Validated {
		return ehds.PermitQueryResponse{ResponseBody: b, Permits: h.known}
	}
	if h.env.Type == ehds.ApplicationForward && b.Result == ehds.Validated {
		return ehds.ForwardResponse{ResponseBody: b, ApplicationID: h.filed}
	}
	return b
}

// body decodes the body, which the schema has judged already.
func (h *handling) body(into any) []ehds.Finding {
	if err := json.Unmarshal(h.env.Body, into); err != nil {
		return violation("/body", "body-unreadable", "the body cannot be read")
	}
	return nil
}

// responded notes the business response to a message of ours.
func (h *handling) responded() []ehds.Finding {
	var b ehds.ResponseBody
	if f := h.body(&b); f != nil {
		return f
	}
	h.e.Responses = append(h.e.Responses, responseTo{h.env.Ref, b})
	if a := h.application(applicationOf(h.env.Case)); a != nil {
		h.record(a, nil, step{What: string(h.env.Type), Status: string(b.Result)})
	}
	return nil
}

// onTrack is a message that changes nothing but the timeline of its application.
func (h *handling) onTrack() []ehds.Finding {
	a, t, f := h.track()
	if f != nil {
		return f
	}
	h.record(a, t, step{What: string(h.env.Type)})
	return nil
}

// ownCase is a message about the sender's own nation.
func (h *handling) ownCase() []ehds.Finding {
	id, err := ehds.ParseCaseID(h.env.Case)
	if err != nil || id.Country != h.nation {
		return violation("/case", "foreign-case", "the case belongs to another nation than the sender's")
	}
	return nil
}

func violation(pointer, code, message string) []ehds.Finding {
	return []ehds.Finding{{Pointer: pointer, Code: code, Severity: "violation", Message: message}}
}

func refused(findings []ehds.Finding) bool {
	for _, f := range findings {
		if f.Severity == "violation" {
			return true
		}
	}
	return false
}

func dateOf(s string, otherwise time.Time) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return otherwise
	}
	return t.UTC()
}
