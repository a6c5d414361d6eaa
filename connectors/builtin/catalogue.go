package builtin

import (
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/ckan"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/fdp"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/ingest"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/oaipmh"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/piveau"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/rdffile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// CatalogueSettings configure a catalogue driver. All but the location are optional; a driver refuses
// what it has no use for, because whoever sets it expects something of it.
type CatalogueSettings struct {
	Location    string            // path or URL; ingest: the file with the keys of those who push
	Format      rdf.Format        // of the documents
	Contexts    map[string][]byte // JSON-LD contexts by their IRI
	Token       string            // API token
	Login       []byte            // JSON object with email and password
	View        string            // ckan: dcat or action
	DCATProfile string            // ckan: the profile ckanext-dcat writes by
	PageLimit   int               // pages of a pass at most
}

// String names the location alone: the others may be secret.
func (s CatalogueSettings) String() string { return s.Location }

// GoString is String, so that no verb shows more.
func (s CatalogueSettings) GoString() string { return s.Location }

// only refuses settings that are none of those a driver takes. They are named as in the configuration.
func (s CatalogueSettings) only(driver string, takes ...string) error {
	for _, k := range []struct {
		name string
		set  bool
	}{
		{"format", s.Format != ""}, {"contexts", len(s.Contexts) > 0}, {"token_file", s.Token != ""}, {"login_file", len(s.Login) > 0},
		{"view", s.View != ""}, {"dcat_profile", s.DCATProfile != ""}, {"page_limit", s.PageLimit != 0},
	} {
		if k.set && !slices.Contains(takes, k.name) {
			return fmt.Errorf("the driver %s has no use for %s; leave it out", driver, k.name)
		}
	}
	return nil
}

func openRDFFile(h connectors.Host, s CatalogueSettings) (connectors.Catalogue, error) {
	if err := s.only("rdffile", "format", "contexts"); err != nil {
		return nil, err
	}
	return rdffile.New(rdffile.Options{Location: s.Location, Format: s.Format, Contexts: s.Contexts, HTTP: h.HTTP})
}

func openCKAN(h connectors.Host, s CatalogueSettings) (connectors.Catalogue, error) {
	if err := s.only("ckan", "format", "contexts", "token_file", "view", "dcat_profile", "page_limit"); err != nil {
		return nil, err
	}
	o := ckan.Options{
		Location: s.Location, HTTP: h.HTTP, View: ckan.View(s.View), Profile: s.DCATProfile,
		Format: s.Format, Contexts: s.Contexts, MaxPages: s.PageLimit,
	}
	if s.Token != "" {
		o.Credentials = origin.Static{Name: "Authorization", Value: s.Token}
	}
	return ckan.New(o)
}

func openFDP(h connectors.Host, s CatalogueSettings) (connectors.Catalogue, error) {
	if err := s.only("fdp", "token_file", "login_file"); err != nil {
		return nil, err
	}
	o := fdp.Options{Location: s.Location, HTTP: h.HTTP, Token: s.Token}
	if len(s.Login) > 0 {
		login, err := fdp.ParseLogin(s.Login)
		if err != nil {
			return nil, err
		}
		o.Login = login
	}
	return fdp.New(o)
}

func openOAIPMH(h connectors.Host, s CatalogueSettings) (connectors.Catalogue, error) {
	if err := s.only("oaipmh", "token_file"); err != nil {
		return nil, err
	}
	return oaipmh.New(oaipmh.Options{Location: s.Location, HTTP: h.HTTP, Token: s.Token})
}

func openPiveau(h connectors.Host, s CatalogueSettings) (connectors.Catalogue, error) {
	if err := s.only("piveau", "token_file"); err != nil {
		return nil, err
	}
	return piveau.New(piveau.Options{Location: s.Location, HTTP: h.HTTP, APIKey: s.Token})
}

func openIngest(h connectors.Host, s CatalogueSettings) (connectors.Catalogue, error) {
	if err := s.only("ingest"); err != nil {
		return nil, err
	}
	keys, err := ingest.ReadKeys(s.Location)
	if err != nil {
		return nil, err
	}
	return ingest.New(h, ingest.Options{Keys: keys})
}
