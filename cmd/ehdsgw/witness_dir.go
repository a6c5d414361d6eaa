package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
)

// Names in the directory of a witness.
const (
	cosignerName = "cosigner.key"
	watchedName  = "logs"
)

func witnessInit(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the directory"); err != nil {
		return err
	}
	if c.String("name") == "" {
		return usage("--name is missing: the name of the witness, such as witness.example/w1")
	}
	key, err := evidence.NewCosigner(c.String("name"), rand.Reader)
	if err != nil {
		return usage("--name: %w", err)
	}
	dir := c.Args().First()
	if err := claim(dir); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil { // an empty one may have been there
		return err
	}
	r := witnessReport{Name: key.Name(), VKey: key.VKey(), Key: filepath.Join(dir, cosignerName)}
	if err := os.Mkdir(filepath.Join(dir, watchedName), 0o700); err != nil {
		return err
	}
	if err := writeNew(r.Key, []byte(key.Secret()+"\n")); err != nil {
		return err
	}
	return p.Print(r, r.fields())
}

// openWatched opens the logs of the directory, beside a witness that serves.
func openWatched(c *cli.Context) (witness.Register, error) {
	r, err := witness.OpenRegister(filepath.Join(c.Args().First(), watchedName))
	if errors.Is(err, fs.ErrNotExist) {
		return r, usage("%w; make a witness with 'ehdsgw witness init'", err)
	}
	if err != nil {
		return r, usage("%w", err)
	}
	return r, nil
}

func witnessAddLog(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the directory"); err != nil {
		return err
	}
	origin, vkeys := c.String("origin"), c.StringSlice("vkey")
	switch {
	case origin == "":
		return usage("--origin is missing: the origin of the log, such as ncp.fr.example/log")
	case len(vkeys) == 0:
		return usage("--vkey is missing: the key of the log, from its operator")
	}
	r, err := openWatched(c)
	if err != nil {
		return err
	}
	err = r.Add(origin, vkeys)
	switch {
	case errors.Is(err, evidence.ErrVKey):
		return usage("--vkey: %w", err)
	case errors.Is(err, witness.ErrKnown):
		return negative("%s: %w; see 'ehdsgw witness list'", output.Safe(origin), err)
	case err != nil:
		return watchedTrouble(err)
	}
	row := watchedRow{Origin: origin, VKeys: vkeys}
	return p.Print(row, watchedGrid([]watchedRow{row}))
}

func witnessList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the directory"); err != nil {
		return err
	}
	r, err := openWatched(c)
	if err != nil {
		return err
	}
	logs, err := r.All()
	if err != nil {
		return watchedTrouble(err)
	}
	rows := make([]watchedRow, len(logs))
	for i, l := range logs {
		rows[i] = watchedRow{Origin: l.Origin, VKeys: l.VKeys, Size: l.Size}
		if l.At > 0 {
			rows[i].Cosigned = time.Unix(l.At, 0).UTC()
		}
	}
	return p.Print(rows, watchedGrid(rows))
}

// watchedTrouble says how to mend what is wrong with the folder of the logs.
func watchedTrouble(err error) error {
	switch {
	case errors.Is(err, witness.ErrDamaged):
		return negative("%w; an older copy would forget what was cosigned since: ask the log's operator for its size, and begin a witness with a new key if in doubt", err)
	case errors.Is(err, witness.ErrLocked):
		return negative("%w; stop that one first", err)
	}
	return err
}
