package store

import (
	"context"
	"errors"
	"strings"
)

// putMail writes a mailbox entry, sealed with the key of its case. The first change of a case by a
// driver creates it.
func (g *group) putMail(namespace string, m Mail) error {
	var caseNo int64
	var key *caseKey
	if m.Case != "" {
		c, k, err := g.ensureCase(m.Case)
		if err != nil {
			return err
		}
		caseNo, key = c.no, k
	}
	value := m.Value
	if value == nil {
		value = []byte{}
	}
	sealed, err := key.seal(g.rand, place("mail", namespace, m.Key), value)
	if err != nil {
		return err
	}
	_, err = g.s.exec(g.ctx, "INSERT INTO mail (namespace, key, case_no, sealed) VALUES ($1, $2, $3, $4)"+
		" ON CONFLICT (namespace, key) DO UPDATE SET case_no = excluded.case_no, sealed = excluded.sealed",
		namespace, m.Key, caseNo, sealed)
	return err
}

// MailBatch implements Mailboxes: deletes, then puts, all or nothing.
func (r *Record) MailBatch(ctx context.Context, namespace string, puts []Mail, deletes []string) error {
	return r.do(ctx, func(g *group) error {
		for _, key := range deletes {
			if _, err := g.s.exec(g.ctx, "DELETE FROM mail WHERE namespace = $1 AND key = $2", namespace, key); err != nil {
				return err
			}
		}
		for _, m := range puts {
			if err := g.putMail(namespace, m); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

// mailRow is an entry as stored; case number 0 is no case.
type mailRow struct {
	m                Mail
	caseNo           int64
	personal, erased bool
	sealed           []byte
}

func (v view) mail(ctx context.Context, namespace, where string, args ...any) ([]mailRow, error) {
	var rows []mailRow
	err := v.s.each(ctx, "SELECT m.key, m.sealed, m.case_no, coalesce(c.id, ''), coalesce(c.personal, 0), coalesce(c.erased, 0)"+
		" FROM mail m LEFT JOIN case_file c ON c.no = m.case_no WHERE m.namespace = $1"+where, append([]any{namespace}, args...),
		func(scan func(...any) error) error {
			var r mailRow
			err := scan(&r.m.Key, &r.sealed, &r.caseNo, &r.m.Case, &r.personal, &r.erased)
			rows = append(rows, r)
			return err
		})
	return rows, err
}

// openMail opens an entry; ok is false when its case was erased.
func (v view) openMail(ctx context.Context, namespace string, r mailRow) (m Mail, ok bool, err error) {
	key, err := v.keyOf(ctx, r.caseNo, r.personal, r.erased)
	if errors.Is(err, ErrErased) {
		return Mail{}, false, nil
	}
	if err != nil {
		return Mail{}, false, err
	}
	m = r.m
	m.Value, err = key.open(place("mail", namespace, m.Key), r.sealed)
	return m, err == nil, err
}

// MailGet implements Mailboxes. The entry of an erased case is gone.
func (r *Record) MailGet(ctx context.Context, namespace, key string) ([]byte, bool, error) {
	rows, err := r.view.mail(ctx, namespace, " AND m.key = $2", key)
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	m, ok, err := r.view.openMail(ctx, namespace, rows[0])
	return m.Value, ok, err
}

// MailScan implements Mailboxes: entries in key order.
func (r *Record) MailScan(ctx context.Context, namespace, prefix, after string, limit int) ([]Mail, error) {
	rows, err := r.view.mail(ctx, namespace, " AND m.key > $2 AND m.key >= $3 ORDER BY m.key LIMIT $4", after, prefix, limit)
	if err != nil {
		return nil, err
	}
	var out []Mail
	for _, row := range rows {
		if !strings.HasPrefix(row.m.Key, prefix) {
			break
		}
		m, ok, err := r.view.openMail(ctx, namespace, row)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, m)
		}
	}
	return out, nil
}
