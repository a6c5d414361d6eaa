package exchange

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
)

// named is an event of a permit with the version it is about. A system that counts no versions, such as
// REMS, or staff who mean the permit as it is, name none: then it is the newest.
func (d ApplicationDoc) named(ev connectors.PermitEvent) connectors.PermitEvent {
	if ev.Permit == nil || ev.Permit.PermitID != "" {
		return ev
	}
	i := slices.IndexFunc(d.Application.Tracks, func(t access.Track) bool { return t.Key == ev.Track })
	if i < 0 || len(d.Application.Tracks[i].Permits) == 0 {
		return ev
	}
	versions := d.Application.Tracks[i].Permits
	about := *ev.Permit
	about.PermitID = versions[len(versions)-1].ID
	ev.Permit = &about
	return ev
}
