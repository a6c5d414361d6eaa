package documents

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func made(t *testing.T) *Templates {
	t.Helper()
	tm, err := NewTemplates()
	if err != nil {
		t.Fatal(err)
	}
	return tm
}

// facts are those of a case, for each kind of document.
func facts(k Kind, language string) Facts {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err)
	}
	f := Facts{
		Kind: k, Language: language, Issued: time.Date(2027, 2, 28, 22, 30, 0, 0, time.UTC), Zone: helsinki,
		Body: Body{Name: "Terveysdatan käyttöluvat", Entity: "https://hub.fi.example/hdab/fi1"},
		Application: Application{
			ID: "5f1e2d3c4b5a69788796a5b4", Kind: ehds.DataAccessApplication, Title: "Asthma after moving house", Version: 2,
			Submitted: time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC), Datasets: []string{"Hospital stays 2015–2025", "Primary care visits"},
		},
	}
	card := ehds.DecisionBody{DecisionID: "D-2027-17", Outcome: ehds.Positive, Signatory: ehds.Signatory{Name: "Aino Virtanen", JobTitle: "Director"}}
	grant := ehds.PermitDetail{
		DecisionID: card.DecisionID,
		Data:       ehds.PermitData{Categories: []string{"EHRS", "MRMR"}, Format: "PSEUDONYMISED", Sources: []string{"Hospital register"}},
		Purposes:   []string{"a", "e.ii"}, OptOut: ehds.PermitOptOut{Until: "2027-02-28T22:30:00Z"}, Investigator: "Ada Example",
		Persons:  []ehds.PermitPerson{{Name: "Ada Example", Affiliation: "University of Somewhere"}, {Name: "Ben Beispiel"}},
		Duration: ehds.PermitDuration{From: "2027-04-01", To: "2029-03-31"}, SPE: ehds.PermitSPE{Operator: "Secure environment SE-1", Tools: []string{"R", "Python"}},
		Fees: &ehds.Fees{AmountCents: 120050, Currency: "EUR", Note: "extraction and use"}, Conditions: []string{"No linkage with other data."},
		Granted: []ehds.GrantedDataset{{Holder: "Hospital district", DatasetID: "ds:1"}, {DatasetID: "ds:2"}},
	}
	switch k {
	case Decision:
		f.Application.Kind, f.AnswerBy, f.Card = ehds.DataRequestApplication, "2027-03-29", &card
		card.Fees = &ehds.Fees{AmountCents: 9905, Currency: "EUR"}
	case PrePermit:
		card.Conditions, card.Replaces = []string{"Report every year."}, "D-2027-03"
		card.RefusedDatasets = []ehds.RefusedDataset{{DatasetID: "ds:3", Reasons: "Not needed for the purpose."}}
		f.AnswerBy, f.Card, f.Grant = "2027-03-29", &card, &grant
	case Permit:
		f.Grant = &grant
		f.Permit = &PermitFacts{
			ID: "DP-FI-2027-12345678-v2", Previous: "DP-FI-2027-12345678-v1", From: time.Date(2027, 3, 31, 21, 0, 0, 0, time.UTC),
			To: time.Date(2029, 3, 31, 21, 0, 0, 0, time.UTC), StatusList: "https://hub.fi.example/hdab/fi1/status/2027", StatusIndex: 4711,
		}
		f.Files = []File{{Name: "permit.jwt", MediaType: "application/ehds-permit+jwt", Signed: true, Content: []byte("eyJh.eyJi.c2ln")}}
	case Refusal:
		card.Outcome, card.Reasons = ehds.Negative, "The purpose is not among those of Art. 53(1).\nThe data asked for are not needed for it."
		f.Card = &card
		f.Files = []File{{Name: "decision.jwt", MediaType: "application/ehds-decision+jwt", Signed: true, Content: []byte("eyJk.eyJl.c2lh")}}
	case Appeal:
		f.Appeal = &AppealFacts{ID: "AP-9", DecisionID: card.DecisionID, Approved: true, Reasons: "The purpose is scientific research."}
	}
	return f
}

