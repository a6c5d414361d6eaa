package gateway

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/console"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/register"
)

// registerPages serves the public register, and says what it is to be kept from.
func (g *Gateway) registerPages() (http.Handler, error) {
	r := g.registrar
	r.record, r.apps, r.log, r.wake = g.record, g.apps, g.log, func() { g.outbox.Wake() }
	r.now, r.review, r.names = g.o.Clock, g.cfg.Register.Review, g.bodyNames()
	title := "Register of access to health data"
	if name := inLanguage(g.cfg.DisplayName, "en"); name != "" {
		title += ", " + name
	}
	pages := &console.Register{Register: r, Base: g.cfg.Entity, Title: title, Logger: g.log, Slots: make(chan struct{}, catalogueSlots())}
	return pages.Handler()
}

// RegisterPage is a page of the public register as the operator reads it.
type RegisterPage = register.Page

// CaseDocument is a document that went out with a message about a case. Content is left out of lists.
type CaseDocument struct {
	exchange.CaseDocument
	Content []byte `json:"content,omitempty"`
}

func (g *Gateway) serveRegister(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/register", g.operatorRegister)
	httpapi.Get(api, "/v1/register/pending", g.operatorPending)
	httpapi.Post(api, "/v1/register/release", g.operatorRelease)
	httpapi.Get(api, "/v1/documents", g.operatorDocuments)
	httpapi.Get(api, "/v1/document", g.operatorDocument)
}

// operatorRegister pages through the register.
func (g *Gateway) operatorRegister(_ context.Context, q httpapi.Query) (RegisterPage, error) {
	if !g.registrar.IsReady() {
		return RegisterPage{}, fault.New(fault.Unavailable, "register-unavailable", "the register is being made; ask again in a moment")
	}
	ask := register.Query{Text: q.Get("q"), Kind: register.Kind(q.Get("kind")), Purpose: q.Get("purpose"), Dataset: q.Get("dataset"), Body: q.Get("body")}
	if ask.Kind != "" && !slices.Contains(register.Kinds(), ask.Kind) {
		return RegisterPage{}, fault.New(fault.Invalid, "register-kind", "there is no such kind of entry").At("/kind")
	}
	for name, into := range map[string]*int{"page": &ask.Page, "limit": &ask.PageSize} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || n > 1_000_000 {
				return RegisterPage{}, fault.New(fault.Invalid, "page-range", "page and limit are numbers from 1").At("/" + name)
			}
			*into = n
		}
	}
	return g.registrar.Find(ask), nil
}

// operatorDocuments lists the documents of a case, oldest first.
func (g *Gateway) operatorDocuments(ctx context.Context, q httpapi.Query) ([]CaseDocument, error) {
	_, doc, err := g.applicationDoc(ctx, q.Get("case"))
	out := make([]CaseDocument, len(doc.Documents))
	for i, d := range doc.Documents {
		out[i].CaseDocument, out[i].Blob = d, ""
	}
	return out, err
}

// operatorDocument gives the newest document of a case with a name, as it went out.
func (g *Gateway) operatorDocument(ctx context.Context, q httpapi.Query) (CaseDocument, error) {
	_, doc, err := g.applicationDoc(ctx, q.Get("case"))
	if err != nil {
		return CaseDocument{}, err
	}
	for _, d := range slices.Backward(doc.Documents) {
		if d.Name != q.Get("name") || q.Get("hdab") != "" && d.Track.HDAB != q.Get("hdab") {
			continue
		}
		r, err := g.record.OpenBlob(ctx, d.Blob)
		if err != nil {
			return CaseDocument{}, err
		}
		defer r.Close()
		content, err := io.ReadAll(io.LimitReader(r, int64(g.cfg.Exchange.MaxAttachmentBytes)))
		d.Blob = ""
		return CaseDocument{CaseDocument: d, Content: content}, err
	}
	return CaseDocument{}, fault.New(fault.NotFound, "no-such-document", "no document of this name went out for the case").At("/name")
}
