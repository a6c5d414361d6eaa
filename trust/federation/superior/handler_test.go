package superior_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// ask sends one request to a superior's handler.
func ask(t *testing.T, s *superior.Superior, method, target, form string) *http.Response {
	t.Helper()
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// claimsOf reads a token that the superior signed.
func claimsOf(t *testing.T, token, typ, by string, into any) {
	t.Helper()
	parsed, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{typ}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := keysOf(by).Select(parsed.Header.Kid, parsed.Header.Alg, "sig")
	if err == nil {
		err = parsed.Verify(key)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(parsed.Payload, into); err != nil {
		t.Fatal(err)
	}
}

func TestEndpointErrors(t *testing.T) {
	t.Parallel()
	w, anchor, region, top, _ := three(t, anchorID)
	w.enrol(top, anchorID, superior.Subordinate{Entity: "https://gone.test", Country: "FR", Types: []string{federation.TypeGateway}, Marks: fresh("ncp")})
	w.move(top, "https://gone.test", superior.Withdrawn)
	w.enrol(top, anchorID, superior.Subordinate{Entity: "https://silent.test", Country: "FR", Types: []string{federation.TypeGateway}})
	if _, err := region.Mark(hubID, markType("ncp")); err == nil {
		t.Fatal("the region made a mark it has not")
	}
	foreign := trusttest.Sign(t, trusttest.Key(regionID), federation.TypMark, map[string]any{
		"iss": regionID, "sub": hubID, "trust_mark_type": markType("ncp"), "iat": w.clock.Unix(), "exp": w.clock.Unix() + 60,
	})
	q := url.QueryEscape
	for name, c := range map[string]struct {
		method, target, form string
		status               int
		code                 string
	}{
		"nothing there":              {"GET", "/nothing", "", 404, "not_found"},
		"fetch without sub":          {"GET", "/federation/fetch", "", 400, "invalid_request"},
		"fetch of itself":            {"GET", "/federation/fetch?sub=" + q(anchorID), "", 400, "invalid_request"},
		"fetch of a stranger":        {"GET", "/federation/fetch?sub=" + q("https://x.test"), "", 404, "not_found"},
		"fetch of one withdrawn":     {"GET", "/federation/fetch?sub=" + q("https://gone.test"), "", 404, "not_found"},
		"fetch, marks only":          {"GET", "/federation/fetch?sub=" + q(hubID), "", 404, "not_found"},
		"fetch twice":                {"GET", "/federation/fetch?sub=a&sub=b", "", 400, "invalid_request"},
		"fetch by POST":              {"POST", "/federation/fetch", "sub=a", 405, "invalid_request"},
		"fetch with more":            {"GET", "/federation/fetch?sub=a&iss=b", "", 400, "unsupported_parameter"},
		"a query too long":           {"GET", "/federation/fetch?sub=" + strings.Repeat("a", 9000), "", 400, "invalid_request"},
		"a broken query":             {"GET", "/federation/fetch?sub=%zz", "", 400, "invalid_request"},
		"list with a strange filter": {"GET", "/federation/list?colour=red", "", 400, "unsupported_parameter"},
		"list, neither true":         {"GET", "/federation/list?intermediate=perhaps", "", 400, "invalid_request"},
		"resolve without anchor":     {"GET", "/federation/resolve?sub=" + q(regionID), "", 400, "invalid_request"},
		"resolve to a stranger":      {"GET", "/federation/resolve?sub=" + q(regionID) + "&trust_anchor=" + q("https://x.test"), "", 404, "invalid_trust_anchor"},
		"resolve of a stranger":      {"GET", "/federation/resolve?sub=" + q("https://x.test") + "&trust_anchor=" + q(anchorID), "", 404, "invalid_subject"},
		"resolve of one withdrawn":   {"GET", "/federation/resolve?sub=" + q("https://gone.test") + "&trust_anchor=" + q(anchorID), "", 404, "invalid_subject"},
		"resolve of one silent":      {"GET", "/federation/resolve?sub=" + q("https://silent.test") + "&trust_anchor=" + q(anchorID), "", 503, "temporarily_unavailable"},
		"mark without type":          {"GET", "/federation/trust-mark?sub=" + q(hubID), "", 400, "invalid_request"},
		"mark of one withdrawn":      {"GET", "/federation/trust-mark?sub=" + q("https://gone.test") + "&trust_mark_type=" + q(markType("ncp")), "", 404, "not_found"},
		"mark it does not have":      {"GET", "/federation/trust-mark?sub=" + q(hubID) + "&trust_mark_type=" + q(markType("uhdas")), "", 404, "not_found"},
		"mark list without type":     {"GET", "/federation/trust-mark-list", "", 400, "invalid_request"},
		"status by GET":              {"GET", "/federation/trust-mark-status?trust_mark=a", "", 405, "invalid_request"},
		"status in the query":        {"POST", "/federation/trust-mark-status?trust_mark=a", "trust_mark=a", 400, "invalid_request"},
		"status of nothing":          {"POST", "/federation/trust-mark-status", "", 400, "invalid_request"},
		"status of no mark":          {"POST", "/federation/trust-mark-status", "trust_mark=a.b.c", 404, "not_found"},
		"status of a foreign mark":   {"POST", "/federation/trust-mark-status", "trust_mark=" + foreign, 404, "not_found"},
		"a form without end":         {"POST", "/federation/trust-mark-status", "trust_mark=" + strings.Repeat("a", 300<<10), 400, "invalid_request"},
		"configuration by POST":      {"POST", federation.WellKnown, "a=b", 405, "invalid_request"},
		"configuration with a query": {"GET", federation.WellKnown + "?a=b", "", 400, "unsupported_parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := w.called("x.test")
			r := ask(t, anchor, c.method, c.target, c.form)
			var got struct {
				Error       string `json:"error"`
				Description string `json:"error_description"`
			}
			if err := json.Unmarshal([]byte(text(t, r)), &got); err != nil {
				t.Fatal(err)
			}
			if r.StatusCode != c.status || got.Error != c.code || got.Description == "" {
				t.Errorf("%d %+v, want %d %s", r.StatusCode, got, c.status, c.code)
			}
			if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers: %v", r.Header)
			}
			if r.StatusCode == 405 && r.Header.Get("Allow") == "" {
				t.Error("no Allow")
			}
			if w.called("x.test") != before {
				t.Error("a stranger was called")
			}
		})
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anchor, reg := w.superior(anchorID, nil)
	for _, s := range []superior.Subordinate{
		{Entity: "https://a.test", Types: []string{federation.TypeGateway}, Country: "FR", Marks: fresh("ncp")},
		{Entity: "https://b.test", Types: []string{federation.TypeHDAB}, Country: "FR", HDABCode: "HDH", Marks: fresh("hdab")},
		{Entity: "https://c.test", Intermediate: true, Country: "BE"},
		{Entity: "https://d.test", Types: []string{federation.TypeGateway}, Country: "FI", Marks: fresh("ncp")},
		{Entity: "https://e.test", Types: []string{federation.TypeGateway}, Country: "SE", Marks: fresh("ncp")},
		{Entity: "https://f.test", MarksOnly: true, Marks: fresh("ncp")},
	} {
		w.enrol(reg, anchorID, s)
	}
	w.move(reg, "https://d.test", superior.Suspended)
	w.move(reg, "https://e.test", superior.Withdrawn)
	ncp := url.QueryEscape(markType("ncp"))
	for target, want := range map[string]string{
		"/federation/list":                                                            "a b c d",
		"/federation/list?entity_type=ehds_gateway":                                   "a d",
		"/federation/list?entity_type=ehds_gateway&entity_type=ehds_hdab":             "a b d",
		"/federation/list?entity_type=federation_entity":                              "a b c d",
		"/federation/list?entity_type=openid_provider":                                "",
		"/federation/list?intermediate=true":                                          "c",
		"/federation/list?intermediate=false":                                         "a b d",
		"/federation/list?trust_marked=true":                                          "a b",
		"/federation/list?trust_marked=false":                                         "a b c d",
		"/federation/list?trust_mark_type=" + ncp:                                     "a",
		"/federation/list?trust_mark_type=x":                                          "",
		"/federation/trust-mark-list?trust_mark_type=" + ncp:                          "a f",
		"/federation/trust-mark-list?trust_mark_type=" + ncp + "&sub=https://a.test":  "a",
		"/federation/trust-mark-list?trust_mark_type=" + ncp + "&sub=https://d.test":  "",
		"/federation/trust-mark-list?trust_mark_type=" + ncp + "&sub=https://zz.test": "",
	} {
		r := ask(t, anchor, "GET", target, "")
		var got []string
		if err := json.Unmarshal([]byte(text(t, r)), &got); err != nil || got == nil || r.StatusCode != 200 {
			t.Fatalf("%s: %d %v", target, r.StatusCode, err)
		}
		for i := range got {
			got[i] = strings.TrimSuffix(strings.TrimPrefix(got[i], "https://"), ".test")
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %q, want %q", target, s, want)
		}
	}
}

// TestMarkStatus: what the status endpoint says of every kind of mark.
func TestMarkStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anchor, reg := w.superior(anchorID, nil)
	hub := superior.Subordinate{Entity: hubID, Types: []string{federation.TypeGateway}, Country: "BE", Marks: fresh("ncp")}
	w.enrol(reg, anchorID, hub)
	r := ask(t, anchor, "GET", "/federation/trust-mark?sub="+hubID+"&trust_mark_type="+url.QueryEscape(markType("ncp")), "")
	mark := text(t, r)
	var m struct {
		Iat, Exp  int64
		Iss, Sub  string
		Delegated string `json:"delegation"`
	}
	claimsOf(t, mark, federation.TypMark, anchorID, &m)
	if m.Exp-m.Iat != 7*86400 || m.Sub != hubID || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Content-Type") != "application/trust-mark+jwt" {
		t.Errorf("%+v %v", m, r.Header)
	}
	status := func(token string) string {
		t.Helper()
		r := ask(t, anchor, "POST", "/federation/trust-mark-status", "trust_mark="+token)
		var c struct {
			Iss, Status string
			Iat         int64
			Mark        string `json:"trust_mark"`
		}
		claimsOf(t, text(t, r), federation.TypMarkStatus, anchorID, &c)
		if c.Iss != anchorID || c.Mark != token || c.Iat != w.clock.Unix() || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%+v %v", c, r.Header)
		}
		return c.Status
	}
	forged := func(key string, edit func(map[string]any)) string {
		c := map[string]any{"iss": anchorID, "sub": hubID, "trust_mark_type": markType("ncp"), "iat": w.clock.Unix(), "exp": w.clock.Unix() + 60}
		edit(c)
		return trusttest.Sign(t, trusttest.Key(key), federation.TypMark, c)
	}
	for name, c := range map[string][2]string{
		"good":                        {mark, "active"},
		"another's key in our name":   {forged(hubID, func(map[string]any) {}), "invalid"},
		"of more than seven days":     {forged(anchorID, func(c map[string]any) { c["exp"] = w.clock.Unix() + 8*86400 }), "invalid"},
		"a type it does not have":     {forged(anchorID, func(c map[string]any) { c["trust_mark_type"] = markType("uhdas") }), "revoked"},
		"of one not in the register":  {forged(anchorID, func(c map[string]any) { c["sub"] = "https://x.test" }), "revoked"},
		"made before it was enrolled": {forged(anchorID, func(c map[string]any) { c["iat"] = w.clock.Unix() - 100 }), "revoked"},
	} {
		if got := status(c[0]); got != c[1] {
			t.Errorf("%s: %s, want %s", name, got, c[1])
		}
	}
	w.move(reg, hubID, superior.Suspended)
	if got := status(mark); got != "suspended" {
		t.Errorf("suspended: %s", got)
	}
	w.move(reg, hubID, superior.Active)
	if got := status(mark); got != "active" {
		t.Errorf("resumed: %s", got)
	}
	w.clock.Advance(8 * 24 * time.Hour)
	if got := status(mark); got != "expired" {
		t.Errorf("a week later: %s", got)
	}
	w.move(reg, hubID, superior.Withdrawn)
	hub.Marks = fresh("ncp")
	w.enrol(reg, anchorID, hub)
	if got := status(mark); got != "revoked" {
		t.Errorf("a mark of before the withdrawal: %s", got)
	}
}

