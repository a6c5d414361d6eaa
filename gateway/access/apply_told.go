package access

import "github.com/ehdsgw/ehdsgw/gateway/fault"

func (e StatusTold) apply(r *run) error {
	if r.app.ID == "" {
		return fault.New(fault.NotFound, CodeUnknownCase, "no such case or track is known here")
	}
	if _, ours := r.app.Track(e.Track); ours {
		return fault.New(fault.Conflict, CodeOwnTrack, "the status of our own track is ours to say")
	}
	if !e.Axis.Has(e.Status) {
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
