package exchange

import (
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// refusal tells the driver, in the transaction that skips the event, why it had no effect and what state the
// track is in. Of another system's track it learns only that the event was refused.
func (e *Events) refusal(doc ApplicationDoc, now time.Time, ev connectors.PermitEvent, err error) store.MailWrite {
	f := fault.From(err)
	r := connectors.EventRefusal{Event: ev.ID, Kind: ev.Kind, At: stamp(now), Code: f.Code, Detail: f.Detail}
	if t, ok := doc.Application.Track(ev.Track); ok && !errors.Is(err, errUnknownCase()) {
		r.Status, r.ResumeTo = t.Status, t.ResumeTo
		if t.Decision != nil {
			r.Decision, r.DecisionID = t.Decision.Status, t.Decision.ID
		}
		for _, v := range t.Permits {
			if ev.Permit != nil && v.ID == ev.Permit.PermitID {
				r.PermitID, r.Permit = v.ID, v.Phase
			}
		}
	}
	return store.MailWrite{Namespace: driverNamespace(e.Instance), Mail: store.Mail{
		Key: connectors.RefusalPrefix(ev.Case, ev.Track) + ev.ID, Case: ev.Case, Value: mustJSON(r),
	}}
}

// driverNamespace is the mailbox of a permit driver in the record.
func driverNamespace(instance string) string { return "connector/" + instance }
