package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// Names in the directory of an anchor or intermediate.
const (
	anchorName       = "anchor.json"
	federationSet    = "federation.jwks.json"
	subordinatesName = "subordinates"
	keysName         = "keys"
	anchorOwner      = "anchor" // of its keys in the key store
)

// anchorFile is anchor.json.
type anchorFile struct {
	Version   int      `json:"version"` // 1
	Entity    string   `json:"entity"`
	Name      string   `json:"name,omitempty"`
	Superiors []string `json:"superiors,omitempty"`
	// Anchors are those an intermediate leads to; the files lie beside this one.
	Anchors     []pinnedFile `json:"anchors,omitempty"`
	Development bool         `json:"development,omitempty"`
	// MarkOwners are the owners of mark types, and MarkDelegations their words that this entity may
	// issue them, by type.
	MarkOwners      map[string]federation.MarkOwner `json:"trust_mark_owners,omitempty"`
	MarkDelegations map[string]string               `json:"trust_mark_delegations,omitempty"`
}

type pinnedFile struct {
	Entity string `json:"entity"`
	JWKS   string `json:"jwks"`
}

// markAnchor is whose role marks a short name means.
func (f anchorFile) markAnchor() string {
	if len(f.Anchors) > 0 {
		return f.Anchors[0].Entity
	}
	return f.Entity
}

// anchorDir is an opened directory.
type anchorDir struct {
	file     anchorFile
	dir      string
	keys     anchorKeys
	registry *superior.Registry
	anchors  []federation.Anchor
}

// openAnchor opens the directory of --dir.
func openAnchor(c *cli.Context) (*anchorDir, error) {
	d := &anchorDir{dir: c.String("dir")}
	raw, err := readFile(c, filepath.Join(d.dir, anchorName), maxTrustFile)
	if err != nil {
		return nil, usage("%w; make one with 'ehdsgw anchor init', or name its directory with --dir", err)
	}
	if err := jose.DecodeStrict(raw, &d.file); err != nil {
		return nil, usage("%s: %w", filepath.Join(d.dir, anchorName), err)
	}
	if d.file.Version != 1 {
		return nil, usage("%s: version %d is not known to this program", filepath.Join(d.dir, anchorName), d.file.Version)
	}
	for _, a := range d.file.Anchors {
		set, err := readKeySet(c, filepath.Join(d.dir, a.JWKS))
		if err != nil {
			return nil, err
		}
		d.anchors = append(d.anchors, federation.Anchor{Entity: a.Entity, Keys: set})
	}
	store, err := keys.Open(filepath.Join(d.dir, keysName), keys.Options{Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		return nil, usage("%w", err)
	}
	d.keys = anchorKeys{store}
	d.registry, err = superior.OpenRegistry(filepath.Join(d.dir, subordinatesName), d.file.Entity, d.file.Superiors, time.Now)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return d, nil
}

// close releases the key store.
func (d *anchorDir) close() { _ = d.keys.store.Close() }

// superior is what the directory describes, ready to answer.
func (d *anchorDir) superior(o egressOptions, logger *slog.Logger) (*superior.Superior, *federation.Resolver, error) {
	o.development = o.development || d.file.Development
	client, err := o.client()
	if err != nil {
		return nil, nil, usage("%w", err)
	}
	r := federation.NewResolver(federation.Options{Anchors: d.anchors, HTTP: client.HTTP(), Clock: time.Now, Logger: logger})
	return superior.New(superior.Options{
		Entity: d.file.Entity, Name: d.file.Name, Registry: d.registry, Keys: d.keys, Superiors: d.file.Superiors, Anchors: d.anchors,
		Owners: d.file.MarkOwners, Delegations: d.file.MarkDelegations, Resolver: r, Clock: time.Now, Logger: logger,
	}), r, nil
}

func readKeySet(c *cli.Context, name string) (jose.KeySet, error) {
	raw, err := readFile(c, name, jose.MaxKeySet)
	if err != nil {
		return jose.KeySet{}, err
	}
	set, err := jose.ParseKeySet(raw)
	if err == nil && len(set.Ignored) > 0 {
		err = fmt.Errorf("key %d cannot be used: %s", set.Ignored[0].Index, set.Ignored[0].Reason)
	}
	if err == nil && len(set.Keys) == 0 {
		err = errors.New("no key in it")
	}
	if err != nil {
		return jose.KeySet{}, usage("%s: %w", name, err)
	}
	return set, nil
}

// anchorKeys are the federation keys of a directory, as they are there now: another process may have
// rotated them.
type anchorKeys struct{ store *keys.Store }

// Signing is the key that signs now.
func (k anchorKeys) Signing() (jose.SigningKey, error) {
	if err := k.store.Reload(); err != nil {
		return jose.SigningKey{}, err
	}
	return k.store.Active(keys.Federation, anchorOwner)
}

// Public are the keys to publish.
func (k anchorKeys) Public() (jose.KeySet, error) {
	if err := k.store.Reload(); err != nil {
		return jose.KeySet{}, err
	}
	return k.store.Public(keys.Federation, anchorOwner)
}

// Past are the keys that no longer sign.
func (k anchorKeys) Past() ([]federation.HistoricalKey, error) {
	if err := k.store.Reload(); err != nil {
		return nil, err
	}
	past, err := k.store.Past(keys.Federation, anchorOwner)
	out := make([]federation.HistoricalKey, 0, len(past))
	for _, p := range past {
		h := federation.HistoricalKey{
			Key: jose.PublicKey{Kid: p.Kid, Alg: p.Alg, Use: "sig", Key: p.Key}, IssuedAt: p.From, Expires: p.Until,
		}
		if !p.Revoked.IsZero() {
			h.Revoked = &federation.Revocation{At: p.Revoked, Reason: string(p.Reason)}
		}
		out = append(out, h)
	}
	return out, err
}

// publishSet writes the public keys where operators find them.
func (d *anchorDir) publishSet() error {
	set, err := d.keys.Public()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(set, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(d.dir, federationSet)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return writeNew(name, append(text, '\n'))
}
