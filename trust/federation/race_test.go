package federation_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// Under the race detector this fails when two of the resolver's uses touch the same memory.
func TestEverythingAtOnce(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de := f.NCP("FR"), f.NCP("DE")
	config := fr.Configuration()
	r := f.Resolver(fr)
	var wg sync.WaitGroup
	use := func(do func() (*federation.Entity, error)) {
		wg.Go(func() {
			for range 20 {
				e, err := do()
				if err != nil {
					t.Error(err)
					return
				}
				for i := range e.Marks {
					e.Marks[i].Status = federation.MarkInvalid // one's own copy
				}
				f.Clock.Advance(20 * time.Second)
			}
		})
	}
	ctx := context.Background()
	for range 3 {
		use(func() (*federation.Entity, error) { return r.Resolve(ctx, fr.ID, nil) })
		use(func() (*federation.Entity, error) { return r.Refresh(ctx, fr.ID) })
		use(func() (*federation.Entity, error) { return r.Resolve(ctx, de.ID, de.Chain()) })
		use(func() (*federation.Entity, error) {
			_, err := r.Above(ctx, config)
			return &federation.Entity{}, err
		})
	}
	wg.Wait()
}
