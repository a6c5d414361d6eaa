package register

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkFind compares a search through thirty thousand entries with making the same entries from their
// cases: "projections" is how many cases could be projected meanwhile.
func BenchmarkFind(b *testing.B) {
	r := New()
	const cases = 5000
	s := source(&testing.T{})
	start := time.Now()
	for i := range cases {
		s.Application.ID = fmt.Sprint("A", i)
		r.Put("app:"+s.Application.ID, Project(s))
	}
	project := time.Since(start) / cases
	r.Find(Query{}) // puts them in order
	n := 0
	for b.Loop() {
		n += r.Find(Query{Text: "hospital nothing-like-it"}).Total
	}
	if n != 0 {
		b.Fatal("found what is not there")
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(project), "projections")
	b.ReportMetric(float64(project.Microseconds()), "µs/projection")
}
