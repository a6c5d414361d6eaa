package central

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// front asks the front office.
func (w *world) front(method, path string, body any, want int) view {
	w.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequest(method, "/front-office/applications"+path, bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	return w.frontDo(r, want)
}

func (w *world) frontDo(r *http.Request, want int) view {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.central.FrontOffice().ServeHTTP(rec, r)
	if rec.Code != want {
		w.t.Fatalf("%s: %d, want %d: %s", r.URL.Path, rec.Code, want, rec.Body)
	}
	var v view
	if rec.Code < 300 {
		if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
			w.t.Fatal(err)
		}
	}
	w.deliver()
	return v
}

func filingOf(nation string, datasets ...string) filing {
	f := filing{
		Kind: ehds.DataAccessApplication, Title: "Sepsis outcomes", Language: "en", ApplicantNation: nation,
		Form: map[string]json.RawMessage{"section2": json.RawMessage(`{"title":"Sepsis"}`)},
	}
	for _, d := range datasets {
		f.Datasets = append(f.Datasets, ehds.ApplicationDataset{DatasetID: d})
	}
	return f
}

// published makes contact points and one dataset in each nation.
func published(t *testing.T, w *world, nations ...string) map[string]*ncp {
	t.Helper()
	out := map[string]*ncp{}
	for _, c := range nations {
		n := newNCP(t, w, c)
		b := datasetBody(t, "https://"+c+".example/ds", "set-"+c, "1")
		n.wantValid(n.tell(n.message(ehds.DatasetCreate, ehds.DatasetCase(c, "set-"+c).String(), b)))
		out[c] = n
	}
	return out
}

// onTrack is a message about an application on the contact point's own track.
func (n *ncp) onTrack(typ ehds.MessageType, id string, body any) ehds.Envelope {
	e := n.message(typ, "app:"+id, body)
	e.Track = &ehds.Track{CatalogID: "cat", HDAB: n.body()}
	return e
}

// acknowledge answers the newest application.submit.
func (n *ncp) acknowledge(id string) {
	n.w.t.Helper()
	got := n.about(ehds.ApplicationSubmit, "")
	submit := got[len(got)-1]
	e := n.onTrack(ehds.ApplicationAck, id, ehds.AckBody{ApplicationID: id, StatusID: "SUBMITTED", Date: stamp(n.w.clock.Now())})
	e.Ref, e.RefSHA256 = submit.env.Jti, forge.SHA256Hex(submit.token)
	n.tell(e)
}

func (n *ncp) status(id string, axis ehds.Axis, status string) ehds.Envelope {
	n.w.t.Helper()
	return n.tell(n.onTrack(ehds.ApplicationStatus, id, ehds.StatusBody{
		ApplicationID: id, Axis: axis, Status: status, Date: stamp(n.w.clock.Now()),
	}))
}

func (n *ncp) decide(id, decision string, o ehds.Outcome) ehds.Envelope {
	n.w.t.Helper()
	return n.tell(n.onTrack(ehds.ApplicationDecision, id, ehds.DecisionBody{
		ApplicationID: id, DecisionID: decision, Outcome: o, Timestamp: stamp(n.w.clock.Now()),
		Signatory: ehds.Signatory{Name: "N. N.", JobTitle: "Head"},
	}))
}

// issue sends a permit signed by the body.
func (n *ncp) issue(id, decision, permitID string, change func(*ehds.PermitClaims, *ehds.PermitIssuedBody)) ehds.Envelope {
	n.w.t.Helper()
	now := n.w.clock.Now()
	claims := ehds.PermitClaims{
		Iss: n.body(), Sub: "ph-1", Jti: permitID, Iat: now.Unix(), Nbf: now.Unix(), Exp: now.AddDate(1, 0, 0).Unix(),
		Permit: ehds.PermitDetail{Kind: ehds.KindDataPermit, ApplicationID: id, DecisionID: decision, Version: 1},
	}
	body := ehds.PermitIssuedBody{
		ApplicationID: id, DecisionID: decision, PermitID: permitID, StatusList: n.body() + "/status/2026",
		NotBefore: stamp(now), Expires: stamp(now.AddDate(1, 0, 0)),
	}
	change(&claims, &body)
	if body.Permit == "" {
		body.Permit = n.sign(n.permits, ehds.TypPermit, claims)
	}
	return n.tell(n.onTrack(ehds.PermitIssued, id, body))
}

