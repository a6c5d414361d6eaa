package gate

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// variant is a complete application under which a requirement applies.
func variant(t *testing.T, q requirement, kind ehds.ApplicationKind) ehds.ApplicationBody {
	b := completeAccess()
	if kind == ehds.DataRequestApplication {
		b = completeRequest()
		b = set(t, b, "section3", "legalOrNaturalPerson", map[string]any{"key": "a"})
		b = set(t, b, "section3", "legalPersonName", "O")
	}
	switch q.id {
	case "applicant-natural-name":
		b = set(t, b, "section3", "legalOrNaturalPerson", map[string]any{"key": "b"})
		b = set(t, b, "section3", "naturalPersonName", "N")
	case "public-period", "public-frequency":
		b = set(t, b, "section3", "applyingForDataOnBehalfOfPublicSector", map[string]any{"key": "a"})
		b = set(t, b, "section8", "frequencyOfAccessOrDataUpdates", "once")
	}
	return b
}

// without takes everything away that answers a requirement.
func without(t *testing.T, b ehds.ApplicationBody, q requirement) ehds.ApplicationBody {
	places := slices.Clone(q.also)
	for _, name := range q.fields {
		places = append(places, at(q.section, name))
	}
	for _, p := range places {
		name := "section0"
		for n, section := range sectionNames {
			if section == p.section {
				name = n
			}
		}
		if _, has := b.Form[name]; !has {
			continue
		}
		b = edit(t, b, name, func(v any) {
			entries, isList := v.([]any)
			if !isList {
				entries = []any{v}
			}
			for _, e := range entries {
				delete(e.(map[string]any), p.field)
			}
		})
	}
	return b
}

// Taking away what answers one requirement gives that requirement's finding and no other; so the table
// asks for nothing twice and for nothing that cannot be answered.
func TestEveryRequirementAlone(t *testing.T) {
	t.Parallel()
	o := Options{Today: testDay, EthicsRequired: true}
	for _, q := range requirements() {
		for _, kind := range anyKind {
			article := q.access
			if kind == ehds.DataRequestApplication {
				article = q.request
			}
			if article == "" {
				continue
			}
			t.Run(q.id+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				b := variant(t, q, kind)
				if got := Check(b, o); Judge(got) != Complete {
					t.Fatalf("not complete to begin with: %v", codes(got))
				}
				got := slices.DeleteFunc(Check(without(t, b, q), o), func(f Finding) bool { return !f.Completion })
				if len(got) == 0 {
					t.Fatal("nothing was found")
				}
				for _, f := range got {
					if f.Code != q.id || f.Article != article || f.Severity != Warning || f.Section != q.section || !slices.Contains(q.fields, f.Field) ||
						!strings.HasSuffix(f.Pointer, "/"+f.Field) || f.Mend == "" {
						t.Errorf("found %+v", f)
					}
				}
			})
		}
	}
}

// shows R7.5.1
func TestAskIsAnInformationRequest(t *testing.T) {
	t.Parallel()
	b := set(t, completeAccess(), "section5", "whyTheDataIsNeeded", "")
	b = edit(t, b, "section6", func(v any) {
		delete(v.([]any)[1].(map[string]any), "timePeriodOfDataExtraction")
		delete(v.([]any)[1].(map[string]any), "detailsOfHowTheStudyCohortHasBeenFormed")
	})
	b = set(t, b, "section99", "x", 1)
	want := []ehds.InfoSection{
		{Number: 5, Fields: map[string]string{"whyTheDataIsNeeded": "Art. 67(2)(c): explain in detail what the data are needed for"}},
		{Number: 6, Country: "FI", Fields: map[string]string{
			"inclusionCriteria":          "Art. 67(2)(d): give criteria, or describe the cohort",
			"timePeriodOfDataExtraction": "Art. 67(2)(d): give the first and the last day",
		}},
	}
	if d := cmp.Diff(want, Ask(Check(b, Options{Today: testDay}))); d != "" {
		t.Error(d)
	}
}

