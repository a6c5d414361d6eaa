package store

import (
	"context"
	"database/sql/driver"
)

// Driver opens the database under a record. It holds no logic of the record.
type Driver interface {
	// Open takes the record for this process, creating it where there is none. ErrLocked when another
	// process has it.
	Open(ctx context.Context) (Database, error)
	// OpenCopy opens a copy made by Database.Copy, read-only.
	OpenCopy(ctx context.Context, path string) (Snapshot, error)
}

// Snapshot is a database that can be read.
type Snapshot interface {
	// Reader makes connections that read the last commit and do not wait for the writer.
	Reader() driver.Connector
	// Ring is the file of the key ring. It is no part of the database; of a copy it lies beside it.
	Ring() File
	// Check lets the engine examine its own file; problems are lines for the operator.
	Check(ctx context.Context) (problems []string, err error)
	// Close gives the record back to other processes.
	Close() error
}

// Database is an open database.
type Database interface {
	Snapshot
	// Writer makes the one connection that writes; every COMMIT on it is durable when it returns.
	Writer() driver.Connector
	// Readers is how many reading connections are useful.
	Readers() int
	Dialect() Dialect
	// Classify says what an error of this database means.
	Classify(err error) Failure
	// Copy writes a consistent copy of the database, taken while the writer works, to path, which
	// does not exist, with mode 0600, durably.
	Copy(ctx context.Context, path string) error
	// CopyRing is the ring file beside a copy.
	CopyRing(path string) File
}

// Dialect is what cannot be said in common SQL.
type Dialect struct {
	Begin string // begins a writing transaction
	RowID string // column definition of a 64-bit integer primary key
}

// File is a small file that is replaced as a whole, atomically and durably, and whose former content
// is overwritten as far as the medium allows.
type File interface {
	// Load gives the content; ok is false when there is no file.
	Load() (data []byte, ok bool, err error)
	Replace(data []byte) error
}

// Failure is a class of database error.
type Failure int

// The classes.
const (
	FailureOther      Failure = iota
	FailureConstraint         // this statement broke a constraint; the transaction goes on
	FailureBusy               // somebody else holds the database; later
	FailureFull               // no space; later
	FailureIO                 // the medium failed: nothing it says can be relied on
)
