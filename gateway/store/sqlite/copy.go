package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Copy implements store.Database. VACUUM INTO reads one snapshot while the writer goes on, and leaves
// free pages behind, so that nothing deleted travels along.
func (d *database) Copy(ctx context.Context, path string) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := d.vacuumInto(ctx, part); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := syncFile(part); err != nil {
		return err
	}
	// Link instead of rename: an existing copy is never replaced.
	if err := os.Link(part, path); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := os.Remove(part); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

func (d *database) vacuumInto(ctx context.Context, path string) error {
	c, err := connector(filepath.Join(d.dir, recordFile), nil, "busy_timeout(5000)", "trusted_schema(0)")
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	return nil
}

// CopyRing implements store.Database. All copies in one directory share one ring file: the newest
// replaces the older ones, so that an erasure reaches every copy in the directory.
func (d *database) CopyRing(path string) store.File { return ringBeside(path) }

func ringBeside(path string) store.File { return file(filepath.Join(filepath.Dir(path), ringFile)) }

// OpenCopy implements store.Driver.
func (opener) OpenCopy(_ context.Context, path string) (store.Snapshot, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	c, err := connector(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}, "query_only(1)", "trusted_schema(0)")
	if err != nil {
		return nil, err
	}
	return &snapshot{path: path, reader: c}, nil
}

// snapshot is a copy, opened read-only and without a lock.
type snapshot struct {
	path   string
	reader driver.Connector
}

func (s *snapshot) Reader() driver.Connector                    { return s.reader }
func (s *snapshot) Ring() store.File                            { return ringBeside(s.path) }
func (s *snapshot) Check(ctx context.Context) ([]string, error) { return check(ctx, s.reader) }
func (s *snapshot) Close() error                                { return nil }
