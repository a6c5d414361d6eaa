package exchange

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/filing"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// FiledDoc is the case document of an application that was filed with another hub through this one
// (profile peer-1). It has no member in common with ApplicationDoc: neither reads as the other.
type FiledDoc struct {
	Filed *filing.Filing `json:"filed"`
}

// ReadFiled decodes a case document; false when it is none of a filing.
func ReadFiled(doc []byte) (filing.Filing, bool) {
	var d FiledDoc
	if doc == nil || json.Unmarshal(doc, &d) != nil || d.Filed == nil {
		return filing.Filing{}, false
	}
	return *d.Filed, true
}

// Filings are the applications filed with other hubs: what these say of them, and what the applicant
// does next.
type Filings struct {
	Compose Composer
	Country string
}

// BothSides are the handlers of the two sides a hub may stand on, in one map: what peers filed here, and
// what they say of what was filed with them.
func BothSides(a *Applications, f *Filings) Handlers {
	both := a.across()
	maps.Copy(both, f.handlers())
	// The one type that comes on either side: a number given up changes nothing.
	nothing := func(*Handling) []ehds.Finding { return nil }
	both[ehds.ExchangeVoid], both[ehds.ExchangeVoid.Response()] = nothing, nothing
	return both
}

// handlers are the message types of the deciding side.
func (a *Filings) handlers() Handlers {
	h := Handlers{
		ehds.ApplicationAck: dated("/body/date", func(b ehds.AckBody) string { return b.Date }, func(f filing.Filing, _ ehds.AckBody, m telling) (filing.Filing, error) {
			return f.Acknowledged(m.track, m.at), nil
		}),
		ehds.ApplicationStatus: dated("/body/date", func(b ehds.StatusBody) string { return b.Date }, func(f filing.Filing, b ehds.StatusBody, m telling) (filing.Filing, error) {
			return f.Status(m.track, b, m.at)
		}),
		ehds.ApplicationInfoRequest: dated("/body/date", func(b ehds.InfoRequestBody) string { return b.Date }, func(f filing.Filing, b ehds.InfoRequestBody, m telling) (filing.Filing, error) {
			return f.InfoRequested(m.track, m.ref, b, m.at)
		}),
		ehds.ApplicationExtension: dated("/body/date", func(b ehds.ExtensionBody) string { return b.Date }, func(f filing.Filing, b ehds.ExtensionBody, m telling) (filing.Filing, error) {
			return f.Extended(m.track, b, m.at)
		}),
		ehds.ApplicationDecision: a.decided,
		ehds.PermitIssued: mirrors(func(f filing.Filing, b ehds.PermitIssuedBody, m telling) (filing.Filing, error) {
			return f.PermitIssued(m.track, b, m.now)
		}),
		ehds.PermitChanged: dated("/body/date", func(b ehds.PermitChangedBody) string { return b.Date }, func(f filing.Filing, b ehds.PermitChangedBody, m telling) (filing.Filing, error) {
			return f.PermitChanged(m.track, b, m.at)
		}),
	}
	for _, ack := range []ehds.MessageType{ehds.ApplicationInfoAck, ehds.AppealAck} {
		h[ack] = mirrors(func(f filing.Filing, _ ehds.AckBody, _ telling) (filing.Filing, error) { return f, nil })
	}
	for _, t := range []ehds.MessageType{
		ehds.ApplicationSubmit, ehds.ApplicationAmended, ehds.ApplicationWithdraw, ehds.ApplicationInfo, ehds.DecisionAnswer, ehds.AppealSubmit,
		ehds.ApplicationShared,
	} {
		h[t.Response()] = mirrors(func(f filing.Filing, b ehds.ResponseBody, m telling) (filing.Filing, error) {
			return f.Answered(m.answers, b, m.now), nil
		})
	}
	return h
}

// telling is what a message says besides its body.
type telling struct {
	track   ehds.Track
	ref     filing.Ref // the message itself
	answers string     // the message it answers
	now     time.Time
	at      time.Time // when it happened, of a body that is dated
}

// mirrors is the handler that applies a body to the filing it speaks of. A case that was filed with another
// hub is unknown to this one.
func mirrors[B any](apply func(filing.Filing, B, telling) (filing.Filing, error)) Handler {
	return func(h *Handling) []ehds.Finding {
		var b B
		if f := h.Body(&b); f != nil {
			return f
		}
		f, ok := ReadFiled(h.Doc)
		if !ok || f.To != h.Env.Iss {
			return unknownCase("/case")
		}
		m := telling{ref: filing.Ref{Jti: h.Env.Jti, TokenSHA256: h.Message.TokenSHA256}, answers: h.Env.Ref, now: h.Now}
		if h.Env.Track != nil {
			m.track = *h.Env.Track
		}
		next, err := apply(f, b, m)
		if err != nil {
			return findingOf(err)
		}
		h.Doc = mustJSON(FiledDoc{&next})
		return nil
	}
}

// dated is mirrors for a body that says when what it tells happened, at a place in the message.
func dated[B any](pointer string, date func(B) string, apply func(filing.Filing, B, telling) (filing.Filing, error)) Handler {
	return mirrors(func(f filing.Filing, b B, m telling) (filing.Filing, error) {
		at, err := instantOf(date(b))
		if err != nil {
			return f, err.At(pointer)
		}
		m.at = at
		return apply(f, b, m)
	})
}

// decided keeps a decision and acknowledges it.
func (a *Filings) decided(h *Handling) []ehds.Finding {
	findings := dated("/body/timestamp", func(b ehds.DecisionBody) string { return b.Timestamp }, func(f filing.Filing, b ehds.DecisionBody, m telling) (filing.Filing, error) {
		return f.Decided(m.track, m.ref, b, m.at)
	})(h)
	if refused(findings) {
		return findings
	}
	h.Send = append(h.Send, a.Compose.Message(Draft{
		To: h.Env.Iss, Type: ehds.DecisionAck, Case: h.Env.Case, Track: h.Env.Track, Ref: h.Env.Jti, RefSHA256: h.Message.TokenSHA256,
		Body: ehds.AckBody{ApplicationID: applicationOf(h.Env.Case), StatusID: string(ehds.StateDecisionIssued), Date: stamp(h.Now)},
	}))
	return findings
}

// Files are attachments that the record keeps for a case.
type Files struct {
	List  []ehds.Attachment
	Blobs map[string]string // attachment id → blob id
}

// File files an application with another hub. Its id is what the case is named by: CaseOf.
func (a *Filings) File(s store.State, to string, body ehds.ApplicationBody, files Files) (store.Change, error) {
	if s.Doc != nil {
		return store.Change{}, fault.New(fault.Conflict, "already-filed", "an application with this id was filed before").At("/application/application_id")
	}
	row := a.Compose.Message(Draft{To: to, Type: ehds.ApplicationSubmit, Case: a.CaseOf(body.ApplicationID), Body: body,
		Attachments: files.List, Blobs: files.Blobs})
	return a.done(filing.New(to, body, row.Jti, s.Now), row), nil
}

// CaseOf is the case of an application filed here.
func (a *Filings) CaseOf(id string) string { return ehds.NationalCase(a.Country, id).String() }
