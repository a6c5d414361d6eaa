package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

func backupCommand() *cli.Command {
	return &cli.Command{
		Name: "backup", Usage: "copy a live record, and prove a copy",
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "make the running gateway copy its record", ArgsUsage: "DEST",
				Description: "DEST must not exist; the gateway writes it, with its manifest and key ring beside it.\n" +
					"Keep the data directory's keys as well: without them a copy cannot be read.\n\n" +
					"Example: ehdsgw backup create /var/backups/hub/monday.db -c hub/ehdsgw.yaml",
				Flags: socketFlags(), Action: backupCreate,
			},
			{
				Name: "verify", Usage: "prove that a copy is whole, without a gateway", ArgsUsage: "PATH",
				Description: "Recomputes the whole log against its signed checkpoints and opens what is sealed, with the\n" +
					"keys of the data directory. Exit 0: proved; 1: damaged or another record's.\n\n" +
					"Example: ehdsgw backup verify /var/backups/hub/monday.db -c hub/ehdsgw.yaml",
				Flags: []cli.Flag{
					configFlag(), setFlag(), outputFlag(),
					&cli.StringFlag{Name: "data-dir", Usage: "data `DIR` with the keys, instead of the configured one"},
					&cli.StringFlag{Name: "entity", Usage: "entity `URL` of the gateway, instead of the configured one"},
				},
				Action: backupVerify,
			},
		},
	}
}

// created is what backup create prints as JSON.
type created struct {
	Path string `json:"path"`
	store.Manifest
}

func backupCreate(c *cli.Context) error {
	p, client, err := asking(c, "the destination")
	if err != nil {
		return err
	}
	path, err := filepath.Abs(c.Args().First())
	if err != nil {
		return usage("%w", err)
	}
	m, err := client.Backup(c.Context, path)
	if err != nil {
		return answered(err)
	}
	return p.Print(created{path, m}, output.Fields{
		{Name: "path", Value: path}, {Name: "size", Value: strconv.FormatInt(m.Size, 10) + " bytes"}, {Name: "sha256", Value: m.SHA256},
		{Name: "leaves", Value: strconv.FormatInt(m.TreeSize, 10)}, {Name: "root", Value: m.Root},
	})
}

// proved is what backup verify prints as JSON.
type proved struct {
	OK          bool           `json:"ok"`
	Path        string         `json:"path"`
	Problem     string         `json:"problem,omitempty"`
	Leaves      int64          `json:"leaves"`
	Erased      int64          `json:"erased"`
	Checkpoints int64          `json:"checkpoints"`
	Root        string         `json:"root,omitempty"`
	Opened      map[string]int `json:"opened,omitempty"` // sealed rows opened, by table
	Size        int64          `json:"size"`
	SHA256      string         `json:"sha256,omitempty"`
}

func backupVerify(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the path of the copy"); err != nil {
		return err
	}
	dir, entity, err := whoseKeys(c)
	if err != nil {
		return err
	}
	path := c.Args().First()
	if _, err := os.Stat(path); err != nil {
		return usage("%w", err)
	}
	k, err := keys.Open(filepath.Join(dir, "keys"), keys.Options{Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		return usage("%w", err)
	}
	r, err := gateway.VerifyBackup(c.Context, path, entity, k, gateway.Options{
		Clock: time.Now, Rand: rand.Reader, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	err = errors.Join(err, k.Close())
	if err != nil && !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrKey) && !errors.Is(err, store.ErrSchema) {
		return cannotTell("%w", err)
	}
	return printProved(p, path, r, err)
}

func printProved(p output.Printer, path string, r store.Report, problem error) error {
	out := proved{
		OK: problem == nil, Path: path, Leaves: r.Leaves, Erased: r.Erased, Checkpoints: r.Checkpoints, Root: r.Root,
		Opened: r.Opened, Size: r.Size, SHA256: r.SHA256,
	}
	verdict := "proved"
	if problem != nil {
		verdict, out.Problem = "not proved", problem.Error()
	}
	err := p.Print(out, output.Fields{
		{Name: "verdict", Value: verdict}, {Name: "problem", Value: out.Problem}, {Name: "path", Value: path},
		{Name: "leaves", Value: fmt.Sprintf("%d, of which %d erased", r.Leaves, r.Erased)},
		{Name: "checkpoints", Value: strconv.FormatInt(r.Checkpoints, 10)}, {Name: "root", Value: r.Root}, {Name: "sha256", Value: r.SHA256},
	})
	if err != nil {
		return err
	}
	if problem != nil {
		return said(exitNegative)
	}
	return nil
}

// whoseKeys finds the data directory and the entity, from flags or configuration. The keys must be
// there: a key made now could open nothing.
func whoseKeys(c *cli.Context) (dir, entity string, err error) {
	dir, entity = c.String("data-dir"), c.String("entity")
	if dir == "" || entity == "" {
		cfg, err := goodConfig(c, readConfig)
		if err != nil {
			return "", "", err
		}
		if dir == "" {
			dir = cfg.DataDir
		}
		if entity == "" {
			entity = cfg.Entity
		}
	}
	found, err := filepath.Glob(filepath.Join(dir, "keys", "record.*"))
	if err != nil || len(found) == 0 {
		return "", "", usage("%s holds no record key; name the data directory of the gateway that made the copy with --data-dir", filepath.Join(dir, "keys"))
	}
	return dir, entity, nil
}
