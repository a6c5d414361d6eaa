package profile

import (
	"testing"

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

func BenchmarkValidate(b *testing.B) {
	r := record(b, full(b))
	for b.Loop() {
		Validate(r)
	}
}
