package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const day = 24 * time.Hour

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

// life is a store whose time a test moves, with one active exchange key.
func life(t testing.TB) (*Store, *clock) {
	t.Helper()
	c := &clock{start}
	s := reopen(t, keyDir(t), c)
	if err := s.Ensure(Exchange, "ncp"); err != nil {
		t.Fatal(err)
	}
	return s, c
}

func reopen(t testing.TB, dir string, c *clock) *Store {
	t.Helper()
	s, err := Open(dir, Options{Clock: c.time, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func states(list []Info) (out []State) {
	for _, i := range list {
		out = append(out, i.State)
	}
	return out
}

func publishedKids(t testing.TB, s *Store) (out []string) {
	t.Helper()
	set, err := s.Public(Exchange, "ncp")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys {
		out = append(out, k.Kid)
	}
	return out
}

func signs(t testing.TB, s *Store, alg string) string {
	t.Helper()
	k, err := s.ActiveAlg(Exchange, "ncp", alg)
	if err != nil && !errors.Is(err, ErrNoKey) {
		t.Fatal(err)
	}
	return k.Kid
}

func TestLifeOfAKey(t *testing.T) {
	t.Parallel()
	s, c := life(t)
	first := signs(t, s, Ed25519)
	next, err := s.Generate(Exchange, "ncp", Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	if next.State != Next || !next.NotBefore.Equal(start.Add(day)) || !next.Activated.IsZero() || !next.Published.Equal(start) {
		t.Errorf("generated: %+v", next)
	}
	if got := publishedKids(t, s); !slices.Contains(got, next.Kid) || len(got) != 2 {
		t.Errorf("published before use: %v", got)
	}
	if _, err := s.Generate(Exchange, "ncp", Ed25519); !errors.Is(err, ErrPending) {
		t.Errorf("a second next key: %v", err)
	}
	c.now = start.Add(day - time.Second)
	if _, err := s.Rotate(Exchange, "ncp", Ed25519, IfDue); !errors.Is(err, ErrTooEarly) {
		t.Errorf("a second too early: %v", err)
	}
	c.now = start.Add(day)
	r, err := s.Rotate(Exchange, "ncp", Ed25519, IfDue)
	if err != nil || r.Early || r.Waits || r.Key.Kid != next.Kid || r.Retired == nil || r.Retired.Kid != first {
		t.Fatalf("rotated: %+v, %v", r, err)
	}
	if !r.Key.Activated.Equal(c.now) || !r.Retired.Retired.Equal(c.now) || !r.Retired.Activated.Equal(start) || r.Retired.Expires.Sub(c.now) < 14*day {
		t.Errorf("times: %+v, retired %+v", r.Key, r.Retired)
	}
	if past, err := s.Past(Exchange, "ncp"); err != nil || len(past) != 1 || past[0].Kid != first {
		t.Errorf("a key that no longer signs is of the past while it is still published: %+v, %v", past, err)
	}
	if got := signs(t, s, Ed25519); got != next.Kid {
		t.Errorf("signs with %s, want %s", got, next.Kid)
	}
	if got := publishedKids(t, s); !cmp.Equal(got, []string{first, next.Kid}) {
		t.Errorf("a retiring key stays published: %v", got)
	}
	expires := r.Retired.Expires
	for _, at := range []time.Time{c.now, expires.Add(-time.Second)} {
		if moved, err := s.Tick(at); len(moved) != 0 || err != nil {
			t.Errorf("at %s: %v, %v", at, moved, err)
		}
	}
	moved, err := s.Tick(expires.Add(1000 * day)) // nobody called for years
	if err != nil || len(moved) != 1 || moved[0].Kid != first || moved[0].State != Historical {
		t.Errorf("after downtime: %+v, %v", moved, err)
	}
	if again, err := s.Tick(expires.Add(1001 * day)); len(again) != 0 || err != nil {
		t.Errorf("moved twice: %+v, %v", again, err)
	}
	if got := publishedKids(t, s); !cmp.Equal(got, []string{next.Kid}) {
		t.Errorf("published in the end: %v", got)
	}
	if diff := cmp.Diff(s.List(), reopen(t, s.dir, c).List()); diff != "" {
		t.Errorf("what the disk says differs (-memory +disk):\n%s", diff)
	}
	past, err := s.Past(Exchange, "ncp")
	if err != nil || len(past) != 1 || past[0].Kid != first || !past[0].From.Equal(start) || !past[0].Until.Equal(start.Add(day)) {
		t.Errorf("past: %+v, %v", past, err)
	}
}

func TestRotateWays(t *testing.T) {
	t.Parallel()
	t.Run("without a next key", func(t *testing.T) {
		s, _ := life(t)
		if _, err := s.Rotate(Exchange, "ncp", Ed25519, IfDue); !errors.Is(err, ErrNoKey) {
			t.Error(err)
		}
		if _, err := s.Rotate(Exchange, "ncp", Ed25519, WhenDue); !errors.Is(err, ErrNoKey) {
			t.Error(err)
		}
	})
	t.Run("at once makes the key and says it is early", func(t *testing.T) {
		s, _ := life(t)
		first := signs(t, s, Ed25519)
		r, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce)
		if err != nil || !r.Early || r.Retired.Kid != first || signs(t, s, Ed25519) != r.Key.Kid {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("when due is left to Tick", func(t *testing.T) {
		s, c := life(t)
		first := signs(t, s, Ed25519)
		next, err := s.Generate(Exchange, "ncp", Ed25519)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Rotate(Exchange, "ncp", Ed25519, WhenDue)
		if err != nil || !r.Waits || !r.Key.WhenDue || signs(t, s, Ed25519) != first {
			t.Fatalf("%+v, %v", r, err)
		}
		if moved, err := s.Tick(c.now); len(moved) != 0 || err != nil {
			t.Errorf("too early: %+v, %v", moved, err)
		}
		c.now = start.Add(100 * day)
		s = reopen(t, s.dir, c) // the daemon was down over the time
		moved, err := s.Tick(c.now)
		if err != nil || !cmp.Equal(states(moved), []State{Active, Retiring}) || moved[0].Kid != next.Kid {
			t.Errorf("due: %+v, %v", moved, err)
		}
		if again, err := s.Tick(c.now); len(again) != 0 || err != nil {
			t.Errorf("twice: %+v, %v", again, err)
		}
		if r, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce); err != nil || r.Key.WhenDue {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("when due is at once when it is due, and a retired key ends to the second", func(t *testing.T) {
		s, c := life(t)
		if _, err := s.Generate(Exchange, "ncp", Ed25519); err != nil {
			t.Fatal(err)
		}
		c.now = start.Add(day)
		r, err := s.Rotate(Exchange, "ncp", Ed25519, WhenDue)
		if err != nil || r.Waits || r.Early || r.Key.State != Active || r.Key.WhenDue {
			t.Fatalf("%+v, %v", r, err)
		}
		if moved, err := s.Tick(r.Retired.Expires); err != nil || !cmp.Equal(states(moved), []State{Historical}) {
			t.Errorf("%+v, %v", moved, err)
		}
	})
	t.Run("algorithms rotate apart and sign side by side", func(t *testing.T) {
		s, _ := life(t)
		first := signs(t, s, Ed25519)
		r, err := s.Rotate(Exchange, "ncp", ES256, AtOnce)
		if err != nil || r.Retired != nil {
			t.Fatalf("%+v, %v", r, err)
		}
		if signs(t, s, Ed25519) != first || signs(t, s, ES256) != r.Key.Kid {
			t.Error("one algorithm's rotation moved the other's key")
		}
		if k, err := s.Active(Exchange, "ncp"); err != nil || k.Kid != first {
			t.Errorf("Active = %v, %v; want the usual algorithm's", k, err)
		}
		if _, err := s.Revoke(first, Superseded, start); err != nil {
			t.Fatal(err)
		}
		if k, err := s.Active(Exchange, "ncp"); err != nil || k.Kid != r.Key.Kid {
			t.Errorf("Active = %v, %v; want the one that is left", k, err)
		}
	})
}

// TestEveryAlgorithm makes, writes, reads and uses a key of each.
func TestEveryAlgorithm(t *testing.T) {
	t.Parallel()
	for purpose, owner := range map[Purpose]string{Federation: "ncp", Exchange: "ncp", Permit: "hdab-hdh", Visa: "hdab-hdh"} {
		for _, alg := range purpose.Algorithms() {
			s, c := life(t)
			made, err := s.Rotate(purpose, owner, alg, AtOnce)
			if err != nil {
				t.Fatalf("%s %s: %v", purpose, alg, err)
			}
			k, err := reopen(t, s.dir, c).ActiveAlg(purpose, owner, alg)
			if err != nil || k.Kid != made.Key.Kid || k.Alg != alg {
				t.Fatalf("%s %s: %v, %v", purpose, alg, k, err)
			}
			token, err := jose.Sign(k, "x+jwt", jose.SignOptions{}, []byte(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			set, err := s.Public(purpose, owner)
			if err != nil {
				t.Fatal(err)
			}
			text, err := set.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			read, err := jose.ParseKeySet(text)
			if err != nil {
				t.Fatal(err)
			}
			public, err := read.Select(k.Kid, alg, "sig")
			if err != nil {
				t.Fatalf("%s %s: %v", purpose, alg, err)
			}
			parsed, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{"x+jwt"}, Algs: []string{alg}})
			if err != nil {
				t.Fatal(err)
			}
			if err := parsed.Verify(public); err != nil {
				t.Errorf("%s %s: %v", purpose, alg, err)
			}
		}
	}
}

// TestSealingKeys makes, writes, reads and uses a sealing key of each algorithm, and one that retired.
func TestSealingKeys(t *testing.T) {
	t.Parallel()
	for _, alg := range Sealing.Algorithms() {
		s, c := life(t)
		first, err := s.Rotate(Sealing, "ncp", alg, AtOnce)
		if err != nil || first.Early {
			t.Fatalf("%s: %+v, %v", alg, first, err)
		}
		if _, err := s.Generate(Sealing, "ncp", alg); err != nil {
			t.Fatal(err)
		}
		second, err := s.Rotate(Sealing, "ncp", alg, IfDue) // nobody has to wait
		if err != nil || second.Retired == nil || second.Retired.Kid != first.Key.Kid {
			t.Fatalf("%s: %+v, %v", alg, second, err)
		}
		s = reopen(t, s.dir, c)
		set, err := s.SealingSet("ncp")
		if err != nil || len(set.Keys) != 1 || set.Keys[0].Kid != second.Key.Kid || set.Keys[0].Use != "enc" || set.Keys[0].Alg != alg {
			t.Errorf("%s published: %v, %v", alg, set, err)
		}
		open, err := s.SealingKeys("ncp")
		if err != nil || len(open) != 2 {
			t.Fatalf("%s: %v, %v", alg, open, err)
		}
		for _, k := range open {
			sealed, err := jose.Seal(k.Public(), []byte("content"))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := jose.Open(open, sealed); err != nil || string(got) != "content" {
				t.Errorf("%s: %q, %v", alg, got, err)
			}
		}
		if _, err := s.Tick(c.now.Add(16 * day)); err != nil {
			t.Fatal(err)
		}
		if open, err = s.SealingKeys("ncp"); err != nil || len(open) != 1 || open[0].Kid != second.Key.Kid {
			t.Errorf("%s, two weeks later: %v, %v", alg, open, err)
		}
		if _, err := s.Active(Sealing, "ncp"); !errors.Is(err, ErrPurpose) {
			t.Errorf("%s: a sealing key signs: %v", alg, err)
		}
		if _, err := s.Public(Sealing, "ncp"); !errors.Is(err, ErrPurpose) {
			t.Errorf("%s: a sealing key among signature keys: %v", alg, err)
		}
	}
	s, _ := life(t)
	if _, err := s.SealingKeys("../x"); !errors.Is(err, ErrOwner) {
		t.Error(err)
	}
	if _, err := s.SealingSet("../x"); !errors.Is(err, ErrOwner) {
		t.Error(err)
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	s, c := life(t)
	kid := signs(t, s, Ed25519)
	log, err := s.ensure(slot{Log, "ncp.example/log"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		kid    string
		reason Reason
		at     time.Time
		want   error
	}{
		{"unknown key", "x", Compromised, start, ErrNoKey},
		{"unknown reason", kid, "boredom", start, ErrReason},
		{"in the future", kid, Compromised, start.Add(time.Second), ErrTime},
		{"a log key", log.Kid, Compromised, start, ErrPurpose},
	} {
		if _, err := s.Revoke(tt.kid, tt.reason, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	c.now = start.Add(day)
	i, err := s.Revoke(kid, Compromised, start.Add(time.Hour))
	if err != nil || i.State != Revoked || !i.Revoked.Equal(start.Add(time.Hour)) || !i.Activated.Equal(start) {
		t.Fatalf("%+v, %v", i, err)
	}
	if _, err := s.Revoke(kid, Compromised, start); !errors.Is(err, ErrRevoked) {
		t.Errorf("twice: %v", err)
	}
	if signs(t, s, Ed25519) != "" || len(publishedKids(t, s)) != 0 {
		t.Error("a revoked key signs or is published")
	}
	past, err := s.Past(Exchange, "ncp")
	if err != nil || len(past) != 1 || past[0].Reason != Compromised || !past[0].Revoked.Equal(start.Add(time.Hour)) || !past[0].Until.IsZero() {
		t.Errorf("past: %+v, %v", past, err)
	}
	next, err := s.Generate(Exchange, "ncp", Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := s.Revoke(next.Kid, Unspecified, c.now); err != nil || !i.Activated.IsZero() {
		t.Errorf("a next key that never signed: %+v, %v", i, err)
	}
	r, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce)
	if err != nil || r.Key.Kid == next.Kid || r.Retired != nil {
		t.Errorf("a new key after a revocation: %+v, %v", r, err)
	}
}

func TestWrongPurposeOrAlgorithm(t *testing.T) {
	t.Parallel()
	s, _ := life(t)
	for _, tt := range []struct {
		purpose    Purpose
		owner, alg string
		want       error
	}{
		{Log, "ncp", Ed25519, ErrPurpose}, {Record, "record", "", ErrPurpose}, {"mystery", "ncp", Ed25519, ErrPurpose},
		{Exchange, "../ncp", Ed25519, ErrOwner}, {Exchange, "ncp", "RS256", ErrAlg}, {Exchange, "ncp", "", ErrAlg},
		{Visa, "hdab-hdh", Ed25519, ErrAlg},
	} {
		if _, err := s.Generate(tt.purpose, tt.owner, tt.alg); !errors.Is(err, tt.want) {
			t.Errorf("Generate(%s, %s, %s): %v, want %v", tt.purpose, tt.owner, tt.alg, err, tt.want)
		}
		if _, err := s.Rotate(tt.purpose, tt.owner, tt.alg, AtOnce); !errors.Is(err, tt.want) {
			t.Errorf("Rotate(%s, %s, %s): %v, want %v", tt.purpose, tt.owner, tt.alg, err, tt.want)
		}
	}
	if _, err := s.ActiveAlg(Log, "ncp", Ed25519); !errors.Is(err, ErrPurpose) {
		t.Error(err)
	}
	if _, err := s.Past(Log, "ncp"); !errors.Is(err, ErrPurpose) {
		t.Error(err)
	}
}

var errPower = errors.New("power failed")

// cutAt makes the store fail at its n-th step on the disk, and at every later one.
func cutAt(s *Store, n int) {
	s.fault = func(step string) error {
		if n--; n < 0 {
			return fmt.Errorf("%w before %s", errPower, step)
		}
		return nil
	}
}

// TestPowerFailure cuts the power at every step of every change. What is left opens, is the state before or
// the one after, signs with exactly one key, and takes the change once more.
func TestPowerFailure(t *testing.T) {
	t.Parallel()
	operations := map[string]func(s *Store, now time.Time) error{
		"generate": func(s *Store, _ time.Time) error { _, err := s.Generate(Exchange, "ncp", Ed25519); return err },
		"rotate": func(s *Store, _ time.Time) error {
			_, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce)
			return err
		},
		"rotate when due": func(s *Store, now time.Time) error {
			_, err := s.Generate(Exchange, "ncp", Ed25519)
			if err != nil && !errors.Is(err, ErrPending) {
				return err
			}
			if _, err := s.Rotate(Exchange, "ncp", Ed25519, WhenDue); err != nil {
				return err
			}
			_, err = s.Tick(now.Add(2 * day))
			return err
		},
		"retire for good": func(s *Store, now time.Time) error { _, err := s.Tick(now.Add(400 * day)); return err },
		"revoke": func(s *Store, now time.Time) error {
			_, err := s.Revoke(s.List()[0].Kid, Compromised, now)
			return err
		},
	}
	for name, operate := range operations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 0; ; n++ {
				s, c := life(t)
				if _, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce); err != nil { // so that there is a retiring key
					t.Fatal(err)
				}
				c.now = start.Add(2 * day)
				cutAt(s, n)
				err := operate(s, c.now)
				if err != nil && !errors.Is(err, errPower) {
					t.Fatal(err)
				}
				memory := s.List()
				again := reopen(t, s.dir, c)
				if diff := cmp.Diff(memory, again.List()); diff != "" {
					t.Errorf("step %d: memory and disk differ (-memory +disk):\n%s", n, diff)
				}
				k, failed := again.Active(Exchange, "ncp")
				if failed != nil {
					t.Fatalf("step %d: nothing signs: %v", n, failed)
				}
				if !slices.Contains(publishedKids(t, again), k.Kid) {
					t.Errorf("step %d: signs with a key it does not publish", n)
				}
				if again := operate(again, c.now); again != nil && !errors.Is(again, ErrPending) && !errors.Is(again, ErrRevoked) {
					t.Errorf("step %d: the change is not taken again: %v", n, again)
				}
				if _, err := again.Tick(c.now); err != nil {
					t.Errorf("step %d: %v", n, err)
				}
				for _, k := range again.all() {
					if k.stale {
						t.Errorf("step %d: the file of %s was not brought up to date", n, k.Kid)
					}
				}
				if err == nil {
					if n < 5 {
						t.Errorf("the change took %d steps: the power was never cut inside it", n)
					}
					return
				}
			}
		})
	}
}

// TestAnyOrderOfChanges plays random histories and holds what must hold in each moment.
func TestAnyOrderOfChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := mathrand.New(mathrand.NewPCG(seed, 1))
			s, c := life(t)
			gone := map[string]bool{}
			for range 40 {
				c.now = c.now.Add(time.Duration(random.IntN(72)) * time.Hour)
				alg := []string{Ed25519, ES256}[random.IntN(2)]
				switch list := s.List(); random.IntN(6) {
				case 0, 1:
					_, _ = s.Generate(Exchange, "ncp", alg) // refused when one waits
				case 2, 3:
					_, _ = s.Rotate(Exchange, "ncp", alg, When(random.IntN(3)))
				case 4:
					_, _ = s.Tick(c.now)
				default:
					k := list[random.IntN(len(list))]
					if _, err := s.Revoke(k.Kid, Superseded, c.now); err == nil {
						gone[k.Kid] = true
					}
				}
				checkInvariants(t, s, gone)
				if t.Failed() {
					return
				}
			}
			if diff := cmp.Diff(s.List(), reopen(t, s.dir, c).List()); diff != "" {
				t.Errorf("memory and disk differ:\n%s", diff)
			}
		})
	}
}

func checkInvariants(t *testing.T, s *Store, gone map[string]bool) {
	t.Helper()
	active := map[string]int{}
	published := publishedKids(t, s)
	for _, k := range s.List() {
		switch k.State {
		case Active:
			active[k.Alg]++
		case Next:
			if !k.Activated.IsZero() {
				t.Errorf("a next key was active: %+v", k)
			}
		}
		if gone[k.Kid] != (k.State == Revoked) {
			t.Errorf("revoked is for ever, and only what was revoked is: %+v", k)
		}
		if slices.Contains(published, k.Kid) != k.State.published() {
			t.Errorf("published: %+v", k)
		}
		if !k.Retired.IsZero() && k.Retired.Before(k.Activated) {
			t.Errorf("retired before it was active: %+v", k)
		}
	}
	for alg, n := range active {
		if n > 1 {
			t.Errorf("%d active %s keys", n, alg)
		}
	}
}
