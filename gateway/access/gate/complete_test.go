package gate

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// An application with gaps, an information request made of them, and the answers to it: complete.
// shows R7.5.2
func TestAskedAndAnswered(t *testing.T) {
	t.Parallel()
	whole := completeAccess()
	var entries []map[string]any
	if err := json.Unmarshal(whole.Form["section6"], &entries); err != nil {
		t.Fatal(err)
	}
	b := completeAccess()
	delete(b.Form, "section2")
	delete(b.Form, "section8")
	b.Form["section6"] = json.RawMessage(`[{"country_id":"FRANCE","catalog_ids":["c"]}]`)
	before, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Today: testDay}
	var answers []ehds.InfoAnswer
	asked := Ask(Check(b, o))
	for _, s := range asked {
		a := ehds.InfoAnswer{Number: s.Number, Country: s.Country, Fields: map[string]any{}}
		for name := range s.Fields {
			switch {
			case s.Number == 6 && s.Country == "FI":
				a.Fields = map[string]any{}
				for k, v := range entries[1] {
					if k != "country_id" {
						a.Fields[k] = v
					}
				}
			case s.Number == 6:
				a.Fields[name] = entries[0][name]
			default:
				var section map[string]any
				if err := json.Unmarshal(whole.Form["section"+string(rune('0'+s.Number))], &section); err != nil {
					t.Fatal(err)
				}
				a.Fields[name] = section[name]
			}
		}
		answers = append(answers, a)
	}
	answers = append(answers, ehds.InfoAnswer{Number: 11, Fields: map[string]any{"x": 1}}, ehds.InfoAnswer{Number: 8, Fields: map[string]any{
		"complyWithDataMinimisationPrinciple": "m", "legalBasisForProcessingPersonalData": []any{map[string]any{"key": "e"}}}})
	if len(asked) < 3 || Judge(Check(b, o)) != Incomplete {
		t.Fatalf("asked %+v", asked)
	}
	if got := Check(Completed(b, answers), o); Judge(got) != Complete {
		t.Errorf("still %v", found(got))
	}
	if after, _ := json.Marshal(b); string(after) != string(before) {
		t.Error("the application was changed")
	}
}

func TestAnswersByThemselves(t *testing.T) {
	t.Parallel()
	key := func(k string) any { return map[string]any{"key": k} }
	got := CheckAnswers(ehds.DataAccessApplication, []ehds.InfoAnswer{
		{Number: 5, Fields: map[string]any{"whyTheDataIsNeeded": "w", "formatOfTheElectronicHealthData": key("z")}},
		{Number: 6, Country: "FI", Fields: map[string]any{"inclusionCriteria": 7, "nobody": 1, "tabulationPlanArray": []any{map[string]any{"x": "y"}}}},
		{Number: 12, Fields: map[string]any{"x": 1}},
		{Number: 8, Fields: nil},
	})
	want := []where{
		{"choice-unknown", "/body/sections/0/fields/formatOfTheElectronicHealthData"},
		{"form-other-kind", "/body/sections/1/fields"}, {"field-unknown", "/body/sections/1/fields"},
		{"field-shape", "/body/sections/1/fields/inclusionCriteria"},
	}
	if !slices.Equal(found(got), want) {
		t.Errorf("got %v", found(got))
	}
	for _, f := range got {
		if f.Section == 6 && f.Country != "FI" {
			t.Errorf("%+v", f)
		}
	}
}

func TestCompletedOfOddForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form, section, want string
		a                   ehds.InfoAnswer
	}{
		"no form":                {`{}`, "section5", `{"x":1}`, ehds.InfoAnswer{Number: 5, Fields: map[string]any{"x": 1}}},
		"section of no shape":    {`{"section5":[]}`, "section5", `{"x":1}`, ehds.InfoAnswer{Number: 5, Fields: map[string]any{"x": 1}}},
		"section 6 as an object": {`{"section6":{"country_id":"france","y":2}}`, "section6", `[{"country_id":"france","x":1,"y":2}]`, ehds.InfoAnswer{Number: 6, Country: "FR", Fields: map[string]any{"x": 1}}},
		"a country that is new":  {`{"section6":[{"country_id":"FRANCE"}]}`, "section6", `[{"country_id":"FRANCE"},{"country_id":"SWEDEN","x":1}]`, ehds.InfoAnswer{Number: 6, Country: "SE", Fields: map[string]any{"x": 1}}},
		"no country, one part":   {`{"section6":[{"country_id":"FRANCE"}]}`, "section6", `[{"country_id":"FRANCE","x":1}]`, ehds.InfoAnswer{Number: 6, Fields: map[string]any{"x": 1}}},
		"no country":             {`{}`, "section6", `[{"x":1}]`, ehds.InfoAnswer{Number: 6, Fields: map[string]any{"x": 1}}},
	} {
		b := Completed(application(ehds.DataAccessApplication, c.form), []ehds.InfoAnswer{c.a})
		if got := string(b.Form[c.section]); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
