package config

import (
	"testing"
	"time"
)

const tellingHead = `version: 1
entity: https://ncp.example
country: FR
display_name: {en: Contact point}
contacts: [ops@ncp.example]
development: true
trust: {anchors: [{entity: "https://anchor.example", jwks: anchor.json}]}
central: {entity: "https://centre.example"}
`

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
			src := tellingHead + c.gateway + "hdabs: [{id: hdh, code: HDH, name: {en: Body}, agents: []" + c.body + "}]\n"
			cfg, err := Parse("e.yaml", []byte(src), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Telling(cfg.HDABs[0]).AcknowledgeWithin; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// A body's own recipients come before the gateway's. Where the permit system brings notices by itself, a
// recipient of nobody's is refused.
func TestRecipientsOfABody(t *testing.T) {
	t.Parallel()
	recipient := func(id string) string {
		return `{id: ` + id + `, kind: spe, name: "*", url: "https://spe.example/hook", secret: s}`
	}
	dispatcher := "driver: dispatcher, dispatcher: {base_path: /d, systems: [{name: a}]}"
	body := func(id, permits string) string {
		return "  - {id: " + id + ", code: " + id + ", name: {en: Body}, agents: [], permits: {" + permits + "}}\n"
	}
	for name, c := range map[string]struct{ src, told, refused string }{
		"one's own first":         {"permits: {recipients: [" + recipient("a") + "]}\nhdabs:\n" + body("x", "recipients: ["+recipient("b")+"]"), "b a ", ""},
		"of another's dispatcher": {"permits: {recipients: [" + recipient("a") + "], " + dispatcher + "}\nhdabs:\n" + body("x", "driver: desk") + body("y", ""), "a ", ""},
		"of the dispatcher":       {"permits: {recipients: [" + recipient("a") + "], " + dispatcher + "}\nhdabs:\n" + body("x", ""), "", "permits.recipients"},
		"of a body's dispatcher":  {"hdabs:\n" + body("x", "recipients: ["+recipient("b")+"], "+dispatcher), "", "hdabs[0].permits.recipients"},
		"one id twice": {"permits: {recipients: [" + recipient("a") + "]}\nhdabs:\n" + body("x", "recipients: ["+recipient("a")+"]"), "",
			"hdabs[0].permits.recipients[0].id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := Parse("e.yaml", []byte(tellingHead+c.src), Options{})
			if found, _ := err.(Errors); c.refused != "" {
				if len(found) != 1 || found[0].Path != c.refused {
					t.Fatalf("findings = %v, want one about %s", err, c.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			told := ""
			for _, r := range cfg.Telling(cfg.HDABs[0]).Recipients {
				told += r.ID + " "
			}
			if told != c.told {
				t.Errorf("told: %s, want %s", told, c.told)
			}
		})
	}
}
