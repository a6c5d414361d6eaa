package search

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sizes of the index, by EHDSGW_PROGRAMS (see cmd/ehdsgw/internal/programs).
var sizes = map[string]int{"S": 500, "P": 10_000, "N": 100_000}

// programSize is how many documents a program indexes; without a size it is skipped.
func programSize(t *testing.T) int {
	t.Helper()
	n, ok := sizes[os.Getenv("EHDSGW_PROGRAMS")]
	if !ok {
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	}
	return n
}

// fill puts n made documents into an index, in batches.
func fill(t testing.TB, x *Index, n int) {
	t.Helper()
	var b Batch
	for d := range made(n) {
		if b.Put = append(b.Put, d); len(b.Put) == 1000 {
			if err := x.Apply(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			b.Put = b.Put[:0]
		}
	}
	if err := x.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// questions are what the time of an answer is measured with: one, two and three words, frequent and
// rare, with and without filters, and none at all.
func questions() []Query {
	out := []Query{{}, {Offset: 9_900}, {Filter: map[Facet][]string{ByCountry: {"FI"}}}}
	for i := range 40 {
		lang := languageTags[i%len(languageTags)]
		v := vocabulary[lang]
		q := Query{Text: v[i%len(v)] + " " + v[(3*i+1)%len(v)], Languages: []string{lang}}
		switch i % 4 {
		case 0:
			q.Text = v[i%len(v)]
		case 1:
			q.Text += " " + v[(5*i+2)%len(v)]
		case 2:
			q.Filter = map[Facet][]string{ByCountry: {"FI", "FR"}, ByAccess: {"RESTRICTED"}}
		}
		out = append(out, q)
	}
	return out
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// asking asks an index while it is filled, until stopped.
func asking(t *testing.T, x *Index) (took *[]time.Duration, stop func()) {
	took = new([]time.Duration)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			at, list := time.Now(), questions()
			if _, err := x.Search(t.Context(), list[i%len(list)]); err != nil {
				t.Error(err)
				return
			}
			*took = append(*took, time.Since(at))
		}
	}()
	return took, func() { close(done); <-ended }
}

// times sums up how long answers took.
func times(took []time.Duration) string {
	if len(took) == 0 {
		return "never"
	}
	slices.Sort(took)
	at := func(p int) float64 { return took[min(len(took)-1, len(took)*p/100)].Seconds() * 1000 }
	return fmt.Sprintf("%d answers, median %.1f ms, p99 %.1f ms, worst %.1f ms", len(took), at(50), at(99), at(100))
}

// TestProgramSearch fills an index and asks it, and prints what that takes. The times are figures, not
// verdicts: what is asserted is that every question is answered.
func TestProgramSearch(t *testing.T) {
	n := programSize(t)
	dir := filepath.Join(t.TempDir(), "search")
	x, _, err := Open(t.Context(), Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	began, before := time.Now(), cpu()
	during, stop := asking(t, x)
	fill(t, x, n)
	stop()
	t.Logf("indexing %d documents: %.1f s, %.1f s CPU", n, time.Since(began).Seconds(), (cpu() - before).Seconds())
	var took []time.Duration
	found := 0
	for range 5 {
		for _, q := range questions() {
			at := time.Now()
			r, err := x.Search(t.Context(), q)
			took = append(took, time.Since(at))
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			found += r.Total
		}
	}
	if found == 0 {
		t.Error("nothing was found")
	}
	t.Logf("asked meanwhile, twenty times a second at most: %s", times(*during))
	t.Logf("asked afterwards: %s", times(took))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	status, _ := os.ReadFile("/proc/self/status")
	resident := ""
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmRSS:") || strings.HasPrefix(line, "VmHWM:") || strings.HasPrefix(line, "RssAnon:") {
			resident += strings.Join(strings.Fields(line), " ") + " "
		}
	}
	var bytes int64
	_ = filepath.Walk(dir, func(_ string, i os.FileInfo, err error) error {
		if err == nil && !i.IsDir() {
			bytes += i.Size()
		}
		return nil
	})
	t.Logf("heap %d MiB; %s; on disk %d MiB", m.HeapAlloc>>20, resident, bytes>>20)
}
