package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"fmt"
	"io"
	"strconv"
)

// Names in table meta.
const (
	metaRecord     = "record"          // random id of the record
	metaOrigin     = "origin"          // name of the log
	metaKeyCheck   = "key_check"       // by which the record knows its key
	metaRing       = "ring"            // id of the key ring
	metaGeneration = "ring_generation" // of the ring when the record was last compared with it
)

func readMeta(ctx context.Context, s *session, name string) ([]byte, error) {
	var v []byte
	_, err := s.one(ctx, "SELECT value FROM meta WHERE name = $1", []any{name}, &v)
	return v, err
}

func writeMeta(ctx context.Context, s *session, name string, value []byte) error {
	_, err := s.exec(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2)"+
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}

// identify finds the ring and checks that record key, ring and log belong to this record, or makes
// them the new record's.
func (r *Record) identify(ctx context.Context) error {
	id, err := readMeta(ctx, r.write, metaRecord)
	if err != nil {
		return err
	}
	rg, found, err := readRing(r.db.Ring())
	if err != nil {
		return err
	}
	if id == nil {
		return r.found(ctx, rg, found)
	}
	if !found {
		return fmt.Errorf("%w: the key ring is missing; restore it from beside the newest backup", ErrKey)
	}
	r.keys = newCaseKeys(r.opts.RecordKey, rg)
	return checkIdentity(ctx, r.write, r.keys, r.opts.Origin)
}

// found makes a new record. A ring that is there already is left over from a founding cut short.
func (r *Record) found(ctx context.Context, rg *ring, have bool) (err error) {
	if !have {
		if rg, err = newRing(r.db.Ring(), r.opts.Rand); err != nil {
			return err
		}
	}
	r.keys = newCaseKeys(r.opts.RecordKey, rg)
	id := make([]byte, 16)
	if _, err := io.ReadFull(r.opts.Rand, id); err != nil {
		return err
	}
	check, err := r.keys.check(id)
	if err != nil {
		return err
	}
	ringID, generation := rg.state()
	return r.transact(ctx, func() error {
		for _, m := range []struct {
			name  string
			value []byte
		}{
			{metaRecord, id}, {metaOrigin, []byte(r.opts.Origin)}, {metaKeyCheck, check},
			{metaRing, ringID}, {metaGeneration, strconv.AppendUint(nil, generation, 10)},
		} {
			if err := writeMeta(ctx, r.write, m.name, m.value); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkIdentity refuses a foreign key, ring or log with ErrKey.
func checkIdentity(ctx context.Context, s *session, k *caseKeys, origin string) error {
	values := map[string][]byte{}
	for _, name := range []string{metaRecord, metaOrigin, metaKeyCheck, metaRing} {
		v, err := readMeta(ctx, s, name)
		if err != nil {
			return err
		}
		values[name] = v
	}
	check, err := k.check(values[metaRecord])
	if err != nil {
		return err
	}
	ringID, _ := k.ring.state()
	switch {
	case !hmac.Equal(check, values[metaKeyCheck]):
		return fmt.Errorf("%w: wrong record key", ErrKey)
	case !bytes.Equal(ringID, values[metaRing]):
		return fmt.Errorf("%w: the key ring belongs to another record", ErrKey)
	case string(values[metaOrigin]) != origin:
		return fmt.Errorf("%w: the log of this record has another name", ErrKey)
	}
	return nil
}

// transact runs statements of the start-up in one transaction.
func (r *Record) transact(ctx context.Context, fn func() error) error {
	if _, err := r.conn.ExecContext(ctx, r.db.Dialect().Begin); err != nil {
		return dbErr(err)
	}
	err := fn()
	if err == nil {
		_, err = r.conn.ExecContext(ctx, "COMMIT")
		err = dbErr(err)
	}
	if err != nil {
		_, _ = r.conn.ExecContext(ctx, "ROLLBACK") // the first error tells more
	}
	return err
}
