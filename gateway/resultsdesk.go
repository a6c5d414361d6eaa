package gateway

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// ResultsRequest records what a permit or an approval led to (Art. 61(4)). The files of the request go along.
type ResultsRequest struct {
	Case      string `json:"case"`
	HDAB      string `json:"hdab,omitempty"`      // of the track, where there are several
	Catalogue string `json:"catalogue,omitempty"` // of the track, where a body has several
	Actor     string `json:"actor"`               // opaque staff reference
	ehds.ResultsBody
}

// ResultsRow are results on record.
type ResultsRow struct {
	Case string `json:"case"`
	exchange.PublishedResults
	Documents []ehds.Attachment `json:"documents,omitempty"` // that went along
}

// serveResults adds the calls about results.
func (g *Gateway) serveResults(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/results", g.operatorResults)
	httpapi.PostFiles(api, "/v1/results/record", g.operatorRecordResults)
}

// operatorRecordResults records results, which tells the centre of them, and gives them as the case keeps them.
func (g *Gateway) operatorRecordResults(ctx context.Context, r ResultsRequest, up httpapi.Uploads) (ResultsRow, error) {
	if strings.TrimSpace(r.Actor) == "" {
		return ResultsRow{}, fault.New(fault.Invalid, "name-missing", "who does this is recorded").At("/actor")
	}
	_, doc, err := g.applicationDoc(ctx, r.Case)
	if err != nil {
		return ResultsRow{}, err
	}
	track, err := r.track(doc)
	if err != nil {
		return ResultsRow{}, err
	}
	err = g.changeWithFiles(ctx, r.Case, up, func(s store.State, f exchange.Files) (store.Change, error) {
		return g.apps.RecordResults(s, track, r.ResultsBody, r.Actor, f)
	})
	if errors.Is(err, store.ErrErased) {
		err = fault.New(fault.Conflict, "case-erased", "the case was erased")
	}
	if err != nil {
		return ResultsRow{}, err
	}
	if _, doc, err = g.applicationDoc(ctx, r.Case); err != nil {
		return ResultsRow{}, err
	}
	rows := resultsOf(r.Case, doc)
	return rows[len(rows)-1], nil
}

// track is the track whose results they are: of the permit, of the body named, or the only one.
func (r ResultsRequest) track(doc exchange.ApplicationDoc) (ehds.Track, error) {
	var found []ehds.Track
	for i := range doc.Application.Tracks {
		t := &doc.Application.Tracks[i]
		has := slices.ContainsFunc(t.Permits, func(v access.PermitVersion) bool { return v.ID == r.PermitID })
		if (r.PermitID == "" || has) && (r.HDAB == "" || t.Key.HDAB == r.HDAB) && (r.Catalogue == "" || t.Key.CatalogID == r.Catalogue) {
			found = append(found, t.Key)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return ehds.Track{}, fault.New(fault.Invalid, "track-missing", "the case has several tracks: name the permit, or the body and the catalogue").At("/hdab")
	case r.PermitID != "":
		return ehds.Track{}, fault.New(fault.NotFound, "no-such-permit", "the results name a permit that is none of this case, or of the track").At("/permit_id")
	}
	return ehds.Track{}, fault.New(fault.NotFound, "unknown-case", "no such case or track is known here").At("/hdab")
}

// operatorResults lists results, the newest first: of one case, or of one body.
func (g *Gateway) operatorResults(ctx context.Context, q httpapi.Query) ([]ResultsRow, error) {
	out := []ResultsRow{}
	see := func(id string, doc exchange.ApplicationDoc) {
		for _, r := range resultsOf(id, doc) {
			if q.Get("hdab") == "" || r.Track.HDAB == q.Get("hdab") {
				out = append(out, r)
			}
		}
	}
	var err error
	if id := q.Get("case"); id != "" {
		var doc exchange.ApplicationDoc
		if _, doc, err = g.applicationDoc(ctx, id); err == nil {
			see(id, doc)
		}
	} else {
		err = g.applications(ctx, see)
	}
	slices.SortStableFunc(out, func(a, b ResultsRow) int { return b.At.Compare(a.At) })
	return out, err
}

// resultsOf are the results of a case, oldest first, each with the documents of its message.
func resultsOf(id string, doc exchange.ApplicationDoc) []ResultsRow {
	out := make([]ResultsRow, len(doc.Results))
	for i, r := range doc.Results {
		out[i] = ResultsRow{Case: id, PublishedResults: r}
		for _, d := range doc.Documents {
			if r.Message != "" && d.Message == r.Message {
				out[i].Documents = append(out[i].Documents, d.Attachment)
			}
		}
	}
	return out
}
