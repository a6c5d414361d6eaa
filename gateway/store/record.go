package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Options opens a record. Driver, Origin, LogSigner, RecordKey, Clock and Rand are required.
type Options struct {
	Driver Driver
	// Origin names the evidence log; it is the name of LogSigner and never changes.
	Origin    string
	LogSigner note.Signer
	// LogVerifiers check our own checkpoints in VerifyRecord and VerifyBackup: the keys of LogSigner
	// and of its predecessors.
	LogVerifiers []note.Verifier
	RecordKey    []byte // RecordKeySize bytes
	Clock        func() time.Time
	Rand         io.Reader
	Logger       *slog.Logger
	MaxGroup     int // most changes in one commit, 256 by default
	// MinFree is the floor in bytes under which nothing is written; FreeSpace measures.
	MinFree   uint64
	FreeSpace func() (uint64, error)
	// Timers says what falls due by itself by the document of a case. It is asked in the transaction of
	// every document, so that no writer can forget it; it must be quick and pure. Nil is none.
	Timers func(caseID string, doc []byte) []Timer
	// Changed is told of each case whose document was written or erased, or of whose permits one is another
	// now, once that is durable. It is called by the writer: it must not wait and must not call the record.
	// Nil is none.
	Changed func(caseID string)
}

// Record is the durable record. Its methods may be called by many goroutines.
type Record struct {
	opts  Options
	db    Database
	wdb   *sql.DB
	rdb   *sql.DB
	conn  *sql.Conn
	write *session
	keys  *caseKeys
	view  view // reads of the last commit
	cache hashCache

	tip      tip // owned by the writer
	counts   atomic.Pointer[Counts]
	failure  atomic.Pointer[error]
	receipts receiptBook
	staged   stagingBook
	backups  sync.Mutex // one at a time

	mu     sync.RWMutex // guards closed against senders on queue
	closed bool
	queue  chan *op
	done   chan struct{}
	base   context.Context // of the writer: values of Open's context, never cancelled
}

var _ Store = (*Record)(nil)

func (o *Options) check() error {
	switch {
	case o.Driver == nil || o.Clock == nil || o.Rand == nil || o.LogSigner == nil:
		return errors.New("store: driver, clock, randomness and log signer are required")
	case len(o.RecordKey) != RecordKeySize:
		return fmt.Errorf("store: the record key is %d bytes", RecordKeySize)
	case o.Origin == "" || o.LogSigner.Name() != o.Origin:
		return errors.New("store: the log signer is not named like the log")
	}
	if o.MaxGroup <= 0 {
		o.MaxGroup = 256
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Open takes the record for this process, brings its schema up to date, completes erasures that were
// cut short, drops staged blobs nobody refers to, and starts the writer. Errors: ErrLocked,
// ErrSchema, ErrKey, ErrCorrupt.
func Open(ctx context.Context, opts Options) (*Record, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	db, err := opts.Driver.Open(ctx)
	if err != nil {
		return nil, err
	}
	r := &Record{
		opts: opts, db: db, base: context.WithoutCancel(ctx),
		queue: make(chan *op, opts.MaxGroup), done: make(chan struct{}),
	}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.release())
	}
	go r.run()
	return r, nil
}

func (r *Record) start(ctx context.Context) error {
	r.wdb = sql.OpenDB(r.db.Writer())
	r.wdb.SetMaxOpenConns(1)
	var err error
	if r.conn, err = r.wdb.Conn(ctx); err != nil {
		return dbErr(err)
	}
	if err := migrate(ctx, r.conn, r.db.Dialect()); err != nil {
		return err
	}
	r.write = newSession(r.conn)
	if err := r.identify(ctx); err != nil {
		return err
	}
	r.rdb = sql.OpenDB(r.db.Reader())
	r.rdb.SetMaxOpenConns(r.db.Readers())
	r.rdb.SetMaxIdleConns(r.db.Readers())
	r.view = newView(newSession(r.rdb), r.keys)
	if r.tip, err = loadTip(ctx, r.write); err != nil {
		return err
	}
	if err := r.checkTip(ctx); err != nil {
		return err
	}
	if err := r.settleErasures(ctx); err != nil {
		return err
	}
	if err := r.dropStaged(ctx); err != nil {
		return err
	}
	r.publish()
	return nil
}

// release closes what start opened.
func (r *Record) release() error {
	var errs []error
	for _, s := range []*session{r.write, r.view.s} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	if r.conn != nil {
		errs = append(errs, r.conn.Close())
	}
	for _, db := range []*sql.DB{r.rdb, r.wdb} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, r.db.Close())...)
}

// Close commits what is queued, refuses what comes later with ErrClosed, and gives the record back.
func (r *Record) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return ErrClosed
	}
	r.closed = true
	close(r.queue)
	r.mu.Unlock()
	<-r.done
	return r.release()
}

// Healthy is nil while the record acknowledges. It wraps ErrFailed, ErrNoSpace or ErrClosed.
func (r *Record) Healthy() error {
	r.mu.RLock()
	closed := r.closed
	r.mu.RUnlock()
	if closed {
		return ErrClosed
	}
	return r.writable()
}

// writable says why nothing may be written now.
func (r *Record) writable() error {
	if err := r.failure.Load(); err != nil {
		return *err
	}
	if r.opts.MinFree == 0 || r.opts.FreeSpace == nil {
		return nil
	}
	free, err := r.opts.FreeSpace()
	if err != nil {
		return fmt.Errorf("%w: free space is unknown: %w", ErrNoSpace, err)
	}
	if free < r.opts.MinFree {
		return fmt.Errorf("%w: %d bytes free, floor %d", ErrNoSpace, free, r.opts.MinFree)
	}
	return nil
}

// Waiting is how many changes wait for the writer.
func (r *Record) Waiting() int { return len(r.queue) }
