package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/access/recognition"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// Bounds of asking for the status of a permit of another nation's body.
const (
	statusListMax      = 1 << 20
	statusListDeadline = 10 * time.Second
)

// recognition is how permits of peers' bodies are recognised here.
func (g *Gateway) recognition() (exchange.Recognition, error) {
	r := exchange.Recognition{Policies: map[string]recognition.Policies{}}
	if len(g.cfg.Peers) == 0 {
		return r, nil
	}
	for _, p := range g.cfg.Peers {
		r.Policies[p.Entity] = recognition.Policies{
			ehds.ProcedureStandard:      recognition.Policy(p.Recognition.Standard),
			ehds.ProcedureAccelerated:   recognition.Policy(p.Recognition.Accelerated),
			ehds.ProcedureTrustedHolder: recognition.Policy(p.Recognition.TrustedHolder),
		}
	}
	client, err := g.guarded(statusListMax, statusListDeadline)
	if err != nil {
		return r, err
	}
	r.Prove = func(ctx context.Context, token string) (recognition.Proof, error) {
		return g.provePermit(ctx, client, token)
	}
	return r, nil
}

// provePermit judges a permit of another body as of now. Its status is fetched only for a permit whose
// signature and chain hold, from where the permit itself says.
func (g *Gateway) provePermit(ctx context.Context, client *egress.Client, token string) (recognition.Proof, error) {
	alarmed := g.alarmedAnchors()
	o := permits.Options{At: g.o.Clock(), Anchors: slices.DeleteFunc(slices.Clone(g.anchors), func(a federation.Anchor) bool {
		return slices.Contains(alarmed, a.Entity)
	})}
	r := permits.Verify(token, o)
	if r.Permit != nil && r.Verdict == permits.CannotTell {
		o.Policy = g.policies.For(r.Issuer)
		var err error
		if o.Status, err = statusList(ctx, client, r.Permit.Status.StatusList.URI); err != nil {
			return recognition.Proof{}, err
		}
		r = permits.Verify(token, o)
	}
	return recognition.Proof{Shown: true, Valid: r.Verdict == permits.Valid, Reason: r.Reason, Permit: r.Permit}, nil
}

// statusList fetches a status list.
func statusList(ctx context.Context, client *egress.Client, uri string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status list: the answer is %d", resp.StatusCode)
	}
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

// shareWithPeer shows the hub an application was filed with what a body of ours decided in another case,
// with the permit and the decision's documents.
func (g *Gateway) shareWithPeer(ctx context.Context, r FilingAct, up httpapi.Uploads) (FilingRow, error) {
	if _, err := g.filingRow(ctx, r.Case); err != nil {
		return FilingRow{}, err
	}
	_, doc, err := g.applicationDoc(ctx, r.Of)
	if err != nil {
		return FilingRow{}, err
	}
	track, card, err := decidedTrack(doc, r.HDAB)
	if err != nil {
		return FilingRow{}, err
	}
	permit, err := g.permitOf(ctx, r.Of, card.DecisionID)
	if err != nil {
		return FilingRow{}, err
	}
	copied, err := g.copyDocuments(ctx, doc, track, card.DecisionID, r.Case)
	var row FilingRow
	if err == nil {
		row, err = g.changeFiling(ctx, r.Case, up, func(s store.State, uploads exchange.Files) (store.Change, error) {
			if len(uploads.List) > 0 {
				return store.Change{}, fault.New(fault.Invalid, "files-not-shared", "the documents of the decision are shown; others are not added to it")
			}
			return g.filings().Share(s, track, card, permit, copied)
		})
	}
	if err != nil {
		err = errors.Join(err, g.record.DropBlobs(context.WithoutCancel(ctx), slices.Collect(maps.Values(copied.Blobs))...))
	}
	return row, err
}

// decidedTrack is the track of a body of ours that was decided, and its newest decision.
func decidedTrack(doc exchange.ApplicationDoc, hdab string) (ehds.Track, ehds.DecisionBody, error) {
	var decided []access.Track
	for _, t := range doc.Application.Tracks {
		if t.Decision != nil && (hdab == "" || t.Key.HDAB == hdab) {
			decided = append(decided, t)
		}
	}
	switch len(decided) {
	case 0:
		return ehds.Track{}, ehds.DecisionBody{}, fault.New(fault.Conflict, "nothing-decided", "no body of ours has decided that case").At("/of")
	case 1:
	default:
		return ehds.Track{}, ehds.DecisionBody{}, fault.New(fault.Invalid, "track-missing", "several bodies decided that case: name one").At("/hdab")
	}
	t := decided[0]
	for _, card := range slices.Backward(doc.Cards) {
		if card.DecisionID == t.Decision.ID {
			return t.Key, card, nil
		}
	}
	return t.Key, ehds.DecisionBody{}, fault.New(fault.Conflict, "nothing-decided", "the decision on that case is not on record").At("/of")
}

// permitOf is the newest permit in force that followed from a decision; empty when there is none.
func (g *Gateway) permitOf(ctx context.Context, caseID, decision string) (string, error) {
	list, err := g.record.Permits(ctx, caseID)
	if err != nil {
		return "", err
	}
	var token string
	newest := 0
	for _, p := range list {
		c, err := exchange.ReadPermit(p.Token)
		if err != nil {
			return "", fmt.Errorf("permit %s: %w", p.ID, err)
		}
		if p.Status == ehds.StatusValid && c.Permit.DecisionID == decision && c.Permit.Version > newest {
			token, newest = p.Token, c.Permit.Version
		}
	}
	return token, nil
}

// copyDocuments puts the documents of a decision into another case, whose key seals them there. What it kept
// before an error is returned with it.
func (g *Gateway) copyDocuments(ctx context.Context, doc exchange.ApplicationDoc, track ehds.Track, decision, to string) (exchange.Files, error) {
	files := exchange.Files{Blobs: map[string]string{}}
	for _, d := range doc.OfDecision(track, decision) {
		r, err := g.record.OpenBlob(ctx, d.Blob)
		if err != nil {
			return files, err
		}
		blob, err := g.record.StageBlob(ctx, to, r, d.Size)
		_ = r.Close() // read to its end, or given up
		if err != nil {
			return files, err
		}
		files.Blobs[d.ID] = blob.ID
		files.List = append(files.List, d.Attachment)
	}
	return files, nil
}
