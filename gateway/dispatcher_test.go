package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// dispatcherSample reads a sample beside the project.
func dispatcherSample(t testing.TB, name string) []byte {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(root, "dispatcher", name))
	if err != nil {
		t.Skipf("the samples are not here (set EHDSGW_SHARED): %v", err)
	}
	return b
}

// filed is a message of the centre about an application, with attachments.
func (n *nation) filed(typ ehds.MessageType, seq int64, body ehds.ApplicationBody, attachments map[string]string) {
	n.t.Helper()
	now := n.now()
	e := ehds.Envelope{Iss: n.server.URL + "/centre", Aud: n.entity, Iat: now.Unix(), Exp: now.Add(time.Hour).Unix(),
		Jti: uuid.Must(uuid.NewV7()).String(), Type: typ, Profile: ehds.ProfileR8, Case: "app:" + body.ApplicationID, Seq: seq, Body: n.json(body)}
	for id, content := range attachments {
		e.Attachments = append(e.Attachments, ehds.Attachment{ID: id, Name: "plan.pdf", MediaType: "application/pdf", Size: int64(len(content)), SHA256: sha(content)})
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part := func(id, media, content string) {
		sum := sha256.Sum256([]byte(content))
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Id": {"<" + id + ">"}, "Content-Type": {media},
			"Content-Digest": {"sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}})
		if err == nil {
			_, err = io.WriteString(p, content)
		}
		if err != nil {
			n.t.Fatal(err)
		}
	}
	part("token", "application/"+ehds.TypMessage, trusttest.Sign(n.t, trusttest.Key("centre exchange"), ehds.TypMessage, e))
	for _, a := range e.Attachments {
		part(a.ID, a.MediaType, attachments[a.ID])
	}
	if err := w.Close(); err != nil {
		n.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodPost, n.entity+"/exchange", &b)
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Content-Type", `multipart/related; type="application/`+ehds.TypMessage+`"; start="<token>"; boundary=`+w.Boundary())
	resp, err := n.client().Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		n.t.Fatalf("%s: %d %s\n%s", typ, resp.StatusCode, answer, n.log)
	}
}

// fileSamples sends what the samples show: an access application in two versions, and a data request.
func (n *nation) fileSamples() {
	n.t.Helper()
	second, err := gate.ReadMetadata(dispatcherSample(n.t, "application_metadata.json"))
	if err != nil {
		n.t.Fatal(err)
	}
	var rows []struct {
		ID    string `json:"application_id"`
		Title string
		Date  string `json:"dateSubmitted"`
	}
	if err := json.Unmarshal(dispatcherSample(n.t, "applications.json"), &rows); err != nil {
		n.t.Fatal(err)
	}
	second.Language, second.Datasets[0].CatalogLanguages = "fi", []string{"fr", "en"}
	first := second
	first.Version, first.DateSubmitted = 1, rows[0].Date
	second.Version, second.DateSubmitted = 2, rows[1].Date
	files := map[string]string{"att-2": "%PDF-research\n", "att-3": "%PDF-more"}
	n.filed(ehds.ApplicationSubmit, 1, first, files)
	n.filed(ehds.ApplicationAmended, 2, second, files)
	n.filed(ehds.ApplicationSubmit, 1, ehds.ApplicationBody{ApplicationID: rows[2].ID, Kind: ehds.DataRequestApplication, Version: 1, Title: rows[2].Title,
		Language: "en", DateSubmitted: rows[2].Date, Form: map[string]json.RawMessage{"section1": json.RawMessage(`{}`)},
		Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "cat", Country: "FR"}}}, nil)
}

