package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
)

const maxCosignerFile = 4 << 10

// Bounds of a request to a witness: some kilobytes in, a file synced, a line out.
const (
	witnessHeaderTimeout = 5 * time.Second
	witnessTimeout       = 15 * time.Second
	witnessHeaderBytes   = 8 << 10
)

// readCosigner reads the key of the directory.
func readCosigner(c *cli.Context) (evidence.Cosigner, error) {
	name := filepath.Join(c.Args().First(), cosignerName)
	raw, err := readFile(c, name, maxCosignerFile)
	if err != nil {
		return evidence.Cosigner{}, usage("%w; make a witness with 'ehdsgw witness init'", err)
	}
	info, err := os.Stat(name)
	if err != nil {
		return evidence.Cosigner{}, usage("%w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return evidence.Cosigner{}, usage("%s can be read by others; run 'chmod 600 %s', and think of it as known to them", name, name)
	}
	key, err := evidence.ParseCosigner(strings.TrimSuffix(string(raw), "\n"))
	if err != nil {
		return key, usage("%s: %w", name, err)
	}
	return key, nil
}

func witnessServe(c *cli.Context) error {
	if err := exactly(c, "the directory"); err != nil {
		return err
	}
	key, err := readCosigner(c)
	if err != nil {
		return err
	}
	if _, err := openWatched(c); err != nil { // the ledger would make a new folder, and know nothing
		return err
	}
	ledger, err := witness.OpenLedger(filepath.Join(c.Args().First(), watchedName))
	if err != nil {
		return watchedTrouble(err)
	}
	defer func() { _ = ledger.Close() }() // only the lock; every log is synced as it is written
	if _, err := ledger.All(); err != nil {
		return watchedTrouble(err)
	}
	logger := slog.New(slog.NewJSONHandler(c.App.ErrWriter, nil))
	ln, err := anchorListener(c)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.App.Writer, "ready witness=%s listen=%s\n", key.Name(), ln.Addr()); err != nil {
		logger.Warn("the ready line could not be written", "error", err)
	}
	return serveUntil(c.Context, ln, &http.Server{
		Handler:           witness.Handler(witness.New(ledger, key, time.Now), logger),
		ReadHeaderTimeout: witnessHeaderTimeout, ReadTimeout: witnessTimeout, WriteTimeout: witnessTimeout, IdleTimeout: time.Minute,
		MaxHeaderBytes: witnessHeaderBytes, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	})
}
