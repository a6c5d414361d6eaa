package shacl

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// official are the shapes of HealthDCAT-AP Release 8 for non-public data, and its worked example.
func official(t testing.TB) (shapes, data *rdf.Graph) {
	t.Helper()
	return readFile(t, filepath.Join(sharedDir(t, "catalogue", "shacl", "healthdcat-ap-r8"), "non-public-shapes.ttl")),
		readFile(t, filepath.Join(sharedDir(t, "catalogue", "samples", "healthdcat-r8"), "example-healthdcat-dataset.ttl"))
}

// BenchmarkValidate judges one record by the official shapes. Where Node and npm are installed, it says
// how many times longer rdf-validate-shacl and shacl-engine take for the same in this run, each at its best.
func BenchmarkValidate(b *testing.B) {
	graph, data := official(b)
	s, err := Compile(graph, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		if r, err := s.Validate(b.Context(), data); err != nil || !r.Conforms {
			b.Fatalf("%v: %s", err, brief(r))
		}
		best = min(best, time.Since(start))
	}
	ours := float64(best.Nanoseconds()) / 1000
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Logf("%s is not installed: no ratio", program)
			return
		}
	}
	q := question{Sets: map[string][][3][4]any{"": nodeGraph(graph)}, Data: map[string][][3][4]any{"": nodeGraph(data)}, Rounds: 1000}
	for engine, a := range askNode(b, q)[0] {
		b.ReportMetric(a.Micros/ours, "×"+engine)
	}
}

// BenchmarkCompile reads the same shapes.
func BenchmarkCompile(b *testing.B) {
	graph, _ := official(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(graph, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPassingAllocatesLittle: what a validation allocates does not grow with the hundreds of constraints
// it checks. Usually it is 3; the race detector makes pools forget.
func TestPassingAllocatesLittle(t *testing.T) {
	graph, data := official(t)
	s, err := Compile(graph, Options{})
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(20, func() {
		if r, err := s.Validate(t.Context(), data); err != nil || !r.Conforms {
			t.Fatalf("%v: %s", err, brief(r))
		}
	})
	if allocs > 40 {
		t.Errorf("%v allocations for a record that conforms", allocs)
	}
}