// The same facts give the same bytes, also when several are made at once.
func TestRenderIsDeterministic(t *testing.T) {
	t.Parallel()
	tm := made(t)
	first := map[Kind][]byte{}
	for _, k := range Kinds() {
		d, err := tm.Render(facts(k, "fr"))
		if err != nil {
			t.Fatal(err)
		}
		first[k] = d.Content
	}
	for i := range 3 {
		for k, want := range first {
			t.Run(fmt.Sprint(k, i), func(t *testing.T) {
				t.Parallel()
				d, err := tm.Render(facts(k, "fr"))
				if err != nil || !bytes.Equal(d.Content, want) {
					t.Errorf("another document, %v", err)
				}
			})
		}
	}
}

// A document says what is wrong with it.
func TestFindings(t *testing.T) {
	t.Parallel()
	tm := made(t)
	for name, c := range map[string]struct {
		change func(*Facts)
		want   []Finding
	}{
		"none":                {func(*Facts) {}, nil},
		"another language":    {func(f *Facts) { f.Language = "mt" }, []Finding{Language}},
		"a region":            {func(f *Facts) { f.Language = "fr-BE" }, nil},
		"ten thousand lines":  {func(f *Facts) { f.Card.Conditions = slices.Repeat([]string{"a condition"}, 10_000) }, []Finding{Shortened}},
		"one long condition":  {func(f *Facts) { f.Card.Conditions = []string{strings.Repeat("word ", 10_000)} }, []Finding{Shortened}},
		"a word without end":  {func(f *Facts) { f.Application.Title = strings.Repeat("W", 3000) }, nil},
		"a name we cannot":    {func(f *Facts) { f.Grant.Investigator = "李\u202eevil" }, []Finding{Replaced}},
		"ten thousand people": {func(f *Facts) { f.Grant.Persons = slices.Repeat(f.Grant.Persons, 5000) }, []Finding{Shortened}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := facts(PrePermit, "en")
			c.change(&f)
			d, err := tm.Render(f)
			if diff := cmp.Diff(c.want, d.Findings); diff != "" || err != nil {
				t.Error(diff, err)
			}
			if len(d.Content) > 1<<20 {
				t.Errorf("%d bytes", len(d.Content))
			}
		})
	}
}

func TestIncompleteFacts(t *testing.T) {
	t.Parallel()
	tm := made(t)
	for name, change := range map[string]func(*Facts){
		"unknown kind": func(f *Facts) { f.Kind = "letter" },
		"no decision":  func(f *Facts) { f.Card = nil },
		"no grant":     func(f *Facts) { f.Grant = nil },
		"no date":      func(f *Facts) { f.Issued = time.Time{} },
		"no permit":    func(f *Facts) { f.Kind = Permit },
		"no appeal":    func(f *Facts) { f.Kind = Appeal },
		"a path":       func(f *Facts) { f.Files = []File{{Name: "../x", MediaType: "text/plain"}} },
		"PDF syntax":   func(f *Facts) { f.Files = []File{{Name: "x)>>", MediaType: "text/plain"}} },
		"a media type": func(f *Facts) { f.Files = []File{{Name: "x", MediaType: "text plain >>"}} },
	} {
		f := facts(PrePermit, "en")
		change(&f)
		if d, err := tm.Render(f); err == nil || d.Content != nil {
			t.Errorf("%s: rendered", name)
		}
	}
}

