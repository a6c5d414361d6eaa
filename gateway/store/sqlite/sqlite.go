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
	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Names in the data directory.
const (
	recordFile = "record.db"
	lockFile   = "record.lock"
	ringFile   = "keys.ring"
)

// Options place the record.
type Options struct {
	Dir     string // data directory; made with mode 0700 where there is none
	Readers int    // reading connections, 4 by default
}

// New gives the driver of a data directory. Nothing is touched before Open.
func New(o Options) store.Driver {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	return opener{o}
}

type opener struct{ o Options }

// Open implements store.Driver.
func (d opener) Open(context.Context) (store.Database, error) {
	if d.o.Dir == "" {
		return nil, errors.New("sqlite: no data directory")
	}
	dir, err := filepath.Abs(d.o.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := takeLock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, err
	}
	db := &database{dir: dir, lock: lock, readers: d.o.Readers}
	if err := db.connectors(); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return db, nil
}

type database struct {
	dir            string
	lock           *lock
	readers        int
	writer, reader driver.Connector
}

var _ store.Database = (*database)(nil)

// connectors makes the file, so that it and its companions are 0600, and both kinds of connection.
func (d *database) connectors() error {
	path := filepath.Join(d.dir, recordFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if d.writer, err = connector(path, nil, writerPragmas...); err != nil {
		return err
	}
	d.reader, err = connector(path, nil, readerPragmas...)
	return err
}

var writerPragmas = []string{
	"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	"trusted_schema(0)", "mmap_size(67108864)", "cache_size(-32768)", "journal_size_limit(67108864)", "temp_store(MEMORY)",
}

var readerPragmas = []string{
	"busy_timeout(5000)", "query_only(1)", "trusted_schema(0)", "mmap_size(67108864)", "cache_size(-8192)", "temp_store(MEMORY)",
}

func connector(path string, query url.Values, pragmas ...string) (driver.Connector, error) {
	q := url.Values{"_pragma": pragmas}
	for k, v := range query {
		q[k] = v
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return sqlite.NewConnector(u.String())
}

func (d *database) Writer() driver.Connector { return d.writer }
func (d *database) Reader() driver.Connector { return d.reader }
func (d *database) Readers() int             { return d.readers }

func (d *database) Dialect() store.Dialect {
	return store.Dialect{Begin: "BEGIN IMMEDIATE", RowID: "INTEGER PRIMARY KEY"}
}

func (d *database) Ring() store.File { return file(filepath.Join(d.dir, ringFile)) }

// Close implements store.Database.
func (d *database) Close() error { return d.lock.release() }

// Classify implements store.Database.
func (d *database) Classify(err error) store.Failure {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
			return store.FailureIO
		}
		return store.FailureOther
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT:
		return store.FailureConstraint
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return store.FailureBusy
	case sqlite3.SQLITE_FULL:
		return store.FailureFull
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL:
		return store.FailureIO
	}
	return store.FailureOther
}

// Check implements store.Database: integrity_check reads every page.
func (d *database) Check(ctx context.Context) ([]string, error) { return check(ctx, d.reader) }

func check(ctx context.Context, c driver.Connector) ([]string, error) {
	db := sql.OpenDB(c)
	defer db.Close()
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check")
	if err != nil {
		return nil, fmt.Errorf("integrity check: %w", err)
	}
	defer rows.Close()
	var problems []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			problems = append(problems, line)
		}
	}
	return problems, rows.Err()
}
