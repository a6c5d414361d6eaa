package rems_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/rems"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const mapping = `{"version": 1, "body": "NL-HDAB", "signatory": {"name": "A. Signer", "job_title": "Head"},
 "fields": [{"from": "case", "form": 5, "field": "case"}, {"from": "catalogue", "form": 5, "field": "catalogue"},
  {"from": "body", "form": 5, "field": "body"}, {"from": "version", "form": 5, "field": "version"}, {"from": "title", "form": 5, "field": "title"},
  {"from": "/section2/projectLeader", "form": 5, "field": "leader"}, {"from": "/section2/purposeForWhichDataWillBeUsed", "form": 5, "field": "purposes"},
  {"from": "/section6/0/inclusionCriteria", "form": 5, "field": "criteria"}],
 "attachments": {"form": 5, "field": "files"}, "licenses": [1, 7], "ask_field": "9.additionalInformation",
 "grant": {"fees": {"amount_cents": 5000, "currency": "EUR"}, "conditions": ["no linkage"], "categories": ["EHRS"]}}`

const form = `{"section2":{"projectLeader":"Prof. Example","purposeForWhichDataWillBeUsed":[{"key":"e","value":"Tieteellinen tutkimus"},{"key":"d"}]},
 "section5":{"formatOfTheElectronicHealthData":{"key":"b","value":"Pseudonymisoitu"}},
 "section6":[{"country_id":"NETHERLANDS","inclusionCriteria":"adults"}],
 "section8":{"nameWebsiteAddressForEnvironment":"SPE One","technicalRequirementsForEnvironment":"R, Python",
  "estimatedStartDatesForDataProcessing":"2027-02-01","estimatedEndDatesForDataProcessing":"2029-01-31",
  "optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"b","value":"Ei"},
  "peopleWhoWillBeProcessingTheData":[{"fullName":"Test Applicant","affiliation":"Institute"}]}}`

func submission(n int) connectors.Submission {
	id := fmt.Sprintf("6a70b4d104db074a00fd%04d", n)
	s := connectors.Submission{Ref: fmt.Sprintf("ref-%d", n), Case: "app:" + id,
		Track: ehds.Track{CatalogID: "cat-1", HDAB: "https://ncp.example/hdab/1"}, ReceivedAt: "2026-11-02T10:00:00Z",
		Application: ehds.ApplicationBody{ApplicationID: id, Kind: ehds.DataAccessApplication, Version: 1, Title: "T",
			Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "cat-1", Country: "NL", Publisher: "Example Hospital"},
				{DatasetID: "ds-elsewhere", CatalogID: "cat-9", Country: "FR"}}}}
	if err := json.Unmarshal([]byte(form), &s.Application.Form); err != nil {
		panic(err)
	}
	return s
}

const maxBody = 1 << 20

// options fit the double behind a wire.
func options(t testing.TB, w *connectortest.Wire) rems.Options {
	t.Helper()
	m, err := rems.ParseMapping([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	return rems.Options{URL: w.URL(), APIKey: remsKey, Owner: owner, Handler: handler, MaxBody: maxBody, Mapping: m, NotifySecret: "notify-hush"}
}

func open(t testing.TB, host connectors.Host, o rems.Options) *rems.Driver {
	t.Helper()
	d, err := rems.New(host, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// held are the applications that handlers of REMS see. What was filed again beyond its versions completed
// it.
func (d *double) held() []connectortest.Held {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []connectortest.Held
	for _, f := range d.apps {
		if f.submitted == nil {
			continue
		}
		filed := 0
		for _, e := range f.events {
			if e["event/type"] == "application.event/submitted" {
				filed++
			}
		}
		version, _ := strconv.Atoi(f.submitted["version"])
		files := strings.FieldsFunc(f.submitted["files"], func(r rune) bool { return r == ',' })
		out = append(out, connectortest.Held{Case: f.submitted["case"], Track: ehds.Track{CatalogID: f.submitted["catalogue"], HDAB: f.submitted["body"]},
			Version: version, Attachments: len(files), Information: filed - version, Withdrawn: f.state == "closed"})
	}
	return out
}

// remarks are those of an application that are about more than an answer.
func (d *double) remarks(caseID string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, f := range d.apps {
		for _, e := range f.events {
			text, _ := e["application/comment"].(string)
			if f.submitted["case"] == caseID && e["event/type"] == "application.event/remarked" && !strings.HasPrefix(text, "Answer of the applicant") {
				n++
			}
		}
	}
	return n
}

func system(t testing.TB) *connectortest.PermitsSystem {
	d := newDouble()
	w := connectortest.NewWire(t, d)
	return &connectortest.PermitsSystem{
		Wire: w, MaxBody: maxBody, Secrets: []string{remsKey, "notify-hush"}, Submission: submission,
		Open: func(t testing.TB, host connectors.Host) connectors.Permits { return open(t, host, options(t, w)) },
		Held: func(testing.TB, connectors.Permits) []connectortest.Held { return d.held() },
		Decide: func(t testing.TB, _ connectors.Permits, s connectors.Submission, o ehds.Outcome) {
			kind := map[ehds.Outcome]string{ehds.Positive: "approved", ehds.Negative: "rejected"}[o]
			if err := d.staff(s.Case, kind, "as assessed", nil); err != nil {
				t.Fatal(err)
			}
		},
		Told: func(_ testing.TB, _ connectors.Permits, s connectors.Submission) int { return d.remarks(s.Case) },
		Refuse: func(_ testing.TB, id string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.refused[id] = true
		},
	}
}

func TestContract(t *testing.T) {
	connectortest.RunPermits(t, connectortest.PermitsHarness{New: system})
}

// Many orders of errors and crashes, sized by EHDSGW_PROGRAMS.
func TestProgramREMSAccounts(t *testing.T) {
	n := map[string]int{"S": 5, "P": 200, "N": 5000}[os.Getenv("EHDSGW_PROGRAMS")]
	if n == 0 {
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	}
	connectortest.RunPermitsProgram(t, system, n)
}
