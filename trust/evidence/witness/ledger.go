package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/ehdsgw/ehdsgw/trust/jose"
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
	dir  string
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
	return &Ledger{dir, lock}, nil
}

// Close lets another process open the folder.
func (l *Ledger) Close() error { return l.lock.Close() }

// Add begins to watch a log. At least one key must be a log's Ed25519 key named like the origin.
func (l *Ledger) Add(origin string, vkeys []string) error {
	if _, err := logVerifiers(origin, vkeys); err != nil {
		return err
	}
	if _, known, err := l.Get(origin); err != nil || known {
		return errors.Join(err, ErrKnown)
	}
	return l.Put(Log{Origin: origin, VKeys: vkeys})
}

// Get reads one log; known is false for one that was never added.
func (l *Ledger) Get(origin string) (log Log, known bool, err error) {
	text, err := os.ReadFile(l.path(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return Log{}, false, nil
	}
	if err != nil {
		return Log{}, false, err
	}
	if len(text) > maxLogFile || jose.DecodeStrict(text, &log) != nil || log.Origin != origin || log.Size < 0 || log.At < 0 || (log.Root == "") != (log.Size == 0) {
		return Log{}, false, fmt.Errorf("%w: %s", ErrDamaged, l.path(origin))
	}
	if _, err := logVerifiers(origin, log.VKeys); err != nil {
		return Log{}, false, fmt.Errorf("%w: %s: %w", ErrDamaged, l.path(origin), err)
	}
	return log, true, nil
}

// Put writes one log, and returns once it is on disk.
func (l *Ledger) Put(log Log) error {
	text, err := json.MarshalIndent(log, "", "  ")
	if err != nil {
		return err
	}
	temporary := l.path(log.Origin) + ".new"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, l.path(log.Origin)); err != nil {
		return err
	}
	return syncDir(l.dir)
}

// All lists the logs by origin.
func (l *Ledger) All() ([]Log, error) {
	files, err := filepath.Glob(filepath.Join(l.dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var out []Log
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var named struct {
			Origin string `json:"origin"`
		}
		_ = json.Unmarshal(text, &named) // Get judges the file
		log, known, err := l.Get(named.Origin)
		if err == nil && !known {
			err = fmt.Errorf("%w: %s", ErrDamaged, file)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, log)
	}
	slices.SortFunc(out, func(a, b Log) int { return strings.Compare(a.Origin, b.Origin) })
	return out, nil
}

// path names a log's file by its origin's hash: an origin has characters a file name cannot hold.
func (l *Ledger) path(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(l.dir, hex.EncodeToString(sum[:16])+".json")
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
