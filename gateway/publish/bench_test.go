package publish

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// BenchmarkPass is a dry run, a first pass and an unchanged one over 2,000 datasets, as processor time
// for each dataset and as ratios within one run.
func BenchmarkPass(b *testing.B) {
	cat := cataloguetest.Synthetic{Datasets: 2000, Seed: 1}
	var items []connectors.CatalogueItem
	for n := range cat.Documents() {
		items = append(items, connectors.CatalogueItem{File: cat.Name(n), Raw: &connectors.RawDocument{
			Content: cat.Document(n), Format: rdf.Turtle, Options: rdf.ReadOptions{File: cat.Name(n)},
		}})
	}
	rules, err := profile.Open(profile.Release)
	if err != nil {
		b.Fatal(err)
	}
	var dry, first, again time.Duration
	for b.Loop() {
		x := newBench(b)
		x.src.pages = [][]connectors.CatalogueItem{items}
		x.Sources[0].Validate, x.Sources[0].Normalise = rules.Validate, Migration(profile.Release)
		run := func(o Options, total *time.Duration) Report {
			began := cpuTime(b)
			r, err := x.Run(b.Context(), "one", o)
			if err != nil {
				b.Fatal(err)
			}
			*total += cpuTime(b) - began
			return r
		}
		run(Options{DryRun: true}, &dry)
		run(Options{}, &first)
		if r := run(Options{}, &again); r.Unchanged != cat.Datasets {
			b.Fatalf("%d unchanged", r.Unchanged)
		}
	}
	each := float64(b.N*cat.Datasets) * 1000
	b.ReportMetric(float64(dry.Nanoseconds())/each, "dry-µs/dataset")
	b.ReportMetric(float64((first-dry).Nanoseconds())/each, "queueing-µs/dataset")
	b.ReportMetric(100*float64(again)/float64(first), "again-%-of-first")
	b.ReportMetric(0, "ns/op")
}
