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
	if len(d.Catalogue) != 4 || len(d.Permits) != 1 || len(d.Central) != 1 {
		t.Error("a driver was added: open it here")
	}
	if c, err := d.Catalogue["rdffile"](host(), builtin.CatalogueSettings{Location: t.TempDir()}); err != nil || c == nil {
		t.Errorf("rdffile: %v", err)
	}
	if _, err := d.Catalogue["rdffile"](host(), builtin.CatalogueSettings{}); err == nil {
		t.Error("rdffile opens without a location")
	}
	for _, name := range []string{"fdp", "piveau"} {
		if c, err := d.Catalogue[name](host(), builtin.CatalogueSettings{Location: "https://source.example"}); err != nil || c == nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.Catalogue[name](host(), builtin.CatalogueSettings{Location: t.TempDir()}); err == nil {
			t.Errorf("%s opens a folder", name)
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
