package store

import (
	"fmt"
	"sync"
)

// stagingBook knows the blobs that are staged whole and not bound yet.
type stagingBook struct {
	mu sync.Mutex
	m  map[string]*staging
}

func (b *stagingBook) add(st *staging) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m == nil {
		b.m = map[string]*staging{}
	}
	b.m[st.id] = st
}

func (b *stagingBook) get(id string) (*staging, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	st, ok := b.m[id]
	return st, ok
}

func (b *stagingBook) drop(ids ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		delete(b.m, id)
	}
}

// bind makes blobs part of a case: staged ones get their key written; the case's own may be named again.
func (w *writing) bind(caseNo int64, blobs map[string]string) error {
	for _, id := range blobs {
		var bound bool
		var of int64
		ok, err := w.s.one(w.ctx, "SELECT bound, case_no FROM blob WHERE id = $1 AND size >= 0", []any{id}, &bound, &of)
		if err != nil {
			return err
		}
		if ok && bound && of == caseNo {
			continue
		}
		st, staged := w.r.staged.get(id)
		if !ok || bound || !staged {
			return fmt.Errorf("%w: blob %s is not of this case", ErrChange, id)
		}
		if err := w.bindStaged(caseNo, st); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) bindStaged(caseNo int64, st *staging) error {
	c, found, err := w.view.caseByNo(w.ctx, caseNo)
	if err != nil {
		return err
	}
	if !found || c.id != st.caseID {
		return fmt.Errorf("%w: blob %s is not of this case", ErrChange, st.id)
	}
	key, err := w.view.keyOf(w.ctx, c.no, c.personal, c.erased)
	if err != nil {
		return err
	}
	sealed, err := key.seal(w.rand, place("blob", st.id), st.data)
	if err != nil {
		return err
	}
	w.bound = append(w.bound, st.id)
	_, err = w.s.exec(w.ctx, "UPDATE blob SET bound = 1, case_no = $1, sealed = $2 WHERE id = $3", caseNo, sealed, st.id)
	return err
}
