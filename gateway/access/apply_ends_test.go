package access

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// TestStepsEndWhatRuns holds the steps that end a case early against what they stop, start and say.
func TestStepsEndWhatRuns(t *testing.T) {
	spe := func(e ehds.SideEvent, at time.Time) SideMoved {
		s := side(ehds.SideSPE, e, at)
		s.Subject = "spe-1"
		return s
	}
	revoke := PermitMoved{Track: ours, At: day(30), PermitID: "DP-NL-2026-0001-v1", Event: ehds.PermitEventRevoked, Reason: "r"}
	gave := granted(t)
	requested := applyAll(t, gave, side(ehds.SideDelivery, ehds.SideEventRequested, day(3)))
	received := applyAll(t, gave, spe(ehds.SideEventReceived, day(10)))
	assessed := applyAll(t, trusted(t), side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1)), side(ehds.SideTrustedHolder, ehds.SideEventAssessed, day(2)))
	returned := applyAll(t, trusted(t), side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1)), side(ehds.SideTrustedHolder, ehds.SideEventReturned, day(2)))
	asked := applyAll(t, returned, InfoRequested{Track: ours, At: day(3)})
	silent := card(ehds.Negative, "D-1", "")
	silent.Reasons = ""
	for _, c := range []struct {
		name string
		app  Application
		e    Event
		at   time.Time
		want []string
	}{
		{"the holder refuses", requested, side(ehds.SideDelivery, ehds.SideEventRefused, day(10)), day(10), []string{"stop delivery", "flag delivery-refused"}},
		{"the data are needed no more", requested, side(ehds.SideDelivery, ehds.SideEventCancelled, day(10)), day(10), []string{"stop delivery"}},
		{"access ends before it was opened", received, spe(ehds.SideEventClosed, day(20)), day(20), []string{"stop spe-access", "start results 2028-05-23"}},
		{"revoked before access was opened", received, revoke, day(30), []string{"stop permit", "set DP-NL-2026-0001-v1", "permit-changed DP-NL-2026-0001-v1 REVOKED",
			"stop spe-access", "start spe-deletion 2027-06-03", "start results 2028-06-05", "status permit REVOKED"}},
		{"deleted where the data went was never told", applyAll(t, gave, revoke), spe(ehds.SideEventDeleted, day(40)), day(40), []string{"stop spe-deletion"}},
		{"nobody was heard", applyAll(t, gave, side(ehds.SideHearing, ehds.SideEventNotified, day(5))), side(ehds.SideHearing, ehds.SideEventUnheard, day(40)), day(40), []string{"stop hearing"}},
		{"fees estimated after the permit", gave, side(ehds.SideFees, ehds.SideEventEstimated, day(5)), day(5), []string{"start fees 2026-12-07"}},
		{"completed after the trusted holder gave it back", asked, InfoReceived{Track: ours, At: day(5), Received: day(5), Message: "m-2"}, day(5),
			[]string{"stop completion", "start decision 2027-02-08", "ack application.info-ack m-2", "hand info", "status application PROCESSING"}},
		{"a new version answers the request", asked, Amended{Version: 2, Submitted: day(5), Received: day(5), Message: "m-2", Tracks: []ehds.Track{ours}}, day(5),
			[]string{"stop completion", "start decision 2027-02-08", "ack application.ack m-2", "hand submission", "status application PROCESSING"}},
		{"re-routed with a proposal", assessed, reroute(ehds.ProcedureStandard, RouteFacts{}), day(10), []string{"stop proposal", "start decision 2027-02-03"}},
		{"a positive decision is rejected", decided(t, ehds.DataAccessApplication, ehds.Positive), answer("D-1", ehds.AnswerReject, day(1)), day(1),
			[]string{"stop answer", "hand answer", "status application WITHDRAWN"}},
		{"refused without reasons", applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"}),
			DecisionIssued{Track: ours, At: t0, Card: silent}, day(1),
			[]string{"decision D-1", "status application DECISION_ISSUED", "stop decision", "flag reasons-missing", "start publication 2026-12-15"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ef := step(t, c.app, c.e, c.at)
			wantEffects(t, ef, c.want...)
		})
	}
}

// A new version reaches the tracks it is in time for; of the others staff are told.
func TestAmendedTooLateForOneTrack(t *testing.T) {
	second := ehds.Track{CatalogID: "second", HDAB: ours.HDAB}
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours, second), Screened{ours, t0, "s"}, InfoRequested{Track: ours, At: day(1)})
	a, ef := step(t, a, Amended{Version: 2, Submitted: day(60), Received: day(60), Message: "m-2", Tracks: []ehds.Track{ours, second}}, day(60))
	wantEffects(t, ef, "flag answered-too-late", "start decision 2027-04-02", "ack application.ack m-2", "hand submission")
	if a.Version != 2 || a.Tracks[0].Status != ehds.StateAwaitingInformation {
		t.Errorf("version %d, %s", a.Version, a.Tracks[0].Status)
	}
}

// The duty to publish results is met by the first publication.
func TestResultsArePublishedOnce(t *testing.T) {
	a := applyAll(t, granted(t), ResultsPublished{ours, day(50), "s"}, ResultsPublished{ours, day(90), "s"})
	if got := a.Tracks[0].Results; !got.Equal(day(50)) {
		t.Errorf("published %s", got)
	}
}

// An answer that arrived late and was given in time meets its clock.
func TestAnswerInTimeMeetsItsClock(t *testing.T) {
	a := applyAll(t, decided(t, ehds.DataAccessApplication, ehds.Positive), ClockExpired{Track: ours, Kind: ClockAnswer}, answer("D-1", ehds.AnswerAccept, day(27)))
	if c, _ := a.Tracks[0].Clock(ClockAnswer); c.State != ClockMet {
		t.Errorf("the clock is %s", c.State)
	}
}

func TestTrackOfPermit(t *testing.T) {
	a := granted(t)
	a.Tracks = append([]Track{{Key: foreign}}, a.Tracks...)
	if track, ok := a.TrackOfPermit("DP-NL-2026-0001-v1"); !ok || track.Key != ours {
		t.Errorf("%+v, %v", track, ok)
	}
	if _, ok := a.TrackOfPermit("DP-NL-2026-0002-v1"); ok {
		t.Error("a permit nobody has belongs to a track")
	}
}

// The proof names the law of an extension, and a date that the last month has not.
func TestProofsNameTheirGrounds(t *testing.T) {
	cal := Calendar{}
	for kind, article := range map[ClockKind]string{ClockDecision: "(Art. 68(4))", ClockDelivery: "(Art. 60)"} {
		n := cal.extend(cal.Clock(kind, t0, Length(kind, ehds.ProcedureStandard, false)), ehds.ProcedureStandard, "r")
		if !strings.Contains(n.Steps[0], article) {
			t.Errorf("%s: %s", kind, n.Steps[0])
		}
	}
	for at, want := range map[time.Time]bool{
		time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC): true,
		time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC): false,
	} {
		steps := cal.Deadline(at, Period{Months: 3}).Steps
		if got := slices.ContainsFunc(steps, func(s string) bool { return strings.Contains(s, "no such date") }); got != want {
			t.Errorf("from %s: %q", at, steps)
		}
	}
}
