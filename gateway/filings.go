package gateway

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/filing"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// FilingRequest files an application: with another hub (profile peer-1, no part of HealthData@EU), or here, so
// that it is forwarded to the centre for the other states it concerns (profile ext-1, Art. 67(3)). The files
// of the request become its attachments.
type FilingRequest struct {
	To          string               `json:"to,omitempty"` // entity of a configured peer; empty forwards to the centre
	Application ehds.ApplicationBody `json:"application"`
}

// FilingAct is what the applicant does about an application that was filed.
type FilingAct struct {
	Case string `json:"case"`
	// Do is amend, withdraw, answer, info, appeal or share.
	Do string `json:"do"`
	// HDAB names the track, where there are several.
	HDAB        string                `json:"hdab,omitempty"`
	Answer      ehds.Answer           `json:"answer,omitempty"`      // of answer
	Text        string                `json:"text,omitempty"`        // of appeal; the reason of withdraw
	Sections    []ehds.InfoAnswer     `json:"sections,omitempty"`    // of info
	Application *ehds.ApplicationBody `json:"application,omitempty"` // of amend
	// Of is the case whose decision and permit are shown to the other hub, of share; HDAB then names the body
	// of ours that decided it, where several did.
	Of string `json:"of,omitempty"`
}

// FilingRow is an application filed with another hub, or forwarded to the centre.
type FilingRow struct {
	Case     string        `json:"case"`
	Profile  string        `json:"profile"` // peer-1 (no part of HealthData@EU), or ext-1
	Revision int64         `json:"revision"`
	Updated  string        `json:"updated"`
	Open     bool          `json:"open"` // something is still to come from the other hub by itself
	Filing   filing.Filing `json:"filing"`
	// ApplicationID is what the centre calls a forwarded application; empty until it has answered.
	ApplicationID string         `json:"application_id,omitempty"`
	Waiting       []WaitingEntry `json:"waiting,omitempty"` // messages that have not left yet
}

// WaitingEntry is a message on its way to the other hub.
type WaitingEntry struct {
	Type   string `json:"type"`
	Reason string `json:"reason,omitempty"` // why the last attempt failed
}

// serveFilings adds the calls about applications filed with other hubs.
func (g *Gateway) serveFilings(api *httpapi.Operator) {
	httpapi.PostFiles(api, "/v1/applications", g.operatorFile)
	httpapi.PostFiles(api, "/v1/applications/act", g.operatorAct)
	httpapi.Get(api, "/v1/applications", g.operatorFilings)
	httpapi.Get(api, "/v1/applications/show", g.operatorFiling)
}

// applicationIDBytes make the 24 hexadecimal digits of an application's id.
const applicationIDBytes = 12

func (g *Gateway) operatorFile(ctx context.Context, r FilingRequest, files httpapi.Uploads) (FilingRow, error) {
	if err := g.mayFile(ctx, r.To); err != nil {
		return FilingRow{}, err
	}
	body := r.Application
	if body.ApplicationID == "" {
		id := make([]byte, applicationIDBytes)
		if _, err := io.ReadFull(g.o.Rand, id); err != nil {
			return FilingRow{}, err
		}
		body.ApplicationID = hex.EncodeToString(id)
	}
	body.Version, body.DateSubmitted = 1, g.o.Clock().UTC().Format(time.RFC3339Nano)
	return g.changeFiling(ctx, g.filings().CaseOf(body.ApplicationID), files, func(s store.State, f exchange.Files) (store.Change, error) {
		if r.To == "" {
			return g.filings().Forward(s, g.cfg.Central.Entity, body, f)
		}
		return g.filings().File(s, r.To, body, f)
	})
}

// mayFile says whether the hub an application is for would take it: a configured peer, or the centre where
// its metadata lists application.forward.
func (g *Gateway) mayFile(ctx context.Context, to string) error {
	if to != "" {
		if !slices.Contains(g.peers(), to) {
			return fault.New(fault.Invalid, "no-such-peer", "this hub is not among the configured peers").At("/to")
		}
		return nil
	}
	listed, err := g.centreLists(ctx, ehds.ApplicationForward)
	switch {
	case err != nil:
		return fault.Wrap(err, fault.Unavailable, "centre-unknown", "what the centre takes cannot be told now")
	case !listed:
		return fault.New(fault.Conflict, "forward-not-listed",
			"the centre's metadata does not list application.forward: file at the centre's front office, or name a peer")
	}
	return nil
}

func (g *Gateway) operatorAct(ctx context.Context, r FilingAct, files httpapi.Uploads) (FilingRow, error) {
	acts := g.filings()
	if r.Do == "share" {
		return g.shareWithPeer(ctx, r, files)
	}
	do := map[string]func(store.State, exchange.Files) (store.Change, error){
		"withdraw": func(s store.State, _ exchange.Files) (store.Change, error) { return acts.Withdraw(s, r.Text) },
		"answer":   func(s store.State, _ exchange.Files) (store.Change, error) { return acts.Answer(s, r.HDAB, r.Answer) },
		"info": func(s store.State, f exchange.Files) (store.Change, error) {
			return acts.Complete(s, r.HDAB, r.Sections, f)
		},
		"appeal": func(s store.State, f exchange.Files) (store.Change, error) { return acts.Appeal(s, r.HDAB, r.Text, f) },
		"amend": func(s store.State, f exchange.Files) (store.Change, error) {
			if r.Application == nil {
				return store.Change{}, fault.New(fault.Invalid, "application-missing", "an amendment is a whole application").At("/application")
			}
			return acts.Amend(s, *r.Application, f)
		},
	}[r.Do]
	if do == nil {
		return FilingRow{}, fault.New(fault.Invalid, "act-unknown", "one of amend, withdraw, answer, info, appeal, share is wanted").At("/do")
	}
	if id, err := ehds.ParseCaseID(r.Case); err != nil || id.Kind != ehds.CaseNational || id.Country != g.cfg.Country {
		return FilingRow{}, fault.New(fault.NotFound, "no-such-filing", "no application was filed with another hub under this case").At("/case")
	}
	return g.changeFiling(ctx, r.Case, files, do)
}

