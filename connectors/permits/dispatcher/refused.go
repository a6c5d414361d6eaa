package dispatcher

import (
	"context"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// refused lists what the gateway refused of a track, oldest first.
func (d *Driver) refused(ctx context.Context, caseID string, key ehds.Track) ([]connectors.EventRefusal, error) {
	var out []connectors.EventRefusal
	prefix := connectors.RefusalPrefix(caseID, key)
	err := scan(ctx, d, prefix, prefix, func(key string, r connectors.EventRefusal) (bool, error) {
		out = append(out, r)
		return true, nil
	})
	return out, err
}

// settle puts the mirror back to the state the gateway refused the last event in. While the gateway has
// not seen the last event yet, an earlier refusal changes nothing: the judge has the word about that one
// first.
func (d *Driver) settle(ctx context.Context, t *track) error {
	if t.Settled >= t.LastEvent {
		return nil
	}
	list, err := d.refused(ctx, t.Case, t.Key)
	if err == nil {
		t.settle(list, d.eventID(t.LastEvent))
	}
	return err
}

// settle takes the state over from the refusal of the last event. One that tells no state is of a track the
// gateway does not count as ours.
func (t *track) settle(list []connectors.EventRefusal, last string) {
	for _, r := range list {
		if r.Event == last && t.Settled < t.LastEvent {
			t.Settled = t.LastEvent
			if r.Status == ehds.StateNone {
				continue
			}
			t.Status, t.ResumeTo, t.Phase, t.DecisionID = r.Status, r.ResumeTo, r.Decision, r.DecisionID
			if p, ok := t.permit(r.PermitID); ok {
				p.Phase = r.Permit
			}
		}
	}
}

// allRefused lists what the gateway refused of every track, by the track's digest: for lists, where asking
// track by track would be dear.
func (d *Driver) allRefused(ctx context.Context) (map[string][]connectors.EventRefusal, error) {
	out := map[string][]connectors.EventRefusal{}
	err := scan(ctx, d, connectors.RefusalsPrefix, connectors.RefusalsPrefix, func(key string, r connectors.EventRefusal) (bool, error) {
		id, _, _ := strings.Cut(strings.TrimPrefix(key, connectors.RefusalsPrefix), "/")
		out[id] = append(out[id], r)
		return true, nil
	})
	return out, err
}