func asIs(*ehds.PermitClaims, *ehds.PermitIssuedBody) {}

func TestApplicationWalk(t *testing.T) {
	w := newWorld(t)
	ncps := published(t, w, "NL", "FR", "FI")
	nl, fr, fi := ncps["NL"], ncps["FR"], ncps["FI"]

	v := w.front(http.MethodPost, "", filingOf("FI", "set-NL", "https://FR.example/ds"), http.StatusCreated)
	id := v.ID
	if len(v.Sent) != 2 || v.Sent[0].Nation != "NL" || v.Sent[1].Nation != "FR" || len(fi.about(ehds.ApplicationSubmit, "")) != 0 {
		t.Fatalf("sent %+v", v.Sent)
	}
	for _, n := range []*ncp{nl, fr} {
		got := n.about(ehds.ApplicationSubmit, "")
		var b ehds.ApplicationBody
		if len(got) != 1 || json.Unmarshal(got[0].env.Body, &b) != nil {
			t.Fatalf("%s has %d applications", n.country, len(got))
		}
		e := got[0].env
		if e.Iss != w.central.Entity() || e.Case != "app:"+id || e.Seq != 1 || e.Track != nil || b.Datasets[0].Country != "NL" ||
			b.Datasets[0].DatasetID != "set-NL" || b.Datasets[1].Country != "FR" || b.DateSubmitted == "" || b.Version != 1 {
			t.Errorf("submit %+v %+v", e, b)
		}
		n.acknowledge(id)
	}
	told := nl.status(id, ehds.AxisApplication, "PRE_SCREENING")
	nl.wantValid(told)
	checkForwarded(t, told, nl, fr, fi)

	w.open() // nothing is lost, and numbers go on
	nl.wantValid(nl.status(id, ehds.AxisApplication, "PROCESSING"))
	nl.wantValid(nl.decide(id, "D-1", ehds.Positive))
	if acks := nl.about(ehds.DecisionAck, ""); len(acks) != 1 || acks[0].env.RefSHA256 == "" {
		t.Errorf("acknowledgements %+v", acks)
	}
	nl.wantCode(nl.issue(id, "D-1", "DP-NL-2026-0001-v1", asIs), "illegal-transition")

	w.front(http.MethodPost, "/"+id+"/answer", map[string]string{"decision_id": "D-1", "answer": "APPEAL"}, http.StatusConflict)
	w.front(http.MethodPost, "/"+id+"/answer", map[string]string{"decision_id": "D-2", "answer": "ACCEPT"}, http.StatusNotFound)
	w.front(http.MethodPost, "/"+id+"/answer", map[string]string{"decision_id": "D-1", "answer": "ACCEPT"}, http.StatusAccepted)
	w.front(http.MethodPost, "/"+id+"/answer", map[string]string{"decision_id": "D-1", "answer": "ACCEPT"}, http.StatusConflict)
	answer := nl.about(ehds.DecisionAnswer, "")
	if len(answer) != 1 || answer[0].env.Track == nil || answer[0].env.Track.HDAB != nl.body() {
		t.Fatalf("answers %+v", answer)
	}
	nl.wantValid(nl.issue(id, "D-1", "DP-NL-2026-0001-v1", asIs))
	nl.wantValid(nl.status(id, ehds.AxisPermit, "GRANTED"))

	w.open()
	v = w.front(http.MethodGet, "/"+id, nil, http.StatusOK)
	i := slices.IndexFunc(v.Tracks, func(x track) bool { return x.Nation == "NL" })
	if i < 0 || v.Tracks[i].Status != ehds.StateDecisionIssued || len(v.Tracks[i].Permits) != 1 ||
		v.Tracks[i].Permits[0].ID != "DP-NL-2026-0001-v1" || v.Tracks[i].Decision.State != ehds.DecisionPositiveAccepted {
		t.Errorf("tracks %+v", v.Tracks)
	}
	if _, err := forge.Parse(v.Tracks[i].Permits[0].Token, ehds.TypPermit); err != nil {
		t.Error(err)
	}
	for _, m := range v.Messages {
		if m.State != outDelivered {
			t.Errorf("%s to %s is %s: %s", m.Type, m.To, m.State, m.Reason)
		}
	}
	if first := v.Timeline[0]; first.What != string(ehds.ApplicationSubmit) || len(v.Timeline) < 8 {
		t.Errorf("timeline %+v", v.Timeline)
	}
	checkReplay(t, w, nl, v)
}

