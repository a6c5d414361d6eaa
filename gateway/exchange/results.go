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

// PublishedResults are results as their case keeps them.
type PublishedResults struct {
	ehds.ResultsBody
	Track   ehds.Track `json:"track,omitzero"`
	At      time.Time  `json:"at,omitzero"`       // when they were told here
	Message string     `json:"message,omitempty"` // that told the centre, by its id; none of a case that another hub filed
	Actor   string     `json:"actor,omitempty"`
}

// RecordResults records what a permit or an approval of one of our bodies led to, and tells the centre,
// files included (Art. 61(4)).
func (a *Applications) RecordResults(s store.State, track ehds.Track, b ehds.ResultsBody, actor string, files Files) (store.Change, error) {
	doc, ok := ReadApplicationDoc(s.Case, s.Doc)
	if !ok {
		return store.Change{}, errUnknownCase()
	}
	event, err := resultsPublished(track, &b, s.Now, actor)
	if err != nil {
		return store.Change{}, err
	}
	var made papers
	if len(files.List) > 0 {
		if a.Compose.across(doc.Counterpart) {
			return store.Change{}, fault.New(fault.Invalid, "results-files", "the case came from a hub that is told of no results: nothing takes the files along")
		}
		made = papers{ofResults(""): {list: files.List, blobs: files.Blobs}}
	}
	return a.results(doc, PublishedResults{ResultsBody: b, Track: track, Actor: actor}, event, s.Case, "", s.Now, made)
}

// results applies published results to their case and sends them to the centre. by names what brought the
// documents that go along. A case that another hub filed here is unknown to the centre: nothing is sent.
func (a *Applications) results(doc ApplicationDoc, r PublishedResults, event access.Event, caseID, by string, now time.Time, made papers) (store.Change, error) {
	r.ApplicationID, r.At = doc.Application.ID, now
	if !doc.permitOf(r.Track, r.PermitID) {
		return store.Change{}, fault.New(fault.NotFound, "no-such-permit", "the results name a permit that is none of this track").At("/permit_id")
	}
	var send []store.Outgoing
	if !a.Compose.across(doc.Counterpart) {
		d := Draft{To: doc.Counterpart, Type: ehds.ResultsRecord, Case: caseID, Track: &r.Track, Body: r.ResultsBody}
		row := a.withPapers(&doc, d, made, ofResults(by), now)
		send, r.Message = append(send, row), row.Jti
	}
	doc.Results = append(doc.Results, r)
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
