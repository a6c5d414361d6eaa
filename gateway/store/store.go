// Package store is the durable record of the gateway: what was received, what follows from it, what
// must still be sent, and the proof of all three, committed together or not at all.
//
// It is for gateway/exchange and gateway/publish. The portable part (this package) owns the schema,
// the single writer that commits in groups, sealing of personal payloads with a key per case, and
// the evidence log; a driver (gateway/store/sqlite) only opens the database. Guarantees: nothing is
// returned as committed before it is durable; one checkpoint per commit group, signed before COMMIT
// and stored with it; (iss, jti) is claimed at most once, for ever; erasing a case destroys the key
// of everything sealed for it. It does not verify signatures and knows no message types.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// Store is the record as its users see it. *Record implements it; consumers declare the part they use.
type Store interface {
	Updater
	Reader
	Descriptions
	Timers
	Blobs
	Mailboxes
}

// Updater changes the record.
type Updater interface {
	// Update runs fn on the state of one case inside the writer and commits what it returns, all or
	// nothing, in a group with other callers' changes. fn is pure, is called at most once, must be
	// quick, and touches the store only through State.Load. An error of fn leaves no trace. Returns *DuplicateError
	// when Change.Message is already claimed.
	Update(ctx context.Context, caseID string, fn func(State) (Change, error)) (Committed, error)
	// SaveReceipt keeps the receipt given for a message, verbatim. The first one stays. It does not
	// wait: the receipt is readable at once and durable with a later group.
	SaveReceipt(ctx context.Context, iss, jti, receipt string) error
	// Erase destroys the key of a case and with it every sealed payload, also in backups and the
	// write-ahead log; leaves stay and stay provable.
	Erase(ctx context.Context, caseID string) error
}

// Reader reads the record. Reads see the last commit and never block the writer.
type Reader interface {
	Message(ctx context.Context, iss, jti string) (Message, bool, error)
	Case(ctx context.Context, caseID string) (Case, bool, error)
	// Cases lists cases whose id starts with prefix, in id order, after the given id.
	Cases(ctx context.Context, prefix, after string, limit int) ([]Case, error)
	// Due lists outbox rows that may be tried at now: the head of each (channel, target, case) line
	// only, oldest first. A dead row no longer blocks its line.
	Due(ctx context.Context, now time.Time, limit int) ([]Outbox, error)
	// NextDue is when the next row becomes due; ok is false when the outbox is empty.
	NextDue(ctx context.Context) (at time.Time, ok bool, err error)
	// OutboxByJTI finds what we sent, to resolve the reference of a response.
	OutboxByJTI(ctx context.Context, jti string) (Outbox, bool, error)
	// OutboxList pages rows in a state (all when empty), newest last.
	OutboxList(ctx context.Context, state OutboxState, after int64, limit int) ([]Outbox, error)
	// Attempts lists the tokens signed for one row, oldest first.
	Attempts(ctx context.Context, outboxID int64) ([]Attempt, error)
	Permit(ctx context.Context, id string) (Permit, bool, error)
	Permits(ctx context.Context, caseID string) ([]Permit, error)
	// StatusBits returns (index, value) pairs of a list with a value other than valid, and whether
	// the list exists.
	StatusBits(ctx context.Context, list string) (map[int64]int, bool, error)
	// Standing says where a sender stands in a case, nowhere in one that is not there. ErrErased when
	// the case was erased.
	Standing(ctx context.Context, caseID, sender string) (Standing, error)
	// HeldCases lists cases with a message held since before a time, in id order.
	HeldCases(ctx context.Context, before time.Time, limit int) ([]string, error)
	// Checkpoint is the latest signed checkpoint.
	Checkpoint(ctx context.Context) ([]byte, error)
	// Proof proves a leaf under the checkpoint of a commit group or any later one (size 0: latest).
	Proof(ctx context.Context, index, size int64) (evidence.Proof, error)
	// Evidence lists every leaf of a case with its material, oldest first. ErrErased once the case was
	// erased: its leaves are no longer told apart from others.
	Evidence(ctx context.Context, caseID string) ([]Evidence, error)
	// Counts gives totals for metrics and status pages.
	Counts(ctx context.Context) (Counts, error)
}

// Blobs keeps attachments in 1 MiB chunks, each blob sealed with a key of its own, and that with the
// case's key.
type Blobs interface {
	// StageBlob stores content that no message refers to yet; unreferenced blobs are dropped at the
	// next start and by DropBlobs, and cannot be read by anyone then: their key was never written.
	// A case that is new is written with the message. More than max bytes gives ErrTooLarge.
	StageBlob(ctx context.Context, caseID string, r io.Reader, max int64) (Blob, error)
	DropBlobs(ctx context.Context, ids ...string) error
	OpenBlob(ctx context.Context, id string) (io.ReadCloser, error)
	// MessageBlobs lists the blobs a message brought, by attachment id.
	MessageBlobs(ctx context.Context, iss, jti string) (map[string]Blob, error)
}

// Mailboxes is the drivers' durable memory, one namespace an instance.
type Mailboxes interface {
	MailGet(ctx context.Context, namespace, key string) ([]byte, bool, error)
	MailScan(ctx context.Context, namespace, prefix, after string, limit int) ([]Mail, error)
	MailBatch(ctx context.Context, namespace string, puts []Mail, deletes []string) error
}

// Errors of the record.
var (
	ErrClosed    = errors.New("the record is closed")
	ErrErased    = errors.New("the case was erased")
	ErrTooLarge  = errors.New("larger than allowed")
	ErrNoSpace   = errors.New("free space is below the floor") // nothing is acknowledged
	ErrLocked    = errors.New("another process has the record open")
	ErrSchema    = errors.New("the record has a schema this program does not know")
	ErrIndexUsed = errors.New("the status list index is taken")
	ErrNotFound  = errors.New("not in the record")
	// ErrKey means that the record key, the key ring or the log key is not the one of this record.
	ErrKey = errors.New("not the key of this record")
	// ErrCorrupt means that the record contradicts itself or its evidence log.
	ErrCorrupt = errors.New("the record is damaged")
	// ErrFailed means that the disk failed under a commit: nothing is acknowledged any more until the
	// record is opened again.
	ErrFailed = errors.New("the record stopped after a disk failure")
	// ErrChange means that a change is impossible whatever the state; nothing of it was written.
	ErrChange = errors.New("not a possible change")
	// ErrSettled means that an outbox row was delivered and stays so.
	ErrSettled = errors.New("the outbox row is delivered")
	// ErrPermitExists means that a permit version of this id is on record.
	ErrPermitExists = errors.New("the permit version is on record")
)

// DuplicateError says that (iss, jti) is claimed already and what is stored under it.
type DuplicateError struct{ Stored Message }

// Error names the claim.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("message %s of %s is already recorded", e.Stored.Jti, e.Stored.Iss)
}
