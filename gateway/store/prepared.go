package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// dbError marks an error as the database's, so that it is told from an impossible change.
type dbError struct{ err error }

func (e *dbError) Error() string { return "database: " + e.err.Error() }
func (e *dbError) Unwrap() error { return e.err }

func dbErr(err error) error {
	if err == nil {
		return nil
	}
	var known *dbError
	if errors.As(err, &known) {
		return err
	}
	return &dbError{err}
}

// preparer is a *sql.DB (readers), *sql.Conn (the writer) or *sql.Tx (a snapshot).
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// session runs statements, each prepared once. Parameters are written $1, $2, … in the order of
// their first use.
type session struct {
	on    preparer
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func newSession(on preparer) *session {
	return &session{on: on, stmts: map[string]*sql.Stmt{}}
}

func (s *session) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.stmts[query]; ok {
		return st, nil
	}
	st, err := s.on.PrepareContext(ctx, query)
	if err != nil {
		return nil, dbErr(err)
	}
	s.stmts[query] = st
	return st, nil
}

// exec returns how many rows changed.
func (s *session) exec(ctx context.Context, query string, args ...any) (int64, error) {
	st, err := s.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, dbErr(err)
	}
	n, err := res.RowsAffected()
	return n, dbErr(err)
}

// one reads one row into dest; ok is false when there is none.
func (s *session) one(ctx context.Context, query string, args []any, dest ...any) (ok bool, err error) {
	st, err := s.stmt(ctx, query)
	if err != nil {
		return false, err
	}
	switch err := st.QueryRowContext(ctx, args...).Scan(dest...); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, dbErr(err)
	}
	return true, nil
}

// each reads all rows, calling row for every one.
func (s *session) each(ctx context.Context, query string, args []any, row func(scan func(...any) error) error) error {
	st, err := s.stmt(ctx, query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return dbErr(err)
	}
	defer rows.Close()
	scan := func(dest ...any) error { return dbErr(rows.Scan(dest...)) }
	for rows.Next() {
		if err := row(scan); err != nil {
			return err
		}
	}
	return dbErr(rows.Err())
}

func (s *session) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	s.stmts = map[string]*sql.Stmt{}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close statements: %w", err)
	}
	return nil
}
