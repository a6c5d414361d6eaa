package publish

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/rdffile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
)

// The targets at 100,000 datasets. Processor time is that of all threads.
const (
	targetDry    = 60 * time.Second
	targetSend   = 60 * time.Second // on top of a dry run
	targetAgain  = 0.15             // of the first pass
	targetMemory = 512 << 20
)

// TestProgramCatalogue publishes a catalogue of a national size, as files, into a real record: what a
// pass costs and how much memory it takes. The queue is not worked off: sending to the centre is
// exchange's.
// shows R15.3.3
func TestProgramCatalogue(t *testing.T) {
	datasets := map[string]int{"S": 500, "P": 10_000, "N": 100_000}[os.Getenv("EHDSGW_PROGRAMS")]
	if datasets == 0 {
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	}
	dir := t.TempDir()
	cat := cataloguetest.Synthetic{Datasets: datasets, Seed: 1}
	size, err := cat.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d datasets in %d documents, %d MB of Turtle", datasets, cat.Documents(), size>>20)
	b := newBench(t)
	b.SpoolDir = t.TempDir()
	d, err := rdffile.New(rdffile.Options{Location: dir})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := profile.Open(profile.Release)
	if err != nil {
		t.Fatal(err)
	}
	b.Sources[0].Driver, b.Sources[0].Validate, b.Sources[0].Normalise = d, rules.Validate, Migration(profile.Release)
	run := func(name string, o Options, want Totals) (cpu time.Duration, memory int64) {
		t.Helper()
		watchMemory(t)
		began, wall := cpuTime(t), time.Now()
		r, err := b.Run(t.Context(), "one", o)
		if err != nil {
			t.Fatal(err)
		}
		cpu, memory = cpuTime(t)-began, peakMemory(t)
		want.Documents, want.Warnings, want.Notes = cat.Documents(), r.Totals.Warnings, r.Totals.Notes
		if r.Totals != want || r.Read != datasets-want.Deleted {
			t.Errorf("%s: %+v of %d, want %+v", name, r.Totals, r.Read, want)
		}
		t.Logf("%-28s %6.2f s CPU, %6.2f s, peak %4d MiB", name, cpu.Seconds(), time.Since(wall).Seconds(), memory>>20)
		return cpu, memory
	}
	dry, m1 := run("dry run", Options{DryRun: true}, Totals{Created: datasets})
	first, m2 := run("first pass", Options{}, Totals{Created: datasets})
	again, m3 := run("unchanged, same process", Options{}, Totals{Same: cat.Documents()})
	b.Publisher.memory = nil
	_, m4 := run("unchanged, after a restart", Options{}, Totals{})
	cat.Revision = func(i int) int {
		switch i % 100 {
		case 7:
			return 1
		case 8:
			return -1
		}
		return 0
	}
	if _, err := cat.Write(dir); err != nil {
		t.Fatal(err)
	}
	_, m5 := run("1 % changed, 1 % gone", Options{Force: true}, Totals{Updated: datasets / 100, Deleted: datasets / 100})
	t.Logf("record: %d MB", dirSize(t, filepath.Dir(b.dir))>>20)
	if datasets < 100_000 || testing.Short() {
		return
	}
	if dry > targetDry || first-dry > targetSend || float64(again) > targetAgain*float64(first) || max(m1, m2, m3, m4, m5) > targetMemory {
		t.Errorf("beyond the targets: dry run %v, sending %v, again %.1f %%", dry, first-dry, 100*float64(again)/float64(first))
	}
}

// cpuTime is the processor time of this process so far.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// watchMemory begins to measure the peak anew, where the system can.
func watchMemory(t testing.TB) {
	t.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Logf("the peak of memory is that of the whole process: %v", err)
	}
}

// peakMemory is the most resident memory, in bytes; 0 where the system does not tell.
func peakMemory(t testing.TB) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == "VmHWM:" {
			kb, err := strconv.ParseInt(string(fields[1]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	return 0
}

func dirSize(t testing.TB, dir string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
