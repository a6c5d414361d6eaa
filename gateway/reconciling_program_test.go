package gateway

import (
	"os"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/reconcile"
)

// TestProgramReconcile publishes a catalogue to the model of the centre and compares the two: what an
// equal catalogue costs, and what a few differences do.
func TestProgramReconcile(t *testing.T) {
	n := map[string]int{"S": 100, "P": 1_000, "N": 100_000}[os.Getenv("EHDSGW_PROGRAMS")]
	if n == 0 {
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	}
	u := newUnion(t)
	began := time.Now()
	u.describes(n)
	for settled := false; !settled; time.Sleep(time.Duration(n) * 250 * time.Microsecond) {
		c, err := u.gateway.record.Counts(t.Context())
		if err != nil || c.Dead > 0 {
			t.Fatalf("%+v, %v", c, err)
		}
		settled = c.Queued == 0 && u.answered(n)
	}
	t.Logf("%d datasets published and answered in %s", n, time.Since(began).Round(time.Millisecond))
	r := u.reconcile(ReconcileRequest{Timeout: 600}).Report
	if !r.Equal || r.Ours.Count != n || r.Messages > 4 {
		t.Fatalf("%+v", r)
	}
	t.Logf("equal: %d messages, %s", r.Messages, r.Took.Round(time.Millisecond))
	if read := u.reconcile(ReconcileRequest{Mode: reconcile.ByReading, Timeout: 600}).Report; !read.Equal || read.Theirs != r.Theirs {
		t.Errorf("read over HTTP: %+v", read)
	} else {
		t.Logf("equal, read over HTTP: %d pages, %s", read.Messages, read.Took.Round(time.Millisecond))
	}
	changed := 0
	for _, k := range []int{1, 10, 100} {
		for ; changed < k; changed++ {
			u.lose(cataloguetest.Identifier(changed*(n/100)), packed(t, "<x:a> <x:b> <x:c> .\n"), func(*catalogue.Publication) {})
		}
		r := u.reconcile(ReconcileRequest{Timeout: 600}).Report
		if r.Stale != k || len(r.Differences) != k {
			t.Fatalf("%d differences: %d found", k, len(r.Differences))
		}
		t.Logf("%d differences: %d messages, %d sums, %s", k, r.Messages, r.Hashes, r.Took.Round(time.Millisecond))
	}
}

// answered says whether the centre's responses to n datasets are all in the record.
func (u *union) answered(n int) bool {
	u.t.Helper()
	validated, after := 0, ""
	for {
		page, err := u.gateway.record.Cases(u.t.Context(), "ds:FR:", after, 1000)
		if err != nil {
			u.t.Fatal(err)
		}
		for _, c := range page {
			after = c.ID
			if p := publicationIn(u.t, c.Doc); p.State == catalogue.Validated {
				validated++
			}
		}
		if len(page) < 1000 {
			return validated == n
		}
	}
}
