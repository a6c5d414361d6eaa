package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// sampled is about how many rows of each table are opened.
const sampled = 256

// samples opens rows spread over each table that is sealed.
func (r *verification) samples() error {
	for _, t := range []struct {
		name, count string
		open        func(step int64) (int, error)
	}{
		{"message", "SELECT coalesce(max(no), 0) FROM message", r.sampleMessages},
		{"outbox", "SELECT coalesce(max(id), 0) FROM outbox", r.sampleOutbox},
		{"case_file", "SELECT coalesce(max(no), 0) FROM case_file", r.sampleCases},
		{"permit", "SELECT 1", r.samplePermits},
		{"mail", "SELECT 1", r.sampleMail},
		{"blob", "SELECT 1", r.sampleBlobs},
	} {
		var last int64
		if _, err := r.v.s.one(r.ctx, t.count, nil, &last); err != nil {
			return err
		}
		n, err := t.open(max(1, last/sampled))
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		r.rep.Opened[t.name] = n
	}
	return nil
}

func (r *verification) sampleMessages(step int64) (int, error) {
	list, err := r.v.messages(r.ctx, messageQuery+" WHERE m.no % $1 = 0", step)
	return len(list), err
}

func (r *verification) sampleOutbox(step int64) (int, error) {
	list, err := r.v.outbox(r.ctx, " WHERE o.id % $1 = 0", step)
	return len(list), err
}

func (r *verification) sampleCases(step int64) (n int, err error) {
	var rows []caseRow
	err = r.v.s.each(r.ctx, "SELECT "+caseColumns+" FROM case_file WHERE no % $1 = 0", []any{step}, func(scan func(...any) error) error {
		c, err := scanCase(scan)
		rows = append(rows, c)
		return err
	})
	for i := 0; err == nil && i < len(rows); i++ {
		_, err = r.v.openCase(r.ctx, rows[i])
	}
	return len(rows), err
}

func (r *verification) samplePermits(int64) (int, error) {
	list, err := r.v.permits(r.ctx, " ORDER BY p.id DESC LIMIT $1", sampled)
	return len(list), err
}

func (r *verification) sampleMail(int64) (int, error) {
	var names []string
	err := r.v.s.each(r.ctx, "SELECT DISTINCT namespace FROM mail LIMIT $1", []any{sampled}, func(scan func(...any) error) error {
		var n string
		err := scan(&n)
		names = append(names, n)
		return err
	})
	n := 0
	for i := 0; err == nil && i < len(names); i++ {
		var rows []mailRow
		if rows, err = r.v.mail(r.ctx, names[i], " ORDER BY m.key LIMIT $2", sampled); err != nil {
			break
		}
		for _, row := range rows {
			if _, _, err = r.v.openMail(r.ctx, names[i], row); err != nil {
				break
			}
			n++
		}
	}
	return n, err
}

func (r *verification) sampleBlobs(int64) (int, error) {
	sums := map[string]string{}
	err := r.v.s.each(r.ctx, "SELECT id, sha256 FROM blob WHERE bound = 1 AND sha256 <> '' ORDER BY id LIMIT $1", []any{sampled},
		func(scan func(...any) error) error {
			var id, sum string
			err := scan(&id, &sum)
			sums[id] = sum
			return err
		})
	if err != nil {
		return 0, err
	}
	for id, sum := range sums {
		if err := r.blob(id, sum); err != nil {
			return 0, err
		}
	}
	return len(sums), nil
}

func (r *verification) blob(id, want string) error {
	content, err := r.v.openBlob(r.ctx, id)
	if errors.Is(err, ErrErased) {
		return nil
	}
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, content); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != want {
		return r.corrupt("content of blob %s", id)
	}
	return nil
}
