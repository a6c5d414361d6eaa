package main

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// anchorReport is what anchor init and rotate-key print.
type anchorReport struct {
	Entity    string   `json:"entity"`
	Kind      string   `json:"kind"` // anchor or intermediate
	Superiors []string `json:"superiors,omitempty"`
	Keys      string   `json:"keys"`       // file with the public keys
	Kid       string   `json:"kid"`        // thumbprint of the key that signs
	Next      string   `json:"next_kid"`   // empty when none waits
	NotBefore string   `json:"next_after"` // when it may take over
}

func anchorInit(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the directory"); err != nil {
		return err
	}
	f := anchorFile{
		Version: 1, Entity: c.String("entity"), Name: c.String("name"), Superiors: c.StringSlice("superior"), Development: c.Bool("development"),
	}
	for _, entity := range append([]string{f.Entity}, f.Superiors...) {
		if err := checkEntityURL(entity, f.Development); err != nil {
			return err
		}
	}
	if slices.Contains(f.Superiors, f.Entity) {
		return usage("--superior %s is the entity itself", f.Entity)
	}
	var pinned []byte
	switch keysFile := c.String("anchor-keys"); {
	case len(f.Superiors) > 0 && keysFile == "":
		return usage("--anchor-keys is missing: the anchor's public keys, obtained out of band")
	case len(f.Superiors) == 0 && (keysFile != "" || c.String("anchor") != ""):
		return usage("--anchor and --anchor-keys go with --superior: an anchor has nobody above it")
	case keysFile != "":
		if _, err := readKeySet(c, keysFile); err != nil {
			return err
		}
		if pinned, err = os.ReadFile(keysFile); err != nil {
			return usage("%w", err)
		}
		anchor := c.String("anchor")
		if anchor == "" {
			anchor = f.Superiors[0]
		}
		f.Anchors = []pinnedFile{{Entity: anchor, JWKS: anchorKeysName}}
	}
	dir := c.Args().First()
	if err := claim(dir); err != nil {
		return err
	}
	report, err := makeAnchor(dir, f, pinned)
	if err != nil {
		return err
	}
	next := output.Lines{"", "others pin or enrol " + report.Keys + "; compare its thumbprint over another channel"}
	return p.Print(report, report.fields(), next)
}

// checkEntityURL checks an entity identifier given on the command line.
func checkEntityURL(entity string, development bool) error {
	client, err := egressOptions{development: development}.client()
	if err != nil {
		return err
	}
	if err := client.Check(entity); err != nil && !errors.Is(err, egress.ErrAddressRefused) || strings.HasSuffix(entity, "/") || strings.ContainsAny(entity, "?#") {
		return usage("%q is no entity: an https URL such as https://anchor.example is wanted, without a trailing slash", entity)
	}
	return nil
}

// makeAnchor fills a new directory.
func makeAnchor(dir string, f anchorFile, pinned []byte) (r anchorReport, err error) {
	if err := writeJSON(filepath.Join(dir, anchorName), f); err != nil {
		return r, err
	}
	if pinned != nil {
		if err := writeNew(filepath.Join(dir, anchorKeysName), pinned); err != nil {
			return r, err
		}
	}
	if err := os.Mkdir(filepath.Join(dir, subordinatesName), 0o700); err != nil {
		return r, err
	}
	store, err := keys.Open(filepath.Join(dir, keysName), keys.Options{Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		return r, err
	}
	d := &anchorDir{file: f, dir: dir, keys: anchorKeys{store}}
	defer d.close()
	if err := store.Ensure(keys.Federation, anchorOwner); err != nil {
		return r, err
	}
	if err := d.publishSet(); err != nil {
		return r, err
	}
	return d.report()
}

// report tells of the entity and its keys.
func (d *anchorDir) report() (anchorReport, error) {
	r := anchorReport{Entity: d.file.Entity, Kind: "anchor", Superiors: d.file.Superiors, Keys: filepath.Join(d.dir, federationSet)}
	if len(d.file.Superiors) > 0 {
		r.Kind = "intermediate"
	}
	signing, err := d.keys.Signing()
	if err != nil {
		return r, err
	}
	r.Kid = signing.Kid
	for _, k := range d.keys.store.List() {
		if k.Purpose == keys.Federation && k.State == keys.Next {
			r.Next, r.NotBefore = k.Kid, k.NotBefore.Format(time.RFC3339)
		}
	}
	return r, nil
}

func (r anchorReport) fields() output.Fields {
	return output.Fields{
		{Name: "entity", Value: r.Entity}, {Name: "kind", Value: r.Kind}, {Name: "superiors", Value: strings.Join(r.Superiors, ", ")},
		{Name: "keys", Value: r.Keys}, {Name: "thumbprint", Value: r.Kid}, {Name: "next", Value: r.Next}, {Name: "next after", Value: r.NotBefore},
	}
}