// TestResolveEndpoint: the answer holds by itself, of an anchor and of an intermediate.
func TestResolveEndpoint(t *testing.T) {
	t.Parallel()
	type answer struct {
		Iss, Sub string
		Iat, Exp int64
		Metadata map[string]json.RawMessage
		Chain    []string               `json:"trust_chain"`
		Marks    []federation.MarkEntry `json:"trust_marks"`
	}
	w, anchor, region, top, mid := three(t, regionID)
	target := func(sub string) string {
		return "/federation/resolve?sub=" + url.QueryEscape(sub) + "&trust_anchor=" + url.QueryEscape(anchorID)
	}
	get := func(s *superior.Superior, by, path string) (a answer) {
		t.Helper()
		r := ask(t, s, "GET", path, "")
		body := text(t, r)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/"+federation.TypResolved {
			t.Fatalf("%d %s", r.StatusCode, body)
		}
		claimsOf(t, body, federation.TypResolved, by, &a)
		return a
	}
	a := get(region, regionID, "/fed"+target(hubID))
	e, err := federation.VerifyChain(a.Chain, w.anchors(), w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if e.ID != hubID || a.Sub != hubID || a.Iss != regionID || len(a.Marks) != 1 || a.Exp > e.Expires.Unix() || a.Metadata["ehds_gateway"] == nil {
		t.Errorf("%+v", a)
	}
	if only := get(region, regionID, "/fed"+target(hubID)+"&entity_type=federation_entity"); len(only.Metadata) != 1 || only.Metadata["federation_entity"] == nil {
		t.Errorf("%v", only.Metadata)
	}
	if n := w.called("hub.test"); n != 1 {
		t.Errorf("%d fetches for two answers", n)
	}
	w.move(mid, hubID, superior.Suspended)
	if a := get(region, regionID, "/fed"+target(hubID)); len(a.Marks) != 0 {
		t.Error("the mark of a suspended hub is passed on")
	}
	w.clock.Advance(31 * time.Second)
	if a := get(anchor, anchorID, target(regionID)); len(a.Chain) != 3 {
		t.Errorf("%+v", a)
	}
	w.clock.Advance(31 * time.Second)
	if _, err := top.Change(regionID, func(s *superior.Subordinate) error {
		s.Keys = keysOf("another")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for path, code := range map[string]string{target(regionID): "invalid_trust_chain"} {
		if got := text(t, ask(t, anchor, "GET", path, "")); !strings.Contains(got, code) {
			t.Errorf("%s: %s", path, got)
		}
	}
	if _, err := top.Change(regionID, func(s *superior.Subordinate) error {
		s.Keys, s.Policy = keysOf(regionID), json.RawMessage(`{"federation_entity":{"organization_name":{"one_of":["x"]}}}`)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(31 * time.Second)
	if got := text(t, ask(t, anchor, "GET", target(regionID), "")); !strings.Contains(got, "invalid_metadata") {
		t.Error(got)
	}
}

func TestHistoricalEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	public, err := trusttest.Key("old").Public()
	if err != nil {
		t.Fatal(err)
	}
	past := []federation.HistoricalKey{{Key: public, IssuedAt: w.clock.Now().UTC().Add(-time.Hour), Expires: w.clock.Now().UTC()}}
	with := func(o *superior.Options) { o.Keys = &ring{name: o.Entity, past: past} }
	anchor, top := w.superior(anchorID, with)
	region, _ := w.superior(regionID, with, anchorID)
	w.enrol(top, anchorID, superior.Subordinate{Entity: regionID, Intermediate: true, Country: "BE"})
	h, err := federation.ParseHistorical(text(t, ask(t, anchor, "GET", "/federation/historical-keys", "")))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Verify(keysOf(anchorID)); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(past, h.Keys); diff != "" {
		t.Error(diff)
	}
	if h, err = federation.VerifyHistorical(text(t, ask(t, region, "GET", "/fed/federation/historical-keys", "")), w.anchors()); err != nil || h.Issuer != regionID {
		t.Errorf("an intermediate's list is not proved by itself: %v", err)
	}
	r := w.resolver(federation.Options{Anchors: w.anchors()})
	found, err := r.Discover(t.Context(), regionID)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := r.FetchHistorical(t.Context(), found, federation.TypeFederationEntity); err != nil || len(h.Keys) != 1 {
		t.Errorf("%v, %v", h, err)
	}
	w.move(top, regionID, superior.Withdrawn)
	w.clock.Advance(13 * time.Hour) // what was known about ourselves is over
	if _, err := federation.ParseHistorical(text(t, ask(t, region, "GET", "/fed/federation/historical-keys", ""))); err != nil {
		t.Errorf("without its superior: %v", err)
	}
}

// TestDamage: what cannot be read is an error for everybody who needs it, and is not told in detail.
func TestDamage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	reg, err := superior.OpenRegistry(dir, anchorID, nil, w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	anchor, _ := w.superior(anchorID, func(o *superior.Options) { o.Registry = reg })
	w.enrol(reg, anchorID, superior.Subordinate{Entity: hubID, Country: "BE"})
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[0], []byte(`{"version":1`), 0o600); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(5 * time.Second) // an edit in place shows in a list by then
	for _, target := range []string{
		"/federation/list", "/federation/fetch?sub=" + hubID, "/federation/trust-mark-list?trust_mark_type=x", federation.WellKnown,
		"/federation/resolve?trust_anchor=" + anchorID + "&sub=" + hubID, "/federation/trust-mark?trust_mark_type=x&sub=" + hubID,
	} {
		r := ask(t, anchor, "GET", target, "")
		if got := text(t, r); r.StatusCode != 500 || !strings.Contains(got, "server_error") || strings.Contains(got, dir) {
			t.Errorf("%s: %d %s", target, r.StatusCode, got)
		}
	}
}

// TestResolvingIsBounded: anybody may have subordinates resolved, each at the price of a fetch. Slow hosts do
// not pile up requests here.
func TestResolvingIsBounded(t *testing.T) {
	t.Parallel()
	const most = 16
	w := newWorld(t)
	anchor, top := w.superior(anchorID, nil)
	arrived, answer := make(chan string), make(chan struct{})
	target := func(i int) string {
		return "/federation/resolve?sub=" + url.QueryEscape(fmt.Sprintf("https://slow-%d.test", i)) + "&trust_anchor=" + url.QueryEscape(anchorID)
	}
	for i := range most + 1 {
		name := fmt.Sprintf("slow-%d.test", i)
		w.enrol(top, anchorID, superior.Subordinate{Entity: "https://" + name, Intermediate: true})
		w.host(name, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			arrived <- name
			<-answer
			rw.WriteHeader(http.StatusServiceUnavailable)
		}))
	}
	var done sync.WaitGroup
	for i := range most {
		done.Go(func() { ask(t, anchor, "GET", target(i), "") })
		<-arrived
	}
	last := make(chan *http.Response, 1)
	done.Go(func() { last <- ask(t, anchor, "GET", target(most), "") })
	select {
	case r := <-last:
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
			t.Errorf("one more: %d", r.StatusCode)
		}
	case <-arrived:
		t.Error("one more was fetched")
	}
	close(answer)
	done.Wait()
	go func() { <-arrived }()
	ask(t, anchor, "GET", target(most), "") // and a refusal for want of room is not kept
	if n := w.called(fmt.Sprintf("slow-%d.test", most)); n != 1 {
		t.Errorf("%d fetches once there is room", n)
	}
}
