package catalogue

import (
	"bytes"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// BenchmarkRecords takes a page of 100 datasets apart: each becomes a record
// with both digests.
func BenchmarkRecords(b *testing.B) {
	const datasets = 100
	g, err := rdf.ReadTurtle(b.Context(), bytes.NewReader(cataloguetest.Synthetic{Datasets: datasets, Seed: 1}.Document(0)), rdf.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		records, findings, err := Records(b.Context(), g, "page.ttl")
		if err != nil || len(records) != datasets || len(findings) > 0 {
			b.Fatal(len(records), findings, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/datasets, "µs/record")
}
