package exchange

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/filing"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// ForwardedDoc is the case document of an application that was filed nationally and forwarded to the centre,
// because it concerns other states too (profile ext-1, Art. 67(3)). It has no member in common with
// ApplicationDoc or FiledDoc: none reads as another.
type ForwardedDoc struct {
	Forwarded *Forwarding `json:"forwarded"`
}

// Forwarding is one application on its way to the bodies of several nations through the centre. What they
// make of it belongs to the centre's case, ApplicationID: our own bodies' part of it comes here as any
// application does.
type Forwarding struct {
	To          string           `json:"to"` // entity of the centre
	Body        ehds.ForwardBody `json:"body"`
	Attachments []string         `json:"attachments,omitempty"` // their ids
	At          time.Time        `json:"at"`
	Message     string           `json:"message"` // id of application.forward

	Result        ehds.Validation `json:"result,omitempty"` // empty until the centre has answered
	Findings      []ehds.Finding  `json:"findings,omitempty"`
	Answered      time.Time       `json:"answered,omitzero"`
	ApplicationID string          `json:"application_id,omitempty"` // the centre's
}

// ReadForwarded decodes a case document; false when it is none of a forwarding.
func ReadForwarded(doc []byte) (Forwarding, bool) {
	var d ForwardedDoc
	if doc == nil || json.Unmarshal(doc, &d) != nil || d.Forwarded == nil {
		return Forwarding{}, false
	}
	return *d.Forwarded, true
}

// Filing shows a forwarding as what was filed, for the lists that hold both. It has no tracks.
func (f Forwarding) Filing() filing.Filing {
	b := f.Body
	out := filing.New(f.To, ehds.ApplicationBody{
		ApplicationID: b.NationalID, Kind: b.Kind, Version: 1, Title: b.Title, Language: b.Language, DateSubmitted: b.DateSubmitted,
		User: b.User, Datasets: b.Datasets, Form: b.Form, FormTranslations: b.FormTranslations,
	}, f.Message, f.At)
	out.Result, out.Findings = f.Result, f.Findings
	return out
}

// Forward records an application that was filed here and sends it to the centre, files included. It is
// refused where no dataset of another nation is asked for: then there is nothing to tell the centre, and the
// national system takes it.
func (a *Filings) Forward(s store.State, centre string, body ehds.ApplicationBody, files Files) (store.Change, error) {
	if f, ok := ReadForwarded(s.Doc); ok {
		detail := "an application with this id was forwarded before; the centre has not answered yet"
		if f.ApplicationID != "" {
			detail = "an application with this id was forwarded before; it is the centre's " + f.ApplicationID
		}
		return store.Change{}, fault.New(fault.Conflict, "already-filed", detail).At("/application/application_id")
	}
	if s.Doc != nil {
		return store.Change{}, fault.New(fault.Conflict, "already-filed", "an application with this id was filed before").At("/application/application_id")
	}
	if !slices.ContainsFunc(body.Datasets, func(d ehds.ApplicationDataset) bool { return d.Country != "" && d.Country != a.Country }) {
		return store.Change{}, fault.New(fault.Invalid, "nothing-to-forward",
			"every dataset asked for is of this nation: only what concerns other states goes to the centre (Art. 67(3))").At("/application/datasets")
	}
	forward := ehds.ForwardBody{
		NationalID: body.ApplicationID, Kind: body.Kind, Title: body.Title, Language: body.Language, DateSubmitted: body.DateSubmitted,
		User: body.User, Datasets: body.Datasets, Form: body.Form, FormTranslations: body.FormTranslations,
	}
	row := a.Compose.Message(Draft{To: centre, Type: ehds.ApplicationForward, Case: a.CaseOf(body.ApplicationID), Body: forward,
		Attachments: files.List, Blobs: files.Blobs})
	f := Forwarding{To: centre, Body: forward, At: s.Now, Message: row.Jti}
	for _, x := range files.List {
		f.Attachments = append(f.Attachments, x.ID)
	}
	return store.Change{Doc: mustJSON(ForwardedDoc{&f}), Send: []store.Outgoing{row}}, nil
}

// forwardAnswered keeps the centre's answer: the id under which the application goes on, or why it does not.
func forwardAnswered(h *Handling) []ehds.Finding {
	var b ehds.ForwardResponse
	if f := h.Body(&b); f != nil {
		return f
	}
	f, ok := ReadForwarded(h.Doc)
	if !ok || f.To != h.Env.Iss || f.Message != h.Env.Ref {
		return unknownCase("/case")
	}
	f.Result, f.Findings, f.Answered, f.ApplicationID = b.Result, b.Findings, h.Now, b.ApplicationID
	h.Doc = mustJSON(ForwardedDoc{&f})
	return nil
}

// undelivered is the forwarding after its message was given up.
func (f Forwarding) undelivered(reason string, now time.Time) Forwarding {
	f.Result, f.Answered = ehds.NotValidated, now
	f.Findings = []ehds.Finding{{Code: reason, Severity: "violation", Message: "the message was not delivered; it is among the dead letters of the outbox"}}
	return f
}