// checkForwarded wants a status at the other nations, with the origin from the credential.
func checkForwarded(t *testing.T, told ehds.Envelope, from *ncp, others ...*ncp) {
	t.Helper()
	if got := from.about(ehds.ApplicationStatus, ""); len(got) != 0 {
		t.Error("the sender gets its own status")
	}
	for _, n := range others {
		got := n.about(ehds.ApplicationStatus, "")
		if len(got) != 1 || got[0].env.Origin == nil {
			t.Fatalf("%s has %d statuses", n.country, len(got))
		}
		o := got[0].env.Origin
		if o.Entity != from.id || o.Nation != from.country || o.MessageID != told.Jti || got[0].env.Track.HDAB != from.body() {
			t.Errorf("origin %+v", o)
		}
		if original, err := forge.Parse(o.Token, ehds.TypMessage); err != nil || original.Verify(forge.NewJWKS(from.exchange)) != nil {
			t.Errorf("the original token: %v", err)
		}
	}
}

func checkReplay(t *testing.T, w *world, n *ncp, v view) {
	t.Helper()
	before := len(n.inbox)
	status, err := w.central.Replay(t.Context(), v.Sent[0].MessageID)
	if err != nil || status != ehds.Duplicate || len(n.inbox) != before {
		t.Errorf("replay: %s, %v", status, err)
	}
	if _, err := w.central.Replay(t.Context(), "none"); err == nil {
		t.Error("a message never sent is replayed")
	}
}

func TestTracksAreTheirOwners(t *testing.T) {
	w := newWorld(t)
	ncps := published(t, w, "NL", "FR", "FI")
	nl, fr, fi := ncps["NL"], ncps["FR"], ncps["FI"]
	id := w.front(http.MethodPost, "", filingOf("NL", "set-NL", "set-FR"), http.StatusCreated).ID
	nl.wantCode(nl.status(id, ehds.AxisApplication, "PRE_SCREENING"), "unknown-case") // no track before the acknowledgement
	nl.acknowledge(id)
	body := ehds.StatusBody{ApplicationID: id, Axis: ehds.AxisApplication, Status: "PRE_SCREENING", Date: stamp(w.clock.Now())}

	foreign := fr.onTrack(ehds.ApplicationStatus, id, body)
	foreign.Track.HDAB = nl.body()
	fr.wantCode(fr.tell(foreign), "unknown-case")
	fi.wantCode(fi.status(id, ehds.AxisApplication, "PRE_SCREENING"), "unknown-case")
	nl.wantCode(nl.status("ffffffffffffffffffffffff", ehds.AxisApplication, "PRE_SCREENING"), "unknown-case")
	nl.wantCode(nl.status(id, ehds.AxisApplication, "PROCESSING"), "illegal-transition")
	nl.wantCode(nl.status(id, ehds.AxisDecision, "APPEAL_APPROVED"), "illegal-transition")
	nl.wantCode(nl.decide(id, "D-1", ehds.Negative), "illegal-transition")
	other := nl.onTrack(ehds.ApplicationStatus, id, body)
	other.Body = json.RawMessage(`{"application_id":"x","axis":"application","status":"PRE_SCREENING","date":"2026-11-24T02:00:00Z"}`)
	nl.wantCode(nl.tell(other), "case-mismatch")
	if got := len(fr.about(ehds.ApplicationStatus, "")) + len(fi.about(ehds.ApplicationStatus, "")); got != 0 {
		t.Errorf("%d refused statuses were passed on", got)
	}
}

