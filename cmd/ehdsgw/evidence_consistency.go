package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// maxCheckpointFile bounds a checkpoint's file, in bytes.
const maxCheckpointFile = 128 << 10

func evidenceConsistencyCommand() *cli.Command {
	return &cli.Command{
		Name: "consistency", Usage: "prove from tiles that a log only grew", ArgsUsage: "OLD NEW",
		Description: "OLD and NEW are checkpoints of one log, the directory mirrors its tiles. Needs no gateway and no\n" +
			"network; believes no key but those of the trust file.\n" +
			"Exit 0: NEW extends OLD; 1: it does not; 3: the tiles do not suffice.\n\n" +
			"Example: ehdsgw evidence consistency monday.txt friday.txt --tiles log --trust trust.json",
		Flags: []cli.Flag{
			trustFlag(), &cli.StringFlag{Name: "tiles", Usage: "`DIR` that holds tile/<L>/<N> (required)"}, outputFlag(),
		},
		Action: evidenceConsistency,
	}
}

// consistencyReport is what was found about two checkpoints.
type consistencyReport struct {
	Verdict evidence.Verdict `json:"verdict"`
	Reason  string           `json:"reason,omitempty"`
	Origin  string           `json:"origin"`
	From    int64            `json:"from"`
	To      int64            `json:"to"`
	// Witnessed is when a witness of the trust file first vouched for the newer tree.
	Witnessed time.Time `json:"witnessed_at,omitzero"`
}

func evidenceConsistency(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the older checkpoint", "the newer checkpoint"); err != nil {
		return err
	}
	dir := c.String("tiles")
	if dir == "" {
		return usage("--tiles is missing: the directory that mirrors the log's tiles")
	}
	t, _, err := readTrust(c)
	if err != nil {
		return err
	}
	var cps [2]evidence.Checkpoint
	for i, name := range c.Args().Slice() {
		if cps[i], err = readCheckpointFile(c, name, t); err != nil {
			return err
		}
	}
	r := judgeConsistency(cps[0], cps[1], func(path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, filepath.FromSlash(path))) // tile paths are made here
	})
	fields := output.Fields{
		{Name: "verdict", Value: string(r.Verdict)}, {Name: "log", Value: r.Origin},
		{Name: "leaves", Value: fmt.Sprintf("%d, then %d", r.From, r.To)},
	}
	if !r.Witnessed.IsZero() {
		fields = append(fields, output.Field{Name: "witnessed", Value: r.Witnessed.Format(time.RFC3339)})
	}
	if r.Reason != "" {
		fields = append(fields, output.Field{Name: "reason", Value: r.Reason})
	}
	if err := p.Print(r, fields); err != nil {
		return err
	}
	return said(bundleExit(r.Verdict))
}

// judgeConsistency proves new from old. Tiles that are missing or false disprove nothing.
func judgeConsistency(old, new evidence.Checkpoint, read evidence.TileSource) consistencyReport {
	r := consistencyReport{Verdict: evidence.Valid, Origin: new.Origin, From: old.Size, To: new.Size}
	r.Witnessed, _ = new.Witnessed()
	proof, err := evidence.ProveConsistency(old, new, read)
	if err == nil {
		err = evidence.Consistent(old, new, proof)
	}
	switch {
	case errors.Is(err, evidence.ErrTile) || errors.Is(err, fs.ErrNotExist):
		r.Verdict, r.Reason = evidence.CannotTell, "the tiles do not hold the newer tree"
	case err != nil:
		r.Verdict, r.Reason = evidence.Invalid, err.Error()
	}
	return r
}

// readCheckpointFile reads and verifies a checkpoint with the keys of the trust file.
func readCheckpointFile(c *cli.Context, name string, t evidence.TrustFile) (evidence.Checkpoint, error) {
	raw, err := readFile(c, name, maxCheckpointFile)
	if err != nil {
		return evidence.Checkpoint{}, err
	}
	origin, _, _ := strings.Cut(string(raw), "\n")
	vkeys := append([]string(nil), t.Witnesses...)
	known := false
	for _, l := range t.Logs {
		if l.Origin == origin {
			vkeys, known = append(vkeys, l.VKey), true
		}
	}
	if !known {
		return evidence.Checkpoint{}, cannotTell("%s: the trust file has no key for the log this is of", name)
	}
	var keys []note.Verifier
	for _, vkey := range vkeys {
		v, err := evidence.VerifierFor(vkey)
		if err != nil {
			return evidence.Checkpoint{}, usage("the trust file: %w", err)
		}
		keys = append(keys, v)
	}
	cp, err := evidence.OpenCheckpoint(raw, origin, keys...)
	if err != nil {
		return evidence.Checkpoint{}, negative("%s: %w", name, err)
	}
	return cp, nil
}
