package access

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// anything is an event, possible or not, chosen by pick, which gives a number below its argument.
func anything(a Application, pick func(int) int) Event {
	track := []ehds.Track{ours, second, foreign}[pick(3)]
	at := day(pick(400))
	switch pick(10) {
	case 0:
		return Withdrawn{At: at}
	case 1:
		return StatusTold{track, "FR", ehds.AxisApplication, "PROCESSING", at}
	case 2:
		return Screened{second, at, "s"}
	case 3:
		kinds := Periods()
		return ClockExpired{Track: track, Kind: kinds[pick(len(kinds))].Kind}
	case 4:
		p := []ehds.Procedure{ehds.ProcedureStandard, ehds.ProcedureAccelerated, ehds.ProcedureTrustedHolder, "x"}[pick(4)]
		return Rerouted{Track: track, At: at, Procedure: p, Reasons: "r", Facts: RouteFacts{PublicBody: pick(2) == 0, Purposes: []string{"a"}, OneTrustedHolder: pick(2) == 0}}
	case 5, 6:
		m := ehds.SideMachines()[pick(len(ehds.SideMachines()))]
		events := ehds.SideEvents(m)
		return SideMoved{Track: track, At: at, Machine: m, Subject: []string{"", "h1", "h2"}[pick(3)], Event: events[pick(len(events))], Reasons: []string{"", "r"}[pick(2)]}
	case 7:
		kinds := Periods()
		return DueSet{Track: track, At: at, Kind: kinds[pick(len(kinds))].Kind, Date: DateOf(day(pick(800)), time.UTC), Subject: []string{"", "h1"}[pick(2)]}
	case 8:
		if len(a.Tracks) > 0 && len(a.Tracks[0].Permits) > 0 {
			e := moved(a, permitEvents()[pick(len(permitEvents()))])
			if e.New != nil && e.Event == ehds.PermitEventAmendmentApproved {
				e.New.NotBefore = stamp(day(30 + pick(300)))
			}
			return e
		}
	}
	options := candidates(a)
	return options[pick(len(options))].event
}

// opened is a case with two tracks, or one that has a permit.
func opened(t *testing.T, pick func(int) int) Application {
	t.Helper()
	if pick(3) == 0 {
		return granted(t)
	}
	kind := []ehds.ApplicationKind{ehds.DataRequestApplication, ehds.DataAccessApplication}[pick(2)]
	return applyAll(t, Application{}, submitted(kind, ours, second))
}

// onward are the legal events that do not end the case.
func onward(a Application) []Event {
	var out []Event
	for _, c := range candidates(a) {
		switch c.event.(type) {
		case Withdrawn, ClockExpired:
		default:
			if c.legal {
				out = append(out, c.event)
			}
		}
	}
	return out
}

// TestRandomWalks throws sequences of events, possible and impossible, at cases with two tracks.
func TestRandomWalks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	applied, machines := 0, map[ehds.Axis]bool{}
	for range 20 {
		a := opened(t, rng.IntN)
		for range 40 {
			e := anything(a, rng.IntN)
			if likely := onward(a); len(likely) > 0 && rng.IntN(2) == 0 {
				e = likely[rng.IntN(len(likely))] // else most walks end in an early withdrawal
			}
			next, _, err := checked(t, a, e, day(rng.IntN(500)))
			if err == nil {
				a = next
				applied++
			}
		}
		for _, s := range a.Tracks[0].History {
			machines[s.Axis] = true
		}
	}
	if applied < 120 || len(machines) < 5 {
		t.Errorf("only %d events were applied, on %v", applied, machines)
	}
}

// FuzzSequences lets the fuzzer choose the events: none may panic, change its input, leave a document
// that does not survive JSON, or let two clocks of a kind and subject run.
func FuzzSequences(f *testing.F) {
	f.Add([]byte{1, 0, 3, 9, 9, 0, 0, 9, 1, 2})
	f.Add([]byte{0, 2, 100, 9, 5, 5, 1, 1, 1, 8, 8})
	f.Fuzz(func(t *testing.T, choices []byte) {
		pick := func(n int) int {
			if len(choices) == 0 {
				return 0
			}
			c := int(choices[0])
			choices = choices[1:]
			return c % n
		}
		a := opened(t, pick)
		for steps := 0; len(choices) > 0 && steps < 60; steps++ {
			next, _, err := checked(t, a, anything(a, pick), day(pick(250)*3))
			if err == nil {
				a = next
			}
		}
	})
}
