package exchange

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// severalNations is an application for a dataset of ours and, when theirs, one of Sweden.
func severalNations(t *testing.T, theirs bool) (*node, *node) {
	t.Helper()
	_, ncp, centre := pair(t)
	var b ehds.ApplicationBody
	if err := json.Unmarshal(submitBody("A1", "ds-1"), &b); err != nil {
		t.Fatal(err)
	}
	if theirs {
		b.Datasets = append(b.Datasets, ehds.ApplicationDataset{DatasetID: "se-1", Country: "SE"})
		b.Form["section6"] = json.RawMessage(`[{"country_id":"FRANCE","timePeriodOfDataExtraction":"2019","inclusionCriteria":"i"},
		 {"country_id":"SWEDEN","timePeriodOfDataExtraction":"2019","inclusionCriteria":"i"}]`)
	}
	ncp.receive(centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) { e.Body = mustJSON(b) })))
	return ncp, centre
}

// What one of our bodies decides is shown to the other nations of the application, when there are any
// and the centre takes it.
// shows R7.3.6
func TestADecisionIsShared(t *testing.T) {
	for name, c := range map[string]struct {
		theirs, listed bool
		err            error
		tasks, sent    int
		left           store.OutboxState
	}{
		"another nation decides too":  {true, true, nil, 1, 1, store.OutboxDelivered},
		"the centre does not take it": {true, false, nil, 1, 0, store.OutboxDelivered},
		"the centre cannot be asked":  {true, false, errBoom, 1, 0, store.OutboxQueued},
		"nobody else is concerned":    {false, true, nil, 0, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ncp, _ := severalNations(t, c.theirs)
			ncp.writing(&scribe{})
			newEvents(ncp, &stream{}).happen(t, status("e1", "PRE_SCREENING"), status("e2", "PROCESSING"), decision("e3", "D1", ehds.Negative))
			w := ncp.issuer(&stamps{}, zeros{})
			w.Lists = func(context.Context, ehds.MessageType) (bool, error) { return c.listed, c.err }
			var tasks []store.Outbox
			for _, r := range ncp.rows() {
				if r.Type == taskShare {
					tasks = append(tasks, r)
				}
			}
			if len(tasks) != c.tasks {
				t.Fatalf("%d tasks, want %d", len(tasks), c.tasks)
			}
			for _, r := range tasks {
				if err := w.Try(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				if got := ncp.row(r.ID).State; got != c.left {
					t.Errorf("the task is %s, want %s", got, c.left)
				}
			}
			if n := strings.Count(types(ncp.rows()), string(ehds.ApplicationShared)); n != c.sent {
				t.Errorf("%d shared, want %d", n, c.sent)
			}
			if got := ncp.carried(ehds.ApplicationShared); len(got) != c.sent || c.sent == 1 && !strings.HasPrefix(got[0], "document-1 paper.pdf application/pdf: decision D1") {
				t.Errorf("shared with the documents %q", got)
			}
		})
	}
}

// What another nation's body shares is kept with the application for our bodies to see. Nothing moves,
// and nobody shares in the name of a body of ours.
// shows R7.3.6
func TestWhatOthersShareIsKept(t *testing.T) {
	ncp, centre := severalNations(t, true)
	theirs := ehds.Track{CatalogID: "se", HDAB: "https://hdab.se.example"}
	origin := &ehds.Origin{Entity: "https://ncp.se.example", Nation: "SE", MessageID: "m", ReceivedAt: "2027-03-01T10:00:00Z"}
	for i, c := range []struct {
		name   string
		track  ehds.Track
		origin *ehds.Origin
		code   string
	}{
		{"theirs", theirs, origin, ""},
		{"without origin", theirs, nil, "origin-missing"},
		{"in our name", ourTrack, origin, access.CodeUnknownCase},
	} {
		ncp.receive(centre.sign(centre.envelope(ncp, seq(int64(i)+2), typed(ehds.ApplicationShared, ehds.SharedBody{
			ApplicationID: "A1", Date: "2027-03-01T10:00:00Z", Note: "their reasons",
		}), func(e *ehds.Envelope) { e.Profile, e.Track, e.Origin = ehds.ProfileExt1, &c.track, c.origin })))
		b := lastResponse(t, ncp)
		if c.code == "" && b.Result != ehds.Validated || c.code != "" && (len(b.Findings) == 0 || b.Findings[0].Code != c.code) {
			t.Errorf("%s: %+v", c.name, b)
		}
	}
	doc := ncp.doc("A1")
	if len(doc.Shared) != 1 || doc.Shared[0].Nation != "SE" || doc.Shared[0].Track != theirs || doc.Shared[0].Body.Note != "their reasons" {
		t.Errorf("kept: %+v", doc.Shared)
	}
	if len(doc.Flags) != 1 || doc.Flags[0].Code != "application-shared" || doc.Application.Tracks[0].Status != ehds.StateSubmitted {
		t.Errorf("flags %+v, status %s", doc.Flags, doc.Application.Tracks[0].Status)
	}
}
