package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// A version that asks for data of a body that had no track opens one, with a whole decision period of its
// own; the tracks that were there go on, whatever it still asks for.
func TestAmendedDatasets(t *testing.T) {
	t.Parallel()
	second, third := ehds.Track{CatalogID: "second", HDAB: ours.HDAB}, ehds.Track{CatalogID: "cat", HDAB: "https://ncp.nl.example/hdab/b"}
	amend := func(tracks ...ehds.Track) Amended {
		return Amended{Version: 2, Submitted: day(2), Received: day(3), Message: "m-2", Tracks: tracks}
	}
	assessed := []Event{submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"}}
	kept := []string{"start decision 2027-02-08", "ack application.ack m-2", "hand submission"}
	opened := []string{"ack application.ack m-2", "hand submission", "start decision 2027-02-08"}
	type status = map[ehds.Track]ehds.ApplicationState
	for name, c := range map[string]struct {
		before []Event
		e      Amended
		want   []string
		status status
	}{
		"the same datasets": {assessed, amend(ours), kept, status{ours: ehds.StateProcessing}},
		"another catalogue": {assessed, amend(ours, second), append(kept, opened...),
			status{ours: ehds.StateProcessing, second: ehds.StateSubmitted}},
		"two more, one named twice": {assessed, amend(third, ours, second, third), append(append(kept, opened...), opened...),
			status{ours: ehds.StateProcessing, second: ehds.StateSubmitted, third: ehds.StateSubmitted}},
		"moved to another body": {assessed, amend(third), append(append(kept, "flag no-dataset-asked"), opened...),
			status{ours: ehds.StateProcessing, third: ehds.StateSubmitted}},
		"none left": {assessed, amend(), append(kept, "flag no-dataset-asked"), status{ours: ehds.StateProcessing}},
		"a track that was withdrawn stays so": {append([]Event{submitted(ehds.DataAccessApplication, ours, second)}, Withdrawn{Track: &second, At: t0}),
			amend(ours, second), kept, status{ours: ehds.StateSubmitted, second: ehds.StateWithdrawn}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, ef := step(t, applyAll(t, Application{}, c.before...), c.e, day(3))
			wantEffects(t, ef, c.want...)
			got := status{}
			for _, track := range a.Tracks {
				got[track.Key] = track.Status
				if track.Procedure != ehds.ProcedureStandard {
					t.Errorf("%v is in the %s procedure", track.Key, track.Procedure)
				}
			}
			if d := cmp.Diff(c.status, got); d != "" || a.Version != 2 || len(a.Versions) != 2 {
				t.Errorf("version %d, %d versions, %s", a.Version, len(a.Versions), d)
			}
		})
	}
	// No track is opened by a version that none can take.
	withdrawn := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Withdrawn{At: t0})
	refused(t, withdrawn, amend(ours, second), day(3), CodeIllegal)
	late := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, InfoRequested{Track: ours, At: t0})
	e := amend(ours, second)
	e.Submitted, e.Received = day(60), day(60)
	refused(t, late, e, day(60), CodeTooLate)
}
