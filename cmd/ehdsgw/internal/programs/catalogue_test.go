package programs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Killed in the middle of publishing, again and again, while the source changes as well: the next start
// goes on, the centre is told of every dataset once for each version it needs, and nothing of a pass
// stays on the disk.
func TestProgramCatalogueKill9(t *testing.T) {
	s := programSize(t)
	datasets, rounds := map[string]int{"S": 300, "P": 5000, "N": 20_000}[s.name], min(s.rounds, 200)
	w := newWorld(t)
	dir := filepath.Join(w.dir, "catalogue")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cat := cataloguetest.Synthetic{Datasets: datasets, PerDocument: 50, Seed: 3}
	write := func() {
		t.Helper()
		if _, err := cat.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	write()
	w.settings["more"] = fmt.Sprintf("catalogue: {sources: [{name: national, driver: rdffile, location: %q, interval: 10s, profile: r8}]}\n", dir)
	w.writeConfiguration()
	began := time.Now()
	w.start()
	queueing, sending := 0, 0
	for round := range rounds {
		half := rounds / 2
		if round == half {
			cat.Revision = func(i int) int {
				if i%3 == 0 {
					return 1
				}
				return 0
			}
			write()
		}
		// The first kills are while descriptions are queued, the others while they are sent.
		if round < half {
			goal := int64(datasets * (round + 1) / (half + 1))
			if within(10*time.Second, func() bool { return w.cases() >= goal }) && w.cases() < int64(datasets) {
				queueing++
			}
		} else {
			goal := datasets * (round - half + 1) / (rounds - half + 1)
			told := func() int { n, _, _ := w.centre.totals(); return n }
			if within(10*time.Second, func() bool { return told() >= goal }) && told() < datasets {
				sending++
			}
		}
		// The point of the kill is random: this wait is the program, not synchronisation.
		time.Sleep(rand.N(20 * time.Millisecond))
		w.kill()
		w.start()
	}
	want := func(i int) string {
		if i%3 == 0 {
			return "Revision 1."
		}
		return cataloguetest.IRI(i)
	}
	eventually(t, "every dataset is told as it is", 5*time.Minute, func() bool {
		for i := range datasets {
			list := w.centre.about(ehds.DatasetCase("FR", cataloguetest.Identifier(i)).String())
			if len(list) == 0 || !strings.Contains(bodyOf(t, list[len(list)-1]).Record.Content, want(i)) {
				return false
			}
		}
		return true
	})
	told := 0
	for i := range datasets {
		told += checkTold(t, w.centre.about(ehds.DatasetCase("FR", cataloguetest.Identifier(i)).String()))
	}
	var page struct {
		Totals map[string]int `json:"totals"`
	}
	eventually(t, "every receipt is here", time.Minute, func() bool {
		err := w.operator("/v1/catalogue/status?limit=1", &page)
		return err == nil && page.Totals["RECEIVED"] == datasets
	})
	if left, err := filepath.Glob(filepath.Join(w.dataDir(), "*spool*")); err != nil || len(left) != 0 {
		t.Errorf("left on disk: %v, %v", left, err)
	}
	received, repeats, lost := w.centre.totals()
	t.Logf("kill -9 while publishing, size %s: N = %d kills in %v, %d of them in the midst of queueing, %d of sending; %d datasets in %d messages",
		s.name, rounds, time.Since(began).Round(time.Millisecond), queueing, sending, datasets, told)
	t.Logf("  the centre received %d messages, %d of them again, %d of its answers lost on purpose", received, repeats, lost)
}

// cases is how many cases the gateway's record has; -1 when it does not answer.
func (w *world) cases() int64 {
	var s struct {
		Counts struct {
			Cases int64 `json:"cases"`
		} `json:"counts"`
	}
	if err := w.operator("/v1/status", &s); err != nil {
		return -1
	}
	return s.Counts.Cases
}

// checkTold checks what was told of one dataset: created once, then updated, and never the same twice in
// a row.
func checkTold(t *testing.T, list []*arrival) int {
	t.Helper()
	last := ""
	for n, a := range list {
		wantType := ehds.DatasetUpdate
		if n == 0 {
			wantType = ehds.DatasetCreate
		}
		body := bodyOf(t, a)
		if a.env.Type != wantType || body.Record.Digest == last {
			t.Errorf("%s: message %d is %s of %s, before %s", a.env.Case, n+1, a.env.Type, body.Record.Digest, last)
		}
		last = body.Record.Digest
	}
	return len(list)
}

func bodyOf(t *testing.T, a *arrival) (b ehds.DatasetBody) {
	t.Helper()
	if err := json.Unmarshal(a.env.Body, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// A whole catalogue from files to the centre's receipts: what it costs the gateway's process.
func TestProgramCatalogueSent(t *testing.T) {
	s := programSize(t)
	datasets := map[string]int{"S": 300, "P": 10_000, "N": 100_000}[s.name]
	w := newWorld(t)
	dir := filepath.Join(w.dir, "catalogue")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cat := cataloguetest.Synthetic{Datasets: datasets, Seed: 5}
	size, err := cat.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.settings["more"] = fmt.Sprintf("catalogue: {sources: [{name: national, driver: rdffile, location: %q, interval: 24h, profile: r8}]}\n", dir)
	w.writeConfiguration()
	began := time.Now()
	w.start()
	eventually(t, "the centre has everything", time.Hour, func() bool { n, _, _ := w.centre.totals(); return n == datasets })
	took := time.Since(began)
	var page struct {
		Totals map[string]int `json:"totals"`
	}
	eventually(t, "every receipt is here", time.Minute, func() bool {
		err := w.operator("/v1/catalogue/status?limit=1", &page)
		return err == nil && page.Totals["RECEIVED"] == datasets
	})
	w.terminate()
	state := w.child.cmd.ProcessState
	memory := int64(0)
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		memory = usage.Maxrss >> 10
	}
	t.Logf("from files to receipts, size %s: %d datasets, %d MB of Turtle, in %v; the gateway took %v of CPU (%.2f ms a dataset) and at most %d MiB",
		s.name, datasets, size>>20, took.Round(time.Millisecond), (state.UserTime() + state.SystemTime()).Round(10*time.Millisecond),
		float64((state.UserTime()+state.SystemTime()).Microseconds())/1000/float64(datasets), memory)
}
