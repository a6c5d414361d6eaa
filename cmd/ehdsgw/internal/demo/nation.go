package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// nation is one contact point: its folder, its running gateway, and its operator's client.
type nation struct {
	country, name, hdabID, hdabCode, agent string
	decide                                 string // what the desk's rule does

	dir      string
	entity   string
	listener net.Listener
	ca       *pki.CA
	gateway  *gateway.Gateway
	operator *operator.Client
	admin    string
}

func (n *nation) data() string      { return filepath.Join(n.dir, "data") }
func (n *nation) catalogue() string { return filepath.Join(n.dir, "catalogue") }
func (n *nation) hdab() string      { return gateway.HDABEntity(n.entity, n.hdabID) }

// prepare takes a port, makes the development authority and the keys: what `ehdsgw init` leaves
// before a gateway is enrolled with the anchor.
func (n *nation) prepare(o Options, dir string) error {
	n.dir = filepath.Join(dir, n.country)
	if err := os.MkdirAll(n.data(), 0o700); err != nil {
		return err
	}
	var err error
	if n.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	n.entity = "https://" + n.listener.Addr().String()
	if n.ca, err = pki.DevelopmentCA(filepath.Join(n.data(), "pki"), pki.Options{
		Clock: o.Clock, Rand: o.Rand, Names: []string{"localhost", "127.0.0.1"},
	}); err != nil {
		return err
	}
	k, err := keys.Open(filepath.Join(n.data(), "keys"), keys.Options{Clock: o.Clock, Rand: o.Rand})
	if err != nil {
		return err
	}
	return errors.Join(gateway.EnsureKeys(k, []string{n.hdabID}), k.Close())
}

// federationKeys are the public keys the anchor enrols: the contact point's and its body's.
func (n *nation) federationKeys(o Options) (ncp, hdab jose.KeySet, err error) {
	k, err := keys.Open(filepath.Join(n.data(), "keys"), keys.Options{Clock: o.Clock, Rand: o.Rand})
	if err != nil {
		return ncp, hdab, err
	}
	defer k.Close()
	if ncp, err = k.Public(keys.Federation, "ncp"); err != nil {
		return ncp, hdab, err
	}
	hdab, err = k.Public(keys.Federation, "hdab-"+n.hdabID)
	return ncp, hdab, err
}

// configTemplate is a whole configuration: what an operator would write in ehdsgw.yaml.
var configTemplate = template.Must(template.New("ehdsgw.yaml").Parse(`version: 1
entity: {{.Entity}}
country: {{.Country}}
display_name: {en: {{printf "%q" .Name}}}
development: true
data_dir: data
listen: {address: "127.0.0.1:0"}
admin: {address: "127.0.0.1:0"}
trust:
  anchors: [{entity: "{{.Anchor}}", jwks: anchor.jwks.json}]
  ca_file: roots.pem
hdabs:
  - {id: {{.HDAB}}, code: {{.Code}}, name: {en: {{printf "%q" .Name}}}, agents: [{{printf "%q" .Agent}}]}
catalogue:
  sources: [{name: national, driver: rdffile, location: ./catalogue, interval: 0s, profile: r8}]
  mirror: {url: "{{.Centre}}/catalogue", interval: 1m}
permits: {driver: desk, desk: {rules: desk-rules.json}}
central: {entity: "{{.Centre}}"}
exchange: {retry: {first: 100ms, max: 5s, give_up: 336h}}
storage: {min_free: 64MiB}
log: {level: info, format: text}
`))

// deskRules of a nation: Finland approves a plain research application at once, in France staff decide.
// Fees, conditions and duration come from the rules in both.
const deskRules = `{
  "version": 1,
  "body": {"id": %q, "name": %q, "signatory": {"name": "Camille Exemple", "job_title": "Head of permits"}},
  "rules": [{
    "name": "plain research",
    "when": {"kind": "DATA_ACCESS_APPLICATION", "purposes_any": ["e"]},
    "then": {
      "decide": %q, "reasons": "The purposes of Art. 53(1)(e) are met and the safeguards are in place.",
      "conditions": ["Only aggregated results leave the secure processing environment."],
      "duration_months": 24, "fees": {"amount_cents": 180000, "currency": "EUR", "note": "estimate, Art. 62(5)"}
    }
  }],
  "default": {"decide": "manual"}
}
`

// write puts the configuration, the pinned anchor keys, the roots and the desk's rules in place.
func (n *nation) write(anchor, centre string, anchorKeys, roots []byte) error {
	var cfg bytes.Buffer
	err := configTemplate.Execute(&cfg, map[string]string{
		"Entity": n.entity, "Country": n.country, "Name": n.name, "Anchor": anchor, "Centre": centre,
		"HDAB": n.hdabID, "Code": n.hdabCode, "Agent": n.agent,
	})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"ehdsgw.yaml": cfg.Bytes(), "anchor.jwks.json": anchorKeys, "roots.pem": roots,
		"desk-rules.json": fmt.Appendf(nil, deskRules, n.hdabCode, n.name, n.decide),
	} {
		if err := os.WriteFile(filepath.Join(n.dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// start loads the written configuration and starts the gateway.
func (n *nation) start(ctx context.Context, o Options) error {
	cfg, err := config.Load(filepath.Join(n.dir, "ehdsgw.yaml"), config.Options{})
	if err != nil {
		return err
	}
	if n.listener == nil { // a restart: the entity names the port
		if n.listener, err = net.Listen("tcp", n.entity[len("https://"):]); err != nil {
			return err
		}
	}
	adminListener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	g, err := gateway.New(gateway.Options{
		Config: cfg, Clock: o.Clock, After: time.After, Rand: o.Rand, Logger: o.Logger.With("party", n.country),
		Listener: n.listener, AdminListener: adminListener,
	})
	if err != nil {
		return err
	}
	if err := g.Start(ctx); err != nil {
		return err
	}
	n.gateway, n.listener = g, nil
	n.operator = operator.New(gateway.SocketPath(n.data()))
	n.admin = "http://" + adminListener.Addr().String()
	return nil
}

// stop ends the gateway; stopping twice is fine.
func (n *nation) stop(ctx context.Context) error {
	if n == nil || n.gateway == nil {
		return nil
	}
	g := n.gateway
	n.gateway = nil
	return g.Stop(ctx)
}

// ready asks the admin listener.
func (n *nation) ready(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.admin+"/readyz", nil)
	if err != nil {
		return err
	}
	var state struct{ Status, Reason string }
	if err := doJSON(http.DefaultClient, req, &state); err != nil {
		return notYet("%v", err)
	}
	return nil
}

// copyTree copies regular files of a file system into a folder.
func copyTree(from fs.FS, to string) error {
	return fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(path))
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		raw, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, 0o600)
	})
}

// placeCatalogue fills a nation's catalogue folder from a path or an embedded catalogue.
func (n *nation) placeCatalogue(path string, embedded fs.FS) error {
	if path == "" {
		return copyTree(embedded, n.catalogue())
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return copyTree(os.DirFS(path), n.catalogue())
	}
	if err := os.MkdirAll(n.catalogue(), 0o700); err != nil {
		return err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(n.catalogue(), filepath.Base(path)), raw, 0o600)
}
