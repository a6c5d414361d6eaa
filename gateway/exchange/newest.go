package exchange

import "github.com/ehdsgw/ehdsgw/connectors"

// named is an event of a permit with the version it is about. A system that counts no versions, such as
// REMS, or staff who mean the permit as it is, name none: then it is the newest.
func (d ApplicationDoc) named(ev connectors.PermitEvent) connectors.PermitEvent {
	if ev.Permit == nil || ev.Permit.PermitID != "" {
		return ev
	}
	t, ok := d.Application.Track(ev.Track)
	if !ok {
		return ev
	}
	newest, ok := t.Permit()
	if !ok {
		return ev
	}
	about := *ev.Permit
	about.PermitID = newest.ID
	ev.Permit = &about
	return ev
}
