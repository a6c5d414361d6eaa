package config

import (
	"testing"
	"time"
)

// A body's recipients have the body's own time to confirm, also where the gateway's permit system serves it;
// else the gateway's.
func TestTimeToConfirm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gateway, body string
		want          time.Duration
	}{
		"neither":   {"", "", 120 * time.Hour},
		"gateway's": {"permits: {acknowledge_within: 72h}\n", "", 72 * time.Hour},
		"body's":    {"permits: {acknowledge_within: 72h}\n", ", permits: {acknowledge_within: 24h}", 24 * time.Hour},
		"longest":   {"", ", permits: {driver: desk, acknowledge_within: 2160h}", 2160 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := `version: 1
entity: https://ncp.example
country: FR
display_name: {en: Contact point}
contacts: [ops@ncp.example]
development: true
trust: {anchors: [{entity: "https://anchor.example", jwks: anchor.json}]}
central: {entity: "https://centre.example"}
` + c.gateway + "hdabs: [{id: hdh, code: HDH, name: {en: Body}, agents: []" + c.body + "}]\n"
			cfg, err := Parse("e.yaml", []byte(src), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Telling(cfg.HDABs[0]); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
