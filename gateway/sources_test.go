package gateway

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
)

func TestSourceSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	token := file("token", "hush-hush\n", 0o600)
	login := file("login", `{"email": "a@b.example", "password": "hush-hush"}`, 0o400)
	context := file("context", `{"@context": {}}`, 0o644)
	for name, c := range map[string]struct {
		source config.Source
		want   builtin.CatalogueSettings
		err    string
	}{
		"plain": {
			config.Source{Location: "/srv", Format: "turtle", View: "dcat", DCATProfile: "p", PageLimit: 7},
			builtin.CatalogueSettings{Location: "/srv", Format: "turtle", View: "dcat", DCATProfile: "p", PageLimit: 7}, "",
		},
		"token":   {config.Source{TokenFile: token}, builtin.CatalogueSettings{Token: "hush-hush"}, ""},
		"login":   {config.Source{LoginFile: login}, builtin.CatalogueSettings{Login: []byte(`{"email": "a@b.example", "password": "hush-hush"}`)}, ""},
		"context": {config.Source{Contexts: []config.Context{{IRI: "https://c.example/", File: context}}}, builtin.CatalogueSettings{Contexts: map[string][]byte{"https://c.example/": []byte(`{"@context": {}}`)}}, ""},
		"token others may read": {
			config.Source{TokenFile: file("open", "hush-hush", 0o640)}, builtin.CatalogueSettings{}, "token_file: others may read it (mode 0640); run chmod 600 ",
		},
		"login others may read": {config.Source{LoginFile: file("open-login", "hush-hush", 0o604)}, builtin.CatalogueSettings{}, "login_file: others may read it (mode 0604)"},
		"no token":              {config.Source{TokenFile: filepath.Join(dir, "none")}, builtin.CatalogueSettings{}, "no such file"},
		"an empty token":        {config.Source{TokenFile: file("empty", " \n", 0o600)}, builtin.CatalogueSettings{}, "must hold one token"},
		"two tokens":            {config.Source{TokenFile: file("two", "hush-hush\nhush-hush", 0o600)}, builtin.CatalogueSettings{}, "must hold one token"},
		"a folder":              {config.Source{LoginFile: dir}, builtin.CatalogueSettings{}, "is not a file"},
		"too large":             {config.Source{LoginFile: file("large", strings.Repeat("x", maxCredentialFile+1), 0o600)}, builtin.CatalogueSettings{}, "is larger than 8192 bytes"},
		"no context":            {config.Source{Contexts: []config.Context{{IRI: "https://c.example/", File: filepath.Join(dir, "none")}}}, builtin.CatalogueSettings{}, "context https://c.example/"},
	} {
		got, err := SourceSettings(c.source)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%s: %v, want %q", name, err, c.err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(verb, got); strings.Contains(text, "hush") {
				t.Errorf("%s: %s shows %s", name, verb, text)
			}
		}
	}
}