func TestInformationAndAppeal(t *testing.T) {
	w := newWorld(t)
	nl := published(t, w, "NL")["NL"]
	id := w.front(http.MethodPost, "", filingOf("NL", "set-NL"), http.StatusCreated).ID
	nl.acknowledge(id)
	tr := ehds.Track{CatalogID: "cat", HDAB: nl.body()}
	info := map[string]any{"track": tr, "sections": []ehds.InfoAnswer{{Number: 2, Fields: map[string]any{"title": "More"}}}}
	w.front(http.MethodPost, "/"+id+"/info", info, http.StatusConflict)
	nl.wantValid(nl.status(id, ehds.AxisApplication, "PRE_SCREENING"))
	asked := nl.tell(nl.onTrack(ehds.ApplicationInfoRequest, id, ehds.InfoRequestBody{
		ApplicationID: id, Status: ehds.StateAwaitingInformation, Date: stamp(w.clock.Now()),
		Sections: []ehds.InfoSection{{Number: 2, Fields: map[string]string{"title": "which?"}}},
	}))
	nl.wantValid(asked)
	w.front(http.MethodPost, "/"+id+"/info", info, http.StatusAccepted)
	if got := nl.about(ehds.ApplicationInfo, asked.Jti); len(got) != 1 {
		t.Errorf("%d completions", len(got))
	}
	nl.wantCode(nl.status(id, ehds.AxisApplication, "PROCESSING"), "illegal-transition") // it came from screening
	nl.wantValid(nl.status(id, ehds.AxisApplication, "PRE_SCREENING"))
	nl.wantValid(nl.status(id, ehds.AxisApplication, "PROCESSING"))
	nl.wantValid(nl.decide(id, "D-1", ehds.Negative))
	w.front(http.MethodPost, "/"+id+"/appeal", map[string]string{"decision_id": "D-1", "text": "No."}, http.StatusAccepted)
	if got := nl.about(ehds.AppealSubmit, ""); len(got) != 1 {
		t.Errorf("%d appeals", len(got))
	}
	nl.wantValid(nl.status(id, ehds.AxisDecision, "APPEAL_APPROVED"))
	nl.wantValid(nl.tell(nl.onTrack(ehds.ApplicationDecision, id, ehds.DecisionBody{
		ApplicationID: id, DecisionID: "D-2", Outcome: ehds.Positive, Replaces: "D-1", Timestamp: stamp(w.clock.Now()),
		Signatory: ehds.Signatory{Name: "N. N.", JobTitle: "Head"},
	})))
	w.front(http.MethodPost, "/"+id+"/withdraw", map[string]string{"reason": "no money"}, http.StatusAccepted)
	if got := nl.about(ehds.ApplicationWithdraw, ""); len(got) != 1 {
		t.Errorf("%d withdrawals", len(got))
	}
}

