package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
)

// update is one call of Update on its way through the writer.
type update struct {
	caseID string
	fn     func(State) (Change, error)
	out    Committed
	bound  []string // blobs no longer staged
	wrote  bool     // a document, or the status of a permit
}

// Update implements Updater. A caller whose context ends gets its error and cannot know whether the
// change was committed.
func (r *Record) Update(ctx context.Context, caseID string, fn func(State) (Change, error)) (Committed, error) {
	u := &update{caseID: caseID, fn: fn}
	if err := r.do(ctx, u.run, u.after); err != nil {
		return Committed{}, err
	}
	return u.out, nil
}

func (u *update) run(g *group) error {
	file, found, err := g.view.findCase(g.ctx, g.r.keys, u.caseID)
	if err != nil {
		return err
	}
	var key *caseKey
	if found {
		if key, err = g.view.keyOf(g.ctx, file.no, file.personal, file.erased); err != nil {
			return err
		}
	}
	s, err := g.state(u.caseID, file, key)
	if err != nil {
		return err
	}
	applied := maps.Clone(s.Applied) // fn may write into its own
	c, err := u.fn(s)
	if err != nil {
		return err
	}
	u.out = Committed{At: g.now, Revision: file.revision}
	if !c.writes() {
		return nil
	}
	if !found {
		if file, key, err = g.createCase(u.caseID); err != nil {
			return err
		}
	}
	u.wrote = c.Doc != nil || len(c.Permits) > 0
	w := &writing{group: g, file: file, key: key, applied: applied}
	err = w.all(&c, &u.out)
	u.bound = w.bound
	return err
}

func (u *update) after(g *group) error {
	g.r.staged.drop(u.bound...)
	u.out.Checkpoint = g.tip.checkpoint
	if u.out.Message != nil {
		u.out.Message.Leaf.Size = g.tip.tree.size
	}
	if u.wrote {
		g.r.changed(u.caseID)
	}
	return nil
}

// changed tells who asked to be told that a case is another one now.
func (r *Record) changed(caseID string) {
	if r.opts.Changed != nil {
		r.opts.Changed(caseID)
	}
}

// writes says whether a change changes anything.
func (c *Change) writes() bool {
	return c.Doc != nil || c.Message != nil || len(c.Applied) > 0 || len(c.Unheld) > 0 || len(c.Send) > 0 ||
		c.Settle != nil || len(c.Leaves) > 0 || len(c.Permits) > 0 || len(c.Mail) > 0 || c.Describe != nil
}

// state is what the change is computed from.
func (g *group) state(caseID string, file caseRow, key *caseKey) (State, error) {
	s := State{Case: caseID, Now: g.now, Revision: file.revision, Applied: map[string]int64{}}
	if file.no == 0 {
		return s, nil
	}
	var err error
	if s.Doc, err = key.open(place("case_file", file.no), file.sealed); err != nil {
		return s, err
	}
	err = g.s.each(g.ctx, "SELECT sender, applied FROM inbound_seq WHERE case_no = $1", []any{file.no},
		func(scan func(...any) error) error {
			var sender string
			var applied int64
			err := scan(&sender, &applied)
			s.Applied[sender] = applied
			return err
		})
	if err != nil {
		return s, err
	}
	s.Load = g.load
	s.Held, err = g.view.held(g.ctx, file.no)
	return s, err
}

// load implements State.Load.
func (g *group) load(ref MessageRef) (Message, error) {
	m, ok, err := g.view.message(g.ctx, ref.Iss, ref.Jti)
	if err == nil && !ok {
		err = fmt.Errorf("%w: message %s", ErrNotFound, ref.Jti)
	}
	return m, err
}

// writing writes one change.
type writing struct {
	*group
	file caseRow
	key  *caseKey
	// applied are the numbers the change was computed from.
	applied map[string]int64
	bound   []string // blobs bound by this change
}

func (w *writing) all(c *Change, out *Committed) error {
	if c.Message != nil {
		m, err := w.claim(c.Message)
		if err != nil {
			return err
		}
		out.Message = &m
	}
	if err := w.order(c); err != nil {
		return err
	}
	if err := w.document(c.Doc, out); err != nil {
		return err
	}
	if err := w.describe(c.Describe); err != nil {
		return err
	}
	if c.Settle != nil {
		if err := w.settle(c.Settle); err != nil {
			return err
		}
	}
	for i := range c.Send {
		sent, err := w.send(&c.Send[i])
		if err != nil {
			return err
		}
		out.Sent = append(out.Sent, sent)
	}
	for i := range c.Permits {
		if err := w.permit(&c.Permits[i]); err != nil {
			return err
		}
	}
	for _, m := range c.Mail {
		if err := w.putMail(m.Namespace, m.Mail); err != nil {
			return err
		}
	}
	for _, l := range c.Leaves {
		if _, err := w.leaf(w.file.no, w.key, l.Class, l.Material); err != nil {
			return err
		}
	}
	return nil
}

// document stores a new case document.
func (w *writing) document(doc []byte, out *Committed) error {
	if doc == nil {
		return nil
	}
	sealed, err := w.key.seal(w.rand, place("case_file", w.file.no), doc)
	if err != nil {
		return err
	}
	if w.file.revision == 0 {
		w.tip.counts.Cases++
	}
	out.Revision = w.file.revision + 1
	_, err = w.s.exec(w.ctx, "UPDATE case_file SET sealed = $1, revision = $2, updated = $3 WHERE no = $4",
		sealed, out.Revision, w.now.UnixMicro(), w.file.no)
	if err != nil {
		return err
	}
	return w.timers(doc)
}

// order writes what was applied and what is no longer held.
func (w *writing) order(c *Change) error {
	for sender, n := range c.Applied {
		if n < w.applied[sender] {
			return fmt.Errorf("%w: applied number goes back", ErrChange)
		}
		if _, err := w.s.exec(w.ctx, "INSERT INTO inbound_seq (case_no, sender, applied) VALUES ($1, $2, $3)"+
			" ON CONFLICT (case_no, sender) DO UPDATE SET applied = excluded.applied", w.file.no, sender, n); err != nil {
			return err
		}
	}
	for _, ref := range c.Unheld {
		n, err := w.s.exec(w.ctx, "UPDATE message SET held = 2 WHERE iss = $1 AND jti = $2 AND case_no = $3 AND held = 1",
			ref.Iss, ref.Jti, w.file.no)
		if err != nil {
			return err
		}
		if n != 1 {
			return fmt.Errorf("%w: message %s is not held", ErrChange, ref.Jti)
		}
	}
	return nil
}

// blobRefs is the stored form of attachment references.
func blobRefs(m map[string]string) ([]byte, error) {
	if len(m) == 0 {
		return nil, nil
	}
	return json.Marshal(m)
}
