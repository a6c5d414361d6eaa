package programs

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
)

// Times of the program, on its clock.
const (
	timersSpeed = 40
	timersGrace = 24 * time.Hour
)

// timers is the program's run.
type timers struct {
	w      *world
	centre *platform
	op     *operator.Client
	random *rand.Rand
	kills  int           // of each round while effects happen
	fate   int           // cases of each fate in a round
	mail   time.Duration // how long mail may take to come, on the program's clock
	cases  []*timed
	seen   struct{ kills, midst, lives int }
	awake  []time.Duration
}

// What falls due by itself happens once: killed while it happens, after weeks away, and with mail of the
// applicants on its way, which wins when it is dated in time. Nothing happens before its instant.
// shows R9.2.9 R7.6.3
func TestProgramTimers(t *testing.T) {
	s := programSize(t)
	seed := uint64(time.Now().UnixNano())
	p := newTimers(t, s, seed)
	began := time.Now()
	rounds, slow := map[string]int{"S": 1, "P": 4, "N": 40}[s.name], 0
	for good := 0; good < rounds && slow < 5; {
		if p.round() {
			good++
		} else {
			slow++
		}
	}
	p.remaining()
	effects := p.verify()
	t.Logf("statutory clocks, size %s, seed %d: %d cases, %d kills in %v, %d of them in the midst of the effects; %d lives, ready %s",
		s.name, seed, len(p.cases), p.seen.kills, time.Since(began).Round(time.Millisecond), p.seen.midst, p.seen.lives, spread(p.awake))
	if slow == 5 {
		t.Error("this machine is too slow: mail came later than the program promises in five rounds")
	}
	t.Logf("  %d rounds, %d more with mail too slow to count; %s; the centre took %d messages, %d of its answers lost on purpose; %s", rounds, slow, effects, len(p.centre.told), p.centre.lost, p.w.claim())
}

