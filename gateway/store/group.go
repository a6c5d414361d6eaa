package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// group is one transaction: items of several callers, one checkpoint.
type group struct {
	r    *Record
	ctx  context.Context
	s    *session
	view view
	rand io.Reader
	now  time.Time // microseconds, UTC
	tip  tip       // as it will be after COMMIT

	keys  map[int64]*caseKey // made in this group, by case number
	made  []int64            // their order
	nodes []node             // log nodes written
	// fixups complete results that wait for the checkpoint, also of items that failed.
	fixups []func()
}

func (r *Record) newGroup() *group {
	g := &group{
		r: r, ctx: r.base, s: r.write, rand: r.opts.Rand, tip: r.tip,
		now:  r.opts.Clock().UTC().Truncate(time.Microsecond),
		keys: map[int64]*caseKey{},
	}
	g.view = view{s: r.write, key: g.key}
	return g
}

// item runs one change inside a savepoint: an error leaves no trace of it.
func (g *group) item(o *op) error {
	if err := o.ctx.Err(); err != nil && !o.lazy {
		return err // nobody waits for it and nothing was begun
	}
	if _, err := g.s.exec(g.ctx, "SAVEPOINT item"); err != nil {
		return err
	}
	before, made, nodes := g.tip, len(g.made), len(g.nodes)
	err := g.guarded(o.run)
	if err == nil {
		_, err = g.s.exec(g.ctx, "RELEASE SAVEPOINT item")
		return err
	}
	for _, no := range g.made[made:] {
		delete(g.keys, no)
	}
	g.tip, g.made, g.nodes = before, g.made[:made], g.nodes[:nodes]
	if _, undo := g.s.exec(g.ctx, "ROLLBACK TO SAVEPOINT item"); undo != nil {
		return errors.Join(undo, err)
	}
	if _, undo := g.s.exec(g.ctx, "RELEASE SAVEPOINT item"); undo != nil {
		return errors.Join(undo, err)
	}
	return err
}

// ErrPanic means that the function given to Update panicked; nothing of it was written.
var ErrPanic = errors.New("a change panicked")

// guarded turns a panic into an error. The value may hold content, so only its type is told.
func (g *group) guarded(run func(*group) error) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if re, ok := p.(runtime.Error); ok {
			err = fmt.Errorf("%w: %w", ErrPanic, re)
		} else {
			err = fmt.Errorf("%w: %T", ErrPanic, p)
		}
		g.r.opts.Logger.ErrorContext(g.ctx, "a change panicked", "error", err, "stack", string(debug.Stack()))
	}()
	return run(g)
}

// key finds the key of a personal case, of this group or before.
func (g *group) key(ctx context.Context, caseNo int64) (*caseKey, error) {
	if k, ok := g.keys[caseNo]; ok {
		return k, nil
	}
	return g.r.keys.load(ctx, g.s, caseNo)
}

// leaf appends evidence to the log. Material of a personal case is sealed with key.
func (g *group) leaf(caseNo int64, key *caseKey, class evidence.Class, material []byte) (LeafRef, error) {
	salt := make([]byte, evidence.SaltSize)
	if _, err := io.ReadFull(g.rand, salt); err != nil {
		return LeafRef{}, fmt.Errorf("salt: %w", err)
	}
	l := evidence.NewLeaf(class, salt, material)
	if !l.Valid() {
		return LeafRef{}, fmt.Errorf("%w: leaf class %q", ErrChange, class)
	}
	index := g.tip.tree.size
	t, nodes, err := g.tip.tree.append(l.Bytes())
	if err != nil {
		return LeafRef{}, err
	}
	sealed, err := key.seal(g.rand, place("leaf", index), append(salt[:len(salt):len(salt)], material...))
	if err != nil {
		return LeafRef{}, err
	}
	if _, err := g.s.exec(g.ctx, "INSERT INTO leaf (idx, case_no, class, at, leaf, hashes) VALUES ($1, $2, $3, $4, $5, $6)",
		index, caseNo, string(class), g.now.UnixMicro(), l.Bytes(), packHashes(nodes)); err != nil {
		return LeafRef{}, err
	}
	if _, err := g.s.exec(g.ctx, "INSERT INTO leaf_material (idx, sealed) VALUES ($1, $2)", index, sealed); err != nil {
		return LeafRef{}, err
	}
	g.tip.tree, g.nodes = t, append(g.nodes, nodes...)
	g.tip.counts.Leaves++
	return LeafRef{Index: index, Salt: salt}, nil
}

// sign writes the checkpoint of the group when the log grew.
func (g *group) sign() error {
	size := g.tip.tree.size
	if size == g.tip.checkpointSize {
		return nil
	}
	root, err := g.tip.tree.root()
	if err != nil {
		return err
	}
	note, err := evidence.SignCheckpoint(g.r.opts.Origin, size, root, g.r.opts.LogSigner)
	if err != nil {
		return err
	}
	if _, err := g.s.exec(g.ctx, "INSERT INTO checkpoint (size, at, note) VALUES ($1, $2, $3)",
		size, g.now.UnixMicro(), note); err != nil {
		return err
	}
	g.tip.checkpoint, g.tip.checkpointSize = note, size
	return nil
}

// committed takes the group over into memory once it is durable.
func (g *group) committed() {
	g.r.tip = g.tip
	g.r.cache.put(g.nodes...)
	for no, k := range g.keys {
		g.r.keys.keep(no, k)
	}
	g.r.publish()
	for _, fix := range g.fixups {
		fix()
	}
}
