package profile

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

func BenchmarkRecord(b *testing.B) {
	g := full(b)
	for b.Loop() {
		if _, _, err := catalogue.Records(b.Context(), g, "full.ttl"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkValidate judges the description that uses everything the rules speak of. It reports the time
// of one record beside the target of 0.2 ms, as a share of it.
func BenchmarkValidate(b *testing.B) {
	r := record(b, full(b))
	for _, name := range []string{"r8", LegalMinimum} {
		b.Run(name, func(b *testing.B) {
			s := open(b, name)
			start := time.Now()
			for b.Loop() {
				s.Validate(r)
			}
			b.ReportMetric(float64(time.Since(start))/float64(b.N)/float64(200*time.Microsecond), "of-0.2ms")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		open(b, "r8")
	}
}