func newTimers(t *testing.T, s size, seed uint64) *timers {
	t.Helper()
	dir := t.TempDir()
	began := time.Date(2030, time.March, 4, 9, 0, 0, 0, time.UTC) // all categories that matter are in force
	w := openWorld(t, dir, newLasting(t, filepath.Join(dir, "pki")), &pace{hand: hand{began, time.Now(), timersSpeed}})
	p := &timers{w: w, random: rand.New(rand.NewPCG(seed, 1)), op: operator.New(gateway.SocketPath(w.dataDir())),
		kills: map[string]int{"S": 2, "P": 5, "N": 8}[s.name], fate: map[string]int{"S": 3, "P": 10, "N": 20}[s.name],
		mail: map[string]time.Duration{"S": 40 * time.Second, "P": 80 * time.Second, "N": 160 * time.Second}[s.name]}
	p.centre = newPlatform(w)
	catalogue := filepath.Join(dir, "catalogue")
	if err := os.Mkdir(catalogue, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := (cataloguetest.Synthetic{Datasets: 1, Seed: 3}).Write(catalogue); err != nil {
		t.Fatal(err)
	}
	w.settings["more"] = fmt.Sprintf("catalogue: {sources: [{name: national, driver: rdffile, location: %q, interval: 168h, profile: r8}]}\n", catalogue)
	p.configure()
	p.start()
	eventually(t, "the dataset is at the centre", 20*time.Second, func() bool { return len(p.centre.heard()) > 0 })
	return p
}

// configure writes the gateway's configuration for its next start.
func (p *timers) configure() {
	p.w.settings["exchange"] = fmt.Sprintf("grace: %s, retry: {first: 2s, max: %s, give_up: 336h}, breaker: {failures: 1000, open: 1s}", timersGrace, p.mail)
	p.w.writeConfiguration()
}

func (p *timers) start() {
	p.awake = append(p.awake, p.w.start())
	p.seen.lives++
}

func (p *timers) kill() {
	p.w.kill()
	p.seen.kills++
}

// real is how long a time on the program's clock takes.
func real(d time.Duration) time.Duration { return d / timersSpeed }

// round files cases of every fate, is away when their periods end, and is killed while the effects
// happen. It says whether mail was as fast as promised.
func (p *timers) round() bool {
	cases := p.file()
	end := p.ends(cases)
	p.w.terminate()

	p.centre.mailing.Lock() // the applicants act in time, and nobody can tell the gateway
	p.w.pace.jump(end.Add(-36 * time.Hour))
	p.act(cases)
	before := p.centre.lapsed()

	// Minutes before the grace period ends everybody's mail had time to come.
	p.w.pace.jump(end.Add(timersGrace - 10*time.Minute))
	p.start()
	time.Sleep(real(p.mail + 15*time.Second)) // this wait is the program
	p.notYet("within the grace period", before, end.Add(timersGrace), false)
	p.kill()

	// Then it is away for longer than a period, and killed before it knows what came meanwhile.
	p.w.pace.jump(end.Add(40 * 24 * time.Hour))
	away := p.w.now()
	p.start()
	time.Sleep(time.Duration(p.random.Int64N(int64(real(p.mail)) / 3)))
	p.notYet("before mail had time to come", before, away.Add(p.mail), true)
	p.kill()
	caughtUp, back := away.Add(p.mail), p.w.now()
	slow := back.After(caughtUp)
	if !slow {
		caughtUp = back.Add(p.mail)
	}
	p.start()
	p.centre.mailing.Unlock()
	p.arrived(cases)
	slow = slow || p.w.now().After(caughtUp)
	for _, c := range cases {
		c.caughtUp, c.slow = caughtUp, slow
	}
	lapses := p.lapses(cases)
	p.killed(lapses, p.centre.lapsed)
	eventually(p.w.t, "all that lapsed is told", 30*time.Second, func() bool { return p.centre.lapsed() >= before+lapses })
	if slow { // all the more time from now on
		p.mail *= 2
		p.configure()
	}
	return !slow
}

// killed kills the gateway at random points while n effects happen: as soon as the first is on record,
// then soon after each start, when what is left goes on. told counts what the centre knows of them.
func (p *timers) killed(n int, told func() int) {
	before := told()
	first := p.waiting()
	for k := range p.kills {
		if k == 0 {
			within(30*time.Second, func() bool { return first == 0 || p.waiting() < first })
			time.Sleep(time.Duration(p.random.Int64N(int64(2 * time.Millisecond)))) // the point of the kill is random
		} else {
			time.Sleep(time.Duration(p.random.Int64N(int64(150 * time.Millisecond))))
		}
		p.kill()
		if told() < before+n {
			p.seen.midst++
		}
		p.w.launch()
		p.seen.lives++
	}
	p.w.ready(30 * time.Second)
}

// waiting is how many clocks have ended and have had no effect yet.
func (p *timers) waiting() int64 {
	s, err := p.op.Status(p.w.t.Context())
	if err != nil || s.Clocks == nil {
		p.w.t.Fatalf("the status: %v", err)
	}
	return s.Clocks.Waiting
}

// notYet checks that nothing has happened by itself before an instant, and whether it is mail that the
// clocks wait for.
func (p *timers) notYet(when string, before int, until time.Time, mail bool) {
	p.w.t.Helper()
	s, err := p.op.Status(p.w.t.Context())
	if err != nil || s.Clocks == nil {
		p.w.t.Fatalf("%s: %v", when, err)
	}
	got := p.centre.lapsed()
	if !p.w.now().Before(until) {
		return // this machine was too slow to look
	}
	if got != before || s.Clocks.Waiting == 0 || !mail && s.Clocks.MailUntil != nil {
		p.w.t.Errorf("%s %d effects happened, %d clocks wait, for mail until %v", when, got-before, s.Clocks.Waiting, s.Clocks.MailUntil)
	}
}

// remaining lets everything fall due that still runs: permits end, decisions are overdue.
func (p *timers) remaining() {
	p.kill()
	p.w.pace.jump(p.w.now().AddDate(0, 7, 0))
	p.start()
	p.killed(p.of(accepts)-p.centre.ended(), p.centre.ended)
	eventually(p.w.t, "no clock waits for its effect", 30*time.Second, func() bool { return p.waiting() == 0 })
	eventually(p.w.t, "everything is sent", 30*time.Second, func() bool { // asked after the clocks, as what they did is queued
		s, err := p.op.Status(p.w.t.Context())
		return err == nil && s.Counts.Queued == 0
	})
}
