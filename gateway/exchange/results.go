package exchange

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// ofResults is what the documents of results belong to, by what brought them.
func ofResults(id string) string { return "results/" + id }

// resultsPublished is what results mean to the case: the user's eighteen months are kept (Art. 61(4)).
func resultsPublished(track ehds.Track, b *ehds.ResultsBody, at time.Time, actor string) (access.Event, error) {
	if b == nil || b.Title == "" || b.Summary == "" {
		return nil, fault.New(fault.Invalid, "event-incomplete", "results have a title and a summary")
	}
	if _, err := time.Parse(time.DateOnly, b.Published); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "date-form", "the day of publication is a full-date")
	}
	return access.ResultsPublished{Track: track, At: at, Actor: actor}, nil
}

// RecordResults records what a permit or an approval of one of our bodies led to, and tells the centre
// (Art. 61(4)).
func (a *Applications) RecordResults(s store.State, track ehds.Track, b ehds.ResultsBody, actor string) (store.Change, error) {
	doc, ok := ReadApplicationDoc(s.Case, s.Doc)
	if !ok {
		return store.Change{}, errUnknownCase()
	}
	event, err := resultsPublished(track, &b, s.Now, actor)
	if err != nil {
		return store.Change{}, err
	}
	return a.results(doc, track, b, event, s.Case, "", s.Now, nil)
}

// results applies published results to their case and sends them to the centre. by names what brought the
// documents that go along. A case that another hub filed here is unknown to the centre: nothing is sent.
func (a *Applications) results(doc ApplicationDoc, track ehds.Track, b ehds.ResultsBody, event access.Event, caseID, by string, now time.Time, made papers) (store.Change, error) {
	b.ApplicationID = doc.Application.ID
	if !doc.permitOf(track, b.PermitID) {
		return store.Change{}, fault.New(fault.NotFound, "no-such-permit", "the results name a permit that is none of this track").At("/permit_id")
	}
	var send []store.Outgoing
	if !a.Compose.across(doc.Counterpart) {
		d := Draft{To: doc.Counterpart, Type: ehds.ResultsRecord, Case: caseID, Track: &track, Body: b}
		send = append(send, a.withPapers(&doc, d, made, ofResults(by), now))
	}
	doc.Results = append(doc.Results, b)
	out, err := a.step(doc, event, caseID, now, made)
	out.send = append(out.send, send...)
	return out.change(), err
}

// permitOf says whether a permit is one of a track; none is.
func (d *ApplicationDoc) permitOf(track ehds.Track, id string) bool {
	t, ok := d.Application.Track(track)
	return ok && (id == "" || slices.ContainsFunc(t.Permits, func(v access.PermitVersion) bool { return v.ID == id }))
}

// stagesFiles says what the files of an event belong to when no document of ours goes with them.
func stagesFiles(ev connectors.PermitEvent) (of string, ok bool) {
	switch ev.Kind {
	case connectors.EventResults:
		return ofResults(ev.ID), true
	case connectors.EventReport:
		return ofRecord, true
	}
	return "", false
}
