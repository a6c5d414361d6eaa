package gate

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// large is an application near the limit of a message: many datasets, variables and strange fields.
func large(b *testing.B) ehds.ApplicationBody {
	a := completeAccess()
	var variables []map[string]any
	for i := range 12000 {
		variables = append(variables, map[string]any{"name": "v", "datasetId": "ds-" + strings.Repeat("9", i%7), "description": map[string]any{"en": strings.Repeat("d", 60)}})
	}
	strange := map[string]any{}
	for i := range 400 {
		strange[strings.Repeat("x", i+1)] = strings.Repeat("y", 500)
	}
	for range 900 {
		a.Datasets = append(a.Datasets, ehds.ApplicationDataset{DatasetID: "ds-7", Country: "FR"})
	}
	for name, v := range map[string]any{"section1": map[string]any{"datasetVariables": variables}, "section9": strange} {
		raw, err := json.Marshal(v)
		if err != nil {
			b.Fatal(err)
		}
		a.Form[name] = raw
	}
	return a
}

// BenchmarkCheck compares an examination with reading the application once: it runs where messages are
// committed, one after the other.
func BenchmarkCheck(b *testing.B) {
	for name, a := range map[string]ehds.ApplicationBody{"usual": completeAccess(), "large": large(b)} {
		raw, err := json.Marshal(a)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			var reads, checks time.Duration
			for b.Loop() {
				start := time.Now()
				var v any
				if err := json.Unmarshal(raw, &v); err != nil {
					b.Fatal(err)
				}
				read := time.Now()
				Check(a, Options{Today: testDay})
				reads, checks = reads+read.Sub(start), checks+time.Since(read)
			}
			b.ReportMetric(float64(checks)/float64(reads), "reads/check")
			b.ReportMetric(float64(len(raw)), "bytes")
		})
	}
}
