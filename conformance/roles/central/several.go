package central

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// shared handles application.shared (ext-1): it is passed on, files included, to the other nations that
// the application was sent to.
func (h *handling) shared() []ehds.Finding {
	a, t, f := h.track()
	if f != nil {
		return f
	}
	h.record(a, t, step{What: string(h.env.Type)})
	for _, s := range a.Sent {
		if s.Nation == h.nation {
			continue
		}
		h.queue(draft{
			to: s.Entity, typ: ehds.ApplicationShared, caseID: h.env.Case, track: h.env.Track, body: h.env.Body,
			origin: h.origin(), attachments: h.env.Attachments,
		})
	}
	return nil
}

// origin says who said what is passed on, from the credential (TEHDAS2 D7.3).
func (h *handling) origin() *ehds.Origin {
	return &ehds.Origin{
		Entity: h.env.Iss, Nation: h.nation, MessageID: h.env.Jti, ReceivedAt: stamp(h.from.Received), Token: h.from.Token,
	}
}

// forwardedHere handles application.forward (ext-1, Art. 67(3)): what was filed in one nation becomes an
// application of the centre, and goes to every nation whose datasets are asked for, the sender's own
// included. Its schema holds the application to what application.submit asks for.
func (h *handling) forwardedHere() []ehds.Finding {
	var b ehds.ForwardBody
	if f := h.body(&b); f != nil {
		return f
	}
	if f := h.ownCase(); f != nil {
		return f
	}
	if id, _ := ehds.ParseCaseID(h.env.Case); id.ID != b.NationalID {
		return violation("/body/national_id", "case-mismatch", "national_id and case name different applications")
	}
	a := &application{
		ID: idOf(h.env), Nation: h.nation, Attachments: h.env.Attachments, Tracks: []track{},
		Body: ehds.ApplicationBody{
			Kind: b.Kind, Version: 1, Title: b.Title, Language: b.Language, DateSubmitted: b.DateSubmitted,
			User: b.User, Form: b.Form, FormTranslations: b.FormTranslations,
		},
	}
	a.Body.ApplicationID = a.ID
	if h.application(a.ID) != nil {
		return violation("/case", "filed-before", "this application was forwarded before")
	}
	entities, nations, err := h.c.concerned(b.Datasets, a)
	if err != nil {
		return violation("/body/datasets", "unknown-dataset", "a dataset is not in the catalogue, or its name is not enough to tell which")
	}
	slices.Sort(nations)
	h.sendOut(a, entities, nations)
	h.filed = a.ID
	h.record(a, nil, step{What: string(h.env.Type), Status: string(ehds.StateSubmitted), Date: dateOf(b.DateSubmitted, h.now)})
	return nil
}

// idOf is the id of an application that was filed nationally: the same for the same national case, so
// that forwarding twice is noticed.
func idOf(e ehds.Envelope) string {
	sum := sha256.Sum256([]byte(e.Iss + "\n" + e.Case))
	return hex.EncodeToString(sum[:12])
}
