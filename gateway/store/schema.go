package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// migration is one forward step of the schema; its number is the version it leads to.
type migration struct {
	version int64
	sql     string
}

// migrations reads the steps in order. Files are named NNNN_what.sql without gaps.
func migrations(d Dialect) ([]migration, error) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var out []migration
	for i, name := range names {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, "schema/"), "_")
		version, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || version != int64(i+1) {
			return nil, fmt.Errorf("schema file %s is out of order", name)
		}
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, migration{version, strings.ReplaceAll(string(text), "{{rowid}}", d.RowID)})
	}
	return out, nil
}

// schemaVersion reads the version of a record, 0 for a new one. A version this program does not know
// is ErrSchema.
func schemaVersion(ctx context.Context, c *sql.Conn, steps []migration) (int64, error) {
	var v sql.NullInt64
	if err := c.QueryRowContext(ctx, "SELECT max(version) FROM schema_version").Scan(&v); err != nil {
		return 0, dbErr(err)
	}
	if v.Int64 > int64(len(steps)) {
		return 0, fmt.Errorf("%w: version %d, known up to %d", ErrSchema, v.Int64, len(steps))
	}
	return v.Int64, nil
}

// migrate brings the schema up to date, each step in a transaction of its own.
func migrate(ctx context.Context, c *sql.Conn, d Dialect) error {
	steps, err := migrations(d)
	if err != nil {
		return err
	}
	if _, err := c.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"); err != nil {
		return dbErr(err)
	}
	have, err := schemaVersion(ctx, c, steps)
	if err != nil {
		return err
	}
	for _, m := range steps[have:] {
		if err := m.apply(ctx, c, d); err != nil {
			return fmt.Errorf("schema version %d: %w", m.version, err)
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, c *sql.Conn, d Dialect) error {
	steps := []string{d.Begin, m.sql, fmt.Sprintf("INSERT INTO schema_version (version) VALUES (%d)", m.version), "COMMIT"}
	for _, text := range steps {
		if _, err := c.ExecContext(ctx, text); err != nil {
			_, _ = c.ExecContext(ctx, "ROLLBACK") // the first error tells more
			return dbErr(err)
		}
	}
	return nil
}
