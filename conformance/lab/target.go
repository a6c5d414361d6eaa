package lab

import (
	"context"
	"errors"
	"time"
)

// Driver starts targets.
type Driver interface {
	// Abilities is what the driver can do besides starting.
	Abilities() Abilities
	// Start configures and starts a target, and returns when it has announced itself.
	Start(ctx context.Context, b Bootstrap) (Target, error)
}

// Abilities tell what can be observed of a target.
type Abilities struct {
	Many    bool // a fresh target for every lab that asks for one
	Restart bool // stop, kill and start again on the same state
	Clock   bool // a virtual clock
	Output  bool // what the target writes: its log and its state folder
}

// Target is one running gateway.
type Target interface {
	Announced() Announcement
	// Stop asks the target to end, and waits.
	Stop(ctx context.Context) error
	// Kill ends it at once, as a power cut would.
	Kill(ctx context.Context) error
	// Restart starts it again on the same state, after Stop or Kill.
	Restart(ctx context.Context) error
	// Output is all it has written so far to standard output and standard error.
	Output() []byte
	// Close ends it for good.
	Close(ctx context.Context) error
}

// Clock is a virtual clock that the tester's parties and the target share.
type Clock interface {
	Now() time.Time
	Advance(d time.Duration)
}

// ErrNotObservable means that a driver cannot do what a case needs.
var ErrNotObservable = errors.New("lab: not observable with this driver")
