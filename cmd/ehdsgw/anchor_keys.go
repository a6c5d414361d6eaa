package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// anchorRotate makes a next key, or lets the one that waits take over when it is due.
func anchorRotate(c *cli.Context) error {
	return changeAnchorKeys(c, nil, func(d *anchorDir) (warnings []string, err error) {
		next, err := d.keys.store.Generate(keys.Federation, anchorOwner, keys.Ed25519)
		if err == nil {
			return []string{d.tellNext(next.Kid)}, nil
		}
		if !errors.Is(err, keys.ErrPending) {
			return nil, err
		}
		if err := d.pinnedNext(c); err != nil {
			return nil, err
		}
		done, err := d.keys.store.Rotate(keys.Federation, anchorOwner, keys.Ed25519, keys.IfDue)
		if errors.Is(err, keys.ErrTooEarly) {
			return nil, negative("%w: others may hold our statements of before for that long", err)
		}
		if err == nil && len(c.StringSlice("pins")) == 0 {
			warnings = []string{d.tellSigns(done.Key.Kid)}
		}
		return warnings, err
	})
}

// anchorRevoke takes a key out of use at once. When it is the one that signs, another takes over first: the
// list of former keys has to be signed, too.
func anchorRevoke(c *cli.Context) error {
	reason, since := keys.Reason(c.String("reason")), time.Now()
	if !reason.Known() {
		return usage("--reason %q: compromised, superseded or unspecified is wanted", reason)
	}
	if at := c.String("since"); at != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, at); err != nil || since.After(time.Now()) {
			return usage("--since %q: a time such as 2027-03-31T12:00:00Z is wanted, not in the future", at)
		}
	}
	return changeAnchorKeys(c, []string{"the key's thumbprint"}, func(d *anchorDir) ([]string, error) {
		kid := c.Args().First()
		k, ok := d.key(func(k keys.Info) bool { return k.Kid == kid })
		switch {
		case !ok:
			return nil, negative("%s has no key %s; see its keys in %s", d.dir, output.Safe(kid), federationSet)
		case k.State == keys.Revoked:
			return nil, negative("%s is revoked since %s", kid, k.Revoked.Format(time.RFC3339))
		}
		var warnings []string
		if k.State == keys.Active {
			done, err := d.keys.store.Rotate(keys.Federation, anchorOwner, keys.Ed25519, keys.AtOnce)
			if err != nil {
				return nil, err
			}
			warnings = append(warnings, d.tellSigns(done.Key.Kid))
		}
		if _, err := d.keys.store.Revoke(kid, reason, since); err != nil {
			return nil, err
		}
		return append(warnings, d.tellRevoked(kid)), nil
	})
}

// changeAnchorKeys makes a change, publishes the set and reports; warnings go to standard error.
func changeAnchorKeys(c *cli.Context, arguments []string, change func(*anchorDir) ([]string, error)) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, arguments...); err != nil {
		return err
	}
	d, err := openAnchor(c)
	if err != nil {
		return err
	}
	defer d.close()
	warnings, err := change(d)
	if err != nil {
		return err
	}
	if err := d.publishSet(); err != nil {
		return err
	}
	r, err := d.report()
	if err != nil {
		return err
	}
	for _, w := range warnings {
		_, _ = fmt.Fprintf(c.App.ErrWriter, "ehdsgw: anchor %s: %s\n", c.Command.Name, output.Safe(w))
	}
	return p.Print(r, r.fields())
}

// key finds a federation key of the directory.
func (d *anchorDir) key(is func(keys.Info) bool) (keys.Info, bool) {
	all := d.keys.store.List()
	i := slices.IndexFunc(all, func(k keys.Info) bool { return k.Purpose == keys.Federation && k.Owner == anchorOwner && is(k) })
	if i < 0 {
		return keys.Info{}, false
	}
	return all[i], true
}

// pinnedNext refuses to let a key take over that is missing from one of the sets of --pins.
func (d *anchorDir) pinnedNext(c *cli.Context) error {
	next, ok := d.key(func(k keys.Info) bool { return k.State == keys.Next })
	if !ok {
		return nil
	}
	var without []string
	for _, name := range c.StringSlice("pins") {
		set, err := readKeySet(c, name)
		if err != nil {
			return err
		}
		if _, err := set.Select(next.Kid, next.Alg, "sig"); err != nil {
			without = append(without, name)
		}
	}
	if len(without) > 0 {
		return negative("the next key %s is not in %s: whoever pins that would stop trusting %s; have %s pinned there first",
			next.Kid, strings.Join(without, ", "), d.file.Entity, federationSet)
	}
	return nil
}

// tellNext, tellSigns and tellRevoked say what others have to do. No program can see their pins.
func (d *anchorDir) tellNext(kid string) string {
	if len(d.file.Superiors) > 0 {
		return fmt.Sprintf("before %s takes over, have %s state it: 'ehdsgw anchor enroll %s --replace --jwks %s' there",
			kid, strings.Join(d.file.Superiors, ", "), d.file.Entity, federationSet)
	}
	return fmt.Sprintf("before %s takes over, have %s pinned, over another channel, by everybody who trusts this anchor", kid, federationSet)
}

func (d *anchorDir) tellSigns(kid string) string {
	if len(d.file.Superiors) > 0 {
		return fmt.Sprintf("%s signs now: where %s does not state it, what stands below is trusted no more until 'ehdsgw anchor enroll %s --replace --jwks %s' there",
			kid, strings.Join(d.file.Superiors, ", "), d.file.Entity, federationSet)
	}
	return fmt.Sprintf("%s signs now: a gateway or intermediate that has not pinned it raises the alarm and trusts nothing below this anchor until its pins are renewed from %s, over another channel",
		kid, federationSet)
}

func (d *anchorDir) tellRevoked(kid string) string {
	if len(d.file.Superiors) > 0 {
		return fmt.Sprintf("%s still counts for %s until they are told: 'ehdsgw anchor enroll %s --replace --jwks %s' there",
			kid, strings.Join(d.file.Superiors, ", "), d.file.Entity, federationSet)
	}
	return fmt.Sprintf("%s still speaks for this anchor wherever it is pinned: have the pins renewed from %s, over another channel", kid, federationSet)
}
