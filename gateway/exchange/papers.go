package exchange

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// PaperMaker makes documents of a case for people. An error means that none can be made now, for instance
// because there is no key to sign with.
type PaperMaker interface {
	Make(ctx context.Context, p PaperAsk) (Paper, error)
}

// PaperAsk is what a document is about: exactly one of Decision, Permit and Appeal is set.
type PaperAsk struct {
	Case     string
	Track    ehds.Track
	Kind     ehds.ApplicationKind  // what the application is answered as (Art. 68(3))
	Filing   *ehds.ApplicationBody // nil when it cannot be read any more
	Issued   time.Time
	AnswerBy string // full-date; of a positive decision
	Decision *ehds.DecisionBody
	Grant    *ehds.PermitDetail // what a positive decision grants
	Permit   string             // ehds-permit+jwt
	Appeal   *ehds.AppealOutcome
}

// Paper is a document made.
type Paper struct {
	Name      string
	MediaType string
	Content   []byte
	Flags     []string // codes of what staff should know of it
}

// CaseDocument is a document that went out with a message. The record keeps it as long as the case.
type CaseDocument struct {
	Track   ehds.Track       `json:"track"`
	Type    ehds.MessageType `json:"type"`
	Message string           `json:"message"` // id of the message that carried it
	About   string           `json:"about"`   // what it belongs to, such as "decision/" and the decision's id
	At      time.Time        `json:"at"`
	ehds.Attachment
	Blob string `json:"blob,omitempty"`
}

// Stationery makes the documents that go with what a body decides, before the transaction that sends them:
// each is staged in the record and bound by the message that carries it.
type Stationery struct {
	Record Record
	Maker  PaperMaker
	Logger *slog.Logger
	// MaxBytes bounds the documents of one event that a national system brings, together.
	MaxBytes int64
}

// papers are the documents made for one event, by what they belong to.
type papers map[string]*stagedPapers

type stagedPapers struct {
	list  []ehds.Attachment
	blobs map[string]string
	flags []string
}

// What a document belongs to.
func ofDecision(id string) string { return "decision/" + id }
func ofAppeal(track ehds.Track) string {
	return "appeal/" + track.HDAB + "/" + track.CatalogID
}
func ofPermit(id string) string { return "permit/" + id }

// attach adds the documents of one thing to a message. They are asked for once: what is sent again later
// is the message as it was.
func (p papers) attach(d *Draft, of string) (flags []string) {
	if s := p[of]; s != nil {
		d.Attachments, d.Blobs = s.list, s.blobs
		return s.flags
	}
	return nil
}

// withPapers is a message about a case with the documents made for it, which the case then lists.
func (a *Applications) withPapers(doc *ApplicationDoc, d Draft, made papers, of string, now time.Time) store.Outgoing {
	doc.Flags = append(doc.Flags, paperFlags(made.attach(&d, of), now)...)
	row := a.Compose.Message(d)
	for _, x := range d.Attachments {
		doc.Documents = append(doc.Documents, CaseDocument{Track: *d.Track, Type: d.Type, Message: row.Jti, About: of, At: now, Attachment: x, Blob: d.Blobs[x.ID]})
	}
	return row
}

// enclose adds documents that went out before to another message about the same case.
func (d ApplicationDoc) enclose(to *Draft, of string) {
	for _, x := range d.Documents {
		if x.About != of || to.Track == nil || x.Track != *to.Track {
			continue
		}
		if to.Blobs == nil {
			to.Blobs = map[string]string{}
		}
		to.Attachments = append(to.Attachments, x.Attachment)
		to.Blobs[x.ID] = x.Blob
	}
}

// OfDecision are the documents that went out with a decision of one track.
func (d ApplicationDoc) OfDecision(track ehds.Track, decision string) (out []CaseDocument) {
	for _, x := range d.Documents {
		if x.About == ofDecision(decision) && x.Track == track {
			out = append(out, x)
		}
	}
	return out
}

// prepare makes the documents an event leads to: it applies the event to the case as it stands and makes
// one for each decision, permit and outcome of an appeal among the effects. An event that the case refuses
// leads to none. files are documents that the national system brought; with a PDF among them none is made.
func (a *Applications) prepare(ctx context.Context, caseID string, e access.Event, files []connectors.EventFile, now time.Time) (papers, error) {
	if a.Stationery == nil || e == nil {
		return nil, nil
	}
	c, ok, err := a.Stationery.Record.Case(ctx, caseID)
	if err != nil || !ok || c.Doc == nil {
		return nil, err
	}
	doc, err := readApplication(c.Doc)
	if err != nil {
		return nil, nil //nolint:nilerr // the transaction finds the same and tells staff
	}
	next, effects, err := a.Rules.Apply(doc.Application, e, now)
	if err != nil {
		return nil, nil //nolint:nilerr // as above
	}
	asks := a.asks(next, effects, e)
	if len(asks) == 0 {
		return nil, nil
	}
	filing, err := ReadFiling(ctx, a.Stationery.Record, doc.Filing)
	if err != nil {
		return nil, err
	}
	out := papers{}
	for of, ask := range asks {
		ask.Case, ask.Filing = caseID, filing
		s, err := a.Stationery.stage(ctx, ask, files)
		if err != nil {
			a.Stationery.drop(ctx, out)
			return nil, err
		}
		out[of] = s
	}
	return out, nil
}

