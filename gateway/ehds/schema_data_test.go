package ehds

import (
	"encoding/json"
	"slices"
	"testing"
)

// The values the schemas list are those of the tables.
func TestSchemasListTheStatesOfTheTables(t *testing.T) {
	var status struct {
		AllOf []struct {
			If struct {
				Properties struct {
					Axis struct{ Const Axis }
				}
			}
			Then struct {
				Properties struct {
					Status struct{ Enum []string }
				}
			}
		} `json:"allOf"`
	}
	raw, _ := Schema(ApplicationStatus)
	if err := json.Unmarshal(raw, &status); err != nil {
		t.Fatal(err)
	}
	want := map[Axis][]string{}
	for _, s := range ApplicationStates() {
		want[AxisApplication] = append(want[AxisApplication], string(s))
	}
	for _, s := range DecisionStates() {
		want[AxisDecision] = append(want[AxisDecision], string(s))
	}
	for _, s := range PermitStatusValues() {
		want[AxisPermit] = append(want[AxisPermit], string(s))
	}
	if len(status.AllOf) != len(want) {
		t.Fatalf("%d axes in the schema", len(status.AllOf))
	}
	for _, a := range status.AllOf {
		if axis := a.If.Properties.Axis.Const; !slices.Equal(a.Then.Properties.Status.Enum, want[axis]) {
			t.Errorf("%s: %v, want %v", axis, a.Then.Properties.Status.Enum, want[axis])
		}
	}
	var changed struct {
		Properties struct {
			Status struct{ Enum []string }
		}
	}
	raw, _ = Schema(PermitChanged)
	if err := json.Unmarshal(raw, &changed); err != nil || !slices.Equal(changed.Properties.Status.Enum, want[AxisPermit]) {
		t.Errorf("permit.changed: %v %v", changed.Properties.Status.Enum, err)
	}
}

// The application observed on the wire passes, form and all.
// shows R14.0.2
func TestTheObservedApplicationPasses(t *testing.T) {
	var meta struct {
		ID            string                     `json:"application_id"`
		Kind          ApplicationKind            `json:"application_type"`
		Title         string                     `json:"title"`
		DateSubmitted string                     `json:"dateSubmitted"`
		Form          map[string]json.RawMessage `json:"form"`
		Translations  map[string]json.RawMessage `json:"form_translations"`
		Datasets      []struct {
			DatasetID     string                `json:"dataset_id"`
			CatalogID     string                `json:"catalog_id"`
			Title         map[string]string     `json:"title"`
			Publisher     struct{ Name string } `json:"publisher"`
			HDAB          struct{ Name string } `json:"hdab"`
			CountryID     map[string]string     `json:"country"`
			Variables     []json.RawMessage     `json:"variables"`
			Distributions []json.RawMessage     `json:"distributions"`
		} `json:"datasets"`
	}
	if err := json.Unmarshal(sharedFile(t, "dispatcher", "application_metadata.json"), &meta); err != nil {
		t.Fatal(err)
	}
	body := ApplicationBody{ApplicationID: meta.ID, Kind: meta.Kind, Version: 2, Title: meta.Title, Language: "fi",
		DateSubmitted: meta.DateSubmitted, Form: meta.Form, FormTranslations: meta.Translations}
	for _, d := range meta.Datasets {
		country, ok := CountryByName(d.CountryID["country_id"])
		if !ok {
			t.Fatalf("country %q", d.CountryID)
		}
		body.Datasets = append(body.Datasets, ApplicationDataset{DatasetID: d.DatasetID, CatalogID: d.CatalogID, Title: d.Title,
			Country: country.Code, HDAB: d.HDAB.Name, Publisher: d.Publisher.Name, Variables: d.Variables, Distributions: d.Distributions})
	}
	for _, typ := range []MessageType{ApplicationSubmit, ApplicationAmended} {
		raw, _ := Schema(typ)
		if err := validate(t, compile(t, string(typ), raw), body); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
	}
}
