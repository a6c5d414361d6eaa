package register

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func day(d int) time.Time { return time.Date(2027, 3, d, 12, 0, 0, 0, time.UTC) }

const hdab = "https://ncp.example/hdab/a"

// canaries are persons and their addresses, as the form below has them.
var canaries = []string{
	"Aino", "Virtanen", "Bo", "Åkerström", "aino.virtanen@uni.example", "bo@uni.example", "401234567", "40 123 45 67", "Salakuja 3",
	"Nadia", "Ionescu", "privat@home.example", "+358 40 765 4321", "Cara", "O’Neill",
}

// form names persons wherever it can.
func form(t *testing.T, applicant string) *ehds.ApplicationBody {
	t.Helper()
	b := ehds.ApplicationBody{
		ApplicationID: "A1", Kind: ehds.DataAccessApplication, Version: 1, Language: "en", Title: "Asthma, by Aino Virtanen (aino.virtanen@uni.example)",
		Datasets: []ehds.ApplicationDataset{{DatasetID: "ds:1", CatalogID: "cat", Country: "FR", Title: map[string]string{"en": "Stays", "fr": "Séjours"}}},
	}
	text := `{"section2": {"purposeForWhichDataWillBeUsed": [{"key": "e"}, {"key": "a"}, {"key": "zz"}]},
	"section3": {` + applicant + `, "contactPersonName": "Aino Virtanen", "contactPersonEmail": "aino.virtanen@uni.example",
	  "contactPersonPhone": {"number": "401234567", "countryCode": "358", "isoCode": "FI"}, "naturalPersonAddress": "Salakuja 3"},
	"section4": {"fullName": "Nadia Ionescu", "email": "privat@home.example"},
	"section8": {"peopleWhoWillBeProcessingTheData": [{"fullName": "Bo Åkerström", "emailAddress": "bo@uni.example"}]},
	"section9": {"newFieldWithContactPersonName": "Cara O’Neill"}}`
	if err := json.Unmarshal([]byte(text), &b.Form); err != nil {
		t.Fatal(err)
	}
	return &b
}

const legal = `"legalOrNaturalPerson": {"key": "a"}, "legalPersonName": "University of Somewhere", "legalPersonCountry": {"key": "FI"}`

