package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Log is one log the witness watches, and the largest tree it has cosigned of it.
type Log struct {
	Origin string   `json:"origin"`
	VKeys  []string `json:"vkeys"` // keys that may sign its checkpoints
	Size   int64    `json:"size"`  // 0 before the first cosignature
	Root   string   `json:"root"`  // base64; empty before the first cosignature
	At     int64    `json:"at"`    // seconds since 1970, of the last cosignature
}

// Errors of the ledger.
var (
	// ErrLocked: another process has the folder open.
	ErrLocked = errors.New("the folder is in use by another witness")
	// ErrKnown: the log was added before.
	ErrKnown = errors.New("the log is known already")
	// ErrDamaged: a file of the folder is not what the witness wrote. A witness that lost its memory
	// must not go on: it could cosign a second history.
	ErrDamaged = errors.New("the witness's memory is damaged")
)

// Ledger is the witness's memory: one file for each log, replaced as a whole and synced before
// anything that rests on it leaves.
type Ledger struct {
	Register
	lock *os.File
}

const maxLogFile = 16 << 10

// OpenLedger opens the folder for this process alone.
func OpenLedger(dir string) (*Ledger, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrLocked, dir), lock.Close())
	}
	return &Ledger{Register{dir}, lock}, nil
}

// Close lets another process open the folder.
func (l *Ledger) Close() error { return l.lock.Close() }

// Put writes one log, and returns once it is on disk.
func (l *Ledger) Put(log Log) error {
	temporary := l.path(log.Origin) + ".new"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := writeLog(f, log); err != nil {
		return err
	}
	if err := os.Rename(temporary, l.path(log.Origin)); err != nil {
		return err
	}
	return syncDir(l.dir)
}

// writeLog writes a log to a new file, and syncs and closes it.
func writeLog(f *os.File, log Log) error {
	text, err := json.MarshalIndent(log, "", "  ")
	if err == nil {
		_, err = f.Write(append(text, '\n'))
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// path names a log's file by its origin's hash: an origin has characters a file name cannot hold.
func (r Register) path(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(r.dir, hex.EncodeToString(sum[:16])+".json")
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
