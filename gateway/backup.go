package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// BackupRequest names where the copy goes: an absolute path that does not exist yet.
type BackupRequest struct {
	Path string `json:"path"`
}

// operatorBackup makes a copy of the live record and answers with its manifest.
func (g *Gateway) operatorBackup(ctx context.Context, req BackupRequest) (json.RawMessage, error) {
	if !filepath.IsAbs(req.Path) {
		return nil, fault.New(fault.Invalid, "path-not-absolute", "the path of a backup is absolute").At("/path")
	}
	if err := g.record.Backup(ctx, req.Path); err != nil {
		g.log.ErrorContext(ctx, "a backup was not made", "error", err)
		return nil, backupFault(err)
	}
	return os.ReadFile(req.Path + ".json")
}

func backupFault(err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return fault.Wrap(err, fault.Conflict, "backup-exists", "there is a file at this path; a backup replaces none").At("/path")
	case errors.Is(err, store.ErrKey):
		return fault.Wrap(err, fault.Conflict, "backup-of-another", "the directory holds backups of another record, or newer ones").At("/path")
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.Invalid, "path-not-writable", "the gateway cannot write to the directory of this path").At("/path")
	}
	return fault.Wrap(err, fault.Unavailable, "backup-failed", "the backup was not made; the gateway's log says why")
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