func TestPermitMustHold(t *testing.T) {
	w := newWorld(t)
	nl := published(t, w, "NL")["NL"]
	id := w.front(http.MethodPost, "", filingOf("NL", "set-NL"), http.StatusCreated).ID
	nl.acknowledge(id)
	for _, s := range []string{"PRE_SCREENING", "PROCESSING"} {
		nl.wantValid(nl.status(id, ehds.AxisApplication, s))
	}
	nl.wantValid(nl.decide(id, "D-1", ehds.Positive))
	w.front(http.MethodPost, "/"+id+"/answer", map[string]string{"decision_id": "D-1", "answer": "ACCEPT"}, http.StatusAccepted)
	const pid = "DP-NL-2026-0001-v1"
	for name, c := range map[string]struct {
		change func(*ehds.PermitClaims, *ehds.PermitIssuedBody)
		code   string
	}{
		"by the contact point": {func(p *ehds.PermitClaims, b *ehds.PermitIssuedBody) {
			b.Permit = nl.sign(nl.exchange, ehds.TypPermit, p)
		}, "permit-not-verified"},
		"another body":        {func(p *ehds.PermitClaims, _ *ehds.PermitIssuedBody) { p.Iss = nl.id }, "permit-differs"},
		"another id":          {func(p *ehds.PermitClaims, _ *ehds.PermitIssuedBody) { p.Jti = "DP-NL-2026-0002-v1" }, "permit-differs"},
		"another application": {func(p *ehds.PermitClaims, _ *ehds.PermitIssuedBody) { p.Permit.ApplicationID = "x" }, "permit-differs"},
		"another typ":         {func(p *ehds.PermitClaims, b *ehds.PermitIssuedBody) { b.Permit = nl.sign(nl.permits, "x", p) }, "permit-malformed"},
		"another decision":    {func(_ *ehds.PermitClaims, b *ehds.PermitIssuedBody) { b.DecisionID = "D-9" }, "unknown-decision"},
	} {
		t.Run(name, func(t *testing.T) { nl.wantCode(nl.issue(id, "D-1", pid, c.change), c.code) })
	}
	if err := w.anchor.Suspend(nl.body()); err != nil {
		t.Fatal(err)
	}
	nl.wantCode(nl.issue(id, "D-1", pid, asIs), "permit-body-without-mark")
	if err := w.anchor.Resume(nl.body()); err != nil {
		t.Fatal(err)
	}
	nl.wantValid(nl.issue(id, "D-1", pid, asIs))
	nl.wantCode(nl.issue(id, "D-1", pid, asIs), "permit-exists")
	for want, ask := range map[int]map[string]string{
		http.StatusAccepted:            {"permit_id": pid, "kind": "AMENDMENT", "text": "one more person"},
		http.StatusNotFound:            {"permit_id": "DP-NL-2026-0001-v2", "kind": "AMENDMENT", "text": "of no such version"},
		http.StatusUnprocessableEntity: {"permit_id": pid, "kind": "WISH", "text": "none of the three"},
	} {
		w.front(http.MethodPost, "/"+id+"/change-request", ask, want)
	}
	if got := nl.about(ehds.PermitChangeRequest, ""); len(got) != 1 || got[0].env.Profile != ehds.ProfileExt1 || got[0].env.Track.HDAB != nl.body() {
		t.Errorf("change requests %+v", got)
	}
	changed := nl.tell(nl.onTrack(ehds.PermitChanged, id, ehds.PermitChangedBody{
		ApplicationID: id, PermitID: pid, Status: ehds.PermitStatusRevoked, Date: stamp(w.clock.Now()), Reason: "misuse",
	}))
	nl.wantValid(changed)
	v := w.front(http.MethodGet, "/"+id, nil, http.StatusOK)
	if p := v.Tracks[0].Permits; len(p) != 1 || p[0].Status != ehds.PermitStatusRevoked {
		t.Errorf("permits %+v", p)
	}
	checkQuery(t, id, nl, pid)
}

