package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/storetest"
)

// watching remembers the statements that are prepared.
type watching struct {
	store.Driver
	mu   sync.Mutex
	seen map[string]bool
}

func (w *watching) Open(ctx context.Context) (store.Database, error) {
	db, err := w.Driver.Open(ctx)
	return &watchedDatabase{db, w}, err
}

type watchedDatabase struct {
	store.Database
	w *watching
}

func (d *watchedDatabase) Writer() driver.Connector {
	return &watchedConnector{d.Database.Writer(), d.w}
}
func (d *watchedDatabase) Reader() driver.Connector {
	return &watchedConnector{d.Database.Reader(), d.w}
}

type watchedConnector struct {
	driver.Connector
	w *watching
}

func (c *watchedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	return &watchedConn{conn, c.w}, err
}

type watchedConn struct {
	driver.Conn
	w *watching
}

func (c *watchedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.w.mu.Lock()
	c.w.seen[query] = true
	c.w.mu.Unlock()
	return c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
}

func (c *watchedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

// TestPlans: no statement of daily work reads a whole table or sorts, so that the cost of a message
// does not grow with the record.
func TestPlans(t *testing.T) {
	h := harness(t)
	w := &watching{Driver: h.Driver(), seen: map[string]bool{}}
	r := storetest.Open(t, w)
	w.mu.Lock()
	clear(w.seen) // opening may count
	w.mu.Unlock()
	storetest.Exercise(t, r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := h.Driver().Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	raw := sql.OpenDB(db.Reader())
	defer raw.Close()
	explained := 0
	for query := range w.seen {
		if strings.Contains(query, "SAVEPOINT") {
			continue
		}
		explained++
		for _, step := range plan(t, raw, query) {
			// The first rows in the order of a key are no whole table.
			whole := strings.HasPrefix(step, "SCAN") && !strings.Contains(query, "LIMIT")
			if whole || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\n  %s", query, step)
			}
		}
	}
	if explained < 40 {
		t.Errorf("only %d statements were seen", explained)
	}
}

func plan(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	args := make([]any, strings.Count(query, "$"))
	for i := range args {
		args[i] = i
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		out = append(out, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
