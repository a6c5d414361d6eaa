package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/biennial"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// BiennialReport is the figures of a period (Art. 59(1)), with the same as a document for people.
type BiennialReport struct {
	biennial.Report
	Markdown string `json:"markdown,omitempty"`
}

// BiennialRequest sends the report over a period to the centre.
type BiennialRequest struct {
	From     string `json:"from,omitempty"` // full-date; without both the two calendar years that ended last
	To       string `json:"to,omitempty"`
	Language string `json:"language,omitempty"` // of the title; "en" without
	Title    string `json:"title,omitempty"`
	URL      string `json:"url,omitempty"` // where the finished report is published
}

// BiennialSent is what was recorded and sent.
type BiennialSent struct {
	Case    string          `json:"case"`
	Message string          `json:"message"` // id of report.biennial
	Report  ehds.ReportBody `json:"report"`
	// Documents are the figures as they went along: for people and for programs.
	Documents []ehds.Attachment `json:"documents"`
	Cases     int64             `json:"cases"`
	Lost      int64             `json:"lost"`
}

// serveBiennial adds the calls about the biennial report.
func (g *Gateway) serveBiennial(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/report", g.operatorReport)
	httpapi.Post(api, "/v1/report/send", g.operatorReportSend)
}

// operatorReport counts the figures of a period, of all bodies or of one.
func (g *Gateway) operatorReport(ctx context.Context, q httpapi.Query) (BiennialReport, error) {
	hdab := q.Get("hdab")
	if hdab != "" {
		if _, err := g.actingBody(hdab); err != nil {
			return BiennialReport{}, err
		}
	}
	p, err := biennial.NewPeriod(q.Get("from"), q.Get("to"), g.o.Clock())
	if err != nil {
		return BiennialReport{}, err
	}
	r, err := g.biennial(ctx, p)
	if err != nil {
		return BiennialReport{}, err
	}
	if hdab != "" {
		r = r.Of(hdab)
	}
	return BiennialReport{Report: r, Markdown: string(g.biennialDocument(r, biennialTitle))}, nil
}

// biennialTitle is the report's, where nobody gave another.
const biennialTitle = "Biennial activity report"

// biennialDocument is a report as people read it.
func (g *Gateway) biennialDocument(r biennial.Report, title string) []byte {
	names := g.bodyNames()
	return biennial.Markdown(r, title, func(hdab string) string { return inLanguage(names[hdab], "en") })
}

// operatorReportSend counts the figures of a period, records the report of the nation and sends it to the
// centre, with the figures as a document for people and one for programs.
func (g *Gateway) operatorReportSend(ctx context.Context, r BiennialRequest) (BiennialSent, error) {
	now := g.o.Clock()
	p, err := biennial.NewPeriod(r.From, r.To, now)
	if err != nil {
		return BiennialSent{}, err
	}
	if p.To >= now.UTC().Format(time.DateOnly) { // before the whole record is read
		return BiennialSent{}, fault.New(fault.Invalid, "period-open", "the period is not over: what is recorded is final").At("/to")
	}
	report, err := g.biennial(ctx, p)
	if err != nil {
		return BiennialSent{}, err
	}
	body := ehds.ReportBody{PeriodFrom: p.From, PeriodTo: p.To, Language: r.Language, Title: strings.TrimSpace(r.Title), URL: r.URL}
	if body.Language == "" {
		body.Language = "en"
	}
	if body.Title == "" {
		body.Title = biennialTitle
	}
	id := ehds.PeriodCase(g.cfg.Country, body.PeriodFrom, body.PeriodTo).String()
	files, err := g.biennialFiles(ctx, id, report, body.Title)
	if err == nil {
		_, err = g.record.Update(ctx, id, func(s store.State) (store.Change, error) {
			c, err := g.apps.RecordReport(s, body, files)
			if err != nil {
				return c, err
			}
			return c, g.checkOutgoing(c)
		})
	}
	if errors.Is(err, store.ErrErased) {
		err = fault.New(fault.Conflict, "case-erased", "the report of this period was erased")
	}
	if err != nil {
		return BiennialSent{}, errors.Join(err, g.record.DropBlobs(context.WithoutCancel(ctx), slices.Collect(maps.Values(files.Blobs))...))
	}
	g.outbox.Wake()
	c, _, err := g.record.Case(ctx, id)
	m, ok := exchange.ReadRecord(c.Doc)
	if err != nil || !ok || m.Report == nil {
		return BiennialSent{}, errors.Join(err, fault.New(fault.Unavailable, "report-unread", "the report was recorded and cannot be read back now"))
	}
	return BiennialSent{Case: id, Message: m.Message.Jti, Report: *m.Report, Documents: m.Attachments, Cases: report.Cases, Lost: report.Lost}, nil
}

// biennialFiles stages a report for its case, the one for people first. What it kept before an error is
// returned with it.
func (g *Gateway) biennialFiles(ctx context.Context, id string, r biennial.Report, title string) (exchange.Files, error) {
	files := exchange.Files{Blobs: map[string]string{}}
	raw, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return files, err
	}
	for _, f := range []struct {
		id, name, media string
		content         []byte
	}{
		{"report", "biennial-report.md", "text/markdown", g.biennialDocument(r, title)},
		{"figures", "biennial-figures.json", "application/json", raw},
	} {
		blob, err := g.record.StageBlob(ctx, id, bytes.NewReader(f.content), int64(g.cfg.Exchange.MaxAttachmentBytes))
		if err != nil {
			return files, err
		}
		files.Blobs[f.id] = blob.ID
		files.List = append(files.List, ehds.Attachment{ID: f.id, Name: f.name, MediaType: f.media, Size: blob.Size, SHA256: blob.SHA256})
	}
	return files, nil
}
