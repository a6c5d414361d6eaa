package reconcile

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
)

// Dataset is one description as the centre's public catalogue shows it.
type Dataset struct {
	Identifier string   // the centre's own
	Origins    []string // identifiers elsewhere, the one at origin among them
	Exchange   string   // digest of the exchange form
}

// Shown reads the centre's public catalogue and hands on every dataset of one nation. pages is how many
// pages were read, unread how many descriptions could not be. An error means that it was not read to
// its end.
type Shown func(ctx context.Context, country string, see func(Dataset) error) (pages, unread int, err error)

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
	shown := newOrigins(ours)
	pages, unread, err := r.Shown(ctx, r.Country, shown.see)
	if err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	entries := shown.entries()
	theirs, err := digest.NewTree(entries)
	if err != nil {
		return Report{}, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	report := Report{
		Country: r.Country, Centre: r.Centre, Mode: ByReading, Proves: ByReading.Proves(), Scheme: digest.Scheme, At: began.UTC(),
		Theirs: Side{theirs.Len(), theirs.Root().String()}, Equal: ours.Root() == theirs.Root(), Messages: pages, Hashes: theirs.Len(),
		Unread: unread,
	}
	if err := r.fill(ctx, &report, ours, digest.Compare(ours, theirs)); err != nil {
		return report, err
	}
	report.Took = r.Clock().Sub(began)
	return report, nil
}
