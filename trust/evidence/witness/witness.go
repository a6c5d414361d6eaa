package witness

import (
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// Refusals, in the order of the checks (C2SP tlog-witness).
var (
	// ErrUnknownLog: nobody added a log of this origin.
	ErrUnknownLog = errors.New("the log is not watched here")
	// ErrUnsigned: none of the log's keys signed the checkpoint.
	ErrUnsigned = errors.New("the log did not sign the checkpoint")
	// ErrOldSize: the old size is above the checkpoint's.
	ErrOldSize = errors.New("the old size is larger than the checkpoint")
	// ErrConflict: the old size is not the one last cosigned here, or the same size has another root.
	ErrConflict = errors.New("the checkpoint does not follow what was cosigned last")
	// ErrProof: the proof does not show that the tree extends the one cosigned last.
	ErrProof = errors.New("the consistency proof does not hold")
)

// Witness cosigns.
type Witness struct {
	ledger   *Ledger
	cosigner evidence.Cosigner
	clock    func() time.Time

	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

// New makes a witness over a ledger nobody else writes.
func New(l *Ledger, c evidence.Cosigner, clock func() time.Time) *Witness {
	return &Witness{ledger: l, cosigner: c, clock: clock, locks: map[string]*sync.Mutex{}}
}

// AddCheckpoint judges a request and returns the cosignature line. With ErrConflict, size is the one
// last cosigned.
func (w *Witness) AddCheckpoint(r Request) (line string, size int64, err error) {
	origin := originOf(r.Checkpoint)
	log, known, err := w.ledger.Get(origin) // the cheap check; read again under the lock
	if err != nil {
		return "", 0, err
	}
	if !known {
		return "", 0, ErrUnknownLog
	}
	cp, err := open(r.Checkpoint, log)
	if err != nil {
		return "", 0, err
	}
	if r.Old > cp.Size {
		return "", 0, ErrOldSize
	}
	lock := w.lockOf(origin)
	lock.Lock()
	defer lock.Unlock()
	if log, known, err = w.ledger.Get(origin); err != nil {
		return "", 0, err
	}
	if !known { // its file went meanwhile, and with it what was cosigned
		return "", 0, ErrUnknownLog
	}
	if err := follows(log, cp, r); err != nil {
		return "", log.Size, err
	}
	// A clock set back must not make a later tree look older than an earlier one.
	at := time.Unix(max(w.clock().Unix(), log.At), 0)
	log.Size, log.Root, log.At = cp.Size, rootText(cp), at.Unix()
	if cp.Size == 0 {
		log.Root = ""
	}
	if err := w.ledger.Put(log); err != nil {
		return "", 0, err
	}
	line, err = w.cosigner.Cosign(cp, at)
	return line, cp.Size, err
}

// follows says whether a checkpoint may be cosigned after what was cosigned last.
func follows(log Log, cp evidence.Checkpoint, r Request) error {
	switch {
	case r.Old != log.Size:
		return ErrConflict
	case cp.Size == log.Size && log.Size > 0 && rootText(cp) != log.Root:
		return ErrConflict // two histories: the caller alarms
	}
	old := evidence.Checkpoint{Origin: log.Origin, Size: log.Size, Root: rootOf(log)}
	if err := evidence.Consistent(old, cp, r.Proof); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}

func rootText(cp evidence.Checkpoint) string { return base64.StdEncoding.EncodeToString(cp.Root[:]) }

func rootOf(log Log) (h tlog.Hash) {
	if log.Size == 0 {
		h, _ = tlog.TreeHash(0, nil) // RFC 6962 §2.1: the empty tree has a root
		return h
	}
	raw, _ := base64.StdEncoding.DecodeString(log.Root) // ours, read by Get
	copy(h[:], raw)
	return h
}

// open verifies the checkpoint with any one of the log's keys.
func open(msg []byte, log Log) (evidence.Checkpoint, error) {
	verifiers, err := logVerifiers(log.Origin, log.VKeys)
	if err != nil {
		return evidence.Checkpoint{}, err
	}
	cp, err := evidence.OpenCheckpoint(msg, log.Origin, verifiers...)
	switch {
	case errors.Is(err, evidence.ErrSignature):
		return cp, fmt.Errorf("%w: %w", ErrUnsigned, err)
	case err != nil:
		return cp, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return cp, nil
}

func logVerifiers(origin string, vkeys []string) ([]note.Verifier, error) {
	if len(vkeys) == 0 {
		return nil, fmt.Errorf("%w: none given", evidence.ErrVKey)
	}
	var out []note.Verifier
	for _, k := range vkeys {
		v, err := evidence.VerifierFor(k)
		if err != nil {
			return nil, err
		}
		if v.Name() != origin {
			return nil, fmt.Errorf("%w: the key is of %q, not of the log %q", evidence.ErrVKey, v.Name(), origin)
		}
		if evidence.IsWitness(v) {
			return nil, fmt.Errorf("%w: it cosigns, and signs no log", evidence.ErrVKey)
		}
		out = append(out, v)
	}
	return out, nil
}

// originOf is the first line of a note that nobody has verified.
func originOf(msg []byte) string {
	for i, c := range msg {
		if c == '\n' {
			return string(msg[:i])
		}
	}
	return ""
}

func (w *Witness) lockOf(origin string) *sync.Mutex {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.locks[origin] == nil { // only for known logs: strangers cannot make it grow
		w.locks[origin] = &sync.Mutex{}
	}
	return w.locks[origin]
}
