package access

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e StatusTold) apply(r *run) error {
	if r.app.ID == "" {
		return fault.New(fault.NotFound, CodeUnknownCase, "no such case or track is known here")
	}
	if _, ours := r.app.Track(e.Track); ours {
		return fault.New(fault.Conflict, CodeOwnTrack, "the status of our own track is ours to say")
	}
	if !knownStatus(e.Axis, e.Status) {
		return fault.New(fault.Invalid, CodeStatus, "the axis has no such status")
	}
	o := ObservedTrack{Key: e.Track, Nation: e.Nation, Axis: e.Axis, Status: e.Status, At: e.At.UTC()}
	for i := range r.app.Observed {
		k := &r.app.Observed[i]
		if k.Key != o.Key || k.Axis != o.Axis || k.Nation != o.Nation {
			continue
		}
		if !o.At.Before(k.At) {
			*k = o
		}
		return nil
	}
	r.app.Observed = append(r.app.Observed, o)
	return nil
}

// knownStatus says whether a status exists on an axis.
func knownStatus(axis ehds.Axis, status string) bool {
	switch axis {
	case ehds.AxisApplication:
		return slices.Contains(ehds.ApplicationStates(), ehds.ApplicationState(status))
	case ehds.AxisDecision:
		return slices.Contains(ehds.DecisionStates(), ehds.DecisionState(status))
	case ehds.AxisPermit:
		return slices.Contains(ehds.PermitStatusValues(), ehds.PermitStatusValue(status))
	}
	return false
}
