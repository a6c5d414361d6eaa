package central

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// What a body shares goes to the other nations that decide on the application, with its origin, and to
// nobody else.
func TestSharedIsPassedOn(t *testing.T) {
	w := newWorld(t)
	ncps := published(t, w, "NL", "FR", "FI")
	nl, fr, fi := ncps["NL"], ncps["FR"], ncps["FI"]
	id := w.front(http.MethodPost, "", filingOf("FI", "set-NL", "set-FR"), http.StatusCreated).ID
	nl.acknowledge(id)
	body := ehds.SharedBody{ApplicationID: id, Date: stamp(w.clock.Now()), Note: "our reasons"}
	share := func(n *ncp) ehds.Envelope {
		e := n.onTrack(ehds.ApplicationShared, id, body)
		e.Profile = ehds.ProfileExt1
		return n.tell(e)
	}
	told := share(nl)
	nl.wantValid(told)
	got := fr.about(ehds.ApplicationShared, "")
	if len(got) != 1 || got[0].env.Profile != ehds.ProfileExt1 || got[0].env.Origin == nil || got[0].env.Origin.Nation != "NL" ||
		got[0].env.Origin.MessageID != told.Jti || got[0].env.Track.HDAB != nl.body() {
		t.Fatalf("FR got %+v", got)
	}
	if len(fi.about(ehds.ApplicationShared, ""))+len(nl.about(ehds.ApplicationShared, "")) != 0 {
		t.Error("a nation that decides nothing, or the sender, was shown it too")
	}
	fi.wantCode(share(fi), "unknown-case")

	fr.lists = nil // from now on, and known once its metadata is read again
	w.clock.pass(6 * time.Minute)
	nl.wantValid(share(nl))
	if got := fr.about(ehds.ApplicationShared, ""); len(got) != 1 {
		t.Errorf("a hub that does not list application.shared was sent %d", len(got))
	}
	if got := fr.about(ehds.ExchangeVoid, ""); len(got) != 1 {
		t.Errorf("the number it would have had was given up %d times", len(got))
	}
}

// An application filed nationally becomes one of the centre, once, and reaches every nation concerned.
func TestForwarded(t *testing.T) {
	w := newWorld(t)
	ncps := published(t, w, "NL", "FR")
	nl, fr := ncps["NL"], ncps["FR"]
	f := filingOf("NL", "set-NL", "set-FR")
	body := ehds.ForwardBody{NationalID: "2026-7", Kind: f.Kind, Title: f.Title, Language: f.Language, DateSubmitted: stamp(w.clock.Now()), Form: f.Form}
	for _, d := range f.Datasets {
		d.Country = map[string]string{"set-NL": "NL", "set-FR": "FR"}[d.DatasetID]
		body.Datasets = append(body.Datasets, d)
	}
	forward := func(n *ncp, caseID string, change func(*ehds.ForwardBody)) ehds.Envelope {
		b := body
		change(&b)
		e := n.message(ehds.ApplicationForward, caseID, b)
		e.Profile = ehds.ProfileExt1
		return n.tell(e)
	}
	same := func(*ehds.ForwardBody) {}
	fr.wantCode(forward(fr, "nat:NL:2026-7", same), "foreign-case")
	nl.wantCode(forward(nl, "nat:NL:2026-8", same), "case-mismatch")
	nl.wantCode(forward(nl, "nat:NL:2026-7", func(b *ehds.ForwardBody) { b.Datasets = []ehds.ApplicationDataset{{DatasetID: "none", Country: "FR"}} }), "unknown-dataset")
	told := forward(nl, "nat:NL:2026-7", same)
	nl.wantValid(told)
	var answer ehds.ForwardResponse
	if got := nl.about(ehds.ApplicationForward.Response(), told.Jti); len(got) != 1 || json.Unmarshal(got[0].env.Body, &answer) != nil || answer.ApplicationID == "" {
		t.Fatalf("response %+v", answer)
	}
	for _, n := range []*ncp{nl, fr} {
		got := n.about(ehds.ApplicationSubmit, "")
		if len(got) != 1 || got[0].env.Case != "app:"+answer.ApplicationID {
			t.Errorf("%s got %d applications", n.country, len(got))
		}
	}
	nl.wantCode(forward(nl, "nat:NL:2026-7", same), "filed-before")
}

// A measure against a health data user is told to every other nation, with its origin; one against a data
// holder, a fine, and one in another nation's name are told to nobody (Art. 63(6)).
func TestMeasuresArePassedOn(t *testing.T) {
	w := newWorld(t)
	ncps := published(t, w, "NL", "FR", "FI")
	nl, others := ncps["NL"], []*ncp{ncps["FR"], ncps["FI"]}
	tell := func(n *ncp, caseID string, change func(*ehds.EnforcementBody)) ehds.Envelope {
		b := ehds.EnforcementBody{ID: "E-1", Measure: ehds.MeasureExclusionUser, Against: "USER", Subject: "user-7", From: "2027-02-01", To: "2028-02-01", Reasons: "r"}
		change(&b)
		return n.tell(n.message(ehds.EnforcementRecord, caseID, b))
	}
	same := func(*ehds.EnforcementBody) {}
	ncps["FR"].wantCode(tell(ncps["FR"], "enf:NL:E-1", same), "foreign-case")
	nl.wantCode(tell(nl, "enf:NL:E-9", same), "case-mismatch")
	nl.wantValid(tell(nl, "enf:NL:E-2", func(b *ehds.EnforcementBody) {
		b.ID, b.Measure, b.Against = "E-2", ehds.MeasureExclusionHolder, "HOLDER"
	}))
	nl.wantValid(tell(nl, "enf:NL:E-3", func(b *ehds.EnforcementBody) { b.ID, b.Measure = "E-3", ehds.MeasureFine }))
	for _, n := range ncps {
		if got := n.about(ehds.EnforcementRecord, ""); len(got) != 0 {
			t.Fatalf("%s was told %s", n.country, got[0].env.Body)
		}
	}
	told := tell(nl, "enf:NL:E-1", same)
	nl.wantValid(told)
	for _, n := range others {
		got := n.about(ehds.EnforcementRecord, "")
		var b ehds.EnforcementBody
		if len(got) != 1 || json.Unmarshal(got[0].env.Body, &b) != nil || b.Subject != "user-7" || got[0].env.Case != "enf:NL:E-1" {
			t.Fatalf("%s was told %+v", n.country, got)
		}
		o := got[0].env.Origin
		if o == nil || o.Nation != "NL" || o.Entity != nl.id || o.MessageID != told.Jti || o.Token == "" {
			t.Errorf("%s: origin %+v", n.country, o)
		}
	}
	if got := nl.about(ehds.EnforcementRecord, ""); len(got) != 0 {
		t.Error("the nation was told of its own measure")
	}
}
