package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func dispatcherCommand() *cli.Command {
	return &cli.Command{
		Name: "dispatcher", Usage: "the interface national systems call on a running gateway",
		Subcommands: []*cli.Command{
			{
				Name: "key", Usage: "the API keys of national systems",
				Subcommands: []*cli.Command{
					{
						Name: "add", Usage: "make a key for a system and show it, this once", ArgsUsage: "SYSTEM",
						Description: "A system may have several keys: add the new one, let the system change over, then revoke the old one.\n" +
							"The gateway keeps a digest; a key that is lost is replaced, never shown again.\n\n" +
							"Example: ehdsgw dispatcher key add national-daams --life 8760h -c hub/ehdsgw.yaml",
						Flags:  socketFlags(&cli.DurationFlag{Name: "life", Usage: "how long the key is good; without it until it is revoked"}),
						Action: dispatcherKeyAdd,
					},
					{
						Name: "list", Usage: "list the keys, never the keys themselves",
						Description: "Example: ehdsgw dispatcher key list --system national-daams -c hub/ehdsgw.yaml",
						Flags:       socketFlags(&cli.StringFlag{Name: "system", Usage: "only keys of `SYSTEM`"}),
						Action:      dispatcherKeyList,
					},
					{
						Name: "revoke", Usage: "refuse a key, at once or after a while", ArgsUsage: "ID",
						Description: "Example: ehdsgw dispatcher key revoke 0a1b2c3d4e5f --in 24h -c hub/ehdsgw.yaml",
						Flags:       socketFlags(&cli.DurationFlag{Name: "in", Usage: "after this `DURATION`, so that the system can change over"}),
						Action:      dispatcherKeyRevoke,
					},
				},
			},
			dispatcherPushCommand(),
		},
	}
}

func dispatcherKeyAdd(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the system"); err != nil {
		return err
	}
	if c.IsSet("life") && c.Duration("life") < time.Second {
		return usage("--life: a duration above zero is wanted, such as 8760h")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	k, err := client.AddAPIKey(c.Context, gateway.APIKeyRequest{System: c.Args().First(), Life: int64(c.Duration("life") / time.Second)})
	if err != nil {
		return answered(err)
	}
	return p.Print(k, append(apiKeyFields(k.APIKey), output.Field{Name: "key", Value: k.Key}))
}

func dispatcherKeyList(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	all, err := client.APIKeys(c.Context)
	if err != nil {
		return answered(err)
	}
	rows := []dispatcher.APIKey{}
	grid := output.Grid{Head: []string{"SYSTEM", "ID", "CREATED", "EXPIRES", "REVOKED"}}
	for _, k := range all {
		if s := c.String("system"); s == "" || k.System == s {
			rows = append(rows, k)
			grid.Rows = append(grid.Rows, []string{k.System, k.ID, k.Created, k.Expires, k.Revoked})
		}
	}
	if len(rows) == 0 {
		return p.Print(rows, output.Lines{"no keys"})
	}
	return p.Print(rows, grid)
}

func dispatcherKeyRevoke(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the key's id"); err != nil {
		return err
	}
	if c.Duration("in") < 0 {
		return usage("--in: a duration from zero is wanted, such as 24h")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	k, err := client.RevokeAPIKey(c.Context, gateway.APIKeyRevocation{ID: c.Args().First(), After: int64(c.Duration("in") / time.Second)})
	if err != nil {
		return answered(err)
	}
	return p.Print(k, apiKeyFields(k))
}

// apiKeyFields shows a key; times that do not apply are left out.
func apiKeyFields(k dispatcher.APIKey) output.Fields {
	f := output.Fields{{Name: "system", Value: k.System}, {Name: "id", Value: k.ID}, {Name: "created", Value: k.Created}}
	if k.Expires != "" {
		f = append(f, output.Field{Name: "expires", Value: k.Expires})
	}
	if k.Revoked != "" {
		f = append(f, output.Field{Name: "revoked", Value: k.Revoked})
	}
	return f
}
