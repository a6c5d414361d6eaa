package programs

import (
	"os"
	"testing"
	"time"
)

// size scales a program.
type size struct {
	name    string
	rounds  int           // kills, or restarts
	window  time.Duration // of load, for programs that are not counted in rounds
	repeats int           // of one token in the replay storm
}

// programSize reads EHDSGW_PROGRAMS, and skips the test when it is unset.
func programSize(t *testing.T) size {
	t.Helper()
	switch name := os.Getenv("EHDSGW_PROGRAMS"); name {
	case "":
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	case "S":
		return size{name: name, rounds: 5, window: 1500 * time.Millisecond, repeats: 1000}
	case "P":
		return size{name: name, rounds: 50, window: 20 * time.Second, repeats: 10000}
	case "N":
		return size{name: name, rounds: 2000, window: 10 * time.Minute, repeats: 100000}
	default:
		t.Fatalf("EHDSGW_PROGRAMS is %q; it is S, P or N", name)
	}
	return size{}
}

// eventually asks again until something outside this process has happened.
func eventually(t *testing.T, what string, limit time.Duration, done func() bool) {
	t.Helper()
	if !within(limit, done) {
		t.Fatalf("not within %v: %s", limit, what)
	}
}

// within asks again until done or the limit has passed, and says whether it was done.
func within(limit time.Duration, done func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); !done(); <-tick.C {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
