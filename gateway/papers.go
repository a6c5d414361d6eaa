package gateway

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/documents"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
)

// papers makes the documents of cases: it signs what has to be signed and puts the facts together.
type papers struct {
	templates *documents.Templates
	office    *permits.Office
	router    *exchange.Router
	rules     access.Rules
	names     map[string]map[string]string // entity of a body → its name by language
	log       *slog.Logger
}

// openPapers makes what writes the documents that go with decisions and permits.
func (g *Gateway) openPapers() error {
	t, err := documents.NewTemplates()
	if err != nil {
		return err
	}
	g.apps.Stationery = &exchange.Stationery{
		Record: g.record, Logger: g.log, MaxBytes: int64(g.cfg.Exchange.MaxAttachmentBytes),
		Maker: &papers{templates: t, office: g.office, router: g.router, rules: g.apps.Rules, names: g.bodyNames(), log: g.log},
	}
	return nil
}

// bodyNames are the names of the bodies here, by entity and language.
func (g *Gateway) bodyNames() map[string]map[string]string {
	names := map[string]map[string]string{}
	for _, h := range g.cfg.HDABs {
		names[HDABEntity(g.cfg.Entity, h.ID)] = h.Name
	}
	return names
}

// Make implements exchange.PaperMaker. Without a key or a trust chain nothing is made now; a document that
// cannot be written holds nothing up: staff are told that the message went without.
func (p *papers) Make(ctx context.Context, ask exchange.PaperAsk) (exchange.Paper, error) {
	facts, err := p.facts(ctx, ask)
	if errors.Is(err, errNoFacts) || errors.Is(err, permits.ErrNotHosted) {
		return p.failed(ctx, ask, err), nil
	}
	if err != nil {
		return exchange.Paper{}, err
	}
	d, err := p.render(facts)
	if err != nil {
		return p.failed(ctx, ask, err), nil
	}
	out := exchange.Paper{Name: d.Name, MediaType: documents.MediaType, Content: d.Content}
	for _, f := range d.Findings {
		out.Flags = append(out.Flags, paperNames[f])
	}
	return out, nil
}

// paperNames are what the exchange calls the findings of a document.
var paperNames = map[documents.Finding]string{
	documents.Shortened: exchange.PaperShortened, documents.Replaced: exchange.PaperReplaced, documents.Language: exchange.PaperLanguage,
}

func (p *papers) failed(ctx context.Context, ask exchange.PaperAsk, err error) exchange.Paper {
	p.log.ErrorContext(ctx, "a document cannot be made; its message goes without", "case", ask.Case, "error", err)
	return exchange.Paper{Flags: []string{exchange.PaperFailed}}
}

// errPanic is what is left of a defect in what writes documents.
var errPanic = errors.New("the writer of documents broke down")

// render keeps a defect in a document from stopping what a body decided.
func (p *papers) render(f documents.Facts) (d documents.Document, err error) {
	defer func() {
		if recover() != nil {
			d, err = documents.Document{}, errPanic
		}
	}()
	return p.templates.Render(f)
}

// errNoFacts: what a document is to be about cannot be read.
var errNoFacts = errors.New("what the document is about cannot be read")

func (p *papers) facts(ctx context.Context, ask exchange.PaperAsk) (documents.Facts, error) {
	f := documents.Facts{Issued: ask.Issued, Zone: p.rules.Of(ask.Track.HDAB).Zone}
	p.application(&f, ask)
	f.Body = documents.Body{Name: inLanguage(p.names[ask.Track.HDAB], f.Language), Entity: ask.Track.HDAB}
	switch {
	case ask.Decision != nil:
		return p.decision(ctx, f, ask)
	case ask.Permit != "":
		return p.permit(f, ask)
	case ask.Appeal != nil:
		return p.appeal(ctx, f, ask)
	}
	return f, errNoFacts
}

