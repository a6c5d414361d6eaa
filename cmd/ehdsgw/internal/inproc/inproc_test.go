package inproc

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/cases"
	"github.com/ehdsgw/ehdsgw/conformance/driver"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Cases run against a gateway in this process, and its clock can be moved: what is signed with the tester's
// time a month later is taken as current.
func TestDriver(t *testing.T) {
	clock := driver.NewShifted(time.Now, time.After)
	picked, err := conformance.Pick(cases.All(), []string{"EHG-META-00[12]"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	picked = append(picked, conformance.Case{
		ID: "EHG-X-001", Title: "time passes", Why: "-", Level: conformance.Must, Polarity: conformance.Positive, Profiles: []conformance.Profile{conformance.Core},
		Clauses: []string{"-"}, Needs: []conformance.Need{conformance.NeedClock}, Run: func(ctx context.Context, x *conformance.T) {
			began := x.Now()
			x.Trouble(x.Advance(30 * 24 * time.Hour))
			body := x.Application(nil)
			s := x.Send(ctx, x.Centre, x.Draft(x.Centre, ehds.ApplicationSubmit, ehds.ApplicationCase(body.ApplicationID).String(), body))
			x.Check("-", "it is taken", s.Received() && x.Now().Sub(began) >= 30*24*time.Hour, "RECEIVED", s.Code())
		},
	})
	ran, err := conformance.Run(t.Context(), conformance.Options{
		Cases: picked, Driver: Driver{Clock: clock, Rand: rand.Reader}, Now: time.Now, Clock: clock, Dir: t.TempDir(), RunID: "inproc",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range ran.Results {
		if r.Outcome != conformance.Pass {
			t.Errorf("%s %s: %s", r.Outcome, r.ID, r.Reason)
		}
	}
}
