package main

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

func keysCommand() *cli.Command {
	return &cli.Command{
		Name: "keys", Usage: "the keys of a running gateway",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the keys and where each stands in its life",
				Description: "next: published, does not sign yet; active: signs; retiring: published until its last token has expired;\n" +
					"historical and revoked: in the historical keys only. No private key is ever shown.\n\n" +
					"Example: ehdsgw keys list --purpose exchange -c hub/ehdsgw.yaml",
				Flags:  socketFlags(purposeFlag(false)),
				Action: keysList,
			},
			{
				Name: "generate", Usage: "make and publish a next key",
				Description: "It may sign once it has been published for 24 hours: see 'ehdsgw keys rotate'.\n\n" +
					"Example: ehdsgw keys generate --purpose exchange -c hub/ehdsgw.yaml",
				Flags:  socketFlags(whoseFlags()...),
				Action: keysGenerate,
			},
			{
				Name: "rotate", Usage: "let the next key take over",
				Description: "The former key stays published until the last token it signed has expired. A federation key of the\n" +
					"contact point takes over only once a superior states it: enrol again with what 'ehdsgw keys export' prints.\n\n" +
					"Examples:\n  ehdsgw keys rotate --purpose exchange --when-due -c hub/ehdsgw.yaml\n" +
					"  ehdsgw keys rotate --purpose permit --owner hdab-hdh --now --data-dir hub/data",
				Flags: socketFlags(append(whoseFlags(),
					&cli.BoolFlag{Name: "when-due", Usage: "if it is too early, rotate as soon as it is not"},
					&cli.BoolFlag{Name: "now", Usage: "rotate even if others may not know the key yet; makes one if there is none"})...),
				Action: keysRotate,
			},
			{
				Name: "revoke", Usage: "take a key out of use at once and for ever", ArgsUsage: "KID",
				Description: "The key neither signs nor is published again, and is listed as revoked among the historical keys.\n\n" +
					"Example: ehdsgw keys revoke KID --reason compromised --since 2027-03-31T12:00:00Z -c hub/ehdsgw.yaml",
				Flags: socketFlags(
					&cli.StringFlag{Name: "reason", Usage: "`REASON`: compromised, superseded or unspecified"},
					&cli.StringFlag{Name: "since", Usage: "`TIME`, RFC 3339, from which the key is not to be believed, if not now"}),
				Action: keysRevoke,
			},
			{
				Name: "export", Usage: "print the public keys as a JWK set",
				Description: "The set is what is published: next, active and retiring keys. A superior enrols the federation keys with it.\n\n" +
					"Example: ehdsgw keys export --purpose federation --owner ncp -c hub/ehdsgw.yaml > federation.jwks.json",
				Flags:  socketFlags(purposeFlag(true), ownerFlag()),
				Action: keysExport,
			},
		},
	}
}

func purposeFlag(needed bool) cli.Flag {
	usage := "`PURPOSE`: federation, exchange, permit, visa or sealing"
	if !needed {
		usage = "only keys of this `PURPOSE`"
	}
	return &cli.StringFlag{Name: "purpose", Usage: usage}
}

func ownerFlag() cli.Flag {
	return &cli.StringFlag{Name: "owner", Usage: "`OWNER` of the key: ncp, or hdab- and the id of a body; may be left out where there is one"}
}

func whoseFlags() []cli.Flag {
	return []cli.Flag{purposeFlag(true), ownerFlag(), &cli.StringFlag{Name: "alg", Usage: "`ALG` of the key, if not the usual one of the purpose"}}
}

func keysList(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	all, err := client.Keys(c.Context)
	if err != nil {
		return answered(err)
	}
	rows := []gateway.KeyRow{}
	for _, k := range all {
		if purpose := c.String("purpose"); purpose == "" || string(k.Purpose) == purpose {
			rows = append(rows, k)
		}
	}
	if len(rows) == 0 {
		return p.Print(rows, output.Lines{"no keys"})
	}
	grid := output.Grid{Head: []string{"PURPOSE", "OWNER", "ALG", "STATE", "SINCE", "UNTIL", "KID"}}
	for _, k := range rows {
		since, until := keyTimes(k)
		grid.Rows = append(grid.Rows, []string{string(k.Purpose), k.Owner, k.Alg, string(k.State), since, until, k.Kid})
	}
	return p.Print(rows, grid)
}

