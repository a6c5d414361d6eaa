// Package storetest is the contract of gateway/store: what any database under the record must make
// true. Drivers call Run from their tests.
//
// It holds, besides the cases, a driver that fails on purpose (Faulty) and deterministic keys. It is
// for tests only.
package storetest

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"golang.org/x/mod/sumdb/note"
)

// Harness is one place for a record.
type Harness struct {
	// Driver opens the place again, as another process would.
	Driver func() store.Driver
	// Dir holds every file of the place, to look for what must not be in them.
	Dir string
	// Restore puts a backup in the place of the record's database; the key ring stays.
	Restore func(t testing.TB, backup string)
}

// Factory makes a fresh place.
type Factory func(t testing.TB) Harness

// Origin is the name of the logs made here.
const Origin = "ncp.test.example/log"

// Keys are the log key of tests.
func Keys(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	seed := sha256.Sum256([]byte("storetest log key"))
	skey, vkey, err := note.GenerateKey(bytes.NewReader(append(seed[:], seed[:]...)), Origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := evidence.VerifierFor(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// Clock is a clock that moves a millisecond at every reading.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at a fixed instant.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
}

// Now reads and moves the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

// Options opens a record over a driver with the keys of tests.
func Options(t testing.TB, d store.Driver) store.Options {
	t.Helper()
	signer, verifier := Keys(t)
	return store.Options{
		Driver: d, Origin: Origin, LogSigner: signer, LogVerifiers: []note.Verifier{verifier},
		RecordKey: bytes.Repeat([]byte{7}, store.RecordKeySize), Clock: NewClock().Now, Rand: rand.Reader,
		Timers: timersOf,
	}
}

// Open opens a record and closes it with the test.
func Open(t testing.TB, d store.Driver) *store.Record {
	t.Helper()
	return OpenWith(t, Options(t, d))
}

// OpenWith is Open with options.
func OpenWith(t testing.TB, o store.Options) *store.Record {
	t.Helper()
	r, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = r.Close() }) // a test may have closed it
	return r
}

// Reopen closes a record and opens it again.
func Reopen(t testing.TB, r *store.Record, d store.Driver) *store.Record {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return Open(t, d)
}

// inbound is message n of a sender.
func inbound(iss string, n int) *store.Inbound {
	token := fmt.Sprintf("token-of-%s-%d.%x", iss, n, sha256.Sum256([]byte(fmt.Sprint(iss, n))))
	sum := sha256.Sum256([]byte(token))
	return &store.Inbound{
		Iss: iss, Jti: fmt.Sprintf("jti-%s-%06d", iss, n), Type: "application.forward", Seq: int64(n), Class: evidence.ClassIn,
		Digest: fmt.Sprintf("digest-%d", n), TokenSHA256: hex.EncodeToString(sum[:]), Token: token,
		Claims: fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

// receive records a message in a case.
func receive(t testing.TB, r *store.Record, caseID string, m *store.Inbound) store.Committed {
	t.Helper()
	return change(t, r, caseID, store.Change{Message: m})
}

// change commits a change that does not depend on the state.
func change(t testing.TB, r *store.Record, caseID string, c store.Change) store.Committed {
	t.Helper()
	out, err := r.Update(t.Context(), caseID, always(c))
	if err != nil {
		t.Fatalf("update of %s: %v", caseID, err)
	}
	return out
}

func always(c store.Change) func(store.State) (store.Change, error) {
	return func(store.State) (store.Change, error) { return c, nil }
}
