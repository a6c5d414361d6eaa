package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
)

func witnessCommand() *cli.Command {
	return &cli.Command{
		Name: "witness", Usage: "run a witness that cosigns evidence logs of others",
		Subcommands: []*cli.Command{
			{
				Name: "init", Usage: "make the directory of a new witness", ArgsUsage: "DIR",
				Description: "Makes, in a directory that is empty or not there yet: the cosigning key, readable by its owner only,\n" +
					"and the folder of the logs it will watch. Prints the vkey: it goes into evidence.witnesses of the gateways\n" +
					"that ask, and into the trust files of those who verify.\n\n" +
					"Example: ehdsgw witness init witness --name witness.example/w1",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "name", Usage: "`NAME` of the witness: a host, or a host and a path, without a scheme (required)"}, outputFlag(),
				},
				Action: witnessInit,
			},
			{
				Name: "add-log", Usage: "watch a log from now on", ArgsUsage: "DIR",
				Description: "Origin and key are in the gateway's enrollment.json (evidence_log); get them from its operator.\n" +
					"A running 'witness serve' takes it up at once.\n\n" +
					"Example: ehdsgw witness add-log witness --origin ncp.fr.example/log --vkey ncp.fr.example/log+8fc73f7b+AUm+kKbJibrokFgSYsQLuKcOWEaxVAZGVzqyiEGk8mQu",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "origin", Usage: "`ORIGIN` of the log (required)"},
					&cli.StringSliceFlag{Name: "vkey", Usage: "`VKEY` that may sign its checkpoints; repeatable (required)"}, outputFlag(),
				},
				Action: witnessAddLog,
			},
			{
				Name: "list", Usage: "list the logs, and how far each was cosigned", ArgsUsage: "DIR",
				Description: "Example: ehdsgw witness list witness --output json",
				Flags:       []cli.Flag{outputFlag()},
				Action:      witnessList,
			},
			{
				Name: "serve", Usage: "cosign until SIGTERM or SIGINT", ArgsUsage: "DIR",
				Description: "Prints one line beginning with 'ready' on standard output once it serves; the log is on standard error.\n" +
					"Without TLS files it listens on this machine only, for a proxy in front.\n\n" +
					"Example: ehdsgw witness serve witness --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8443", Usage: "`HOST:PORT` to listen on"},
					&cli.StringFlag{Name: "tls-cert", Usage: "`FILE` with the TLS certificate chain; a renewed one is taken up"},
					&cli.StringFlag{Name: "tls-key", Usage: "`FILE` with the certificate's private key"},
				},
				Action: witnessServe,
			},
		},
	}
}

// witnessReport is what 'witness init' prints.
type witnessReport struct {
	Name string `json:"name"`
	VKey string `json:"vkey"`
	Key  string `json:"key"` // file of the private key
}

func (r witnessReport) fields() output.Fields {
	return output.Fields{{Name: "name", Value: r.Name}, {Name: "vkey", Value: r.VKey}, {Name: "key", Value: r.Key}}
}

// watchedRow is a log as 'witness list' and 'witness add-log' print it.
type watchedRow struct {
	Origin string   `json:"origin"`
	VKeys  []string `json:"vkeys"`
	Size   int64    `json:"size"`
	// Cosigned is when it was cosigned last; zero before the first time.
	Cosigned time.Time `json:"cosigned_at,omitzero"`
}

func watchedGrid(rows []watchedRow) output.View {
	if len(rows) == 0 {
		return output.Lines{"no logs; add one with 'ehdsgw witness add-log'"}
	}
	g := output.Grid{Head: []string{"ORIGIN", "SIZE", "LAST COSIGNED"}}
	for _, r := range rows {
		cosigned := "never"
		if !r.Cosigned.IsZero() {
			cosigned = r.Cosigned.Format(time.RFC3339)
		}
		g.Rows = append(g.Rows, []string{r.Origin, fmt.Sprint(r.Size), cosigned})
	}
	return g
}
