package exchange

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// version is the standard application as a later version that asks for other datasets.
func version(n int, datasets ...string) []func(*ehds.Envelope) {
	return []func(*ehds.Envelope){seq(int64(n)), typed(ehds.ApplicationAmended, json.RawMessage(submitBody("A1", datasets...))), func(e *ehds.Envelope) {
		var b ehds.ApplicationBody
		if err := json.Unmarshal(e.Body, &b); err != nil {
			panic(err)
		}
		b.Version = n
		e.Body = mustJSON(b)
	}}
}

// A new version that adds a dataset of another body opens its track, told to the centre and handed to that
// body; one that takes every dataset out is taken, and staff of each body see it.
func TestAmendedByDatasetsOfAnotherBody(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.publish("ds-1", hdabA)
	ncp.publish("b-1", hdabB)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ncp.receive(centre.sign(centre.envelope(ncp, version(2, "ds-1", "b-1")...)))
	a, b := ehds.Track{CatalogID: "cat", HDAB: hdabA}, ehds.Track{CatalogID: "cat", HDAB: hdabB}
	doc := ncp.doc("A1")
	var keys []ehds.Track
	for _, track := range doc.Application.Tracks {
		keys = append(keys, track.Key)
	}
	if d := cmp.Diff([]ehds.Track{a, b}, keys); d != "" || doc.Application.Tracks[1].Status != ehds.StateSubmitted || len(doc.Flags) != 0 {
		t.Fatalf("tracks %s, flags %+v", d, doc.Flags)
	}
	acknowledged, handed := 0, 0
	for _, row := range ncp.rows() {
		if row.Type == string(ehds.ApplicationAck) && *envelopeOf(t, row).Track == b {
			acknowledged++
		}
		var task struct{ Track ehds.Track }
		if row.Channel != store.ChannelCentral && json.Unmarshal(row.Payload, &task) == nil && task.Track == b {
			handed++
		}
	}
	if acknowledged != 1 || handed != 1 {
		t.Errorf("the new track is acknowledged %d times and handed over %d times", acknowledged, handed)
	}
	elsewhere := form(t, func(b *ehds.ApplicationBody) { b.Datasets[0].Country = "SE" })
	ncp.receive(centre.sign(centre.envelope(ncp, append(version(3, "se-1"), elsewhere)...)))
	var flagged []string
	for _, f := range ncp.doc("A1").Flags {
		if f.Code == access.CodeNoDataset {
			flagged = append(flagged, f.Code)
		}
	}
	if doc = ncp.doc("A1"); len(flagged) != 2 || doc.Application.Version != 3 || len(doc.Application.Tracks) != 2 {
		t.Errorf("version %d, %d tracks, flags %+v", doc.Application.Version, len(doc.Application.Tracks), doc.Flags)
	}
}

// A body designates its own data holders, whatever the record says of them; another body's count for nothing.
func TestTrustedHolderByDesignation(t *testing.T) {
	r := NewRouter("FR", []HDAB{{Entity: hdabA, TrustedHolders: []string{"T", ""}}, {Entity: hdabB, Coordinator: true, TrustedHolders: []string{"U"}}})
	for id, of := range map[string][2]string{"a-t": {hdabA, "T"}, "a-u": {hdabA, "U"}, "a-0": {hdabA, ""}, "b-t": {hdabB, "T"}, "c-u": {"https://elsewhere.example", "U"}} {
		r.Learn(catalogue.Publication{Source: "cat", Identifier: id, HDAB: of[0], Holder: of[1], State: catalogue.Validated})
	}
	got := map[string]bool{}
	for _, id := range []string{"a-t", "a-u", "a-0", "b-t", "c-u"} {
		asked := []ehds.ApplicationDataset{{DatasetID: id, Country: "FR"}}
		got[id] = r.Known(asked)[id].TrustedHolder
		if one := len(r.Trusted(asked)) == 1; one != got[id] {
			t.Errorf("%s: known as trusted %t, its track %t", id, got[id], one)
		}
	}
	if d := cmp.Diff(map[string]bool{"a-t": true, "a-u": false, "a-0": false, "b-t": false, "c-u": true}, got); d != "" {
		t.Error(d)
	}
}

// The procedure of a trusted data holder opens for a track whose data are all those of one such holder, as
// our published record shows it, and for no other.
func TestTrustedHolderByWhatTheRecordShows(t *testing.T) {
	learn := func(ncp *node, id, hdab, holder string, trusted bool) {
		ncp.router.Learn(catalogue.Publication{Source: "cat", Identifier: id, HDAB: hdab, Holder: holder, Trusted: trusted, State: catalogue.Validated})
	}
	for name, c := range map[string]struct {
		asked []string
		want  ehds.Procedure
	}{
		"one holder's":               {[]string{"t-1", "t-2"}, ehds.ProcedureTrustedHolder},
		"another body's beside them": {[]string{"b-1", "t-1"}, ehds.ProcedureTrustedHolder},
		"two trusted holders'":       {[]string{"t-1", "u-1", "t-2"}, ehds.ProcedureStandard},
		"one is not trusted":         {[]string{"t-1", "n-1"}, ehds.ProcedureStandard},
		"one is not published":       {[]string{"x", "t-1"}, ehds.ProcedureStandard},
	} {
		_, ncp, centre := pair(t)
		learn(ncp, "t-1", hdabA, "T", true)
		learn(ncp, "t-2", hdabA, "T", true)
		learn(ncp, "u-1", hdabA, "U", true)
		learn(ncp, "n-1", hdabA, "N", false)
		learn(ncp, "b-1", hdabB, "B", false)
		ncp.receive(centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) { e.Body = submitBody("A1", c.asked...) })))
		e := status("e1", "")
		e.Kind, e.Procedure, e.Reason = connectors.EventProcedure, ehds.ProcedureTrustedHolder, "the holder assesses"
		newEvents(ncp, &stream{}).happen(t, e)
		doc := ncp.doc("A1")
		refused := slices.ContainsFunc(doc.Flags, func(f Flag) bool { return f.Code == "national-event-refused" && f.Note == access.CodeProcedure })
		track, ok := doc.Application.Track(e.Track)
		if !ok || track.Procedure != c.want || refused != (c.want == ehds.ProcedureStandard) {
			t.Errorf("%s: %+v, flags %+v", name, track, doc.Flags)
		}
	}
}
