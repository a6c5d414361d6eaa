package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Bench measures durable changes a second with 1, 16 and 64 callers: one inbound message of 2 KiB in
// a case of its own, answered by one outbox row.
func Bench(b *testing.B, place Factory) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers-%d", callers), func(b *testing.B) {
			r := Open(b, place(b).Driver())
			var n atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						if err := benchOne(b, r, int(i)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

func benchOne(t testing.TB, r *store.Record, n int) error {
	caseID := fmt.Sprintf("app:APP-%d", n)
	m := inbound("https://ncp.a.example", n)
	m.Token += string(make([]byte, 2048))
	_, err := r.Update(t.Context(), caseID, func(s store.State) (store.Change, error) {
		return store.Change{
			Message: m, Doc: []byte(`{"state":"FORWARDED"}`), Applied: map[string]int64{m.Iss: 1},
			Send: []store.Outgoing{{Channel: store.ChannelCentral, Target: m.Iss, Jti: "out-" + m.Jti, Type: "x.response", Payload: []byte(`{}`)}},
		}, nil
	})
	return err
}