// Any JSON in the place of any field or section is read without a panic, and the same twice.
func TestAnyJSONIsExamined(t *testing.T) {
	t.Parallel()
	values := []string{`null`, `1`, `""`, `"x"`, `true`, `[]`, `{}`, `[1]`, `[null]`, `[[]]`, `[{}]`, `{"key":1}`,
		`[{"key":"zz"}]`, `[{"fullName":7}]`, `1e999`}
	b, n := completeAccess(), 0
	with := func(name, raw string) {
		for _, b.Kind = range anyKind {
			n++
			changed := b
			changed.Form = map[string]json.RawMessage{"section8": b.Form["section8"], name: json.RawMessage(raw)}
			Check(changed, Options{Today: testDay})
		}
	}
	for name, number := range sectionNames {
		for _, v := range values {
			with(name, v)
			for field := range release7[number] {
				with(name, `{"`+field+`":`+v+`}`)
			}
		}
	}
	for field := range release7Cohort {
		for _, v := range values {
			with("section6", `[{"`+field+`":`+v+`},{"country_id":`+v+`}]`)
		}
	}
	if n < 3000 {
		t.Errorf("only %d cases", n)
	}
}

// Findings repeat nothing of the form but in Seen, which stays with who asked.
func TestFindingsRepeatNoInput(t *testing.T) {
	t.Parallel()
	const canary = "CANARY"
	b := completeAccess()
	b.Language, b.Title = canary, canary
	b.Datasets = append(b.Datasets, ehds.ApplicationDataset{DatasetID: canary, Country: canary})
	for name := range b.Form {
		b = edit(t, b, name, func(v any) { spoil(v, canary) })
	}
	b.Form[canary] = json.RawMessage(`"` + canary + `"`)
	findings := Check(b, Options{Today: testDay})
	seen := 0
	for _, f := range findings {
		seen += len(f.Seen)
		f.Seen = nil
		if raw, _ := json.Marshal(f); strings.Contains(string(raw), canary) {
			t.Errorf("%s repeats input: %s", f.Code, raw)
		}
	}
	if len(findings) < 10 || seen < 5 {
		t.Errorf("only %d findings with %d names", len(findings), seen)
	}
	raw, err := json.Marshal(Ask(findings))
	if err != nil || strings.Contains(string(raw), canary) {
		t.Errorf("an information request repeats input: %s %v", raw, err)
	}
}

// spoil puts the canary into every value, and beside every member.
func spoil(v any, canary string) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if _, isText := e.(string); isText {
				v[k] = canary
			}
			spoil(e, canary)
		}
		v[canary] = canary
	case []any:
		for _, e := range v {
			spoil(e, canary)
		}
	}
}

func TestFindingsAreTheSameTwice(t *testing.T) {
	t.Parallel()
	b := completeAccess()
	b.Form["more"], b.Form["still"] = json.RawMessage(`1`), json.RawMessage(`2`)
	delete(b.Form, "section5")
	first := Check(b, Options{Today: testDay})
	for range 5 {
		if d := cmp.Diff(first, Check(b, Options{Today: testDay})); d != "" {
			t.Fatal(d)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, b := range []ehds.ApplicationBody{completeAccess(), completeRequest()} {
		raw, err := json.Marshal(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"application_type":"DATA_REQUEST_APPLICATION","form":{"section6":{"country_id":"france"}},"datasets":[{}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, _, err := ReadApplication(raw)
		if err != nil {
			return
		}
		findings := Check(b, Options{Today: testDay, EthicsRequired: true, Attachments: map[string]int64{"f": 1}})
		Ask(findings)
		for _, p := range findings {
			if !strings.HasPrefix(p.Pointer, "/") || p.Article == "" || p.Message == "" {
				t.Errorf("finding %+v", p)
			}
		}
	})
}
