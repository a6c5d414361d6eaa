package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var cmpType = reflect.TypeFor[Config]()

func TestSecretNeverPrints(t *testing.T) {
	cfg := Default()
	cfg.Cache.URL = NewSecret("hunter2")
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", cfg.Cache.URL, "config", cfg)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", cfg.Cache.URL, "config", cfg)
	text, _ := cfg.Cache.URL.MarshalText()
	outputs := map[string]string{
		"json": string(asJSON), "slog": log.String(), "text": string(text), "string": cfg.Cache.URL.String(),
		"pointer": fmt.Sprintf("%v", &cfg.Cache), "error": fmt.Errorf("x: %v", cfg.Cache).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		outputs[verb] = fmt.Sprintf(verb, cfg.Cache.URL) + fmt.Sprintf(verb, cfg)
	}
	for name, out := range outputs {
		if strings.Contains(out, "hunter2") || strings.Contains(out, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s shows the secret: %s", name, out)
		}
		if !strings.Contains(out, "[redacted]") {
			t.Errorf("%s does not say [redacted]: %s", name, out)
		}
	}
}

func TestByteSize(t *testing.T) {
	for _, c := range []struct {
		in   string
		want ByteSize
		ok   bool
	}{
		{"512MiB", 512 << 20, true}, {"2GiB", 2 << 30, true}, {"1kB", 1000, true}, {"100B", 100, true},
		{"0", 0, true}, {"0B", 0, true}, {"8388607TiB", 8388607 << 40, true},
		{"8388608TiB", 0, false}, {"512", 0, false}, {"", 0, false}, {"MiB", 0, false}, {"-1B", 0, false},
		{"1.5GiB", 0, false}, {"+1B", 0, false}, {"1 MiB", 0, false}, {"1mib", 0, false},
	} {
		got, err := ParseByteSize(c.in)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("ParseByteSize(%q) = %d, %v", c.in, got, err)
		}
		if err == nil {
			if back, err := ParseByteSize(got.String()); err != nil || back != got {
				t.Errorf("%d prints as %s, which reads as %d (%v)", got, got, back, err)
			}
		}
	}
}

