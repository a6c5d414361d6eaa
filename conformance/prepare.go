package conformance

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/conformance/roles/national"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// The datasets every lab's nation has, one of each body: what applications ask for.
const (
	BaseDatasetA = "conformance-base-a"
	BaseDatasetB = "conformance-base-b"
)

// prepare puts the base datasets into the national catalogue and waits until the target has published them.
func prepare(ctx context.Context, l *lab.Lab) error {
	for id, body := range map[string]string{BaseDatasetA: national.FirstBody, BaseDatasetB: national.SecondBody} {
		l.National.Put(national.Dataset{Identifier: id, Title: "Base register " + l.RunID, Body: body, Rights: ehds.AccessNonPublic})
	}
	for _, id := range []string{BaseDatasetA, BaseDatasetB} {
		want := ehds.DatasetCase(lab.Country, id).String()
		if _, err := l.Centre.Await(ctx, func(r peer.Received) bool { return r.Env.Case == want }); err != nil {
			return fmt.Errorf("the target does not publish %s: %w", id, err)
		}
	}
	return nil
}