// changeFiling makes one change of a filing and tells what became of it.
func (g *Gateway) changeFiling(ctx context.Context, caseID string, up httpapi.Uploads, change func(store.State, exchange.Files) (store.Change, error)) (FilingRow, error) {
	if err := g.changeWithFiles(ctx, caseID, up, change); err != nil {
		return FilingRow{}, err
	}
	return g.filingRow(ctx, caseID)
}

// changeWithFiles stages the files of a request and makes one change. What leaves is checked by the schema of
// its type, as the other side will: a fault is told here, and nothing is kept.
func (g *Gateway) changeWithFiles(ctx context.Context, caseID string, up httpapi.Uploads, change func(store.State, exchange.Files) (store.Change, error)) error {
	files, err := g.stageUploads(ctx, caseID, up)
	if err == nil {
		_, err = g.record.Update(ctx, caseID, func(s store.State) (store.Change, error) {
			c, err := change(s, files)
			if err != nil {
				return c, err
			}
			return c, g.checkOutgoing(c)
		})
	}
	if err != nil {
		return errors.Join(err, g.record.DropBlobs(context.WithoutCancel(ctx), slices.Collect(maps.Values(files.Blobs))...))
	}
	g.outbox.Wake()
	return nil
}

// checkOutgoing checks the messages of a change by the schemas of their types.
func (g *Gateway) checkOutgoing(c store.Change) error {
	for _, m := range c.Send {
		if m.Channel != store.ChannelCentral {
			continue
		}
		if f := g.inbox.Schemas.CheckOutgoing(m); f != nil {
			return f
		}
	}
	return nil
}

// stageUploads keeps the files of a request for a case. What it kept before an error is returned with it.
func (g *Gateway) stageUploads(ctx context.Context, caseID string, up httpapi.Uploads) (exchange.Files, error) {
	files := exchange.Files{Blobs: map[string]string{}}
	limits := g.limits()
	left := limits.MaxAttachmentBytes
	for {
		file, err := up.Next()
		if err == io.EOF { //nolint:errorlint // a wrapped io.EOF is an upload that ended early
			return files, nil
		}
		if err != nil {
			return files, err
		}
		if len(files.List) == limits.MaxAttachments {
			return files, fault.New(fault.TooLarge, "too-many-attachments", "more attachments than allowed")
		}
		blob, err := g.record.StageBlob(ctx, caseID, file.Content, left)
		switch {
		case errors.Is(err, store.ErrTooLarge):
			return files, fault.New(fault.TooLarge, "attachments-too-large", "the attachments together exceed the limit")
		case err != nil:
			return files, err
		}
		left -= blob.Size
		id := "a" + strconv.Itoa(len(files.List)+1)
		files.Blobs[id] = blob.ID
		name := path.Base(strings.ReplaceAll(file.Name, `\`, "/"))
		files.List = append(files.List, ehds.Attachment{ID: id, Name: name, MediaType: cmp.Or(file.MediaType, "application/octet-stream"), Size: blob.Size, SHA256: blob.SHA256})
	}
}

func (g *Gateway) operatorFiling(ctx context.Context, q httpapi.Query) (FilingRow, error) {
	return g.filingRow(ctx, q.Get("case"))
}

func (g *Gateway) filingRow(ctx context.Context, caseID string) (FilingRow, error) {
	c, ok, err := g.record.Case(ctx, caseID)
	if err != nil {
		return FilingRow{}, err
	}
	row, is := rowOfFiling(c)
	if !ok || !is {
		return FilingRow{}, fault.New(fault.NotFound, "no-such-filing", "no application was filed with another hub under this case").At("/case")
	}
	queued, err := g.record.OutboxList(ctx, store.OutboxQueued, 0, maxCases)
	for _, m := range queued {
		if m.Case == caseID && m.Channel == store.ChannelCentral {
			row.Waiting = append(row.Waiting, WaitingEntry{Type: m.Type, Reason: m.Reason})
		}
	}
	return row, err
}

func rowOfFiling(c store.Case) (FilingRow, bool) {
	row := FilingRow{Case: c.ID, Revision: c.Revision, Updated: c.Updated.Format(time.RFC3339Nano)}
	if f, ok := exchange.ReadForwarded(c.Doc); ok {
		row.Profile, row.Filing, row.Open, row.ApplicationID = ehds.ProfileExt1, f.Filing(), f.Result == "", f.ApplicationID
		return row, true
	}
	f, ok := exchange.ReadFiled(c.Doc)
	row.Profile, row.Filing, row.Open = ehds.ProfilePeer1, f, f.Open()
	return row, ok
}

// operatorFilings lists the applications filed with other hubs, in the order of their ids.
func (g *Gateway) operatorFilings(ctx context.Context, q httpapi.Query) ([]FilingRow, error) {
	out := []FilingRow{}
	after := q.Get("after")
	for {
		page, err := g.record.Cases(ctx, ehds.NationalCase(g.cfg.Country, "").String(), after, maxCases)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if row, ok := rowOfFiling(c); ok {
				out = append(out, row)
			}
			if after = c.ID; len(out) == defaultCases {
				return out, nil
			}
		}
		if len(page) < maxCases {
			return out, nil
		}
	}
}
