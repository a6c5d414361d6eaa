package config

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const small = `version: 1
entity: https://ncp.fr.example
country: FR
development: true
trust: {anchors: [{entity: https://anchor.example, jwks: keys/anchor.json}]}
hdabs: [{id: hdh, code: HDH, name: {en: Health Data Hub}}]
central: {entity: https://centre.example}
log: {level: warn}
`

var cmpOptions = cmp.Options{cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })}

func parse(t *testing.T, src string, o Options) *Config {
	t.Helper()
	cfg, err := Parse("/etc/ehdsgw/ehdsgw.yaml", []byte(src), o)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return cfg
}

func TestPrecedence(t *testing.T) {
	env := []string{"EHDSGW_LOG_LEVEL=error", "EHDSGW_LOG_FORMAT=text", "HOME=/root", "EHDSGW_CONFIG=x"}
	ignore := []string{"EHDSGW_CONFIG"}
	for _, c := range []struct {
		name string
		o    Options
		want Log
	}{
		{"file over default", Options{}, Log{"warn", "json"}},
		{"environment over file", Options{Environ: env, IgnoreEnv: ignore}, Log{"error", "text"}},
		{"override over environment", Options{Environ: env, IgnoreEnv: ignore,
			Overrides: map[string]string{"log.level": "debug"}}, Log{"debug", "text"}},
		{"empty variable is not set", Options{Environ: []string{"EHDSGW_LOG_LEVEL="}}, Log{"warn", "json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parse(t, small, c.o).Log; got != c.want {
				t.Errorf("log = %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestOutside sets one value of every type from outside the file.
func TestOutside(t *testing.T) {
	got := parse(t, small, Options{
		Environ: []string{
			"EHDSGW_HDABS_0_NAME_PT_BR=Centro", "EHDSGW_HDABS_1_ID=two", "EHDSGW_HDABS_1_CODE=TWO",
			"EHDSGW_HDABS_1_NAME_EN=Two", "EHDSGW_TRUST_ALLOW_NETWORKS=10.0.0.0/8, fd00::/8",
			"EHDSGW_EXCHANGE_RETRY_GIVE_UP=100h", "EHDSGW_CATALOGUE_GUARD_MAX_REMOVED_SHARE=0.75",
			"EHDSGW_CATALOGUE_SOURCES_0_NAME=n", "EHDSGW_CATALOGUE_SOURCES_0_DRIVER=rdffile",
			"EHDSGW_CATALOGUE_SOURCES_0_LOCATION=cat",
			"EHDSGW_SERVICE_HOST=10.0.0.1", "EHDSGW_PORT_8443_TCP_ADDR=10.0.0.1", "EHDSGW_API_SERVICE_PORT=1",
		},
		Overrides: map[string]string{
			"exchange.max_message": "1MiB", "exchange.workers": "9", "development": "true",
			"display_name.en": "Contact point", "contacts": "a@b.example,c@d.example", "cache.url": "redis://r.example:6379",
			"data_dir": "/var/lib/ehdsgw",
		},
	})
	want := Default()
	want.Version, want.Entity, want.Country, want.Development = 1, "https://ncp.fr.example", "FR", true
	want.DataDir = "/var/lib/ehdsgw"
	want.DisplayName = map[string]string{"en": "Contact point"}
	want.Contacts = []string{"a@b.example", "c@d.example"}
	want.Trust.Anchors = []Anchor{{"https://anchor.example", "/etc/ehdsgw/keys/anchor.json"}}
	want.Trust.AllowNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	want.HDABs = []HDAB{
		{ID: "hdh", Code: "HDH", Name: map[string]string{"en": "Health Data Hub", "pt-br": "Centro"}},
		{ID: "two", Code: "TWO", Name: map[string]string{"en": "Two"}},
	}
	want.Catalogue.Guard.MaxRemovedShare = 0.75
	want.Catalogue.Sources = []Source{{Name: "n", Driver: "rdffile", Location: "/etc/ehdsgw/cat", Interval: 15 * time.Minute, Profile: "r8"}}
	want.Central.Entity = "https://centre.example"
	want.Exchange.Retry.GiveUp, want.Exchange.MaxMessage, want.Exchange.Workers = 100*time.Hour, MiB, 9
	want.Cache.URL = NewSecret("redis://r.example:6379")
	want.Log.Level = "warn"
	if diff := cmp.Diff(&want, got, cmpOptions); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestOutsideFindings(t *testing.T) {
	_, err := Parse("e.yaml", []byte(small), Options{
		Environ: []string{"EHDSGW_LOG_LEVLE=info", "EHDSGW_HDABS_01_ID=x", "EHDSGW_EXCHANGE_HOLD=soon"},
		Overrides: map[string]string{
			"log.level": "loud", "log.colour": "red", "hdabs[3].id": "x", "hdabs": "x", "exchange": "x",
			"..": "x", "log.level.x": "x", "display_name.en.x": "x", "country": "", "trust.anchors[0].jwks": "",
		},
	})
	want := `EHDSGW_LOG_LEVLE: unknown variable; the nearest known one is EHDSGW_LOG_LEVEL
EHDSGW_HDABS_01_ID: unknown variable; the nearest known one is EHDSGW_HDABS_0_ID
EHDSGW_EXCHANGE_HOLD exchange.hold: not a duration such as 5m, 30s or 24h
override: ".." is not a path such as log.level
override display_name.en.x: no key below "en"
override exchange: this key holds others; name one of them
override hdabs: this list holds keys; name an entry and a key, as in [0].id
override hdabs[3].id: no entry 3: the list has 1
override log.colour: unknown key; the nearest known key is "format"
override log.level.x: there is nothing below this key
override country: required
override trust.anchors[0].jwks: required
override log.level: "loud" is not one of debug, info, warn, error`
	if err == nil {
		t.Fatal("Parse accepted everything")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestOverrideMendsFile: what is wrong with a value that is not used is silent.
func TestOverrideMendsFile(t *testing.T) {
	src := strings.Replace(small, "level: warn", "level: 7", 1)
	if got := parse(t, src, Options{Overrides: map[string]string{"log.level": "info"}}).Log.Level; got != "info" {
		t.Errorf("level = %q", got)
	}
}

// TestRoundTripOfNames maps every variable's name to a path and back.
func TestRoundTripOfNames(t *testing.T) {
	names := envNames("EHDSGW", cmpType)
	if len(names) < 50 {
		t.Fatalf("only %d names", len(names))
	}
	seen := map[string]bool{}
	for _, name := range names {
		steps, ok := envSteps(strings.TrimPrefix(name, envPrefix), cmpType)
		path := pathOf(steps)
		if !ok || seen[path] {
			t.Errorf("%s means %q (%v), already used: %v", name, path, ok, seen[path])
		}
		seen[path] = true
		back, ok := parsePath(path)
		if !ok || pathOf(back) != path {
			t.Errorf("path %q reads back as %q", path, pathOf(back))
		}
	}
}

func TestSecretReferences(t *testing.T) {
	files := map[string]string{
		"/etc/ehdsgw/redis.url": "redis://:hunter2@r.example\r\n", "/run/s": "rediss://r.example",
		"/etc/ehdsgw/empty": "\n", "/etc/ehdsgw/big": strings.Repeat("x", maxSecretBytes+1),
	}
	o := Options{
		Environ: []string{"REDIS_URL=redis://env.example", "EMPTY="},
		ReadFile: func(name string) ([]byte, error) {
			if s, ok := files[name]; ok {
				return []byte(s), nil
			}
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
	}
	for _, c := range []struct{ name, value, want, finding string }{
		{"literal", "redis://l.example", "redis://l.example", ""},
		{"file beside the configuration", "file:redis.url", "redis://:hunter2@r.example", ""},
		{"absolute file", "file:/run/s", "rediss://r.example", ""},
		{"variable", "env:REDIS_URL", "redis://env.example", ""},
		{"variable not set", "env:OTHER", "", "cache.url: environment variable of the secret is not set"},
		{"variable empty", "env:EMPTY", "", "cache.url: environment variable of the secret is not set"},
		{"file missing", "file:nope", "", "cache.url: cannot read the secret: no such file"},
		{"file empty", "file:empty", "", "cache.url: file of the secret is empty"},
		{"file too large", "file:big", "", "cache.url: file of the secret is larger than 65536 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.Overrides = map[string]string{"cache.url": c.value}
			cfg, err := Parse("/etc/ehdsgw/ehdsgw.yaml", []byte(small), o)
			switch {
			case c.finding != "":
				if err == nil || err.Error() != "override "+c.finding {
					t.Errorf("error = %v, want %s", err, c.finding)
				}
			case err != nil:
				t.Error(err)
			case cfg.Cache.URL.Reveal() != c.want:
				t.Errorf("value = %q, want %q", cfg.Cache.URL.Reveal(), c.want)
			}
		})
	}
}

func TestLoadMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), Options{})
	var found Errors
	if !errors.Is(err, os.ErrNotExist) || errors.As(err, &found) {
		t.Errorf("error = %v, want one that wraps os.ErrNotExist", err)
	}
}