// Every language has every text, and every field of a layout a label and, somewhere, a value.
func TestTemplatesAreWhole(t *testing.T) {
	t.Parallel()
	tm := made(t)
	keys := func(w words) map[string][]string {
		out := map[string][]string{}
		for name, m := range map[string]map[string]string{
			"titles": w.Titles, "intros": w.Intros, "texts": w.Texts, "headings": w.Headings, "labels": w.Labels, "values": w.Values, "purposes": w.Purposes,
		} {
			out[name] = slices.Sorted(maps.Keys(m))
			for key, text := range m {
				if tm.fonts.clean(text).text != text {
					t.Errorf("%s: %s %s cannot be printed as it is", w.Language, name, key)
				}
			}
		}
		return out
	}
	want := keys(tm.words[fallback])
	for l, w := range tm.words {
		if w.Language != l || len(w.Months) != 12 || len(w.Articles) != 3 || w.Page == "" || w.Date == "" {
			t.Errorf("%s is not whole", l)
		}
		if diff := cmp.Diff(want, keys(w)); diff != "" {
			t.Errorf("%s: %s", l, diff)
		}
	}
	en := tm.words[fallback]
	for _, k := range Kinds() {
		if en.Titles[string(k)] == "" || en.Intros[string(k)] == "" || len(tm.layout[k]) == 0 {
			t.Errorf("%s has no title, introduction or layout", k)
		}
		for _, b := range tm.layout[k] {
			if en.Headings[b.Heading] == "" {
				t.Errorf("%s: no heading %s", k, b.Heading)
			}
			for _, x := range b.Fields {
				if en.Labels[x.Field] == "" {
					t.Errorf("%s: no label %s", k, x.Field)
				}
			}
		}
	}
}

func TestDatesAndArticles(t *testing.T) {
	t.Parallel()
	tm := made(t)
	var got []string
	for _, l := range languages() {
		w := tm.words[l]
		got = append(got, w.fullDate("2028-02-29"), w.fullDate("2027-08-01"), w.article("68.10.a"), w.article("62.5"), w.article("60"))
	}
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "\u00a0", " ") // numbers stay with their words
	}
	want := []string{
		"29 February 2028", "1 August 2027", "Art. 68(10)(a)", "Art. 62(5)", "Art. 60",
		"29 février 2028", "1er août 2027", "art. 68, § 10, point a)", "art. 62, § 5", "art. 60",
		"29. helmikuuta 2028", "1. elokuuta 2027", "68 artiklan 10 kohdan a alakohta", "62 artiklan 5 kohta", "60 artikla",
		"29 februari 2028", "1 augusti 2027", "artikel 68.10 a", "artikel 62.5", "artikel 60",
		"29. Februar 2028", "1. August 2027", "Art. 68 Abs. 10 Buchst. a", "Art. 62 Abs. 5", "Art. 60",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if w := tm.words["en"]; w.fullDate("soon") != "soon" || w.article("") != "" || w.value("NEW") != "NEW" || purpose("z", w) != "z" || category("ZZZZ", w) != "ZZZZ" {
		t.Error("what is unknown is not shown as it is")
	}
	if got := fees(&ehds.Fees{AmountCents: -5, Currency: "EUR"}); !slices.Equal(got, []string{"EUR -0.05"}) {
		t.Errorf("fees %q", got)
	}
}

// layoutFields guards against a misspelt field, which would only ever be empty.
func TestLayoutFieldsHaveValues(t *testing.T) {
	t.Parallel()
	tm := made(t)
	for _, k := range Kinds() {
		f := facts(k, "en")
		if f.Card != nil {
			f.Card.RefusedDatasets = []ehds.RefusedDataset{{DatasetID: "x"}}
			f.Card.Reasons, f.Card.Replaces, f.Card.Conditions, f.Card.Fees = "r", "D-0", []string{"c"}, &ehds.Fees{Currency: "EUR"}
		}
		for _, b := range tm.layout[k] {
			for _, x := range b.Fields {
				if len(f.value(x.Field, tm.words["en"])) == 0 {
					text, _ := json.Marshal(x)
					t.Errorf("%s: %s is empty", k, text)
				}
			}
		}
	}
}