// TestASystemOfTheCommissionsDispatcher: an independent client that knows only what is known of the
// Commission's dispatcher works against a started gateway: what it reads equals the samples member for
// member, and what it tells reaches the cases.
//
// shows R7.5.1
// shows R14.0.1
// shows R14.0.3
// shows R15.5.1
func TestASystemOfTheCommissionsDispatcher(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here: the client is written in it, so that it shares nothing with the gateway")
	}
	n := newNation(t)
	pushed := make(chan string, 16)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		pushed <- r.Header.Get("webhook-signature")[:3] + string(b)
	}))
	defer hook.Close()
	n.more = fmt.Sprintf("permits: {driver: dispatcher, dispatcher: {systems: [{name: national-daams, hdabs: [hdh], rate: 10000, push_url: %q, push_secret: %s}]}}\n",
		hook.URL, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	n.ready(n.start())
	n.fileSamples()
	var key dispatcher.NewKey
	if status, code := n.operator("/v1/dispatcher/keys/add", `{"system":"national-daams"}`, &key); status != http.StatusOK {
		t.Fatal(status, code)
	}
	base := n.entity + "/national-dispatcher"
	for _, want := range []string{"application.submitted", "application.amended", "application.submitted"} { // in order, and then handed over
		if got := <-pushed; !strings.HasPrefix(got, `v1,{"type":"`+want+`"`) || strings.Contains(got, "hospital") {
			t.Errorf("pushed %s", got)
		}
	}
	if a, b := n.read(base+"/openapi.yaml", ""), n.read(n.entity+"/c/dispatcher/openapi.yaml", ""); !bytes.Equal(a, b) || !bytes.Equal(a, dispatcher.Document()) {
		t.Error("the interface is not the same at both paths")
	}
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "daams.py"), base, filepath.Join(n.dataDir(), "pki", "ca.pem"))
	cmd.Env = []string{"DAAMS_KEY=" + key.Key, "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("the client: %v\n%s\n%s", err, &errs, n.log)
	}
	n.compare(out.Bytes())
	n.until("told", func() error {
		for id, want := range map[string]ehds.ApplicationState{"6a70b4d104db074a00fd9101": ehds.StateAwaitingInformation, "6a70b4d104db074a00fd9102": ehds.StateDecisionIssued} {
			if got := n.standing(id); got != want {
				return fmt.Errorf("%s is %s", id, got)
			}
		}
		return nil
	})
	n.judged(base+"/applications/6a70b4d104db074a00fd9101", key.Key)
	if strings.Contains(n.log.String(), key.Key) || strings.Contains(n.log.String(), "hospital load") || strings.Contains(n.log.String(), "Test Applicant") {
		t.Errorf("the log tells too much:\n%s", n.log)
	}
}

// judged tells what the mirror lets pass and the gateway, which counts the periods, refuses: it comes back as
// a problem of the application.
func (n *nation) judged(application, key string) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodPost, application+"/extension", strings.NewReader(`{"reasons":"while the applicant is asked, nothing runs"}`))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("X-API-key", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := n.client().Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		n.t.Fatalf("%d", resp.StatusCode)
	}
	n.until("judged", func() error {
		if _, doc := n.caseOf("6a70b4d104db074a00fd9101"); !strings.Contains(doc, "national-event-refused") {
			return errors.New("no flag")
		}
		return nil
	})
	var list []struct{ Kind, Code, Status string }
	if err := json.Unmarshal(n.read(application+"/problems", key), &list); err != nil || len(list) != 1 ||
		list[0].Kind != "extension" || list[0].Code != "illegal-transition" || list[0].Status != "AWAITING_ADDITIONAL_INFORMATION" {
		n.t.Errorf("%+v, %v", list, err)
	}
}

// compare holds what the client read against the samples.
func (n *nation) compare(out []byte) {
	n.t.Helper()
	var read struct {
		List         any
		Applications map[string]struct {
			Metadata    any
			Attachments map[string]struct{ Name, Content string }
		}
	}
	if err := json.Unmarshal(out, &read); err != nil {
		n.t.Fatal(err)
	}
	for name, got := range map[string]any{"applications.json": read.List, "application_metadata.json": read.Applications["6a70b4d104db074a00fd9101"].Metadata} {
		var want any
		if err := json.Unmarshal(dispatcherSample(n.t, name), &want); err != nil {
			n.t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			n.t.Errorf("%s (-sample +read):\n%s", name, d)
		}
	}
	files := map[string]string{}
	for id, a := range read.Applications["6a70b4d104db074a00fd9101"].Attachments {
		content, _ := base64.StdEncoding.DecodeString(a.Content)
		files[id+" "+a.Name] = string(content)
	}
	if d := cmp.Diff(map[string]string{"att-2 plan.pdf": "%PDF-research\n", "att-3 plan.pdf": "%PDF-more"}, files); d != "" {
		n.t.Error(d)
	}
}

// read fetches something of the dispatcher.
func (n *nation) read(url, key string) []byte {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("X-API-key", key)
	resp, err := n.client().Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		n.t.Fatalf("%s: %d %s %v", url, resp.StatusCode, b, err)
	}
	return b
}

// standing is where the gateway's own case stands.
func (n *nation) standing(id string) ehds.ApplicationState {
	n.t.Helper()
	status, _ := n.caseOf(id)
	return status
}

// caseOf is where the gateway's own case stands, and its document.
func (n *nation) caseOf(id string) (ehds.ApplicationState, string) {
	n.t.Helper()
	var rows []CaseRow
	if status, code := n.operator("/v1/cases?prefix=app:"+id, "", &rows); status != http.StatusOK || len(rows) != 1 {
		n.t.Fatal(status, code, len(rows))
	}
	var doc struct {
		Application struct {
			Tracks []struct {
				Status ehds.ApplicationState `json:"status"`
			} `json:"tracks"`
		} `json:"application"`
	}
	if err := json.Unmarshal(rows[0].Doc, &doc); err != nil || len(doc.Application.Tracks) != 1 {
		n.t.Fatalf("%v %s", err, rows[0].Doc)
	}
	return doc.Application.Tracks[0].Status, string(rows[0].Doc)
}
