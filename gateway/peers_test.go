package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// foreign are two hubs under one anchor that speak peer-1 with each other: fr, where the applicant
// files, and fi, whose desk decides.
type foreign struct {
	*union
	fr, fi *Gateway
	front  *Gateway                     // where the applicant files: fr, unless a test says otherwise
	peered map[string]map[string]string // by country: members of its entry of peers, and of its configuration
}

func newForeign(t *testing.T) *foreign {
	t.Helper()
	return (&foreign{union: newUnion(t)}).start()
}

// start brings both hubs up.
func (f *foreign) start() *foreign {
	t := f.t
	t.Helper()
	ports := map[string]net.Listener{}
	entity := map[string]string{}
	for _, country := range []string{"FR", "FI"} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports[country], entity[country] = ln, "https://"+ln.Addr().String()
	}
	f.fr = f.hub("FR", ports["FR"], entity["FI"])
	f.fi = f.hub("FI", ports["FI"], entity["FR"])
	f.front = f.fr
	return f
}

// hub starts the gateway of a nation with one peer.
func (f *foreign) hub(country string, ln net.Listener, peer string) *Gateway {
	t := f.t
	t.Helper()
	dir := filepath.Join(f.dir, country)
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	pinned, err := json.Marshal(f.anchor.JWKS())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "anchor.jwks.json"), pinned, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	entity := "https://" + ln.Addr().String()
	contact, body := f.keysOf(dir)
	f.enrol(entity, contact, ehds.MarkNCP, roles.StateGateway(country))
	f.enrol(HDABEntity(entity, "hdh"), body, ehds.MarkHDAB, roles.StateBody(country, "HDH"))
	cfg, err := config.Parse(filepath.Join(dir, "ehdsgw.yaml"), fmt.Appendf(nil, `
version: 1
entity: %s
country: %s
development: true
admin: {address: "127.0.0.1:0"}
listen: {address: "127.0.0.1:0", tls: {cert: %q, key: %q}}
trust: {ca_file: %q, anchors: [{entity: %q, jwks: anchor.jwks.json}]}
hdabs: [{id: hdh, code: HDH, name: {en: Health Data Body}}]
central: {entity: %q}
peers: [{entity: %q%s}]
%s
exchange: {retry: {first: 10ms, max: 1s, give_up: 336h}}
storage: {min_free: 1MiB}
`, entity, country, f.ca.CertFile(), f.ca.KeyFile(), f.ca.CAFile(), f.anchor.Entity(), f.centre.Entity(), peer, f.peered[country]["peer"], f.peered[country]["config"]), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(Options{Config: cfg, Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: f.logger(), Listener: ln})
	if err == nil {
		err = g.Start(t.Context())
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &f.log)
	}
	t.Cleanup(func() { (&nation{t: t, log: &f.log}).stop(g) })
	f.until("the hub is ready", func() error { return g.Ready(t.Context()) })
	return g
}

// posts calls the operator socket of the applicant's hub with files.
func (f *foreign) posts(path string, in any, files map[string]string) (row FilingRow, err error) {
	f.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormField("request")
	if err == nil {
		err = json.NewEncoder(part).Encode(in)
	}
	for name, content := range files {
		if err == nil {
			part, err = form.CreateFormFile("file", name)
		}
		if err == nil {
			_, err = io.WriteString(part, content)
		}
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	tr := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", SocketPath(f.front.cfg.DataDir))
	}}
	req, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, "http://operator"+path, &b)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		var p ehds.Problem
		_ = json.Unmarshal(raw, &p)
		return row, errors.New(p.Code)
	}
	return row, json.Unmarshal(raw, &row)
}

// waits until the filing is as asked, and gives it.
func (f *foreign) waits(what, caseID string, is func(FilingRow) bool) (row FilingRow) {
	f.t.Helper()
	f.until(what, func() (err error) {
		if row, err = f.front.filingRow(f.t.Context(), caseID); err == nil && !is(row) {
			err = fmt.Errorf("%+v, waiting %+v", row.Filing, row.Waiting)
		}
		return err
	})
	return row
}

