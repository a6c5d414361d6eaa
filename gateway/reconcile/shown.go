package reconcile

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
)

// Shown reads a public catalogue: every dataset shown of one nation, by identifier at origin, with the
// digest of its exchange form. pages is how many pages were read. An error means that the reading is
// incomplete.
type Shown func(ctx context.Context, country string) (entries []digest.Entry, pages int, err error)

// Read compares with the centre's public catalogue over HTTP.
func (r *Reconciler) Read(ctx context.Context) (Report, error) {
	if r.Shown == nil {
		return Report{}, ErrNoAddress
	}
	began := r.Clock()
	ours, err := r.holds(ctx)
	if err != nil {
		return Report{}, err
	}
	entries, pages, err := r.Shown(ctx, r.Country)
	if err != nil {
		return Report{}, fmt.Errorf("reading the centre's catalogue: %w", err)
	}
	theirs, err := digest.NewTree(entries)
	if err != nil {
		return Report{}, fmt.Errorf("the centre's catalogue: %w", err)
	}
	report := Report{
		Country: r.Country, Centre: r.Centre, Mode: ByReading, Proves: ByReading.Proves(), Scheme: digest.Scheme, At: began.UTC(),
		Theirs: Side{theirs.Len(), theirs.Root().String()}, Equal: ours.Root() == theirs.Root(), Messages: pages, Hashes: theirs.Len(),
	}
	if err := r.fill(ctx, &report, ours, digest.Compare(ours, theirs)); err != nil {
		return report, err
	}
	report.Took = r.Clock().Sub(began)
	return report, nil
}