// checkQuery asks the centre which permits it knows: the nation that issued one gets it back.
func checkQuery(t *testing.T, id string, nl *ncp, permitID string) {
	t.Helper()
	ask := func(n *ncp, application string) ehds.Envelope {
		e := n.message(ehds.PermitQuery, "app:"+id, ehds.PermitQueryBody{ApplicationID: application})
		e.Profile = ehds.ProfileExt1
		return n.tell(e)
	}
	told := ask(nl, id)
	var b ehds.PermitQueryResponse
	if got := nl.about(ehds.PermitQuery.Response(), told.Jti); len(got) != 1 || json.Unmarshal(got[0].env.Body, &b) != nil || len(b.Permits) != 1 ||
		b.Permits[0].PermitID != permitID || b.Permits[0].Status != ehds.PermitStatusRevoked || b.Permits[0].Permit == "" || b.Permits[0].Nation != "NL" {
		t.Errorf("response %+v", b)
	}
	nl.wantCode(ask(nl, "another"), "case-mismatch")
	nl.wantCode(nl.tell(func() ehds.Envelope {
		e := nl.message(ehds.PermitQuery, "app:none", ehds.PermitQueryBody{ApplicationID: "none"})
		e.Profile = ehds.ProfileExt1
		return e
	}()), "unknown-case")
}

func TestFilingWithAttachments(t *testing.T) {
	w := newWorld(t)
	nl := published(t, w, "NL")["NL"]
	raw, err := json.Marshal(filingOf("NL", "set-NL"))
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	mw := multipart.NewWriter(&body)
	for name, content := range map[string]string{"application": string(raw)} {
		if err := mw.WriteField(name, content); err != nil {
			t.Fatal(err)
		}
	}
	for _, content := range []string{"%PDF ethics", "a plan"} {
		part, err := mw.CreateFormFile("file", "../ethics.pdf")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := mw.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/front-office/applications", &body)
	r.Header.Set("Content-Type", mw.FormDataContentType())
	v := w.frontDo(r, http.StatusCreated)
	got := nl.about(ehds.ApplicationSubmit, "")
	if len(got) != 1 || len(got[0].env.Attachments) != 2 || got[0].env.Attachments[0].Name != "ethics.pdf" {
		t.Fatalf("attachments %+v", got)
	}
	for i, want := range []string{"%PDF ethics", "a plan"} {
		f, err := nl.blobs.Open(got[0].env.Attachments[i].SHA256)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(f)
		if err != nil || string(content) != want || f.Close() != nil {
			t.Errorf("%q, %v", content, err)
		}
	}
	if v.Messages[0].ID == "" {
		t.Error("no message in the view")
	}
}

func TestFilingRefused(t *testing.T) {
	w := newWorld(t)
	published(t, w, "NL")
	with := func(change func(*filing)) filing {
		f := filingOf("NL", "set-NL")
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		body any
		want int
	}{
		"unknown dataset": {filingOf("NL", "set-XX"), http.StatusUnprocessableEntity},
		"no dataset":      {filingOf("NL"), http.StatusUnprocessableEntity},
		"no nation":       {filingOf("XX", "set-NL"), http.StatusUnprocessableEntity},
		"no title":        {with(func(f *filing) { f.Title = "" }), http.StatusUnprocessableEntity},
		"a fraction": {with(func(f *filing) {
			f.Form["section2"] = json.RawMessage(`{"a":1.5}`)
		}), http.StatusUnprocessableEntity},
		"unknown member": {map[string]any{"x": 1}, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) { w.front(http.MethodPost, "", c.body, c.want) })
	}
	r := httptest.NewRequest(http.MethodPost, "/front-office/applications", bytes.NewReader([]byte("{}")))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w.frontDo(r, http.StatusForbidden)
	w.front(http.MethodGet, "/none", nil, http.StatusNotFound)
}

func TestRunDeliversUntilStopped(t *testing.T) {
	w := newWorld(t)
	nl := published(t, w, "NL")["NL"]
	arrivedOne := make(chan struct{})
	nl.fail = func(http.ResponseWriter) bool { close(arrivedOne); nl.fail = nil; return false }
	done := make(chan struct{})
	ctx, cancel := contextOf(t)
	go func() { defer close(done); w.central.Run(ctx) }()
	f := filingOf("NL", "set-NL")
	if _, err := w.central.submit(ctx, f, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case <-arrivedOne:
	case <-time.After(10 * time.Second):
		t.Error("nothing was delivered")
	}
	cancel()
	<-done
}
