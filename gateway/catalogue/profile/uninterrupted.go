package profile

import "time"

// uninterrupted is the context of work on what is embedded here and on single records: bounded by their
// size (catalogue.MaxRecordTriples), it is over before anybody could want to stop it.
type uninterrupted struct{}

// Deadline says that there is none.
func (uninterrupted) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done is never closed.
func (uninterrupted) Done() <-chan struct{} { return nil }

// Err is nil.
func (uninterrupted) Err() error { return nil }

// Value holds nothing.
func (uninterrupted) Value(any) any { return nil }