// application asks for a dataset of Finland that names no body: its coordinator decides.
func (f *foreign) application() ehds.ApplicationBody {
	return ehds.ApplicationBody{
		Kind: ehds.DataAccessApplication, Title: "CANARY a study", Language: "en", User: "user-7",
		Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "national", Country: "FI"}},
		Form: map[string]json.RawMessage{
			"section2": json.RawMessage(`{"projectLeader":"Prof. Example","purposeForWhichDataWillBeUsed":[{"key":"e","value":"research"}]}`),
			"section5": json.RawMessage(`{"formatOfTheElectronicHealthData":{"key":"b","value":"pseudonymised"}}`),
			"section8": json.RawMessage(`{"nameWebsiteAddressForEnvironment":"SPE One","technicalRequirementsForEnvironment":"R",
				"estimatedStartDatesForDataProcessing":"2026-01-01","estimatedEndDatesForDataProcessing":"2035-12-31",
				"optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"b"},
				"peopleWhoWillBeProcessingTheData":[{"fullName":"Test Applicant","emailAddress":"a@example.org","affiliation":"Institute"}]}`),
		},
	}
}

// An application filed in France is decided in Finland, hub to hub: sealed on the wire, kept on both
// sides with evidence that holds offline, and the permit that comes back verifies where it was asked for.
func TestPeersFromHubToHub(t *testing.T) {
	f := newForeign(t)
	f.fi.router.Learn(catalogue.Publication{
		Source: "national", Identifier: "ds-1", Categories: []string{"EHRS"}, Holder: "Hospital", State: catalogue.Validated,
	})
	const plan = "CANARY the plan"
	row, err := f.posts("/v1/applications", FilingRequest{To: f.fi.cfg.Entity, Application: f.application()}, map[string]string{"dir/plan.pdf": plan})
	if err != nil {
		t.Fatalf("%v\n%s", err, &f.log)
	}
	caseID := row.Case
	row = f.waits("acknowledged", caseID, func(r FilingRow) bool { return len(r.Filing.Tracks) == 1 && r.Filing.Result == ehds.Validated })
	track := row.Filing.Tracks[0].Key
	if row.Profile != ehds.ProfilePeer1 || track.HDAB != HDABEntity(f.fi.cfg.Entity, "hdh") || !strings.HasPrefix(caseID, "nat:FR:") || !row.Open {
		t.Fatalf("%+v", row)
	}
	f.wire(caseID, plan)
	f.amends(caseID)
	if err := f.decides(caseID, track); err != nil {
		t.Fatal(err)
	}
	f.waits("decided", caseID, func(r FilingRow) bool { return r.Filing.Tracks[0].Decision != nil && !r.Open })
	if _, err := f.posts("/v1/applications/act", FilingAct{Case: caseID, Do: "answer", Answer: ehds.AnswerReject + "ED"}, nil); err == nil {
		t.Error("an answer nobody knows was taken")
	}
	if _, err = f.posts("/v1/applications/act", FilingAct{Case: caseID, Do: "answer", Answer: ehds.AnswerAccept}, nil); err != nil {
		t.Fatal(err)
	}
	row = f.waits("granted", caseID, func(r FilingRow) bool { return len(r.Filing.Tracks[0].Permits) == 1 && !r.Open && len(r.Waiting) == 0 })
	f.verifies(row.Filing.Tracks[0].Permits[0].Token)
	for _, g := range []*Gateway{f.fr, f.fi} {
		f.proves(g, caseID)
	}
	f.measures(caseID)
	for name, c := range map[string]struct {
		path string
		in   any
		want string
	}{
		"a hub that is no peer":   {"/v1/applications", FilingRequest{To: "https://elsewhere.example", Application: f.application()}, "no-such-peer"},
		"a body without a title":  {"/v1/applications", FilingRequest{To: f.fi.cfg.Entity, Application: ehds.ApplicationBody{Kind: "x"}}, "schema"},
		"an act nobody knows":     {"/v1/applications/act", FilingAct{Case: caseID, Do: "dream"}, "act-unknown"},
		"a case of another kind":  {"/v1/applications/act", FilingAct{Case: "app:A1", Do: "withdraw"}, "no-such-filing"},
		"a case nobody filed":     {"/v1/applications/act", FilingAct{Case: "nat:FR:x", Do: "withdraw"}, "no-such-filing"},
		"a withdrawal too late":   {"/v1/applications/act", FilingAct{Case: caseID, Do: "withdraw"}, "not-possible-now"},
		"an amendment too late":   {"/v1/applications/act", FilingAct{Case: caseID, Do: "amend", Application: new(f.application())}, "not-possible-now"},
		"an amendment of nothing": {"/v1/applications/act", FilingAct{Case: caseID, Do: "amend"}, "application-missing"},
	} {
		if _, err := f.posts(c.path, c.in, map[string]string{"x.txt": "x"}); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	list, err := f.fr.operatorFilings(t.Context(), httpapi.Query{})
	if err != nil || len(list) != 1 || list[0].Case != caseID {
		t.Errorf("listed: %+v %v", list, err)
	}
	if list, err := f.fi.operatorFilings(t.Context(), httpapi.Query{}); err != nil || len(list) != 0 {
		t.Errorf("the deciding hub filed nothing: %+v %v", list, err)
	}
}

// amends files a second version of a case, which the deciding hub has in force afterwards, under its one
// track; a stale one never leaves.
func (f *foreign) amends(caseID string) {
	t := f.t
	t.Helper()
	second := f.application()
	second.Title = "CANARY a study, narrowed"
	if _, err := f.posts("/v1/applications/act", FilingAct{Case: caseID, Do: "amend", Application: &second}, map[string]string{"plan-2.pdf": "CANARY the second plan"}); err != nil {
		t.Fatal(err)
	}
	f.waits("amended", caseID, func(r FilingRow) bool {
		return len(r.Filing.Versions) == 2 && r.Filing.Application.Version == 2 && r.Filing.Result == ehds.Validated
	})
	c, ok, err := f.fi.record.Case(t.Context(), caseID)
	var doc exchange.ApplicationDoc
	if err != nil || !ok || json.Unmarshal(c.Doc, &doc) != nil || doc.Application.Version != 2 || len(doc.Application.Versions) != 2 || len(doc.Application.Tracks) != 1 {
		t.Errorf("the deciding hub has %+v, %v", doc.Application, err)
	}
	for version := range 2 {
		second.Version = version + 1
		if _, err := f.posts("/v1/applications/act", FilingAct{Case: caseID, Do: "amend", Application: &second}, nil); err == nil || err.Error() != "version-not-newer" {
			t.Errorf("version %d again: %v", version+1, err)
		}
	}
}

// wire looks at what left: every token and every part of the filing's hub.
func (f *foreign) wire(caseID, plan string) {
	t := f.t
	t.Helper()
	rows, err := f.fr.record.OutboxList(t.Context(), store.OutboxDelivered, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, r := range rows {
		if r.Case != caseID {
			continue
		}
		attempts, err := f.fr.record.Attempts(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range attempts {
			s, err := trust.ReadSigned([]byte(a.Token), jose.ParseOptions{Typ: []string{ehds.TypMessage}, Algs: jose.ProfileAlgs()})
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if text := string(s.Payload()); strings.Contains(text, "CANARY") || strings.Contains(text, "plan.pdf") || !strings.Contains(text, `"sealed"`) {
				t.Errorf("in clear on the wire: %s", text)
			}
		}
		for name, id := range r.Blobs {
			blob, err := f.fr.record.OpenBlob(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(blob)
			_ = blob.Close()
			if err != nil || strings.HasSuffix(name, "#age") == strings.Contains(string(content), plan) {
				t.Errorf("attachment %s: %q %v", name, content, err)
			}
		}
	}
	if seen == 0 {
		t.Error("nothing left")
	}
}

// decides grants the case at the deciding hub's desk.
func (f *foreign) decides(caseID string, track ehds.Track) error {
	f.until("it lies on the desk", func() error {
		list, err := f.fi.operatorDesk(f.t.Context(), httpapi.Query{})
		if err == nil && len(list) == 0 {
			err = errors.New("nothing there")
		}
		return err
	})
	_, err := f.fi.operatorDecide(f.t.Context(), DecideRequest{Case: caseID, Track: track, Decision: desk.Decision{Outcome: ehds.Positive, Actor: "staff-1",
		Signatory: &ehds.Signatory{Name: "A. Signer", JobTitle: "Head"},
		Terms: desk.Terms{Reasons: "as assessed", Categories: []string{"EHRS"}, DurationMonths: 12, Conditions: []string{"no linkage"},
			Fees: &ehds.Fees{AmountCents: 100, Currency: "EUR"}, SPE: desk.SPE{Operator: "National SPE", Tools: []string{"R"}}}}})
	return err
}

// verifies judges a permit as its holder would, with pinned keys and the list of its status.
func (f *foreign) verifies(token string) {
	t := f.t
	t.Helper()
	pinned, err := json.Marshal(f.anchor.JWKS())
	if err != nil {
		t.Fatal(err)
	}
	set, err := jose.ParseKeySet(pinned)
	if err != nil {
		t.Fatal(err)
	}
	s, err := trust.ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{ehds.TypPermit}, Algs: jose.ProfileAlgs()})
	if err != nil {
		t.Fatal(err)
	}
	var claims ehds.PermitClaims
	if err := json.Unmarshal(s.Payload(), &claims); err != nil {
		t.Fatal(err)
	}
	resp, err := f.client().Get(claims.Status.StatusList.URI)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	status, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := permits.Verify(token, permits.Options{
		Anchors: []federation.Anchor{{Entity: f.anchor.Entity(), Keys: set}}, Status: string(status), At: time.Now(),
	})
	if r.Verdict != permits.Valid || r.Issuer != HDABEntity(f.fi.cfg.Entity, "hdh") {
		t.Errorf("the permit: %+v", r)
	}
}

// proves judges the evidence of a case as an auditor would.
func (f *foreign) proves(g *Gateway, caseID string) {
	t := f.t
	t.Helper()
	raw, err := g.evidenceBundle(t.Context(), caseID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := json.Marshal(f.anchor.JWKS())
	if err != nil {
		t.Fatal(err)
	}
	set, err := jose.ParseKeySet(pinned)
	if err != nil {
		t.Fatal(err)
	}
	file := evidence.TrustFile{Version: 1, Anchors: []evidence.TrustAnchor{{Entity: f.anchor.Entity(), JWKS: pinned}}, Witnesses: []string{}}
	for _, hub := range []*Gateway{f.fr, f.fi} {
		file.Logs = append(file.Logs, evidence.TrustedLog{Entity: hub.cfg.Entity, Origin: LogOrigin(hub.cfg.Entity), VKey: hub.logKey.VKey})
	}
	r := evidence.VerifyBundle(t.Context(), b, file, &trust.Offline{
		Anchors: []federation.Anchor{{Entity: f.anchor.Entity(), Keys: set}}, Chains: b.Chains, Historical: b.HistoricalKeys})
	if !r.OK || r.Counts.Receipts == 0 || r.Counts.Signatures < 8 {
		t.Errorf("the evidence at %s: %+v", g.cfg.Entity, r)
	}
	if bytes.Contains(raw, []byte("CANARY")) {
		t.Errorf("the evidence at %s shows what was sealed", g.cfg.Entity)
	}
}
