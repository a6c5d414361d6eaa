package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Through a running gateway: staff ask by field, the applicant files again, two persons decide. The case moves
// with each, and a second look at what nobody may do shows that it does not.
// shows R7.5.2 R9.1.1
func TestDeskThroughTheGateway(t *testing.T) {
	t.Parallel()
	n := newNation(t)
	n.more = "permits: {desk: {four_eyes: true}}"
	g := n.start()
	n.ready(g)
	n.post(n.submit("A1"))
	var item desk.QueueItem
	n.until("the case is at the desk", func() error {
		var queue []desk.QueueItem
		if n.operator("/v1/desk", "", &queue); len(queue) != 1 {
			return errors.New("no case")
		}
		item = queue[0]
		return nil
	})
	work := func(call string, r DeskRequest) (int, string) {
		r.Case, r.Track = item.Case, item.Track
		return n.operator("/v1/desk/"+call, string(n.json(r)), nil)
	}
	stands := func(want ehds.ApplicationState) {
		t.Helper()
		n.until(string(want), func() error {
			if got := n.standing("A1"); got != want {
				return errors.New("the case is " + string(got))
			}
			return nil
		})
	}
	stands(ehds.StatePreScreening)
	marked := []ehds.InfoSection{{Number: 2, Fields: map[string]string{"projectLeader": "who?"}}}
	if status, code := work("ask", DeskRequest{Actor: "staff-7", Sections: marked}); status != http.StatusOK {
		t.Fatal(status, code)
	}
	stands(ehds.StateAwaitingInformation)
	refusal := DeskRequest{Actor: "staff-7", Act: &desk.Act{Decision: &desk.Decision{Outcome: ehds.Negative, Terms: desk.Terms{Reasons: "Art. 57"}}}}
	if status, code := work("propose", refusal); status != http.StatusConflict || code != "information-awaited" {
		t.Error(status, code)
	}
	n.filed(ehds.ApplicationAmended, 2, ehds.ApplicationBody{ApplicationID: "A1", Kind: ehds.DataAccessApplication, Version: 2, Title: "A study", Language: "en",
		DateSubmitted: n.now().UTC().Format(time.RFC3339), Form: map[string]json.RawMessage{"section2": json.RawMessage(`{"projectLeader": "Prof. Example"}`)},
		Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "cat", Country: "FR"}}}, nil)
	stands(ehds.StatePreScreening)
	n.until("the desk has the new version", func() error {
		var d desk.Detail
		q := url.Values{"case": {item.Case}, "catalogue": {item.Track.CatalogID}, "body": {item.Track.HDAB}}
		if status, _ := n.operator("/v1/desk/case?"+q.Encode(), "", &d); status != http.StatusOK || d.Version != 2 || d.Asked != nil {
			return errors.New("not yet")
		}
		return nil
	})
	for _, c := range []struct {
		call   string
		r      DeskRequest
		status int
		code   string
	}{
		{"note", DeskRequest{Actor: "staff-7", Text: "refuse"}, 200, ""},
		{"act", refusal, 403, "second-person-needed"},
		{"act", DeskRequest{Actor: "staff-7"}, 422, "act-missing"},
		{"propose", refusal, 200, ""},
		{"confirm", DeskRequest{Actor: "staff-7"}, 403, "same-person"},
		{"confirm", DeskRequest{Actor: "staff-9"}, 200, ""},
		{"confirm", DeskRequest{Actor: "staff-9"}, 409, "no-proposal"},
	} {
		if status, code := work(c.call, c.r); status != c.status || code != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.call, status, code, c.status, c.code)
		}
	}
	stands(ehds.StateDecisionIssued)
	var measures []desk.Measure
	if status, _ := n.operator("/v1/desk/measures", "", &measures); status != http.StatusOK || measures == nil {
		t.Errorf("measures: %d", status)
	}
}

// post delivers a message that must be taken.
func (n *nation) post(token string) {
	n.t.Helper()
	if status, receipt, body := n.deliver(strings.NewReader(token)); status != http.StatusOK || receipt != ehds.Received {
		n.t.Fatalf("%d %s %s", status, receipt, body)
	}
}