// source is a case with everything: a refusal set aside, a grant, two versions of a permit, a result.
func source(t *testing.T) Source {
	key := ehds.Track{CatalogID: "cat", HDAB: hdab}
	grant := &ehds.PermitDetail{
		Purposes: []string{"e"}, Investigator: "Aino Virtanen", Persons: []ehds.PermitPerson{{Name: "Bo Åkerström"}},
		Granted: []ehds.GrantedDataset{{Holder: "Hospital", DatasetID: "ds:1"}},
	}
	return Source{
		Application: access.Application{
			ID: "A1", Kind: ehds.DataAccessApplication, Received: day(1),
			Tracks: []access.Track{{
				Key: key, Status: ehds.StateDecisionIssued,
				SetAside: []access.Decision{{ID: "D1", Outcome: ehds.Negative, Issued: day(2), Status: ehds.DecisionAppealApproved}},
				Decision: &access.Decision{ID: "D2", Outcome: ehds.Positive, Issued: day(5), Status: ehds.DecisionPositiveAccepted, Replaces: "D1", Grant: grant},
				Permits: []access.PermitVersion{
					{ID: "DP-FR-2027-0001-v1", DecisionID: "D2", Phase: ehds.PermitPhase{State: ehds.PermitGranted}, NotBefore: day(6), Expires: day(20), Ended: day(8), Superseded: true},
					{ID: "DP-FR-2027-0001-v2", DecisionID: "D2", Previous: "DP-FR-2027-0001-v1", Phase: ehds.PermitPhase{State: ehds.PermitRevoked}, NotBefore: day(8), Expires: day(20)},
				},
				History: []access.Step{
					{At: day(2), Axis: ehds.AxisApplication, From: "PROCESSING", To: "DECISION_ISSUED"},
					{At: day(4), Axis: ehds.AxisDecision, From: "NEGATIVE_DECISION_APPEALED", To: "APPEAL_APPROVED", Subject: "D1"},
					{At: day(6), Axis: ehds.AxisPermit, To: "GRANTED", Subject: "DP-FR-2027-0001-v1"},
					{At: day(8), Axis: ehds.AxisPermit, To: "AMENDED", Subject: "DP-FR-2027-0001-v2"},
					{At: day(9), Axis: ehds.AxisPermit, From: "AMENDED", To: "REVOKED", Subject: "DP-FR-2027-0001-v2"},
					{At: day(10), Axis: ehds.AxisDecision, Event: "decision-published", From: "X", To: "X", Subject: "D2"},
				},
			}},
		},
		Filing: form(t, legal),
		Cards: []ehds.DecisionBody{
			{DecisionID: "D1", Reasons: "Virtanen, Aino did not say why; ask at 040 123 45 67 or +358 40 765 4321.", Signatory: ehds.Signatory{Name: "Nadia Ionescu"}},
			{DecisionID: "D2", Reasons: "Fine.", Conditions: []string{"Bo Åkerström reports to bo@uni.example."}, RefusedDatasets: []ehds.RefusedDataset{{DatasetID: "ds:9", Reasons: "Not needed by aino VIRTANEN."}}},
		},
		Results: []ehds.ResultsBody{{ApplicationID: "A1", PermitID: "DP-FR-2027-0001-v2", Title: "Findings of Cara O’Neill", Summary: "Less asthma.", Published: "2027-03-15", URLs: []string{"https://x.example/r", "javascript:alert(1)"}}},
		Names:   map[string]map[string]string{hdab: {"en": "Body A"}},
		Now:     day(16),
	}
}

// shows R16.0.4
func TestProject(t *testing.T) {
	t.Parallel()
	user, body := &User{Name: "University of Somewhere", Country: "FI"}, &Body{Entity: hdab, Name: map[string]string{"en": "Body A"}}
	stays := map[string]string{"en": "Stays", "fr": "Séjours"}
	title := "Asthma, by […] ([…])"
	granted := []Dataset{{ID: "ds:1", Holder: "Hospital", Title: stays}}
	base := Entry{Application: "A1", ApplicationKind: ehds.DataAccessApplication, Title: title, User: user, Purposes: []string{"e", "a"}}
	of := func(change func(*Entry)) Entry { e := base; change(&e); return e }
	want := []Entry{
		of(func(e *Entry) {
			e.ID, e.Kind, e.Date, e.Updated, e.Status = "application:A1", KindApplication, day(1), day(2), "DECISION_ISSUED"
			e.Datasets = []Dataset{{ID: "ds:1", Title: stays}}
		}),
		of(func(e *Entry) {
			e.ID, e.Kind, e.Date, e.Updated, e.Status, e.Body = "decision:A1:D1", KindDecision, day(2), day(4), "APPEAL_APPROVED", body
			e.Decision, e.Outcome, e.Reasons = "D1", ehds.Negative, "[…] did not say why; ask at 0[…] or […]."
		}),
		of(func(e *Entry) {
			e.ID, e.Kind, e.Date, e.Updated, e.Status, e.Body = "decision:A1:D2", KindDecision, day(5), day(5), "POSITIVE_DECISION_ACCEPTED", body
			e.Decision, e.Outcome, e.Replaces, e.Reasons, e.Conditions = "D2", ehds.Positive, "D1", "Fine.", []string{"[…] reports to […]."}
			e.Purposes, e.Datasets = []string{"e"}, append(granted[:1:1], Dataset{ID: "ds:9", Refused: "Not needed by […]."})
		}),
		of(func(e *Entry) {
			e.ID, e.Kind, e.Date, e.Updated, e.Status, e.Body = "permit:A1:DP-FR-2027-0001-v1", KindPermit, day(6), day(8), StatusReplaced, body
			e.Decision, e.Permit, e.From, e.To, e.Purposes, e.Datasets = "D2", "DP-FR-2027-0001-v1", "2027-03-06", "2027-03-08", []string{"e"}, granted
			e.ReplacedBy = "DP-FR-2027-0001-v2"
		}),
		of(func(e *Entry) {
			e.ID, e.Kind, e.Date, e.Updated, e.Status, e.Body = "permit:A1:DP-FR-2027-0001-v2", KindPermit, day(8), day(9), "REVOKED", body
			e.Decision, e.Permit, e.Previous, e.From, e.To = "D2", "DP-FR-2027-0001-v2", "DP-FR-2027-0001-v1", "2027-03-08", "2027-03-20"
			e.Purposes, e.Datasets = []string{"e"}, granted
		}),
		of(func(e *Entry) {
			e.ID, e.Kind, e.Title, e.Summary, e.Permit = "result:A1:2027-03-15", KindResult, "Findings of […]", "Less asthma.", "DP-FR-2027-0001-v2"
			e.Date, e.Updated, e.URLs = time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC), []string{"https://x.example/r"}
		}),
	}
	if diff := cmp.Diff(want, Project(source(t))); diff != "" {
		t.Error(diff)
	}
}

