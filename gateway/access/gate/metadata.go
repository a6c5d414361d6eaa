package gate

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// errNoApplication refuses a document that is neither an application as the dispatcher shows it
// nor the body of application.submit.
var errNoApplication = errors.New("neither application_metadata.json nor the body of an application")

// metadata is application_metadata.json, as observed on a national dispatcher. It names no language, no
// version and no user.
type metadata struct {
	ID            string                     `json:"application_id"`
	Kind          ehds.ApplicationKind       `json:"application_type"`
	Title         string                     `json:"title"`
	Language      string                     `json:"language"` // in D6.4's tables, not seen on the wire
	Version       int                        `json:"version"`
	DateSubmitted string                     `json:"dateSubmitted"`
	User          string                     `json:"user"`
	Form          map[string]json.RawMessage `json:"form"`
	Translations  map[string]json.RawMessage `json:"form_translations"`
	Datasets      []struct {
		DatasetID string                `json:"dataset_id"`
		CatalogID string                `json:"catalog_id"`
		Title     map[string]string     `json:"title"`
		Publisher struct{ Name string } `json:"publisher"`
		HDAB      struct{ Name string } `json:"hdab"`
		Country   struct {
			ID string `json:"country_id"`
		} `json:"country"`
		Variables     []json.RawMessage `json:"variables"`
		Distributions []json.RawMessage `json:"distributions"`
	} `json:"datasets"`
}

// ReadMetadata reads application_metadata.json into the body of an application. A country that is not of
// the exchange keeps no code; a version that is not stated is 1. Both spellings of the data request's
// kind are read.
func ReadMetadata(raw []byte) (ehds.ApplicationBody, error) {
	var m metadata
	if err := json.Unmarshal(raw, &m); err != nil {
		return ehds.ApplicationBody{}, fmt.Errorf("application_metadata.json: %w", err)
	}
	if m.Kind == "" || m.Form == nil {
		return ehds.ApplicationBody{}, fmt.Errorf("%w: application_type or form is missing", errNoApplication)
	}
	b := ehds.ApplicationBody{ApplicationID: m.ID, Kind: kindSpelt(string(m.Kind)), Version: max(m.Version, 1), Title: m.Title, Language: m.Language,
		DateSubmitted: m.DateSubmitted, User: m.User, Form: m.Form, FormTranslations: m.Translations}
	for _, d := range m.Datasets {
		b.Datasets = append(b.Datasets, ehds.ApplicationDataset{DatasetID: d.DatasetID, CatalogID: d.CatalogID, Title: d.Title,
			Country: countryCode(d.Country.ID), HDAB: d.HDAB.Name, Publisher: d.Publisher.Name,
			Variables: d.Variables, Distributions: d.Distributions})
	}
	return b, nil
}

// kindSpelt reads the kinds as the wire, the dispatcher's list and D6.4 spell them.
func kindSpelt(s string) ehds.ApplicationKind {
	switch s {
	case "application", "DATA_ACCESS", string(ehds.DataAccessApplication):
		return ehds.DataAccessApplication
	case "request", "DATA_REQUEST", string(ehds.DataRequestApplication):
		return ehds.DataRequestApplication
	}
	return ehds.ApplicationKind(s)
}

// ReadApplication reads an application from either of its two documents.
func ReadApplication(raw []byte) (b ehds.ApplicationBody, wire bool, err error) {
	var probe struct {
		Kind *string         `json:"kind"`
		Type *string         `json:"application_type"`
		Form json.RawMessage `json:"form"`
	}
	switch err := json.Unmarshal(raw, &probe); {
	case err != nil:
		return b, false, fmt.Errorf("not JSON of an application: %w", err)
	case probe.Form == nil:
		return b, false, errNoApplication
	case probe.Type != nil:
		b, err = ReadMetadata(raw)
		return b, true, err
	case probe.Kind == nil:
		return b, false, errNoApplication
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return ehds.ApplicationBody{}, false, fmt.Errorf("the body of an application: %w", err)
	}
	return b, false, nil
}
