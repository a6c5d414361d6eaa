package witness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Register is the part of the witness's memory that other processes may use while the witness serves:
// they read logs and add new ones, and never touch the file of a log that is known.
type Register struct{ dir string }

// OpenRegister opens the folder beside whoever serves from it. The folder must be there: one made anew
// would be a witness that remembers nothing.
func OpenRegister(dir string) (Register, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return Register{}, err
	}
	if !info.IsDir() {
		return Register{}, fmt.Errorf("%s: %w: not a folder", dir, ErrDamaged)
	}
	return Register{dir}, nil
}

// Add begins to watch a log, which counts from the next request on. All keys must be the log's, named
// like the origin. Errors are evidence.ErrVKey, ErrKnown, ErrDamaged and those of the disk.
func (r Register) Add(origin string, vkeys []string) error {
	if _, err := logVerifiers(origin, vkeys); err != nil {
		return err
	}
	if _, known, err := r.Get(origin); err != nil || known {
		return errors.Join(err, ErrKnown)
	}
	f, err := os.CreateTemp(r.dir, ".add-*")
	if err != nil {
		return err
	}
	err = writeLog(f, Log{Origin: origin, VKeys: vkeys})
	if err == nil {
		err = os.Link(f.Name(), r.path(origin)) // unlike a rename it never replaces what another has added
	}
	if errors.Is(err, fs.ErrExist) {
		err = ErrKnown
	}
	return errors.Join(err, os.Remove(f.Name()), syncDir(r.dir))
}

// Get reads one log; known is false for one that was never added.
func (r Register) Get(origin string) (log Log, known bool, err error) {
	text, err := os.ReadFile(r.path(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return Log{}, false, nil
	}
	if err != nil {
		return Log{}, false, err
	}
	if len(text) > maxLogFile || jose.DecodeStrict(text, &log) != nil || log.Origin != origin || log.Size < 0 || log.At < 0 || (log.Root == "") != (log.Size == 0) {
		return Log{}, false, fmt.Errorf("%w: %s", ErrDamaged, r.path(origin))
	}
	if _, err := logVerifiers(origin, log.VKeys); err != nil {
		return Log{}, false, fmt.Errorf("%w: %s: %w", ErrDamaged, r.path(origin), err)
	}
	return log, true, nil
}

// All lists the logs by origin.
func (r Register) All() ([]Log, error) {
	files, err := filepath.Glob(filepath.Join(r.dir, "*.json"))
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
		log, known, err := r.Get(named.Origin)
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