// keyTimes are since when a key is in its state, and until when.
func keyTimes(k gateway.KeyRow) (since, until string) {
	switch k.State {
	case keys.Next:
		return k.Published, k.NotBefore
	case keys.Retiring:
		return k.Retired, k.Expires
	case keys.Historical:
		return k.Expires, ""
	case keys.Revoked:
		return k.Revoked, ""
	}
	return k.Activated, ""
}

func keysGenerate(c *cli.Context) error {
	return changeKeys(c, func() (string, any, error) {
		r, err := whose(c)
		return "generate", r, err
	})
}

func keysRotate(c *cli.Context) error {
	return changeKeys(c, func() (string, any, error) {
		r, err := whose(c)
		when := gateway.RotateIfDue
		switch now, due := c.Bool("now"), c.Bool("when-due"); {
		case now && due:
			return "", nil, usage("--now and --when-due exclude each other")
		case now:
			when = gateway.RotateNow
		case due:
			when = gateway.RotateWhenDue
		}
		return "rotate", gateway.RotateRequest{KeyRequest: r, When: when}, err
	})
}

func keysRevoke(c *cli.Context) error {
	if err := exactly(c, "the kid"); err != nil {
		return err
	}
	return changeKeys(c, func() (string, any, error) {
		reason := keys.Reason(c.String("reason"))
		if !reason.Known() {
			return "", nil, usage("--reason %q: compromised, superseded or unspecified is wanted", reason)
		}
		return "revoke", gateway.RevokeRequest{Kid: c.Args().First(), Reason: reason, Since: c.String("since")}, nil
	}, c.Args().First())
}

func whose(c *cli.Context) (gateway.KeyRequest, error) {
	purpose := keys.Purpose(c.String("purpose"))
	if purpose.Algorithms() == nil {
		return gateway.KeyRequest{}, usage("--purpose %q: federation, exchange, permit, visa or sealing is wanted", purpose)
	}
	return gateway.KeyRequest{Purpose: purpose, Owner: c.String("owner"), Alg: c.String("alg")}, nil
}

// changeKeys asks for one change and says what became of it; warnings go to standard error.
func changeKeys(c *cli.Context, request func() (string, any, error), arguments ...string) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, arguments...); err != nil {
		return err
	}
	call, in, err := request()
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	done, err := client.ChangeKeys(c.Context, call, in)
	if err != nil {
		return answered(err)
	}
	for _, w := range done.Warnings {
		_, _ = fmt.Fprintf(c.App.ErrWriter, "ehdsgw: keys %s: %s\n", call, output.Safe(w))
	}
	f := output.Fields{
		{Name: "key", Value: done.Key.Kid}, {Name: "purpose", Value: string(done.Key.Purpose)}, {Name: "owner", Value: done.Key.Owner},
		{Name: "alg", Value: done.Key.Alg}, {Name: "state", Value: string(done.Key.State)}, {Name: "may sign from", Value: done.Key.NotBefore},
	}
	if done.Waits {
		f = append(f, output.Field{Name: "rotation", Value: "waits until then"})
	}
	if done.Retired != nil {
		f = append(f, output.Field{Name: "retired", Value: done.Retired.Kid}, output.Field{Name: "published until", Value: done.Retired.Expires})
	}
	return p.Print(done, f)
}

func keysExport(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	r, err := whose(c)
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	set, err := client.JWKS(c.Context, url.Values{"purpose": {string(r.Purpose)}, "owner": {r.Owner}})
	if err != nil {
		return answered(err)
	}
	p.Format = output.JSON // a JWK set has no other form
	return p.Print(json.RawMessage(set))
}