// letGo drops documents that no message took.
func (a *Applications) letGo(ctx context.Context, p papers) {
	if len(p) > 0 {
		a.Stationery.drop(ctx, p)
	}
}

// asks lists the documents that effects call for.
func (a *Applications) asks(app access.Application, effects []access.Effect, e access.Event) map[string]PaperAsk {
	out := map[string]PaperAsk{}
	for _, ef := range effects {
		switch ef := ef.(type) {
		case access.SendDecision:
			out[ofDecision(ef.Card.DecisionID)] = decisionAsk(app, ef)
		case access.SendPermit:
			out[ofPermit(ef.Body.PermitID)] = PaperAsk{Track: ef.Track, Permit: ef.Body.Permit}
		case access.SendPermitChanged:
			if ef.Body.Permit != "" {
				out[ofPermit(ef.Body.PermitID)] = PaperAsk{Track: ef.Track, Permit: ef.Body.Permit}
			}
		}
	}
	if d, ok := e.(access.AppealDecided); ok {
		out[ofAppeal(d.Track)] = appealAsk(app, d)
	}
	return out
}

func decisionAsk(app access.Application, e access.SendDecision) PaperAsk {
	card := e.Card
	p := PaperAsk{Track: e.Track, Kind: app.Kind, Decision: &card}
	t, ok := app.Track(e.Track)
	if !ok || t.Decision == nil {
		return p
	}
	p.Grant, p.Issued = t.Decision.Grant, t.Decision.Issued
	if t.Decision.ConvertedTo != "" {
		p.Kind = t.Decision.ConvertedTo
	}
	if c, ok := t.Clock(access.ClockAnswer); ok && card.Outcome == ehds.Positive {
		p.AnswerBy = c.LastDay
	}
	return p
}

func appealAsk(app access.Application, e access.AppealDecided) PaperAsk {
	o := &ehds.AppealOutcome{Outcome: ehds.DecisionAppealRejected, Reasons: e.Reasons, Timestamp: stamp(e.At)}
	if e.Approved {
		o.Outcome = ehds.DecisionAppealApproved
	}
	if t, ok := app.Track(e.Track); ok && t.Decision != nil {
		o.DecisionID = t.Decision.ID
		if t.Decision.Appeal != nil {
			o.AppealID = t.Decision.Appeal.ID
		}
	}
	return PaperAsk{Track: e.Track, Kind: app.Kind, Issued: e.At.UTC(), Appeal: o}
}

// stage makes and stages what goes with one thing.
func (s *Stationery) stage(ctx context.Context, ask PaperAsk, files []connectors.EventFile) (*stagedPapers, error) {
	out := &stagedPapers{blobs: map[string]string{}}
	made := false
	for _, f := range files {
		ok, err := s.take(ctx, out, ask.Case, f)
		if err != nil {
			s.drop(ctx, papers{"": out})
			return nil, err
		}
		made = made || ok && f.MediaType == mediaPDF
	}
	if made {
		return out, nil
	}
	p, err := s.Maker.Make(ctx, ask)
	if err == nil {
		err = s.keep(ctx, out, ask.Case, p)
	}
	if err != nil {
		s.drop(ctx, papers{"": out})
		return nil, fmt.Errorf("a document of %s: %w", ask.Case, err)
	}
	return out, nil
}

const mediaPDF = "application/pdf"

// keep stages a document of ours. One without content could not be made: the message goes without.
func (s *Stationery) keep(ctx context.Context, out *stagedPapers, caseID string, p Paper) error {
	out.flags = append(out.flags, p.Flags...)
	if len(p.Content) == 0 {
		return nil
	}
	b, err := s.Record.StageBlob(ctx, caseID, bytes.NewReader(p.Content), int64(len(p.Content)))
	if err != nil {
		return err
	}
	out.add(ehds.Attachment{ID: paperID(len(out.list)), Name: p.Name, MediaType: p.MediaType, Size: b.Size, SHA256: b.SHA256}, b.ID)
	return nil
}

// paperID is the id of the n-th document of a message.
func paperID(n int) string { return fmt.Sprintf("document-%d", n+1) }

// size is that of all of them, in bytes.
func (p *stagedPapers) size() (n int64) {
	for _, a := range p.list {
		n += a.Size
	}
	return n
}

func (p *stagedPapers) add(a ehds.Attachment, blob string) {
	p.list = append(p.list, a)
	p.blobs[a.ID] = blob
}

// drop lets go of documents that no message took; those that one took stay.
func (s *Stationery) drop(ctx context.Context, p papers) {
	if len(p) == 0 {
		return
	}
	var ids []string
	for _, staged := range p {
		for _, id := range staged.blobs {
			ids = append(ids, id)
		}
	}
	if err := s.Record.DropBlobs(context.WithoutCancel(ctx), ids...); err != nil {
		s.Logger.WarnContext(ctx, "documents staged for a message stay until the next start", "error", err)
	}
}