// application fills in what was applied for. Only the datasets of this track's body are named.
func (p *papers) application(f *documents.Facts, ask exchange.PaperAsk) {
	f.Application.Kind = ask.Kind
	if id, err := ehds.ParseCaseID(ask.Case); err == nil {
		f.Application.ID = id.ApplicationID()
	}
	b := ask.Filing
	if b == nil {
		return
	}
	f.Language, f.Application.Title, f.Application.Version = b.Language, b.Title, b.Version
	if ask.Kind == "" {
		f.Application.Kind = b.Kind
	}
	f.Application.Submitted, _ = time.Parse(time.RFC3339Nano, b.DateSubmitted) // judged on receipt
	located := p.router.Located(b.Datasets)
	ours := p.router.Facts(located, ask.Track.HDAB)
	for _, d := range located {
		if _, ok := ours[d.DatasetID]; ok || len(ours) == 0 && d.CatalogID == ask.Track.CatalogID {
			f.Application.Datasets = append(f.Application.Datasets, cmp.Or(inLanguage(d.Title, b.Language), d.DatasetID))
		}
	}
}

func (p *papers) decision(ctx context.Context, f documents.Facts, ask exchange.PaperAsk) (documents.Facts, error) {
	f.Card, f.AnswerBy, f.Kind = ask.Decision, ask.AnswerBy, documents.Decision
	if ask.Decision.Outcome == ehds.Positive {
		if ask.Grant != nil {
			f.Kind, f.Grant = documents.PrePermit, ask.Grant
		}
		return f, nil
	}
	f.Kind = documents.Refusal
	file, err := p.signed(ctx, ask, ehds.DecisionClaims{Jti: ask.Decision.DecisionID, Decision: ask.Decision})
	f.Files = []documents.File{file}
	return f, err
}

func (p *papers) appeal(ctx context.Context, f documents.Facts, ask exchange.PaperAsk) (documents.Facts, error) {
	a := ask.Appeal
	f.Kind = documents.Appeal
	f.Appeal = &documents.AppealFacts{ID: a.AppealID, DecisionID: a.DecisionID, Approved: a.Outcome == ehds.DecisionAppealApproved, Reasons: a.Reasons}
	file, err := p.signed(ctx, ask, ehds.DecisionClaims{Jti: cmp.Or(a.AppealID, a.DecisionID), Appeal: a})
	f.Files = []documents.File{file}
	return f, err
}

// signed is a decision signed by its body, as a file.
func (p *papers) signed(ctx context.Context, ask exchange.PaperAsk, c ehds.DecisionClaims) (documents.File, error) {
	c.Iss, c.Sub = ask.Track.HDAB, ask.Case
	token, err := p.office.SignDecision(ctx, ask.Track.HDAB, c)
	return documents.File{Name: "decision.jwt", MediaType: "application/" + ehds.TypDecision, Signed: true, Content: []byte(token)}, err
}

func (p *papers) permit(f documents.Facts, ask exchange.PaperAsk) (documents.Facts, error) {
	c, err := recordedClaims(ask.Permit)
	if err != nil {
		return f, errors.Join(errNoFacts, err)
	}
	f.Kind, f.Grant, f.Issued = documents.Permit, &c.Permit, time.Unix(c.Iat, 0).UTC()
	f.Permit = &documents.PermitFacts{
		ID: c.Jti, Previous: c.Permit.Previous, From: time.Unix(c.Nbf, 0), To: time.Unix(c.Exp, 0),
		StatusList: c.Status.StatusList.URI, StatusIndex: c.Status.StatusList.Idx,
	}
	f.Files = []documents.File{{Name: "permit.jwt", MediaType: "application/" + ehds.TypPermit, Signed: true, Content: []byte(ask.Permit)}}
	return f, nil
}

// inLanguage chooses a text in a language, else in English, else the first by its language.
func inLanguage(texts map[string]string, language string) string {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	for _, l := range []string{language, base, "en"} {
		if t := texts[l]; t != "" {
			return t
		}
	}
	for _, l := range slices.Sorted(maps.Keys(texts)) {
		if texts[l] != "" {
			return texts[l]
		}
	}
	return ""
}
