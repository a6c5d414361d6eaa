package superior_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// TestIndexIsWhatTheFilesSay: two processes change a register at random. After each step either of them, and
// one that has just started, know the same, and what was done follows from what the files said before.
func TestIndexIsWhatTheFilesSay(t *testing.T) {
	t.Parallel()
	one, dir, _ := timed(t)
	open := func() *superior.Registry {
		r, err := superior.OpenRegistry(dir, anchorID, nil, trusttest.Start)
		try(t, err)
		return r
	}
	both := []*superior.Registry{one, open()}
	rng := rand.New(rand.NewPCG(1, 2))
	outcomes := map[string]int{}
	for step := range 300 {
		r := both[rng.IntN(2)]
		before, err := open().All()
		try(t, err)
		s := hub()
		s.Entity, s.Keys = fmt.Sprintf("https://hub-%d.test", rng.IntN(6)), keysOf(fmt.Sprint("key ", rng.IntN(8)))
		var want, got error
		i := slices.IndexFunc(before, func(b superior.Subordinate) bool { return b.Entity == s.Entity })
		taken := slices.ContainsFunc(before, func(b superior.Subordinate) bool {
			return b.Entity != s.Entity && b.State != superior.Withdrawn && b.Keys.Keys[0].Kid == s.Keys.Keys[0].Kid
		})
		switch op := rng.IntN(4); op {
		case 0:
			if got = r.Enrol(s, keysOf(anchorID)); taken {
				want = superior.ErrKeyTaken
			} else if i >= 0 && before[i].State != superior.Withdrawn {
				want = superior.ErrEnrolled
			}
		case 1:
			if got = r.Replace(s, keysOf(anchorID)); taken {
				want = superior.ErrKeyTaken
			} else if i < 0 || before[i].State == superior.Withdrawn {
				want = superior.ErrUnknown
			}
		default:
			to := []superior.State{superior.Suspended, superior.Withdrawn}[op-2]
			if _, got = r.Move(s.Entity, to); i < 0 {
				want = superior.ErrUnknown
			} else if before[i].State == superior.Withdrawn || before[i].State == to {
				want = superior.ErrState
			}
		}
		if !errors.Is(got, want) || want == nil && got != nil {
			t.Fatalf("step %d: %v, want %v", step, got, want)
		}
		outcomes[fmt.Sprint(want)]++
		files, err := open().All()
		try(t, err)
		for i, r := range both {
			kept, err := r.All()
			if diff := cmp.Diff(files, kept); err != nil || diff != "" {
				t.Fatalf("step %d: process %d, %v (-files +index)\n%s", step, i, err, diff)
			}
		}
	}
	if len(outcomes) != 5 {
		t.Errorf("outcomes: %v", outcomes)
	}
}

// TestChangeInTheSameMoment: a change of another process shows although the directory has the time it had
// before; and one by hand, which nobody counts, by that time.
func TestChangeInTheSameMoment(t *testing.T) {
	t.Parallel()
	r, dir, _ := timed(t)
	try(t, r.Enrol(hub(), keysOf(anchorID)))
	state := func() superior.State {
		t.Helper()
		all, err := r.All()
		if err != nil || len(all) != 1 {
			t.Fatalf("%v, %v", all, err)
		}
		return all[0].State
	}
	state()
	info, err := os.Stat(dir)
	try(t, err)
	other, err := superior.OpenRegistry(dir, anchorID, nil, trusttest.Start)
	try(t, err)
	_, err = other.Move(hubID, superior.Suspended)
	try(t, err)
	try(t, os.Chtimes(dir, info.ModTime(), info.ModTime()))
	if got := state(); got != superior.Suspended {
		t.Errorf("counted and not seen: %s", got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	try(t, err)
	raw, err := os.ReadFile(files[0])
	try(t, err)
	try(t, os.WriteFile(files[0]+".new", []byte(strings.Replace(string(raw), "suspended", "withdrawn", 1)), 0o600))
	try(t, os.Rename(files[0]+".new", files[0]))
	if got := state(); got != superior.Withdrawn {
		t.Errorf("put there by hand and not seen: %s", got)
	}
}

// TestChangeBrokenOff: a process that died in a change, or a count that cannot be read, makes others look
// through the directory each time, until a change is brought to its end.
func TestChangeBrokenOff(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]string{"died": "41\n", "not a number": "x", "below zero": "-2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, dir, later := timed(t)
			try(t, r.Enrol(hub(), keysOf(anchorID)))
			generation := filepath.Join(dir, ".generation")
			try(t, os.WriteFile(generation, []byte(count), 0o600))
			damaged := func() bool {
				_, err := r.All()
				if err != nil && !errors.Is(err, superior.ErrDamaged) {
					t.Fatal(err)
				}
				return err != nil
			}
			files, err := filepath.Glob(filepath.Join(dir, "*.json"))
			try(t, err)
			for _, mode := range []os.FileMode{0o622, 0o600} {
				damaged()
				try(t, os.Chmod(files[0], mode))
				if got := damaged(); got != (mode == 0o622) {
					t.Errorf("mode %o, damaged: %v", mode, got)
				}
			}
			_, err = r.Move(hubID, superior.Suspended)
			try(t, err)
			if damaged() {
				t.Error("damaged")
			}
			try(t, os.Chmod(files[0], 0o622)) // in place: now it is not looked at each time
			if damaged() {
				t.Error("the count was not mended")
			}
			if later(5 * time.Second); !damaged() {
				t.Error("not seen later either")
			}
			try(t, os.Chmod(files[0], 0o600))
			if later(-time.Hour); damaged() {
				t.Error("damaged after the clock went back")
			}
		})
	}
}

// TestCountThatCannotBeKept: a change that could not be counted does not happen.
func TestCountThatCannotBeKept(t *testing.T) {
	t.Parallel()
	r, dir := registry(t)
	try(t, r.Enrol(hub(), keysOf(anchorID)))
	generation := filepath.Join(dir, ".generation")
	try(t, os.Remove(generation))
	try(t, os.MkdirAll(filepath.Join(generation, "taken"), 0o700))
	if _, err := r.Move(hubID, superior.Suspended); err == nil {
		t.Error("changed")
	}
	if s, err := r.Get(hubID); err != nil || s.State != superior.Active {
		t.Errorf("%v, %v", s.State, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
