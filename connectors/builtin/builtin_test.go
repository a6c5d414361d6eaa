package builtin_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/connectors/permits/rems"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func host() connectors.Host {
	return connectors.Host{
		Instance: "test", Mailbox: &connectortest.Mailbox{}, HTTP: &http.Client{}, Clock: time.Now,
		Rand: func([]byte) error { return nil }, Logger: slog.New(slog.DiscardHandler),
	}
}

// Every driver listed opens with settings that are fit for it, and says what is not.
func TestDriversOpen(t *testing.T) {
	d := builtin.Drivers()
	if len(d.Catalogue) != 6 || len(d.Permits) != 3 || len(d.Central) != 1 {
		t.Error("a driver was added: open it here")
	}
	for name, c := range map[string]struct {
		fit   []builtin.CatalogueSettings
		unfit map[string]builtin.CatalogueSettings // by what the error says
	}{
		"rdffile": {
			[]builtin.CatalogueSettings{{Location: t.TempDir()}, {Location: "https://a.example/x", Format: rdf.Turtle, Contexts: map[string][]byte{"https://c.example": nil}}},
			map[string]builtin.CatalogueSettings{
				"location": {}, "no such format": {Location: "x", Format: "word"}, "no use for view": {Location: "x", View: "dcat"},
				"no use for token_file": {Location: "x", Token: "secret"}, "no use for page_limit": {Location: "x", PageLimit: 1},
			},
		},
		"ckan": {
			[]builtin.CatalogueSettings{{Location: "https://ckan.example"}, {Location: "https://ckan.example", View: "dcat", DCATProfile: "p", Token: "secret", PageLimit: 9}, {Location: "https://ckan.example", View: "action"}},
			map[string]builtin.CatalogueSettings{"location": {Location: t.TempDir()}, "no such view": {Location: "https://ckan.example", View: "html"}, "no use for login_file": {Location: "https://ckan.example", Login: []byte("secret")}},
		},
		"fdp": {
			[]builtin.CatalogueSettings{{Location: "https://fdp.example"}, {Location: "https://fdp.example", Login: []byte(`{"email": "a@b.example", "password": "p"}`)}, {Location: "https://fdp.example", Token: "secret"}},
			map[string]builtin.CatalogueSettings{"location": {Location: t.TempDir()}, "a login is": {Location: "https://fdp.example", Login: []byte("secret")}, "no use for format": {Location: "https://fdp.example", Format: rdf.Turtle}},
		},
		"oaipmh": {
			[]builtin.CatalogueSettings{{Location: "https://r.example/oai?metadataPrefix=dcat_ap&set=health", Token: "secret"}},
			map[string]builtin.CatalogueSettings{"metadataPrefix": {Location: "https://r.example/oai"}, "no use for view": {Location: "https://r.example/oai?metadataPrefix=dcat_ap", View: "dcat"}},
		},
		"piveau": {
			[]builtin.CatalogueSettings{{Location: "https://hub.example"}, {Location: "https://hub.example", Token: "secret"}},
			map[string]builtin.CatalogueSettings{"location": {Location: t.TempDir()}, "no use for login_file": {Location: "https://hub.example", Login: []byte("secret")}},
		},
	} {
		for _, s := range c.fit {
			if driver, err := d.Catalogue[name](host(), s); err != nil || driver == nil {
				t.Errorf("%s with %+v: %v", name, s, err)
			}
		}
		for want, s := range c.unfit {
			if _, err := d.Catalogue[name](host(), s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, []byte(`{"keys": [{"name": "holder", "role": "publisher", "sha256": "`+strings.Repeat("0", 64)+`"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := d.Catalogue["ingest"](host(), builtin.CatalogueSettings{Location: keys}); err != nil || c == nil {
		t.Errorf("ingest: %v", err)
	}
	if _, err := d.Catalogue["ingest"](host(), builtin.CatalogueSettings{Location: keys + ".gone"}); err == nil {
		t.Error("ingest opens without keys")
	}
	rules := `{"version":1,"rules":[],"default":{"decide":"manual"},"body":{"id":"HDH","name":"Hub","signatory":{"name":"A","job_title":"B"}}}`
	if p, err := d.Permits["desk"](host(), builtin.PermitSettings{Rules: []byte(rules)}); err != nil || p == nil {
		t.Errorf("desk: %v", err)
	}
	if _, err := d.Permits["desk"](host(), builtin.PermitSettings{Rules: []byte(`{}`)}); err == nil {
		t.Error("the desk opens without rules")
	}
	one := dispatcher.Options{Country: "FR", Systems: []dispatcher.System{{Name: "national-daams", Rate: 20}}}
	if p, err := d.Permits["dispatcher"](host(), builtin.PermitSettings{Dispatcher: one}); err != nil || p == nil {
		t.Errorf("dispatcher: %v", err)
	}
	if _, err := d.Permits["dispatcher"](host(), builtin.PermitSettings{}); err == nil {
		t.Error("the dispatcher opens without a system")
	}
	mapping, err := rems.ParseMapping([]byte(`{"version": 1, "body": "B", "signatory": {"name": "A", "job_title": "B"}, "fields": [{"from": "form", "form": 1, "field": "f"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	fit := rems.Options{URL: "https://rems.example", APIKey: "secret", Owner: "o", Handler: "h", Mapping: mapping}
	if p, err := d.Permits["rems"](host(), builtin.PermitSettings{REMS: fit}); err != nil || p == nil {
		t.Errorf("rems: %v", err)
	}
	fit.URL = "http://rems.example"
	if _, err := d.Permits["rems"](host(), builtin.PermitSettings{REMS: fit}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("rems without TLS: %v", err)
	}
	if c, err := d.Central["https"](host(), builtin.CentralSettings{Timeout: time.Second}); err != nil || c == nil {
		t.Errorf("https: %v", err)
	}
}

func TestFindNamesWhatThereIs(t *testing.T) {
	family := map[string]int{"zeta": 2, "alpha": 1}
	if got, err := builtin.Find(family, "permits", "zeta"); err != nil || got != 2 {
		t.Errorf("%d, %v", got, err)
	}
	_, err := builtin.Find(family, "permits", "rems")
	if err == nil || !strings.Contains(err.Error(), `no permits driver "rems"; this program has: alpha, zeta`) {
		t.Errorf("%v", err)
	}
}
