package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// op is one change waiting for the writer.
type op struct {
	ctx context.Context // of the caller; once the change runs it no longer matters
	// run writes; it must not keep anything of the group.
	run func(g *group) error
	// after runs once the group is durable, before the caller hears of it. May be nil.
	after func(g *group) error
	lazy  bool       // nobody waits: it may join a later group
	done  chan error // receives once, unless lazy
	// settled is told the outcome of a lazy change. May be nil.
	settled func(error)
}

// lazyWait is how long changes nobody waits for may wait for company.
const lazyWait = 50 * time.Millisecond

// do queues a change and waits until it is durable. A caller whose context ends stops waiting; the
// change may be committed all the same.
func (r *Record) do(ctx context.Context, run, after func(g *group) error) error {
	o := &op{ctx: ctx, run: run, after: after, done: make(chan error, 1)}
	if err := r.submit(ctx, o); err != nil {
		return err
	}
	select {
	case err := <-o.done:
		return err
	case <-ctx.Done():
		select {
		case err := <-o.done: // both at once: the outcome tells more
			return err
		default:
			return ctx.Err()
		}
	}
}

func (r *Record) submit(ctx context.Context, o *op) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case r.queue <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run is the writer: one goroutine, one group after the other.
func (r *Record) run() {
	defer close(r.done)
	for o := range r.queue {
		r.commit(r.gather(o))
	}
}

// gather takes what is waiting. Changes nobody waits for are held back a moment, so that they cost no
// commit of their own under load.
func (r *Record) gather(first *op) []*op {
	ops := []*op{first}
	lazy := first.lazy
	for len(ops) < r.opts.MaxGroup {
		select {
		case o, ok := <-r.queue:
			if !ok {
				return ops
			}
			ops, lazy = append(ops, o), lazy && o.lazy
			continue
		default:
		}
		if !lazy {
			return ops
		}
		timer := time.NewTimer(lazyWait)
		select {
		case o, ok := <-r.queue:
			timer.Stop()
			if !ok {
				return ops
			}
			ops, lazy = append(ops, o), o.lazy
		case <-timer.C:
			return ops
		}
	}
	return ops
}

// commit runs a group and answers its callers.
func (r *Record) commit(ops []*op) {
	results := make([]error, len(ops))
	if err := r.attempt(ops, results); err != nil {
		for i := range results {
			results[i] = err
		}
	}
	for i, o := range ops {
		if o.done != nil {
			o.done <- results[i]
		}
		if o.settled != nil {
			o.settled(results[i])
		}
	}
}

// attempt commits a group. An error means that nothing of it was acknowledged; results are those of
// the items otherwise.
func (r *Record) attempt(ops []*op, results []error) error {
	if err := r.writable(); err != nil {
		return err
	}
	if _, err := r.conn.ExecContext(r.base, r.db.Dialect().Begin); err != nil {
		return r.failed(dbErr(err), true)
	}
	g := r.newGroup()
	for i, o := range ops {
		err := g.item(o)
		if err != nil && r.fatal(err) {
			return r.failed(err, false)
		}
		results[i] = err
	}
	if err := g.sign(); err != nil {
		return r.failed(err, false)
	}
	if _, err := r.conn.ExecContext(r.base, "COMMIT"); err != nil {
		return r.failed(dbErr(err), true)
	}
	g.committed()
	for i, o := range ops {
		if results[i] == nil && o.after != nil {
			results[i] = o.after(g)
		}
	}
	return nil
}

// fatal tells a failure of the database from an impossible change.
func (r *Record) fatal(err error) bool {
	var d *dbError
	return errors.As(err, &d) && r.db.Classify(d.err) != FailureConstraint
}

// failed rolls a group back. final means that the outcome is in doubt unless the engine says that
// the database is only busy or full. What is in doubt, and every failure of the medium, stops the
// record: only opening it again shows what became durable.
func (r *Record) failed(err error, final bool) error {
	_, rollback := r.conn.ExecContext(r.base, "ROLLBACK")
	class := FailureOther
	var d *dbError
	if errors.As(err, &d) {
		class = r.db.Classify(d.err)
	}
	switch class {
	case FailureFull:
		err = fmt.Errorf("%w: %w", ErrNoSpace, err)
	case FailureIO:
		return r.stop(err)
	case FailureBusy:
	default:
		if final || rollback != nil {
			return r.stop(err)
		}
	}
	if check := r.sameTip(); check != nil {
		return r.stop(errors.Join(err, check))
	}
	r.opts.Logger.WarnContext(r.base, "a commit group was refused", "error", err)
	return err
}

// stop puts the record into the failed state for good.
func (r *Record) stop(err error) error {
	err = fmt.Errorf("%w: %w", ErrFailed, err)
	if r.failure.CompareAndSwap(nil, &err) {
		r.opts.Logger.ErrorContext(r.base, "the record stopped and acknowledges nothing more", "error", err)
	}
	return err
}

// sameTip checks that a rolled-back group left the log as it was.
func (r *Record) sameTip() error {
	var size int64
	if _, err := r.write.one(r.base, "SELECT coalesce(max(idx), -1) + 1 FROM leaf", nil, &size); err != nil {
		return err
	}
	if size != r.tip.tree.size {
		return fmt.Errorf("%w: the log has %d leaves after a rollback, not %d", ErrCorrupt, size, r.tip.tree.size)
	}
	return nil
}
