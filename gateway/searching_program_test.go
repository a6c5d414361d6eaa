package gateway

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/search"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// made is a record of synthetic descriptions, which are made when they are read.
type made struct {
	t       *testing.T
	n       int
	revised map[int]bool
	making  time.Duration // what making them took, of the processor
}

func madeCase(i int) string { return fmt.Sprintf("ds:FR:%07d", i) }

func (m *made) digest(i int) string { return fmt.Sprintf("made:%d:%t", i, m.revised[i]) }

func (m *made) DescriptionHeads(_ context.Context, _, after string, limit int) (out []store.Description, err error) {
	from := 0
	if after != "" {
		if _, err := fmt.Sscanf(after, "ds:FR:%d", &from); err != nil {
			return nil, err
		}
		from++
	}
	for i := from; i < min(m.n, from+limit); i++ {
		out = append(out, store.Description{Case: madeCase(i), Digest: m.digest(i), Current: true})
	}
	return out, nil
}

func (m *made) Description(ctx context.Context, caseID string) ([]byte, string, bool, error) {
	began := cpu()
	defer func() { m.making += cpu() - began }()
	i := 0
	if _, err := fmt.Sscanf(caseID, "ds:FR:%d", &i); err != nil {
		return nil, "", false, err
	}
	revision := 0
	if m.revised[i] {
		revision = 1
	}
	s := cataloguetest.Synthetic{Datasets: m.n, PerDocument: 1, Revision: func(int) int { return revision }}
	g, err := rdf.ReadTurtle(ctx, bytes.NewReader(s.Document(i)), rdf.ReadOptions{})
	if err != nil {
		return nil, "", false, err
	}
	list, _, err := catalogue.Records(ctx, g, "")
	if err != nil || len(list) != 1 {
		return nil, "", false, fmt.Errorf("%d records, %w", len(list), err)
	}
	return list[0].NQuads, m.digest(i), true, nil
}

// cpu is the time this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestProgramShelf brings an index up to a record of a national size: at first, when nothing changed, and
// when one in a hundred did. The times are figures; what is asserted is that the index holds what the
// record has.
func TestProgramShelf(t *testing.T) {
	n, ok := map[string]int{"S": 300, "P": 10_000, "N": 100_000}[os.Getenv("EHDSGW_PROGRAMS")]
	if !ok {
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	}
	log := slog.New(slog.DiscardHandler)
	x, _, err := search.Open(t.Context(), search.Options{Dir: filepath.Join(t.TempDir(), "search"), Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	m := &made{t: t, n: n, revised: map[int]bool{}}
	s := &shelf{Index: x, record: m, country: "FR", log: log, news: make(chan struct{}, 1)}
	pass := func(what string) {
		t.Helper()
		began := cpu()
		m.making = 0
		if err := s.file(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.2f s CPU, besides %.2f s to make descriptions", what, (cpu() - began - m.making).Seconds(), m.making.Seconds())
	}
	pass(fmt.Sprintf("%d descriptions indexed", n))
	pass("nothing changed")
	for i := 0; i < n; i += 100 {
		m.revised[i] = true
	}
	pass("one in a hundred changed")
	m.n -= n / 10
	pass("one in ten is gone")
	if have, err := x.Count(); err != nil || have != m.n {
		t.Errorf("%d documents of %d, %v", have, m.n, err)
	}
	r, err := x.Search(t.Context(), search.Query{Text: "revision"})
	if err != nil || r.Total < m.n/100 {
		t.Errorf("%d of %d revised descriptions are found, %v", r.Total, m.n/100, err)
	}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			t.Log("resident at most:", strings.Join(strings.Fields(line)[1:], " "))
		}
	}
}
