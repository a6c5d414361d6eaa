package gateway

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/keys/pkcs11"
)

// Names of the secrets of a data directory.
const (
	recordSecret = "record" // wraps the record's data keys
	cacheSecret  = "cache"  // the shared cache's keys are derived with it
)

// keySlot is whose key, and for what.
type keySlot struct {
	purpose keys.Purpose
	owner   string
}

// neededKeys are those without which a gateway with these bodies cannot do its work.
func neededKeys(hdabs []string) []keySlot {
	slots := []keySlot{{keys.Federation, ownerNCP}, {keys.Exchange, ownerNCP}}
	for _, id := range hdabs {
		slots = append(slots, keySlot{keys.Federation, ownerHDAB(id)}, keySlot{keys.Permit, ownerHDAB(id)})
	}
	return slots
}

// EnsureKeys makes every key a gateway with these bodies needs and never had. One that was revoked is
// the operator's to replace: the gateway starts, and is not ready until it is.
func EnsureKeys(k *keys.Store, hdabs []string) error {
	for _, s := range neededKeys(hdabs) {
		if err := k.Ensure(s.purpose, s.owner); err != nil && !errors.Is(err, keys.ErrNoKey) {
			return fmt.Errorf("%s key of %s: %w", s.purpose, s.owner, err)
		}
	}
	return nil
}

func (g *Gateway) hdabIDs() []string {
	ids := make([]string, len(g.cfg.HDABs))
	for i, h := range g.cfg.HDABs {
		ids[i] = h.ID
	}
	return ids
}

// keysReady says which key is missing; nil when everything can be signed.
func (g *Gateway) keysReady() error {
	for _, s := range neededKeys(g.hdabIDs()) {
		if _, err := g.keys.Active(s.purpose, s.owner); err != nil {
			return err
		}
	}
	return g.hybridReady()
}

func (g *Gateway) openKeys(context.Context) error {
	o := keys.Options{Clock: g.o.Clock, Rand: g.o.Rand}
	if err := g.openToken(&o); err != nil {
		return err
	}
	k, err := keys.Open(filepath.Join(g.cfg.DataDir, "keys"), o)
	if err != nil {
		return err
	}
	g.keys = k
	if err := EnsureKeys(k, g.hdabIDs()); err != nil {
		return err
	}
	if err := g.ensureSealing(); err != nil {
		return err
	}
	g.logKey, err = k.LogKey(LogOrigin(g.cfg.Entity))
	return err
}

// openToken opens the PKCS#11 token, if there is one, for the purposes it serves.
func (g *Gateway) openToken(o *keys.Options) error {
	c := g.cfg.Keys.PKCS11
	if c.Module == "" {
		return nil
	}
	token, err := pkcs11.Open(pkcs11.Options{Module: c.Module, TokenLabel: c.TokenLabel, PIN: c.PIN.Reveal()})
	if err != nil {
		return fmt.Errorf("keys.pkcs11: %w", err)
	}
	g.token, o.Device = token, token
	for _, p := range c.Purposes {
		o.DevicePurposes = append(o.DevicePurposes, keys.Purpose(p))
	}
	return nil
}

// keyring gives one of our entities its federation keys.
type keyring struct {
	store *keys.Store
	owner string
}

func (k keyring) Signing() (jose.SigningKey, error) { return k.store.Active(keys.Federation, k.owner) }
func (k keyring) Public() (jose.KeySet, error)      { return k.store.Public(keys.Federation, k.owner) }
