package exchange

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// An application is forwarded once, only when it concerns other states, and what the centre says of it is kept
// once it is the centre that says so, of that message.
func TestForwarding(t *testing.T) {
	t.Parallel()
	const centre = "https://centre.example"
	w := newWorld(t)
	a := newHub(w, finnID, "FI", ncpID).filings("FI")
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	body := ehds.ApplicationBody{ApplicationID: "2027-1", Kind: ehds.DataAccessApplication, Title: "T", Language: "fi", DateSubmitted: stamp(now),
		Datasets: []ehds.ApplicationDataset{{DatasetID: "here", Country: "FI"}}, Form: map[string]json.RawMessage{}}
	empty := store.State{Case: "nat:FI:2027-1", Now: now}
	if _, err := a.Forward(empty, centre, body, Files{}); fault.CodeOf(err) != "nothing-to-forward" {
		t.Errorf("of this nation only: %v", err)
	}
	body.Datasets = append(body.Datasets, ehds.ApplicationDataset{DatasetID: "there", Country: "FR"})
	c, err := a.Forward(empty, centre, body, Files{List: []ehds.Attachment{{ID: "a1"}}, Blobs: map[string]string{"a1": "blob"}})
	if err != nil || len(c.Send) != 1 || c.Send[0].Target != centre || c.Send[0].Case != empty.Case || c.Send[0].Type != string(ehds.ApplicationForward) {
		t.Fatalf("%+v %v", c.Send, err)
	}
	f, ok := ReadForwarded(c.Doc)
	if !ok || f.Result != "" || len(f.Attachments) != 1 || len(f.Filing().Application.Datasets) != 2 {
		t.Fatalf("%+v", f)
	}
	if _, filed := ReadFiled(c.Doc); filed {
		t.Error("it reads as a filing with a peer")
	}

	answer := func(doc []byte, iss, ref string) (*Handling, []ehds.Finding) {
		h := &Handling{Env: ehds.Envelope{Iss: iss, Ref: ref, Body: json.RawMessage(`{"result":"VALIDATED","application_id":"6a70b4d104db074a00fd0001"}`)}, Doc: doc, Now: now.Add(time.Hour)}
		return h, forwardAnswered(h)
	}
	for name, from := range map[string][2]string{"another hub": {ncpID, f.Message}, "another message": {centre, "x"}} {
		if h, findings := answer(c.Doc, from[0], from[1]); len(findings) == 0 || string(h.Doc) != string(c.Doc) {
			t.Errorf("%s answered", name)
		}
	}
	if _, findings := answer([]byte(`{"filed":{}}`), centre, f.Message); len(findings) == 0 {
		t.Error("a filing with a peer was answered")
	}
	h, findings := answer(c.Doc, centre, f.Message)
	done, _ := ReadForwarded(h.Doc)
	if len(findings) > 0 || done.Result != ehds.Validated || done.ApplicationID != "6a70b4d104db074a00fd0001" || !done.Answered.Equal(h.Now) {
		t.Errorf("%+v %v", done, findings)
	}

	for name, doc := range map[string][]byte{"waiting": c.Doc, "answered": h.Doc} {
		s := store.State{Case: empty.Case, Doc: doc, Now: now}
		if _, err := a.Forward(s, centre, body, Files{}); fault.CodeOf(err) != "already-filed" {
			t.Errorf("%s: forwarded again: %v", name, err)
		}
		if _, err := a.Withdraw(s, ""); fault.CodeOf(err) != "act-at-the-centre" {
			t.Errorf("%s: withdrawn here: %v", name, err)
		}
	}
	row := store.Outbox{Jti: f.Message, Channel: store.ChannelCentral, Target: centre}
	lost, _ := ReadForwarded(failedDoc(store.State{Doc: c.Doc, Now: now}, row, "rejected-schema"))
	if lost.Result != ehds.NotValidated || lost.Findings[0].Code != "rejected-schema" {
		t.Errorf("given up: %+v", lost)
	}
	row.Jti = "another"
	if failedDoc(store.State{Doc: c.Doc, Now: now}, row, "x") != nil {
		t.Error("another message given up changed it")
	}
}
