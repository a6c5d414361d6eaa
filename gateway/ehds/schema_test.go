package ehds

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compile(t *testing.T, name string, raw []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("urn:test:"+name, doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s, err := c.Compile("urn:test:" + name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, v any) error {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestEveryTypeHasASchemaAndEverySchemaAType(t *testing.T) {
	want := map[string]bool{"response.json": true, "receipt.json": true}
	for _, r := range TypeRules() {
		raw, ok := Schema(r.Type)
		if !ok {
			t.Errorf("%s has no schema", r.Type)
			continue
		}
		compile(t, string(r.Type), raw)
		want[string(r.Type)+".json"] = true
		if slices.Contains([]MessageType{CatalogueDigest, ApplicationForward, PermitQuery}, r.Type) { // their responses say more than the others
			want[string(r.Type.Response())+".json"] = true
		}
		if _, ok := Schema(r.Type.Response()); ok != r.Answered {
			t.Errorf("%s: schema of a response: %v, answered: %v", r.Type, ok, r.Answered)
		}
	}
	compile(t, "receipt", ReceiptSchema())
	files, err := os.ReadDir("schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !want[f.Name()] {
			t.Errorf("schema/%s belongs to no type", f.Name())
		}
	}
	if len(files) != len(want) {
		t.Errorf("%d files, want %d", len(files), len(want))
	}
	for _, bad := range []MessageType{"", "nope", "../schema/receipt", "receipt", "response", ".response", "dataset.create.response.response"} {
		if _, ok := Schema(bad); ok {
			t.Errorf("%q has a schema", bad)
		}
	}
}

const (
	someTime   = "2026-11-03T09:30:00.123Z"
	someDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	someApp    = "6a70b4d104db074a00fd9101"
)

func exampleApplication(version int) ApplicationBody {
	return ApplicationBody{
		ApplicationID: someApp, Kind: DataAccessApplication, Version: version, Title: "T", Language: "fi",
		DateSubmitted: "2026-09-14T08:12:45.120394871Z",
		Datasets:      []ApplicationDataset{{DatasetID: "3f8e2c71", Country: "FR", Title: map[string]string{"fr": "Séjours"}}},
		Form:          map[string]json.RawMessage{"section1": json.RawMessage(`{}`), "section6": json.RawMessage(`[{}]`)},
	}
}

func examples() map[MessageType]any {
	ack := AckBody{ApplicationID: someApp, StatusID: "SUBMITTED", Date: someTime}
	dataset := DatasetBody{Identifier: "https://example.org/ds/1", AccessRights: AccessNonPublic, Release: "r8",
		Record: RecordContent{"application/n-quads", "<a:b> <a:c> <a:d> .\n", someDigest}}
	idx := int64(7)
	return map[MessageType]any{
		DatasetCreate: dataset, DatasetUpdate: dataset,
		DatasetDelete:     DatasetDeleteBody{Identifier: "ds-1", LastDigest: someDigest},
		ApplicationSubmit: exampleApplication(1), ApplicationAmended: exampleApplication(2),
		ApplicationWithdraw: WithdrawBody{ApplicationID: someApp, Date: someTime},
		ApplicationAck:      ack, ApplicationInfoAck: ack, DecisionAck: ack, AppealAck: ack,
		ApplicationStatus: StatusBody{ApplicationID: someApp, Axis: AxisApplication, Status: "PROCESSING", Date: someTime},
		ApplicationInfoRequest: InfoRequestBody{ApplicationID: someApp, Status: StateAwaitingInformation, Date: someTime,
			Sections: []InfoSection{{Number: 6, Country: "FR", Fields: map[string]string{"sizeOfTheStudyCohort": "why"}}}},
		ApplicationInfo: InfoBody{ApplicationID: someApp, Version: 1, RespondedAt: someTime,
			Sections: []InfoAnswer{{Number: 2, Fields: map[string]any{"projectName": "x"}}}},
		ApplicationExtension: ExtensionBody{someApp, someTime, someTime, "complex"},
		ApplicationDecision: DecisionBody{ApplicationID: someApp, DecisionID: "D-1", Outcome: Positive, Timestamp: someTime,
			Signatory: Signatory{"N", "J"}, Fees: &Fees{AmountCents: 100, Currency: "EUR"}},
		DecisionAnswer: DecisionAnswerBody{someApp, "D-1", AnswerAccept, someTime},
		PermitIssued: PermitIssuedBody{someApp, "D-1", "DP-NL-2025-0001-v1", "eyJh.eyJi.c2ln",
			"https://hdab.example/status/2025", 3, someTime, someTime},
		PermitChanged: PermitChangedBody{ApplicationID: someApp, PermitID: "DP-NL-2025-0001-v2", Previous: "DP-NL-2025-0001-v1",
			Status: PermitStatusAmended, Date: someTime, Permit: "eyJh.eyJi.c2ln", StatusList: "https://hdab.example/s", StatusIndex: &idx},
		AppealSubmit:   AppealBody{ApplicationID: someApp, DecisionID: "D-1", AppealID: "A-1", Text: "because", Date: someTime},
		ReportBiennial: ReportBody{PeriodFrom: "2029-01-01", PeriodTo: "2030-12-31", Language: "en", Title: "R", URL: "https://example.org/r"},
		ResultsRecord:  ResultsBody{ApplicationID: someApp, Title: "R", Summary: "S", Published: "2028-01-02", URLs: []string{"https://example.org/p"}},
		EnforcementRecord: EnforcementBody{ID: "E-1", Measure: MeasureExclusionUser, Against: "USER", Subject: "s",
			From: "2029-01-01", To: "2031-01-01", Reasons: "r"},
		ExchangeVoid:    VoidBody{Seq: 4, Reason: "given up"},
		CatalogueDigest: CatalogueDigestBody{Scheme: DigestSchemeRadix16, Count: 2, Root: someDigest, Ask: []string{"", "0f"}},
		ApplicationShared: SharedBody{ApplicationID: someApp, Date: someTime, Note: "see the attachment", Decision: &DecisionBody{
			ApplicationID: someApp, DecisionID: "D-1", Outcome: Negative, Timestamp: someTime, Signatory: Signatory{"N", "J"}, Reasons: "r"}},
		PermitQuery: PermitQueryBody{ApplicationID: someApp},
		PermitChangeRequest: PermitChangeRequestBody{ApplicationID: someApp, RequestID: "R-1", PermitID: "DP-NL-2025-0001-v1", Kind: ChangeAmendment,
			Text: "one more person", Date: someTime},
		ApplicationForward: ForwardBody{NationalID: "2026/12", Kind: DataAccessApplication, Title: "T", Language: "fi", DateSubmitted: someTime,
			Datasets: exampleApplication(1).Datasets, Form: exampleApplication(1).Form},
	}
}

// shows R14.0.2
func TestExamplesPassAndEveryRequiredMemberIsRequired(t *testing.T) {
	all := examples()
	for _, r := range TypeRules() {
		t.Run(string(r.Type), func(t *testing.T) {
			ex, ok := all[r.Type]
			if !ok {
				t.Fatal("no example")
			}
			raw, _ := Schema(r.Type)
			s := compile(t, string(r.Type), raw)
			if err := validate(t, s, ex); err != nil {
				t.Fatalf("the example fails: %v", err)
			}
			m := asMap(t, ex)
			m["unknown_member"] = map[string]any{"kept": true}
			if err := validate(t, s, m); err != nil {
				t.Errorf("an unknown member is refused: %v", err)
			}
			var head struct {
				Required []string `json:"required"`
			}
			if err := json.Unmarshal(raw, &head); err != nil || len(head.Required) == 0 {
				t.Fatalf("nothing is required: %v", err)
			}
			for _, name := range head.Required {
				without, wrong := asMap(t, ex), asMap(t, ex)
				delete(without, name)
				if validate(t, s, without) == nil {
					t.Errorf("passes without %s", name)
				}
				wrong[name] = nil
				if validate(t, s, wrong) == nil {
					t.Errorf("passes with null as %s", name)
				}
			}
		})
	}
}

func asMap(t *testing.T, v any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// shows R15.1.1-4
func TestSchemasRefuse(t *testing.T) {
	set := func(path string, v any) func(map[string]any) {
		return func(m map[string]any) {
			keys := strings.Split(path, ".")
			for _, k := range keys[:len(keys)-1] {
				switch x := m[k].(type) {
				case map[string]any:
					m = x
				case []any:
					m = x[0].(map[string]any)
				}
			}
			m[keys[len(keys)-1]] = v
		}
	}
	for _, c := range []struct {
		name string
		typ  MessageType
		edit func(map[string]any)
	}{
		{"digest of another form", DatasetCreate, set("record.digest", strings.ToUpper(someDigest))},
		{"another media type", DatasetCreate, set("record.media_type", "text/turtle")},
		{"unknown access right", DatasetUpdate, set("access_rights", "OPEN")},
		{"control character in identifier", DatasetDelete, set("identifier", "a\nb")},
		{"no datasets", ApplicationSubmit, set("datasets", []any{})},
		{"version zero", ApplicationSubmit, set("version", 0)},
		{"version as text", ApplicationSubmit, set("version", "1")},
		{"first version amended", ApplicationAmended, set("version", 1)},
		{"date not RFC 3339", ApplicationSubmit, set("dateSubmitted", "14:09:2026")},
		{"date without zone", ApplicationSubmit, set("dateSubmitted", "2026-09-14T08:12:45")},
		{"impossible date", ApplicationSubmit, set("dateSubmitted", "2026-13-41T08:12:45Z")},
		{"country by name", ApplicationSubmit, set("datasets.country", "FRANCE")},
		{"section as text", ApplicationSubmit, set("form.section2", "x")},
		{"title too long", ApplicationSubmit, set("title", strings.Repeat("x", 2001))},
		{"application id with slash", ApplicationAck, set("application_id", "a/b")},
		{"status of another axis", ApplicationStatus, set("status", "GRANTED")},
		{"unknown axis", ApplicationStatus, set("axis", "transport")},
		{"info request for section 11", ApplicationInfoRequest, set("sections.number", 11)},
		{"info request for nothing", ApplicationInfoRequest, set("sections.fields", map[string]any{})},
		{"extension without reasons", ApplicationExtension, set("reasons", "")},
		{"outcome in capitals", ApplicationDecision, set("outcome", "POSITIVE")},
		{"negative fee", ApplicationDecision, set("fees.amount_cents", -1)},
		{"fee with fractions", ApplicationDecision, set("fees.amount_cents", 0.5)},
		{"unknown answer", DecisionAnswer, set("answer", "MAYBE")},
		{"permit id of another form", PermitIssued, set("permit_id", "NL-1")},
		{"permit not compact", PermitIssued, set("permit", `{"payload":""}`)},
		{"negative index", PermitIssued, set("status_index", -1)},
		{"new version without its index", PermitChanged, func(m map[string]any) { delete(m, "status_index") }},
		{"appeal without text", AppealSubmit, set("text", "")},
		{"report without report", ReportBiennial, func(m map[string]any) { delete(m, "url") }},
		{"results under a script address", ResultsRecord, set("urls", []any{"javascript:alert(1)"})},
		{"exclusion without an end", EnforcementRecord, func(m map[string]any) { delete(m, "to") }},
		{"user's measure against a holder", EnforcementRecord, set("against", "HOLDER")},
		{"void of number zero", ExchangeVoid, set("seq", 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, _ := Schema(c.typ)
			s := compile(t, string(c.typ), raw)
			m := asMap(t, examples()[c.typ])
			c.edit(m)
			if validate(t, s, m) == nil {
				t.Error("passes")
			}
		})
	}
}

func TestResponseAndReceiptSchemas(t *testing.T) {
	raw, _ := Schema(DatasetCreate.Response())
	response, receipt := compile(t, "response", raw), compile(t, "receipt", ReceiptSchema())
	good := Receipt{Iss: "https://a.example", Aud: "https://b.example", Iat: 1, Ref: "0190", TokenSHA256: someDigest[7:],
		ReceivedAt: someTime, Status: Received, Attachments: []ReceiptAttachment{{"a", someDigest[7:], 3}},
		Evidence: &ReceiptEvidence{"AAAAAAAAAAAAAAAAAAAAAA==", "ehds-leaf/v1\nmessage\nAAA=\n", "c2sp.org/tlog-proof@v1\n"}}
	rejected := good
	rejected.Status = Rejected
	explained := rejected
	explained.Problem = json.RawMessage(`{"type":"urn:x","title":"t","status":409,"code":"jti-conflict"}`)
	finding := []Finding{{"/body", "schema", "violation", "m"}}
	raw, _ = Schema(CatalogueDigest.Response())
	digest := compile(t, "digest", raw)
	shown := func(nodes ...CatalogueDigestNode) CatalogueDigestResponse {
		return CatalogueDigestResponse{ResponseBody{Result: Validated}, &CatalogueDigestAnswer{DigestSchemeRadix16, 1, someDigest, append([]CatalogueDigestNode{}, nodes...)}}
	}
	for _, c := range []struct {
		name string
		s    *jsonschema.Schema
		v    any
		ok   bool
	}{
		{"receipt", receipt, good, true},
		{"rejected without problem", receipt, rejected, false},
		{"rejected with problem", receipt, explained, true},
		{"validated", response, ResponseBody{Result: Validated, CentralID: "c-1"}, true},
		{"not validated with findings", response, ResponseBody{Result: NotValidated, Findings: finding}, true},
		{"not validated without findings", response, ResponseBody{Result: NotValidated}, false},
		{"another result", response, ResponseBody{Result: "OK"}, false},
		{"digest: equal", digest, shown(), true},
		{"digest: entries", digest, shown(CatalogueDigestNode{"0f", 1, someDigest, nil, []CatalogueDigestEntry{{"a", someDigest}}}), true},
		{"digest: too few children", digest, shown(CatalogueDigestNode{"0f", 1, someDigest, make([]CatalogueDigestChild, 15), nil}), false},
		{"digest: a prefix in capitals", digest, shown(CatalogueDigestNode{"0F", 1, someDigest, nil, nil}), false},
		{"digest: validated and nothing shown", digest, ResponseBody{Result: Validated}, false},
		{"digest: not validated", digest, ResponseBody{Result: NotValidated, Findings: finding}, true},
		{"unknown severity", response, ResponseBody{Result: Validated, Findings: []Finding{{"", "c", "fatal", "m"}}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := validate(t, c.s, c.v); (err == nil) != c.ok {
				t.Errorf("passes: %v, want %v (%v)", err == nil, c.ok, err)
			}
		})
	}
}
