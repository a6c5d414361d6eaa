package superior_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// many is how many subordinates the benchmarks have.
const many = 10_000

// crowd is a register of many subordinates, written as the register writes them, and an anchor with it.
func crowd(b *testing.B) (open func() *superior.Registry, s *superior.Superior) {
	b.Helper()
	dir, now := b.TempDir(), trusttest.Start()
	for i := range many {
		sub := superior.Subordinate{
			Version: 1, Entity: nth(i), State: superior.Active, Since: now, Enrolled: now, Country: "FR", Types: []string{federation.TypeGateway},
			Keys: keysOf(nth(i)), Marks: map[string]time.Time{markType("ncp"): now},
		}
		if i%1000 == 0 {
			sub.Intermediate, sub.Issues = true, []string{markType("ncp")}
		}
		text, err := json.MarshalIndent(sub, "", "  ")
		if err != nil {
			b.Fatal(err)
		}
		sum := sha256.Sum256([]byte(sub.Entity))
		name := filepath.Join(dir, hex.EncodeToString(sum[:16])+".json")
		if err := os.WriteFile(name, append(text, '\n'), 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Chtimes(name, now, now); err != nil { // as of long ago
			b.Fatal(err)
		}
	}
	open = func() *superior.Registry {
		reg, err := superior.OpenRegistry(dir, anchorID, nil, time.Now)
		if err != nil {
			b.Fatal(err)
		}
		return reg
	}
	reg := open()
	return open, superior.New(superior.Options{
		Entity: anchorID, Registry: reg, Keys: &ring{name: anchorID}, Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
}

func nth(i int) string { return fmt.Sprintf("https://hub-%05d.test", i) }

// BenchmarkRegister times one operation of an anchor with 10,000 subordinates. "cold" is a process that
// has just started, as a command is.
func BenchmarkRegister(b *testing.B) {
	open, s := crowd(b)
	newcomer := 0
	fresh := func() superior.Subordinate {
		newcomer++
		id := fmt.Sprintf("https://new-%06d.test", newcomer)
		return superior.Subordinate{Entity: id, Country: "FR", Types: []string{federation.TypeGateway}, Keys: keysOf(id)}
	}
	must := func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
	for _, op := range []struct {
		name string
		do   func()
	}{
		{"read all", func() { _, err := open().All(); must(err) }},
		{"list", func() { _, err := s.List(superior.Filter{}); must(err) }},
		{"configuration", func() { _, err := s.Configuration(); must(err) }},
		{"fetch", func() { _, err := s.Statement(nth(5000)); must(err) }},
		{"enroll", func() { must(s.Enrol(fresh(), false)) }},
		{"list after a change", func() {
			_, err := open().Change(nth(7), func(*superior.Subordinate) error { return nil })
			must(err)
			_, err = s.List(superior.Filter{})
			must(err)
		}},
		{"enroll cold", func() { must(open().Enrol(fresh(), keysOf(anchorID))) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				op.do()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/op")
			b.ReportMetric(float64(many), "subordinates")
		})
	}
}
