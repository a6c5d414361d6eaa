package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// Report says what was checked.
type Report struct {
	Leaves      int64 // the whole log, recomputed
	Erased      int64 // leaves whose material was erased
	Checkpoints int64 // signatures and roots checked
	Root        string
	Checkpoint  []byte         // the latest
	Opened      map[string]int // sealed rows opened, by table
	Size        int64          // of a backup, bytes
	SHA256      string         // of a backup
}

// VerifyRecord checks the live record as VerifyBackup checks a copy, on one snapshot.
func (r *Record) VerifyRecord(ctx context.Context) (Report, error) {
	return verify(ctx, r.db, r.rdb, r.keys, r.opts)
}

// verification is one run over one snapshot.
type verification struct {
	ctx     context.Context
	v       view
	opts    Options
	rep     Report
	tree    tree
	signed  map[int64][]byte // checkpoints not yet reached
	pageLen int64
}

func verify(ctx context.Context, engine Snapshot, db *sql.DB, keys *caseKeys, opts Options) (Report, error) {
	if len(opts.LogVerifiers) == 0 {
		return Report{}, fmt.Errorf("%w: no key to verify checkpoints", ErrKey)
	}
	problems, err := engine.Check(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if len(problems) > 0 {
		return Report{}, fmt.Errorf("%w: %s", ErrCorrupt, problems[0])
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return Report{}, dbErr(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	s := newSession(tx)
	run := &verification{ctx: ctx, v: newView(s, keys), opts: opts, signed: map[int64][]byte{}, pageLen: 512}
	run.rep.Opened = map[string]int{}
	if err := checkIdentity(ctx, s, keys, opts.Origin); err != nil {
		return run.rep, errors.Join(err, s.close())
	}
	err = errors.Join(run.log(), s.close())
	return run.rep, err
}

func (r *verification) corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// log recomputes the tree page by page, then looks at the rest.
func (r *verification) log() error {
	if err := r.empty(); err != nil {
		return err
	}
	for {
		page, err := r.page()
		if err != nil {
			return err
		}
		for _, l := range page {
			if err := r.leaf(l); err != nil {
				return err
			}
		}
		if int64(len(page)) < r.pageLen {
			break
		}
	}
	if len(r.signed) > 0 {
		return r.corrupt("a checkpoint is larger than the log")
	}
	size, note, err := r.v.checkpoint(r.ctx, 0)
	if err != nil {
		return err
	}
	if size != r.tree.size {
		return r.corrupt("the last checkpoint covers %d leaves of %d", size, r.tree.size)
	}
	root, err := r.tree.root()
	if err != nil {
		return err
	}
	r.rep.Leaves, r.rep.Root, r.rep.Checkpoint = size, root.String(), note
	if err := r.relations(); err != nil {
		return err
	}
	return r.samples()
}

// empty checks the checkpoint of the empty tree, with which every record begins.
func (r *verification) empty() error {
	var note []byte
	ok, err := r.v.s.one(r.ctx, "SELECT note FROM checkpoint WHERE size = 0", nil, &note)
	if err != nil {
		return err
	}
	if !ok {
		return r.corrupt("the first checkpoint is missing")
	}
	r.signed[0] = note
	return r.checkpoint()
}

// logRow is a leaf with what it commits to.
type logRow struct {
	index            int64
	caseNo           sql.NullInt64
	class            string
	leaf, hashes     []byte
	sealed           []byte
	personal, erased bool
}

// page reads the next leaves and the checkpoints among them.
func (r *verification) page() ([]logRow, error) {
	var out []logRow
	err := r.v.s.each(r.ctx, "SELECT l.idx, l.case_no, l.class, l.leaf, l.hashes, m.sealed, coalesce(c.personal, 0), coalesce(c.erased, 0)"+
		" FROM leaf l LEFT JOIN leaf_material m ON m.idx = l.idx LEFT JOIN case_file c ON c.no = l.case_no"+
		" WHERE l.idx >= $1 ORDER BY l.idx LIMIT $2", []any{r.tree.size, r.pageLen}, func(scan func(...any) error) error {
		var l logRow
		err := scan(&l.index, &l.caseNo, &l.class, &l.leaf, &l.hashes, &l.sealed, &l.personal, &l.erased)
		out = append(out, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, r.v.s.each(r.ctx, "SELECT size, note FROM checkpoint WHERE size > $1 AND size <= $2",
		[]any{r.tree.size, r.tree.size + r.pageLen}, func(scan func(...any) error) error {
			var size int64
			var note []byte
			err := scan(&size, &note)
			r.signed[size] = note
			return err
		})
}

// leaf appends one leaf and compares everything that is known of it.
func (r *verification) leaf(l logRow) error {
	if l.index != r.tree.size {
		return r.corrupt("leaf %d is missing", r.tree.size)
	}
	t, nodes, err := r.tree.append(l.leaf)
	if err != nil {
		return r.corrupt("leaf %d: %v", l.index, err)
	}
	if string(packHashes(nodes)) != string(l.hashes) {
		return r.corrupt("hashes of leaf %d", l.index)
	}
	r.tree = t
	class, _, err := evidence.ParseLeaf(l.leaf)
	if err != nil || string(class) != l.class {
		return r.corrupt("class of leaf %d", l.index)
	}
	if err := r.material(l, class); err != nil {
		return err
	}
	return r.checkpoint()
}

// material checks that a leaf commits to what is stored for it.
func (r *verification) material(l logRow, class evidence.Class) error {
	key, err := r.v.keyOf(r.ctx, l.caseNo.Int64, l.personal, l.erased)
	if !l.caseNo.Valid || errors.Is(err, ErrErased) {
		r.rep.Erased++
		return nil
	}
	if err != nil {
		return err
	}
	salt, token, err := openMaterial(key, l.index, l.sealed)
	if err != nil {
		return err
	}
	if string(evidence.NewLeaf(class, salt, token).Bytes()) != string(l.leaf) {
		return r.corrupt("leaf %d commits to something else", l.index)
	}
	r.rep.Opened["leaf_material"]++
	return nil
}

// checkpoint compares the tree with the checkpoint of its size, where there is one.
func (r *verification) checkpoint() error {
	size := r.tree.size
	note, ok := r.signed[size]
	if !ok {
		return nil
	}
	delete(r.signed, size)
	cp, err := evidence.OpenCheckpoint(note, r.opts.Origin, r.opts.LogVerifiers...)
	if err != nil {
		return r.corrupt("checkpoint of size %d: %v", size, err)
	}
	root, err := r.tree.root()
	if err != nil {
		return err
	}
	if cp.Size != size || cp.Root != root {
		return r.corrupt("the checkpoint of size %d is of another tree", size)
	}
	r.rep.Checkpoints++
	return nil
}

// relations must all count nothing.
var relations = []struct{ what, query string }{
	{"messages without a leaf", "SELECT count(*) FROM message m JOIN case_file c ON c.no = m.case_no" +
		" LEFT JOIN leaf l ON l.idx = m.leaf AND (l.case_no = m.case_no OR m.rejected = 1 AND c.personal = 0) AND l.class = m.class" +
		// What is filed elsewhere may be erased there.
		" WHERE c.erased = 0 AND l.idx IS NULL AND NOT (m.rejected = 1 AND c.personal = 0 AND m.leaf IS NULL AND m.sealed IS NULL)"},
	{"attempts without a leaf", "SELECT count(*) FROM attempt a LEFT JOIN leaf l ON l.idx = a.leaf AND l.class = 'out' WHERE l.idx IS NULL"},
	{"leaves without what they commit to", "SELECT count(*) FROM leaf l LEFT JOIN leaf_material m ON m.idx = l.idx" +
		" WHERE l.case_no IS NOT NULL AND m.idx IS NULL"},
	{"rows of no case", "SELECT count(*) FROM outbox o LEFT JOIN case_file c ON c.no = o.case_no WHERE c.no IS NULL"},
	{"lines without exactly one head", "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state = 'queued'" +
		" GROUP BY channel, target, case_no HAVING sum(head) <> 1) AS lines"},
	{"heads that are not queued", "SELECT count(*) FROM outbox WHERE head = 1 AND state <> 'queued'"},
	{"personal cases without a key", "SELECT count(*) FROM case_file c LEFT JOIN case_key k ON k.case_no = c.no" +
		" WHERE c.personal = 1 AND c.erased = 0 AND k.case_no IS NULL"},
	{"erased cases with a key", "SELECT count(*) FROM case_file c JOIN case_key k ON k.case_no = c.no WHERE c.erased = 1"},
	{"blobs of messages that are not there", "SELECT count(*) FROM message_blob a LEFT JOIN blob b ON b.id = a.blob_id AND b.bound = 1 WHERE b.id IS NULL"},
}

func (r *verification) relations() error {
	for _, q := range relations {
		var n int64
		if _, err := r.v.s.one(r.ctx, q.query, nil, &n); err != nil {
			return err
		}
		if n != 0 {
			return r.corrupt("%d %s", n, q.what)
		}
	}
	return nil
}
