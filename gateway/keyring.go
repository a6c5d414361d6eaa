package gateway

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// Names of the secrets of a data directory.
const (
	recordSecret = "record" // wraps the record's data keys
	cacheSecret  = "cache"  // the shared cache's keys are derived with it
)

// EnsureKeys makes every key a gateway with these bodies needs that is not there yet.
func EnsureKeys(k *keys.Store, hdabs []string) error {
	type slot struct {
		purpose keys.Purpose
		owner   string
	}
	slots := []slot{{keys.Federation, ownerNCP}, {keys.Exchange, ownerNCP}}
	for _, id := range hdabs {
		slots = append(slots, slot{keys.Federation, ownerHDAB(id)}, slot{keys.Permit, ownerHDAB(id)})
	}
	for _, s := range slots {
		if err := k.Ensure(s.purpose, s.owner); err != nil {
			return fmt.Errorf("%s key of %s: %w", s.purpose, s.owner, err)
		}
	}
	return nil
}

func (g *Gateway) openKeys(context.Context) error {
	k, err := keys.Open(filepath.Join(g.cfg.DataDir, "keys"), keys.Options{Clock: g.o.Clock, Rand: g.o.Rand})
	if err != nil {
		return err
	}
	g.keys = k
	ids := make([]string, len(g.cfg.HDABs))
	for i, h := range g.cfg.HDABs {
		ids[i] = h.ID
	}
	if err := EnsureKeys(k, ids); err != nil {
		return err
	}
	g.logKey, err = k.LogKey(LogOrigin(g.cfg.Entity))
	return err
}

// keyring gives one of our entities its federation keys.
type keyring struct {
	store *keys.Store
	owner string
}

func (k keyring) Signing() (jose.SigningKey, error) { return k.store.Active(keys.Federation, k.owner) }
func (k keyring) Public() (jose.KeySet, error)      { return k.store.Public(keys.Federation, k.owner) }
