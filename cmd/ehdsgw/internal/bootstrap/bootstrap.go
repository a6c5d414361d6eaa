// Package bootstrap configures this gateway from the neutral bootstrap of a conformance run, and announces
// it to the tester: what any gateway has to do to be run by `ehdsgw conformance run --exec`.
//
// It writes an ordinary configuration and ordinary keys into the state folder. Nothing in it switches the
// gateway into another mode: development: true (peers on this machine) and short waits are configuration.
package bootstrap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// maxBootstrap bounds a bootstrap, in bytes.
const maxBootstrap = 1 << 20

// Read reads a bootstrap.
func Read(r io.Reader) (lab.Bootstrap, error) {
	var b lab.Bootstrap
	raw, err := io.ReadAll(io.LimitReader(r, maxBootstrap+1))
	switch {
	case err != nil:
		return b, err
	case len(raw) > maxBootstrap:
		return b, fmt.Errorf("bootstrap: longer than %d bytes", maxBootstrap)
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return b, fmt.Errorf("bootstrap: %w", err)
	}
	switch {
	case b.Version != lab.BootstrapVersion:
		return b, fmt.Errorf("bootstrap: version %d is not known here", b.Version)
	case b.StateDir == "" || b.Self.Entity == "" || len(b.Self.HDABs) == 0:
		return b, errors.New("bootstrap: state_dir, self.entity and self.hdabs are required")
	}
	return b, nil
}

// Source is where keys come from.
type Source struct {
	Clock func() time.Time
	Rand  io.Reader
}

// Prepare writes configuration, certificate and keys into the state folder. It returns the path of the
// configuration, and what the tester is told: entities and federation keys. The caller adds what only a
// running gateway knows. On a folder that holds all of it already it writes the same again, and keeps the keys.
func Prepare(b lab.Bootstrap, o Source) (string, lab.Announcement, error) {
	if err := write(b); err != nil {
		return "", lab.Announcement{}, err
	}
	k, err := keys.Open(filepath.Join(dataDir(b), "keys"), keys.Options{Clock: o.Clock, Rand: o.Rand})
	if err != nil {
		return "", lab.Announcement{}, err
	}
	a, err := announce(b, k)
	return filepath.Join(b.StateDir, configName), a, errors.Join(err, k.Close())
}

// write puts what the gateway reads in place.
func write(b lab.Bootstrap) error {
	if err := os.MkdirAll(dataDir(b), 0o700); err != nil {
		return err
	}
	anchor, err := json.Marshal(b.Anchor.JWKS)
	if err != nil {
		return err
	}
	var yaml bytes.Buffer
	if err := configTemplate.Execute(&yaml, b); err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		configName: yaml.Bytes(), "anchor.jwks.json": anchor, "roots.pem": []byte(b.TLS.Roots),
		"cert.pem": []byte(b.TLS.Certificate), "key.pem": []byte(b.TLS.Key),
	} {
		if err := os.WriteFile(filepath.Join(b.StateDir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

const configName = "ehdsgw.yaml"

func dataDir(b lab.Bootstrap) string { return filepath.Join(b.StateDir, "d") }

func bodies(b lab.Bootstrap) []string {
	ids := make([]string, len(b.Self.HDABs))
	for i, h := range b.Self.HDABs {
		ids[i] = h.ID
	}
	return ids
}

// announce makes the keys that are not there yet and reads their public halves.
func announce(b lab.Bootstrap, k *keys.Store) (lab.Announcement, error) {
	a := lab.Announcement{
		Entity: b.Self.Entity,
		URLs: lab.AnnouncedURLs{
			Dispatcher: b.Self.Entity + b.Dispatcher.BasePath, Register: b.Self.Entity + "/register", Catalogue: b.Self.Entity + "/catalogue",
		},
	}
	if err := gateway.EnsureKeys(k, bodies(b)); err != nil {
		return a, err
	}
	own, err := k.Public(keys.Federation, "ncp")
	if err != nil {
		return a, err
	}
	if a.JWKS, err = foreign(own); err != nil {
		return a, err
	}
	for _, h := range b.Self.HDABs {
		body := lab.AnnouncedHDAB{ID: h.ID, Entity: gateway.HDABEntity(b.Self.Entity, h.ID)}
		set, err := k.Public(keys.Federation, "hdab-"+h.ID)
		if err != nil {
			return a, err
		}
		if body.JWKS, err = foreign(set); err != nil {
			return a, err
		}
		a.HDABs = append(a.HDABs, body)
	}
	return a, nil
}

// foreign carries keys over to the tester's own type, by their JSON.
func foreign(set jose.KeySet) (forge.JWKS, error) {
	raw, err := json.Marshal(set)
	if err != nil {
		return forge.JWKS{}, err
	}
	return forge.ParseJWKS(raw)
}

// configTemplate is this gateway's configuration of a bootstrap.
var configTemplate = template.Must(template.New(configName).Funcs(template.FuncMap{"quote": quote, "atLeastSecond": func(ms int) int { return max(ms, 1000) }, "peerProfile": func() string { return ehds.ProfilePeer1 }}).Parse(`version: 1
entity: {{quote .Self.Entity}}
country: {{.Self.Country}}
display_name: {en: {{quote .Self.DisplayName}}}
development: true
data_dir: d
listen: {address: {{quote .Self.Listen}}, tls: {cert: cert.pem, key: key.pem}}
admin: {address: "127.0.0.1:0"}
trust:
  anchors: [{entity: {{quote .Anchor.Entity}}, jwks: anchor.jwks.json}]
  ca_file: roots.pem
  mark_refresh: {{.Timing.MarkRefreshMilliseconds}}ms
hdabs:
{{range $i, $h := .Self.HDABs}}  - {id: {{$h.ID}}, code: {{$h.Code}}, name: {en: {{quote $h.Name}}}, agents: [{{range $j, $a := $h.Agents}}{{if $j}}, {{end}}{{quote $a}}{{end}}], coordinator: {{eq $i 0}}}
{{end}}catalogue:
  sources: [{name: national, driver: rdffile, location: {{quote .Catalogue.URL}}, interval: {{.Catalogue.IntervalSeconds}}s, profile: {{.Catalogue.Release}}}]
  guard: {max_removed_share: 1, max_invalid_share: 1}
permits:
  driver: dispatcher
  dispatcher:
    base_path: {{quote .Dispatcher.BasePath}}
    systems: [{name: {{.Dispatcher.System}}, hdabs: [{{range $i, $h := .Self.HDABs}}{{if $i}}, {{end}}{{$h.ID}}{{end}}], rate: 10000}]
central: {entity: {{quote .Centre.Entity}}, profile: {{.Centre.Profile}}}
peers:
{{range .Peers}}  - {entity: {{quote .Entity}}, profile: {{peerProfile}}}
{{else}}  []
{{end}}exchange:
  hold: {{.Timing.HoldMilliseconds}}ms
  grace: {{.Timing.GraceSeconds}}s
  retry: {first: {{.Timing.RetryFirstMilliseconds}}ms, max: {{.Timing.RetryMaxMilliseconds}}ms, give_up: 336h}
  breaker: {open: {{atLeastSecond .Timing.RetryMaxMilliseconds}}ms}
storage: {min_free: 64MiB}
log: {level: debug, format: json}
`))

// quote writes a YAML string: every JSON string is one.
func quote(s string) (string, error) {
	raw, err := json.Marshal(s)
	return string(raw), err
}