func TestExamples(t *testing.T) {
	hubs := map[string]int{"minimal": 1, "full": 1, "three-hubs": 3}
	for name, want := range hubs {
		t.Run(name, func(t *testing.T) {
			cfg, err := Load(filepath.Join("examples", name+".yaml"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(cfg.HDABs) != want {
				t.Errorf("%d HDABs, want %d", len(cfg.HDABs), want)
			}
		})
	}
	files, _ := filepath.Glob("examples/*.yaml")
	if len(files) != len(hubs) {
		t.Errorf("examples are %v; name each in this test", files)
	}
}

// TestEveryKeyIsShown checks that the template and the full example name every
// key, and that the template explains each.
func TestEveryKeyIsShown(t *testing.T) {
	full, err := os.ReadFile("examples/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string][]byte{"template": Template(TemplateOptions{}), "full": full} {
		b := &builder{file: name, positions: map[string]position{}, bad: map[string]bool{}}
		cfg := Default()
		root := reflect.ValueOf(&cfg).Elem()
		body, ok := b.scan(src)
		if !ok {
			t.Fatalf("%s: %v", name, b.findings)
		}
		b.decode("", body, root, "")
		lines := strings.Split(string(src), "\n")
		for _, env := range envNames("EHDSGW", cmpType) {
			steps, _ := envSteps(strings.TrimPrefix(env, envPrefix), cmpType)
			for path := pathOf(steps); path != ""; path = parent(path) {
				if strings.HasPrefix(path, "hdabs[0].permits.") || (path == "hdabs[0].permits" && name == "template") {
					continue // the settings of permits, which are shown there
				}
				if key, ok := strings.CutPrefix(path, "hdabs[0].calendar"); ok && name == "template" {
					// What is not given is the capital's zone and the country's holidays: the entry is a comment.
					if !strings.Contains(string(src), "# calendar: {zone: ") || !strings.Contains(string(src), strings.TrimPrefix(key, ".")+": ") {
						t.Errorf("the template's comment does not show %s", path)
					}
					continue
				}
				if key, ok := strings.CutPrefix(path, "peers[0].recognition."); ok && name == "template" {
					if !strings.Contains(string(src), "#   recognition: {") || !strings.Contains(string(src), key+": manual") {
						t.Errorf("the template's comment does not show %s", path)
					}
					continue
				}
				p, shown := b.positions[path]
				if !shown && name == "template" && (strings.HasPrefix(path, "evidence.witnesses[") || strings.HasPrefix(path, "peers[") || strings.HasPrefix(path, "catalogue.sources[0].contexts[") ||
					strings.HasPrefix(path, "permits.dispatcher.systems[") || strings.HasPrefix(path, "permits.recipients[")) {
					// A witness nobody runs would alarm every new installation, a context that is not there is an
					// error, and a system nobody knows is none: the entry is a comment.
					if key := path[strings.LastIndex(path, "]")+1:]; !strings.Contains(string(src), "#   "+strings.TrimPrefix(key, ".")) &&
						!strings.Contains(string(src), "# - "+strings.TrimPrefix(key, ".")) {
						t.Errorf("the template's comment does not show %s", path)
					}
					continue
				}
				if !shown {
					t.Errorf("%s does not show %s", name, path)
					continue
				}
				isKey := !strings.HasSuffix(path, "]") && !strings.HasSuffix(path, ".en")
				if name == "template" && isKey && !strings.HasPrefix(strings.TrimSpace(lines[p.line-2]), "#") {
					t.Errorf("template line %d: %s has no comment above it", p.line, path)
				}
			}
		}
	}
}

// TestTemplateStatesDefaults loads the template and expects the defaults where
// there are any: the file teaches what happens without it.
func TestTemplateStatesDefaults(t *testing.T) {
	got, err := Parse("ehdsgw.yaml", Template(TemplateOptions{}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	for _, pair := range [][2]any{
		{want.DataDir, got.DataDir}, {want.Admin, got.Admin}, {want.Listen.Address, got.Listen.Address},
		{want.Trust.MarkRefresh, got.Trust.MarkRefresh}, {want.Trust.MarkGrace, got.Trust.MarkGrace},
		{want.Catalogue.Guard, got.Catalogue.Guard}, {want.Permits, got.Permits}, {want.Exchange, got.Exchange},
		{want.Cache, got.Cache}, {want.Storage, got.Storage}, {want.Log, got.Log}, {want.Central.Driver, got.Central.Driver},
		{want.Central.Profile, got.Central.Profile}, {defaultSource().Interval, got.Catalogue.Sources[0].Interval},
		{defaultSource().Profile, got.Catalogue.Sources[0].Profile},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("default and template differ:\n%s", diff)
		}
	}
}

func TestTemplateTakesValues(t *testing.T) {
	o := TemplateOptions{
		Entity: "https://ncp.pt.example", Country: "PT", Name: `A "quoted": name # @entity@ & é`, Contact: "a@b.example",
		Development: true, DataDir: "/d", Listen: "127.0.0.1:0", Admin: "127.0.0.1:1", CAFile: "/ca.pem",
		AllowNetworks: []string{"127.0.0.0/8", "::1/128"}, AnchorEntity: "http://127.0.0.1:9", AnchorJWKS: "/a.json",
		HDABs:  []HDAB{{ID: "a", Code: "A", Name: map[string]string{"en": "One", "pt": "Um"}, Agents: []string{"https://a.example/agent"}, Catalogues: []string{}, TrustedHolders: []string{}}, {ID: "b", Code: "B", Name: map[string]string{"en": "Two"}, Agents: []string{}}},
		Source: "https://catalogue.example/", DeskRules: "/rules.json", CentralEntity: "http://localhost:7", CacheURL: "redis://r:1",
	}
	cfg, err := Parse("/x/ehdsgw.yaml", Template(o), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := TemplateOptions{
		Entity: cfg.Entity, Country: cfg.Country, Name: cfg.DisplayName["en"], Contact: cfg.Contacts[0],
		Development: cfg.Development, DataDir: cfg.DataDir, Listen: cfg.Listen.Address, Admin: cfg.Admin.Address,
		CAFile: cfg.Trust.CAFile, AnchorEntity: cfg.Trust.Anchors[0].Entity, AnchorJWKS: cfg.Trust.Anchors[0].JWKS,
		HDABs: cfg.HDABs, Source: cfg.Catalogue.Sources[0].Location, DeskRules: cfg.Permits.Desk.Rules,
		CentralEntity: cfg.Central.Entity, CacheURL: cfg.Cache.URL.Reveal(),
	}
	for _, p := range cfg.Trust.AllowNetworks {
		got.AllowNetworks = append(got.AllowNetworks, p.String())
	}
	if diff := cmp.Diff(o, got); diff != "" {
		t.Errorf("options (-given +read):\n%s", diff)
	}
}

func TestCheckFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ehdsgw.yaml")
	if err := os.WriteFile(file, Template(TemplateOptions{}), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range CheckFiles(cfg) {
		got = append(got, strings.ReplaceAll(f.String(), dir, "DIR"))
	}
	want := []string{
		"DIR/tls/cert.pem listen.tls.cert: no such file",
		"DIR/tls/key.pem listen.tls.key: no such file",
		"DIR/anchor.jwks.json trust.anchors[0].jwks: no such file",
		"DIR/catalogue catalogue.sources[0].location: no such file",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	for _, d := range []string{"tls/cert.pem", "catalogue"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"tls/key.pem", "anchor.jwks.json"} {
		if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	left := CheckFiles(cfg)
	if len(left) != 1 || left[0].Message != "expected a file, found a directory" {
		t.Errorf("findings = %v", left)
	}
}
