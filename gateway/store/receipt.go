package store

import (
	"context"
	"sync"
)

// receiptBook holds receipts that wait for a commit, so that readers see them at once.
type receiptBook struct {
	mu sync.Mutex
	m  map[MessageRef]string
}

// add reports whether there was none yet.
func (b *receiptBook) add(ref MessageRef, receipt string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.m[ref]; ok {
		return false
	}
	if b.m == nil {
		b.m = map[MessageRef]string{}
	}
	b.m[ref] = receipt
	return true
}

func (b *receiptBook) get(ref MessageRef) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.m[ref]
}

func (b *receiptBook) drop(ref MessageRef) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.m, ref)
}

// SaveReceipt implements Updater. It does not wait for the commit: the receipt joins a later group,
// is read back meanwhile, and a crash loses it at most together with the answer it was part of. The
// message itself is durable, so the receipt can be made again. Errors: ErrNotFound, ErrErased, and
// what stops the record.
func (r *Record) SaveReceipt(ctx context.Context, iss, jti, receipt string) error {
	if err := r.Healthy(); err != nil {
		return err
	}
	var erased, saved bool
	ok, err := r.view.s.one(ctx, "SELECT coalesce(f.erased, 1), m.receipt IS NOT NULL FROM message m"+filedIn+
		" WHERE m.iss = $1 AND m.jti = $2", []any{iss, jti}, &erased, &saved)
	switch {
	case err != nil:
		return err
	case !ok:
		return ErrNotFound
	case erased:
		return ErrErased
	case saved:
		return nil
	}
	ref := MessageRef{iss, jti}
	if !r.receipts.add(ref, receipt) {
		return nil
	}
	o := &op{ctx: ctx, lazy: true, run: func(g *group) error { return g.saveReceipt(ref, receipt) },
		settled: func(error) { r.receipts.drop(ref) }}
	if err := r.submit(ctx, o); err != nil {
		r.receipts.drop(ref)
		return err
	}
	return nil
}

func (g *group) saveReceipt(ref MessageRef, receipt string) error {
	var caseNo int64
	var personal, erased bool
	ok, err := g.s.one(g.ctx, "SELECT coalesce(f.no, 0), coalesce(f.personal, 1), coalesce(f.erased, 1) FROM message m"+filedIn+
		" WHERE m.iss = $1 AND m.jti = $2", []any{ref.Iss, ref.Jti}, &caseNo, &personal, &erased)
	if err != nil || !ok {
		return err
	}
	key, err := g.view.keyOf(g.ctx, caseNo, personal, erased)
	if err != nil {
		return err
	}
	sealed, err := key.seal(g.rand, place("receipt", ref.Iss, ref.Jti), []byte(receipt))
	if err != nil {
		return err
	}
	_, err = g.s.exec(g.ctx, "UPDATE message SET receipt = $1 WHERE iss = $2 AND jti = $3 AND receipt IS NULL",
		sealed, ref.Iss, ref.Jti)
	return err
}
