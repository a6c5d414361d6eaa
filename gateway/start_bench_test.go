package gateway

import (
	"runtime"
	"testing"
)

// BenchmarkStart measures the way from an empty data directory to ready, with an anchor that answers:
// keys, development authority, record, trust, marks. It also tells the memory of an idle gateway.
func BenchmarkStart(b *testing.B) {
	var idle uint64
	for b.Loop() {
		b.StopTimer()
		n := newNation(b)
		g := n.new(n.options())
		b.StartTimer()
		if err := g.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		n.ready(g)
		b.StopTimer()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		idle = m.HeapAlloc
		n.stop(g)
		n.server.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(idle)/(1<<20), "MiB-heap-idle")
}
