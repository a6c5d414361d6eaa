package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Faulty is a driver whose writing connection, or key ring, fails on purpose. Set the fields before
// Arm; they count from there.
type Faulty struct {
	store.Driver
	// At is the statement that fails, 1 the next; 0 none.
	At int
	// Executed says that the failing statement takes effect before it fails, as a COMMIT does whose
	// answer is lost.
	Executed bool
	// Lasting says that everything after it fails too, as after a crash.
	Lasting bool
	// Class is how the failure is classified.
	Class store.Failure
	// Ring fails every replacement of the key ring.
	Ring bool

	mu    sync.Mutex
	armed bool
	n     int
	hit   bool
}

// ErrInjected is the failure.
var ErrInjected = errors.New("injected failure")

// Arm starts counting.
func (f *Faulty) Arm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.n, f.hit = true, 0, false
}

// Statements is how many statements ran since Arm.
func (f *Faulty) Statements() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

// step runs a statement or fails it.
func (f *Faulty) step(run func() error) error {
	f.mu.Lock()
	fail := false
	if f.armed {
		f.n++
		fail = f.At != 0 && f.n == f.At
		if f.hit && f.Lasting {
			f.mu.Unlock()
			return ErrInjected
		}
		f.hit = f.hit || fail
	}
	f.mu.Unlock()
	if fail && !f.Executed {
		return ErrInjected
	}
	if err := run(); err != nil {
		return err
	}
	if fail {
		return ErrInjected
	}
	return nil
}

// Open implements store.Driver.
func (f *Faulty) Open(ctx context.Context) (store.Database, error) {
	db, err := f.Driver.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyDatabase{db, f}, nil
}

type faultyDatabase struct {
	store.Database
	f *Faulty
}

func (d *faultyDatabase) Writer() driver.Connector {
	return &faultyConnector{d.Database.Writer(), d.f}
}

func (d *faultyDatabase) Classify(err error) store.Failure {
	if errors.Is(err, ErrInjected) {
		return d.f.Class
	}
	return d.Database.Classify(err)
}

func (d *faultyDatabase) Ring() store.File { return &faultyFile{d.Database.Ring(), d.f} }

type faultyFile struct {
	store.File
	f *Faulty
}

func (l *faultyFile) Replace(data []byte) error {
	l.f.mu.Lock()
	fail := l.f.armed && l.f.Ring
	l.f.mu.Unlock()
	if fail {
		return ErrInjected
	}
	return l.File.Replace(data)
}

type faultyConnector struct {
	driver.Connector
	f *Faulty
}

func (c *faultyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyConn{conn, c.f}, nil
}

type faultyConn struct {
	driver.Conn
	f *Faulty
}

var (
	_ driver.ExecerContext      = (*faultyConn)(nil)
	_ driver.ConnPrepareContext = (*faultyConn)(nil)
)

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (res driver.Result, err error) {
	err = c.f.step(func() (err error) {
		res, err = c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
		return err
	})
	return res, err
}

func (c *faultyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	st, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &faultyStmt{st, c.f}, nil
}

type faultyStmt struct {
	driver.Stmt
	f *Faulty
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (res driver.Result, err error) {
	err = s.f.step(func() (err error) {
		res, err = s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return res, err
}

func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = s.f.step(func() (err error) {
		rows, err = s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		return err
	})
	if err != nil && rows != nil {
		err = errors.Join(err, rows.Close())
		rows = nil
	}
	return rows, err
}
