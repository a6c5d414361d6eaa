package gateway

import (
	"context"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
)

// RecordDir is where a data directory keeps the record.
func RecordDir(dataDir string) string { return filepath.Join(dataDir, "record") }

func (g *Gateway) openRecord(ctx context.Context) error {
	secret, err := g.keys.Secret(recordSecret)
	if err != nil {
		return err
	}
	dir := RecordDir(g.cfg.DataDir)
	g.record, err = store.Open(ctx, store.Options{
		Driver: sqlite.New(sqlite.Options{Dir: dir}), Origin: LogOrigin(g.cfg.Entity), LogSigner: g.logKey.Signer,
		RecordKey: secret, Clock: g.o.Clock, Rand: g.o.Rand, Logger: g.log, MinFree: uint64(g.cfg.Storage.MinFree),
		Timers:    exchange.TimersOf,
		Changed:   g.registrar.changed,
		FreeSpace: func() (uint64, error) { return g.o.FreeSpace(dir) },
	})
	return err
}

// freeSpace is what an unprivileged process may still write to the file system of dir, in bytes.
func freeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
