package central

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// The applicant reads the documents of her application, byte for byte, and no others.
func TestDocumentsOfAnApplication(t *testing.T) {
	w := newWorld(t)
	nl := published(t, w, "NL")["NL"]
	id := w.front(http.MethodPost, "", filingOf("NL", "set-NL"), http.StatusCreated).ID
	nl.acknowledge(id)
	nl.status(id, ehds.AxisApplication, "PRE_SCREENING")
	nl.status(id, ehds.AxisApplication, "PROCESSING")
	sha, size, err := nl.blobs.Put(strings.NewReader("%PDF a refusal"), 100)
	if err != nil {
		t.Fatal(err)
	}
	e := nl.onTrack(ehds.ApplicationDecision, id, ehds.DecisionBody{
		ApplicationID: id, DecisionID: "D1", Outcome: ehds.Negative, Timestamp: "2027-03-01T12:00:00Z", Signatory: ehds.Signatory{Name: "N", JobTitle: "J"}, Reasons: "r",
	})
	e.Attachments = []ehds.Attachment{{ID: "document-1", Name: "refusal.pdf", MediaType: "application/pdf", Size: size, SHA256: sha}}
	nl.wantValid(nl.tell(e))
	v := w.front(http.MethodGet, "/"+id, nil, http.StatusOK)
	last := v.Timeline[len(v.Timeline)-1]
	if len(last.Documents) != 1 || last.Documents[0].Name != "refusal.pdf" {
		t.Fatalf("timeline %+v", last)
	}
	get := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		w.central.FrontOffice().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/front-office/applications/"+path, nil))
		return rec
	}
	rec := get(id + "/documents/" + sha)
	if rec.Code != http.StatusOK || rec.Body.String() != "%PDF a refusal" || rec.Header().Get("Content-Type") != "application/pdf" ||
		rec.Header().Get("Content-Disposition") != "attachment; filename=refusal.pdf" {
		t.Errorf("%d %q %v", rec.Code, rec.Body, rec.Header())
	}
	other, _, err := w.central.blobs.Put(strings.NewReader("of somebody else"), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{id + "/documents/" + other, id + "/documents/x", "nobody/documents/" + sha} {
		if rec := get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}
