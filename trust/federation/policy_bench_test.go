package federation_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// BenchmarkLongPolicies: two policies and metadata with ten times as many values cost about ten times
// as much, not a hundred: a superior's longest statement is no way to stop a hub.
func BenchmarkLongPolicies(b *testing.B) {
	short, long := longPolicy(1000), longPolicy(10000)
	var spent [2]time.Duration
	for b.Loop() {
		for i, run := range []func() error{short, long} {
			start := time.Now()
			if err := run(); err != nil {
				b.Fatal(err)
			}
			spent[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(spent[1])/float64(spent[0]), "x-of-a-tenth")
}

func longPolicy(n int) func() error {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprintf("urn:example:value:%d", i)
	}
	list, _ := json.Marshal(values) // strings
	policy := []byte(`{"p":{"superset_of":` + string(list) + `,"subset_of":` + string(list) + `,"add":` + string(list) + `}}`)
	md := map[string]json.RawMessage{"p": list}
	return func() error {
		a, err := federation.ParsePolicy(policy, "a")
		if err != nil {
			return err
		}
		merged, err := federation.MergePolicies(a, a)
		if err != nil {
			return err
		}
		_, _, err = merged.Apply(md)
		return err
	}
}

// BenchmarkChainUnderPolicies: policies of two superiors beside the signatures of the same chain.
func BenchmarkChainUnderPolicies(b *testing.B) {
	f := trusttest.NewFederation(b)
	body := f.HDAB(f.NCP("FR"), "hdh")
	plain := body.Chain()
	body.EditStatement(func(c *federation.Claims) {
		c.MetadataPolicy = json.RawMessage(`{"ehds_hdab":{"contacts":{"add":["a"],"subset_of":["a","b"]},"country":{"one_of":["FR","FI"],"essential":true}}}`)
	})
	under := body.Chain()
	var spent [2]time.Duration
	for b.Loop() {
		for i, chain := range [][]string{plain, under} {
			start := time.Now()
			if _, err := federation.VerifyChain(chain, f.Anchors(), f.Clock.Now()); err != nil {
				b.Fatal(err)
			}
			spent[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(spent[1])/float64(spent[0]), "x-of-plain")
}