// No byte of what is public names a person of the form or reaches one, in whatever form it is shown.
// shows R16.0.5
func TestNoPersonIsPublic(t *testing.T) {
	t.Parallel()
	for name, applicant := range map[string]string{
		"a legal person":              legal,
		"a natural person":            `"legalOrNaturalPerson": {"key": "b"}, "naturalPersonName": "Aino Virtanen", "legalPersonName": "Aino Virtanen"`,
		"a natural person as a firm":  `"legalOrNaturalPerson": {"key": "a"}, "legalPersonName": "Virtanen Aino"`,
		"neither":                     `"legalPersonName": "Bo"`,
		"a choice of an unknown form": `"legalOrNaturalPerson": "a", "legalPersonName": "Cara O’Neill"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := source(t)
			s.Filing = form(t, applicant)
			entries := Project(s)
			r := New()
			r.Put("app:A1", entries)
			raw, err := json.Marshal(r.Find(Query{}))
			if err != nil {
				t.Fatal(err)
			}
			feed, err := Feed(FeedHead{Base: "https://ncp.example/register"}, r.Find(Query{}))
			if err != nil {
				t.Fatal(err)
			}
			public := string(raw) + string(feed)
			for _, c := range canaries {
				if c == "Bo" {
					c = "Bo " // a syllable of other words
				}
				if strings.Contains(strings.ToLower(public), strings.ToLower(c)) {
					t.Errorf("%q is public", c)
				}
			}
			if natural := applicant != legal; entries[0].User.Natural != natural || natural && entries[0].User.Name != "" {
				t.Errorf("the user is %+v", entries[0].User)
			}
		})
	}
}

// The public sample of the form holds persons too.
func TestNoPersonOfTheSampleIsPublic(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("EHDSGW_SHARED")
	if dir == "" {
		dir = "../../../shared/data"
	}
	raw, err := os.ReadFile(filepath.Join(dir, "dispatcher", "application_metadata.json"))
	if err != nil {
		t.Skip("the public samples are not there: EHDSGW_SHARED names no folder and ../shared/data is absent")
	}
	b, err := gate.ReadMetadata(raw)
	if err != nil {
		t.Fatal(err)
	}
	entries := Project(Source{Filing: &b, Application: access.Application{ID: b.ApplicationID}, Cards: []ehds.DecisionBody{{}}})
	public, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	if u := entries[0].User; u == nil || u.Name != "Example Institute of Health" || u.Country != "FI" {
		t.Errorf("user %+v", u)
	}
	for _, c := range []string{"Test Applicant", "Test Analyst", "applicant@example.org", "analyst@example.org", "401234567"} {
		if strings.Contains(string(public), c) {
			t.Errorf("%q is public", c)
		}
	}
}

func TestErasedAndMeasures(t *testing.T) {
	t.Parallel()
	for _, e := range Project(source(t)) {
		left := Erased(e)
		want := Entry{ID: e.ID, Kind: e.Kind, Date: e.Date, Updated: e.Updated, Application: "A1", Decision: e.Decision, Permit: e.Permit, Erased: true}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Error(diff)
		}
	}
	m := Measure("enf:FR:7", ehds.EnforcementBody{ID: "7", Measure: "EXCLUSION_USER", Against: "USER", Subject: "Aino Virtanen", From: "2027-03-01", Reasons: "mail a@b.example"}, day(3))
	if raw, _ := json.Marshal(m); strings.Contains(string(raw), "Virtanen") || m.Reasons != "mail […]" || m.ID != "measure:enf:FR:7" {
		t.Errorf("%s", raw)
	}
	two := apart([]Entry{{ID: "x"}, {ID: "x"}, {ID: "y"}})
	if two[0].ID != "x" || two[1].ID != "x:2" || two[2].ID != "y" {
		t.Errorf("%+v", two)
	}
}

// Names are found however they are written, and common words stay.
func TestVeil(t *testing.T) {
	t.Parallel()
	v := veilOf(Source{Filing: form(t, legal)})
	v.name("Anna-Liisa Mäki-Virta")
	for in, want := range map[string]string{
		"Aino Virtanen's plan":               "[…]'s plan",
		"VIRTANEN, AINO":                     "[…]",
		"Dr. Virtanen’s and Virtanen-":       "Dr. […]’s and […]-",
		"aino  virtanen\nAino\u00a0Virtanen": "[…]\n[…]",
		"Cara O'Neill and O’Neill":           "[…] and O’[…]",
		"anna liisa mäki virta":              "[…]",
		"by Anna-Liisa Mäki-Virta.":          "by […].",
		"Virtanenkatu, virta, Ainola":        "Virtanenkatu, virta, Ainola", // other words
		"call 40/123-45.67 now":              "call […] now",
		"4012345678":                         "[…]8",
		"40123456 and 2027-03-01":            "40123456 and 2027-03-01",
		"at SALAKUJA 3, Helsinki":            "at […], Helsinki",
		"a.b+c@d.example, +358 (0)40 1234":   "[…], […]",
		"":                                   "",
	} {
		if got := v.text(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// A form with more persons than can be looked for shows no text at all.
func TestTooManyPersons(t *testing.T) {
	t.Parallel()
	s := source(t)
	for i := range maxPersons + 1 {
		s.Application.Tracks[0].Decision.Grant.Persons = append(s.Application.Tracks[0].Decision.Grant.Persons, ehds.PermitPerson{Name: fmt.Sprint("Person No", i)})
	}
	for _, e := range Project(s) {
		if e.Title != Removed || e.Reasons != "" && e.Reasons != Removed || e.User.Name != "University of Somewhere" {
			t.Errorf("%s: %q, %q", e.ID, e.Title, e.Reasons)
		}
	}
}

func FuzzVeil(f *testing.F) {
	f.Add("Aino Virtanen", "by aino  virtanen, VIRTANEN", `{"contactPersonName":"Bo","x":[{"phone":{"number":"12345"}}]}`)
	f.Add("a(b", "a(b)", `{"email":"[","address":"((("}`)
	f.Fuzz(func(t *testing.T, name, text, section string) {
		b := &ehds.ApplicationBody{Form: map[string]json.RawMessage{"section3": json.RawMessage(section)}}
		v := veilOf(Source{Filing: b})
		v.name(name)
		once := v.text(text)
		if again := v.text(once); again != once {
			t.Fatalf("%q, then %q", once, again)
		}
		_ = userOf(b, v)
	})
}
