package dispatcher_test

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
)

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunPermits(t, connectortest.PermitsHarness{
		Open: func(t *testing.T, host connectors.Host) connectors.Permits {
			d, err := dispatcher.New(host, twoSystems())
			if err != nil {
				t.Fatal(err)
			}
			return d
		},
		Submission: submission,
	})
}
