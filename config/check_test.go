package config

import (
	"strings"
	"testing"
)

// TestRulesThatDependOnOthers holds values that one setting allows and another
// refuses; findings with a fixed text are in testdata.
func TestRulesThatDependOnOthers(t *testing.T) {
	tls := map[string]string{"listen.tls.cert": "c.pem", "listen.tls.key": "k.pem"}
	for _, c := range []struct {
		name      string
		overrides map[string]string
		refused   string // path of the only finding; empty: accepted
	}{
		{"http on loopback in development", map[string]string{"central.entity": "http://127.0.0.1:8080"}, ""},
		{"http on IPv6 loopback in development", map[string]string{"central.entity": "http://[::1]:8080"}, ""},
		{"http elsewhere in development", map[string]string{"central.entity": "http://centre.example"}, "central.entity"},
		{"http on a lookalike of loopback", map[string]string{"central.entity": "http://127.0.0.1.example"}, "central.entity"},
		{"http on loopback outside development",
			with(tls, "development", "false", "central.entity", "http://127.0.0.1:8080"), "central.entity"},
		{"no TLS outside development", map[string]string{"development": "false"}, "listen.tls"},
		{"TLS outside development", with(tls, "development", "false"), ""},
		{"admin elsewhere with TLS",
			map[string]string{"admin.address": "0.0.0.0:9443", "admin.tls.cert": "c.pem", "admin.tls.key": "k.pem"}, ""},
		{"admin elsewhere without TLS", map[string]string{"admin.address": "10.0.0.1:9443"}, "admin.address"},
		{"admin on every address", map[string]string{"admin.address": ":9443"}, "admin.address"},
		{"both listeners on a free port", map[string]string{"admin.address": "127.0.0.1:0", "listen.address": "127.0.0.1:0"}, ""},
		{"long lifetime on https", map[string]string{"exchange.token_lifetime": "336h"}, "exchange.token_lifetime"},
		{"long lifetime on spool", map[string]string{"exchange.token_lifetime": "336h", "central.driver": "spool"}, ""},
		{"too long a lifetime on spool", map[string]string{"exchange.token_lifetime": "337h", "central.driver": "spool"}, "exchange.token_lifetime"},
		{"cache parameters", map[string]string{"cache.url": "memory:?entries=10"}, ""},
		{"cache behind Sentinel", map[string]string{"cache.url": "redis+sentinel://a.example:26379,b.example:26379/main"}, ""},
		{"memory with a host", map[string]string{"cache.url": "memory://cache.example"}, "cache.url"},
		{"no cache at all", map[string]string{"cache.url": ""}, "cache.url"},
		{"port out of range", map[string]string{"listen.address": "127.0.0.1:65536"}, "listen.address"},
		{"port with a sign", map[string]string{"listen.address": "127.0.0.1:+1"}, "listen.address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("e.yaml", []byte(small), Options{Overrides: c.overrides})
			found, _ := err.(Errors)
			switch {
			case c.refused == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.refused != "" && (len(found) != 1 || found[0].Path != c.refused):
				t.Errorf("findings = %v, want one about %s", err, c.refused)
			}
		})
	}
}

// with copies overrides and adds pairs of path and value.
func with(base map[string]string, pairs ...string) map[string]string {
	out := map[string]string{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func TestCountries(t *testing.T) {
	codes := strings.Fields(countries)
	if len(codes) != 249 {
		t.Errorf("%d codes; ISO 3166-1 assigns 249", len(codes))
	}
	for code, want := range map[string]bool{"FR": true, "GR": true, "GB": true, "ZW": true, "AD": true,
		"EL": false, "UK": false, "EU": false, "XK": false, "F": false, "": false, "R G": false, "fr": false} {
		if isCountry(code) != want {
			t.Errorf("isCountry(%q) = %v", code, !want)
		}
	}
}

// An interface that is not served takes no path and no name from one that is.
func TestUnservedDispatcherTakesNoName(t *testing.T) {
	hdab := `hdabs:
  - id: hdh
    code: HDH
    name: {en: Body}
    agents: []
    permits: {driver: dispatcher, dispatcher: {base_path: /national-dispatcher, systems: [{name: a}]}}
`
	src := small[:strings.Index(small, "hdabs:")] + hdab + small[strings.Index(small, "central:"):]
	if _, err := Parse("e.yaml", []byte(src), Options{}); err != nil {
		t.Errorf("beside the desk: %v", err)
	}
	src += "permits: {driver: dispatcher, dispatcher: {systems: [{name: b}]}}\n"
	_, err := Parse("e.yaml", []byte(src), Options{})
	if found, _ := err.(Errors); len(found) != 1 || found[0].Path != "hdabs[0].permits.dispatcher.base_path" {
		t.Errorf("two on one path: %v", err)
	}
}
