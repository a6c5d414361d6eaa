package gateway

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sys/unix"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

func (g *Gateway) openRecord(ctx context.Context) error {
	secret, err := g.keys.Secret(recordSecret)
	if err != nil {
		return err
	}
	dir := RecordDir(g.cfg.DataDir)
	g.record, err = store.Open(ctx, store.Options{
		Driver: sqlite.New(sqlite.Options{Dir: dir}), Origin: LogOrigin(g.cfg.Entity), LogSigner: g.logKey.Signer,
		RecordKey: secret, Clock: g.o.Clock, Rand: g.o.Rand, Logger: g.log, MinFree: uint64(g.cfg.Storage.MinFree),
		FreeSpace: func() (uint64, error) { return freeSpace(dir) },
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

// VerifyBackup proves a copy of a record against its own log, with the keys of a data directory. The
// directory's gateway may be running.
func VerifyBackup(ctx context.Context, path, entity string, k *keys.Store, o Options) (store.Report, error) {
	secret, err := k.Secret(recordSecret)
	if err != nil {
		return store.Report{}, err
	}
	log, err := k.LogKey(LogOrigin(entity))
	if err != nil {
		return store.Report{}, errors.Join(errors.New("the log key of this data directory cannot be read"), err)
	}
	verifier, err := evidence.VerifierFor(log.VKey)
	if err != nil {
		return store.Report{}, err
	}
	return store.VerifyBackup(ctx, path, store.Options{
		Driver: sqlite.New(sqlite.Options{}), Origin: LogOrigin(entity), LogVerifiers: []note.Verifier{verifier},
		RecordKey: secret, Clock: o.Clock, Rand: o.Rand, Logger: o.Logger,
	})
}
