package exchange

import (
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// A clock whose effect the case refuses neither holds up the case's other clocks, whenever they end, nor
// takes the messages and the evidence of one that fired in the same change.
func TestARefusedClockIsAlone(t *testing.T) {
	second := ehds.Track{CatalogID: "cat-2", HDAB: hdabA}
	for name, broken := range map[string]int{"the first": 0, "the last": 1} {
		t.Run(name, func(t *testing.T) {
			_, ncp, _ := pair(t)
			now := ncp.w.clock.Now()
			events := []access.Event{access.Submitted{ID: "A1", Kind: ehds.DataAccessApplication, Version: 1, Submitted: now, Received: now,
				Tracks: []ehds.Track{ourTrack, second}, Message: "m"}}
			for _, track := range []ehds.Track{ourTrack, second} {
				events = append(events, access.Screened{Track: track, At: now}, access.InfoRequested{Track: track, At: now, Reason: "r"})
			}
			ncp.happens("A1", events...)
			doc := ncp.doc("A1")
			doc.Application.Tracks[broken].Status = ehds.StatePreScreening // no edge leads out of it by this clock
			if _, err := ncp.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
				return store.Change{Doc: mustJSON(doc)}, nil
			}); err != nil {
				t.Fatal(err)
			}
			ncp.w.clock.Advance(40 * 24 * time.Hour)
			before, w := ncp.counts(), ncp.timers()
			if n := ncp.round(w) + ncp.round(w); n != 1 {
				t.Errorf("%d clocks fired", n)
			}
			got := ncp.doc("A1")
			if s := got.Application.Tracks[1-broken].Status; s != ehds.StateWithdrawn {
				t.Errorf("the track that could be withdrawn is %s", s)
			}
			if told := strings.Count(strings.Join(ncp.statuses("A1"), "\n"), "WITHDRAWN"); told != 1 || ncp.counts().Leaves != before.Leaves+1 {
				t.Errorf("told %d times, %d leaves", told, ncp.counts().Leaves-before.Leaves)
			}
			if len(got.Flags) != 1 || got.Flags[0].Code != "clock-not-applied" {
				t.Errorf("flags %+v", got.Flags)
			}
		})
	}
}
