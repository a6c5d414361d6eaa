package search

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkSearch asks an index of 100,000 descriptions: one, two and three words, frequent and rare,
// with filters and facets, deep pages, and everything; an operation is all of them. It reports the time
// to index as well.
func BenchmarkSearch(b *testing.B) {
	const n = 100_000
	x := opened(b)
	began := time.Now()
	fill(b, x, n)
	indexing := time.Since(began)
	ask := func() (took []time.Duration) {
		for _, q := range questions() {
			at := time.Now()
			if _, err := x.Search(b.Context(), q); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(at))
		}
		return took
	}
	ask() // the first question reads the columns
	var took []time.Duration
	for b.Loop() {
		took = append(took, ask()...)
	}
	slices.Sort(took)
	at := func(p int) float64 { return took[min(len(took)-1, len(took)*p/100)].Seconds() * 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
	b.ReportMetric(n/indexing.Seconds(), "indexed/s")
}
