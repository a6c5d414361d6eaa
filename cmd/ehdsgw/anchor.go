package main

import (
	"github.com/urfave/cli/v2"
)

func anchorCommand() *cli.Command {
	return &cli.Command{
		Name: "anchor", Usage: "run a trust anchor, or an intermediate under one",
		Subcommands: []*cli.Command{
			{
				Name: "init", Usage: "make the directory of a new anchor or intermediate", ArgsUsage: "DIR",
				Description: "Makes, in a directory that is empty or not there yet: anchor.json, the federation key, the register of\n" +
					"subordinates, and federation.jwks.json: the public keys, for others to pin or to enrol.\n" +
					"With --superior it is an intermediate; it needs the anchor's keys, obtained out of band.\n\n" +
					"Examples:\n  ehdsgw anchor init anchor --entity https://anchor.example\n" +
					"  ehdsgw anchor init region --entity https://fed.ncp.be.example --superior https://anchor.example --anchor-keys anchor.jwks.json",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "entity", Usage: "entity `URL`: https, without a trailing slash (required)"},
					&cli.StringFlag{Name: "name", Usage: "`NAME` of the organisation"},
					&cli.StringSliceFlag{Name: "superior", Usage: "entity `URL` of a superior, for an intermediate; repeatable"},
					&cli.StringFlag{Name: "anchor", Usage: "entity `URL` of the trust anchor, if not the first superior"},
					&cli.StringFlag{Name: "anchor-keys", Usage: "`FILE` with the anchor's public keys (JWK set); it is copied"},
					&cli.BoolFlag{Name: "development", Usage: "allow http and entities on this machine"},
					outputFlag(),
				},
				Action: anchorInit,
			},
			{
				Name: "enroll", Usage: "vouch for an entity from now on", ArgsUsage: "[ENTITY]",
				Description: "The entity's federation keys are pinned: from --request (the enrollment.json that 'ehdsgw init' makes),\n" +
					"from --jwks, or from its configuration, which a key with --thumbprint must have signed. Get the file or\n" +
					"the thumbprint over another channel. What is stated about it (country, code, policy, constraints) comes\n" +
					"from the flags. A running 'anchor serve' takes it up at once.\n\n" +
					"Examples:\n  ehdsgw anchor enroll --dir anchor --request enrollment.json\n" +
					"  ehdsgw anchor enroll https://fed.ncp.be.example --dir anchor --intermediate --country BE --jwks region.jwks.json\n" +
					"  ehdsgw anchor enroll https://ncp.fr.example --dir anchor --country FR --mark ncp --thumbprint 1KtDD5LQk-UqKrbkUr5X9oqLChMLD9hHZNgo80p1-wo",
				Flags:  enrollFlags(),
				Action: anchorEnroll,
			},
			moveCommand("suspend", "let an entity's marks say suspended; it is still vouched for"),
			moveCommand("resume", "let a suspended entity's marks say active again"),
			moveCommand("withdraw", "vouch for an entity no longer; its marks are revoked"),
			{
				Name: "list", Usage: "list the subordinates, withdrawn ones too",
				Description: "Example: ehdsgw anchor list --dir anchor --output json",
				Flags:       []cli.Flag{dirFlag(), outputFlag()},
				Action:      anchorList,
			},
			{
				Name: "rotate-key", Usage: "publish a next federation key, or let it take over",
				Description: "The first call publishes a next key and writes federation.jwks.json anew: have it pinned or enrolled\n" +
					"everywhere. The second, 24 hours later or more, lets it sign. The former key stays published for 15 days.\n" +
					"Nobody can see from here what others have pinned; with --pins the key takes over only if it is in those files.\n\n" +
					"Examples:\n  ehdsgw anchor rotate-key --dir anchor\n  ehdsgw anchor rotate-key --dir anchor --pins region/anchor.jwks.json --pins hub/anchor.jwks.json",
				Flags: []cli.Flag{
					dirFlag(), &cli.StringSliceFlag{Name: "pins", Usage: "`FILE` with the keys that others have pinned (JWK set); repeatable"}, outputFlag(),
				},
				Action: anchorRotate,
			},
			{
				Name: "revoke-key", Usage: "take a federation key out of use at once and for ever", ArgsUsage: "KID",
				Description: "The key neither signs nor is published again, and is listed with its reason among the historical keys.\n" +
					"If it is the one that signs, the next key takes over at once; one is made where none waits. Others believe\n" +
					"the revoked key until they pin federation.jwks.json, or enrol it again: tell them over another channel.\n\n" +
					"Example: ehdsgw anchor revoke-key KID --dir anchor --reason compromised --since 2027-03-31T12:00:00Z",
				Flags: []cli.Flag{
					dirFlag(),
					&cli.StringFlag{Name: "reason", Usage: "`REASON`: compromised, superseded or unspecified"},
					&cli.StringFlag{Name: "since", Usage: "`TIME`, RFC 3339, from which the key is not to be believed, if not now"},
					outputFlag(),
				},
				Action: anchorRevoke,
			},
			{
				Name: "serve", Usage: "serve the federation endpoints until SIGTERM or SIGINT",
				Description: "Prints one line beginning with 'ready' on standard output once it serves; the log is on standard error.\n" +
					"Without TLS files it listens on this machine only, for a proxy in front. The register and the keys are\n" +
					"read at every request: what the other commands change counts at once.\n\n" +
					"Example: ehdsgw anchor serve --dir anchor --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem",
				Flags: []cli.Flag{
					dirFlag(),
					&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8443", Usage: "`HOST:PORT` to listen on"},
					&cli.StringFlag{Name: "tls-cert", Usage: "`FILE` with the TLS certificate chain; a renewed one is taken up"},
					&cli.StringFlag{Name: "tls-key", Usage: "`FILE` with the certificate's private key"},
					caFlag(), networkFlag(),
				},
				Action: anchorServe,
			},
		},
	}
}

func dirFlag() cli.Flag {
	return &cli.StringFlag{Name: "dir", Value: ".", Usage: "`DIR` of the anchor or intermediate"}
}

func caFlag() cli.Flag {
	return &cli.StringFlag{Name: "ca-file", Usage: "PEM `FILE` with more certificate authorities"}
}

func networkFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "allow-network", Usage: "private `NETWORK` that may be reached, such as 10.1.0.0/16; repeatable"}
}

func moveCommand(name, usage string) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "ENTITY",
		Description: "Example: ehdsgw anchor " + name + " https://ncp.fr.example --dir anchor",
		Flags:       []cli.Flag{dirFlag(), outputFlag()},
		Action:      anchorMove,
	}
}
