package dispatcher

import (
	"encoding/json"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// metadata is application_metadata.json, with exactly the members that were observed. Those after the
// form are in TEHDAS2 D6.4's tables, not on the wire: they are written only when configured.
type metadata struct {
	ApplicationID    string                     `json:"application_id"`
	ApplicationType  ehds.ApplicationKind       `json:"application_type"`
	Title            string                     `json:"title"`
	DateSubmitted    string                     `json:"dateSubmitted"`
	Datasets         []metadataset              `json:"datasets"`
	Form             map[string]json.RawMessage `json:"form"`
	FormTranslations map[string]json.RawMessage `json:"form_translations"`
	User             string                     `json:"user,omitempty"`
	Language         string                     `json:"language,omitempty"`
}

type metadataset struct {
	DatasetID        string            `json:"dataset_id"`
	CatalogID        string            `json:"catalog_id,omitempty"`
	CatalogLanguages []string          `json:"catalog_languages"`
	Publisher        named             `json:"publisher"`
	Title            map[string]string `json:"title"`
	Country          struct {
		ID string `json:"country_id"` // upper-case English name
	} `json:"country"`
	HDAB          named             `json:"hdab"`
	Variables     []json.RawMessage `json:"variables"`
	Distributions []json.RawMessage `json:"distributions"`
	Provenance    json.RawMessage   `json:"provenance,omitempty"`
}

type named struct {
	Name string `json:"name"`
}

func (d *Driver) emits(member string) bool { return slices.Contains(d.o.Emit, member) }

// metadata writes an application as the dispatcher shows it.
func (d *Driver) metadata(a ehds.ApplicationBody) metadata {
	m := metadata{ApplicationID: a.ApplicationID, ApplicationType: a.Kind, Title: a.Title, DateSubmitted: detailTime(a.DateSubmitted),
		Datasets: []metadataset{}, Form: a.Form, FormTranslations: a.FormTranslations}
	for _, s := range a.Datasets {
		m.Datasets = append(m.Datasets, d.metadataset(s))
	}
	if m.Form == nil {
		m.Form = map[string]json.RawMessage{}
	}
	if m.FormTranslations == nil {
		m.FormTranslations = map[string]json.RawMessage{}
	}
	if d.emits(EmitUser) {
		m.User = a.User
	}
	if d.emits(EmitLanguage) {
		m.Language = a.Language
	}
	return m
}

func (d *Driver) metadataset(s ehds.ApplicationDataset) metadataset {
	out := metadataset{DatasetID: s.DatasetID, CatalogID: s.CatalogID, CatalogLanguages: s.CatalogLanguages,
		Publisher: named{s.Publisher}, Title: s.Title, HDAB: named{s.HDAB}}
	out.Country.ID = s.Country
	if c, ok := ehds.CountryByCode(s.Country); ok {
		out.Country.ID = c.Name
	}
	if out.CatalogLanguages == nil {
		out.CatalogLanguages = []string{}
	}
	if out.Title == nil {
		out.Title = map[string]string{}
	}
	out.Variables = only(s.Variables, nil, "titles")
	seen := []string{"distribution_id", "title"}
	if d.emits(EmitDateAdded) {
		seen = append(seen, "date_added")
	}
	out.Distributions = only(s.Distributions, []string{"title"}, seen...)
	if d.emits(EmitProvenance) {
		out.Provenance = s.Provenance
	}
	return out
}

// only keeps the observed members of each object of a list. Those in null are written as null when absent.
func only(list []json.RawMessage, null []string, members ...string) []json.RawMessage {
	out := []json.RawMessage{}
	for _, item := range list {
		var in map[string]json.RawMessage
		if json.Unmarshal(item, &in) != nil {
			continue // no object: nothing of it was ever observed
		}
		kept := map[string]json.RawMessage{}
		for _, m := range null {
			kept[m] = json.RawMessage("null")
		}
		for _, m := range members {
			if v, ok := in[m]; ok {
				kept[m] = v
			}
		}
		out = append(out, raw(kept))
	}
	return out
}
