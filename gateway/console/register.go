package console

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/register"
)

// PublicRegister is what the pages of the register show.
type PublicRegister interface {
	IsReady() bool
	Find(q register.Query) register.Page
	Entry(id string) (register.Entry, bool)
}

// Register serves the public register below Base (Art. 57(1)(j), 58): a page, JSON and an Atom feed.
type Register struct {
	Register PublicRegister
	Base     string // URL of the entity, without a last slash
	Title    string
	Logger   *slog.Logger
	// Slots bounds the answers that are being made; a request that waits too long is told to come back.
	Slots chan struct{}
}

// Codes of the problems of the public register.
const (
	CodeRegisterUnavailable = "register-unavailable" // the record is still being read
)

// Handler assembles the routes: /register, /register/feed, /register/entries/{id} and the style sheet.
func (g *Register) Handler() (http.Handler, error) {
	u, err := url.Parse(g.Base)
	if err != nil {
		return nil, err
	}
	root := strings.TrimSuffix(u.Path, "/") + "/register"
	p, err := newRegisterPages(root, g.Title)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root, g.route(p, registerForms(), g.list))
	mux.HandleFunc("GET "+root+"/feed", g.route(p, []form{formAtom}, g.list))
	mux.HandleFunc("GET "+root+"/entries/{id}", g.route(p, []form{formHTML, formJSON}, g.entry))
	mux.HandleFunc("GET "+root+"/style.css", serveStyle)
	return mux, nil
}

// route makes an answer in one of the forms.
func (g *Register) route(p *registerPages, among []form, make func(*answer, *registerPages) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a := newAnswer(w, r)
		f, ok := among[0], true
		if len(among) > 1 {
			f, ok = negotiateAmong(among, r.URL.Query().Get("format"), r.Header.Values("Accept"))
		}
		switch {
		case !ok:
			a.refuse(refusal{http.StatusNotAcceptable, CodeNotAcceptable, "the register is served as " + mediaTypes(among)})
		case !g.Register.IsReady():
			a.form = f
			g.failed(a, p, refusal{http.StatusServiceUnavailable, CodeRegisterUnavailable, "the register is being made; come back in a moment"})
		default:
			a.form = f
			g.make(a, p, make)
		}
		a.deliver()
	}
}

// make makes an answer when it has a slot.
func (g *Register) make(a *answer, p *registerPages, route func(*answer, *registerPages) error) {
	if err := a.inSlot(g.Slots, "the register", func() error { return route(a, p) }); err != nil {
		g.failed(a, p, err)
	}
}

func (g *Register) failed(a *answer, p *registerPages, err error) {
	var r refusal
	if !errors.As(err, &r) {
		g.Logger.ErrorContext(a.r.Context(), "the public register cannot be shown", "error", err)
		r = refusal{http.StatusServiceUnavailable, CodeRegisterUnavailable, "the register cannot be shown now"}
	}
	if a.form.name == formHTML.name && p.problem(a, r) == nil {
		return
	}
	a.refuse(r)
}

// registerList is a list as JSON, with the addresses of its neighbours.
type registerList struct {
	register.Page
	Next     string `json:"next,omitempty"`
	Previous string `json:"previous,omitempty"`
}

func (g *Register) list(a *answer, p *registerPages) error {
	q, err := registerQuery(a.r.URL.Query())
	if err != nil {
		return err
	}
	found := g.Register.Find(q)
	if found.Page > found.Pages {
		return refusal{http.StatusNotFound, CodeNotFound, "the register has fewer pages"}
	}
	base := g.Base + "/register"
	to := func(path string, page int) string {
		if page < 1 || page > found.Pages {
			return ""
		}
		return path + query(registerValues(q, page))
	}
	switch a.form.name {
	case formHTML.name:
		return p.list(a, q, found)
	case formAtom.name:
		feed := base + "/feed"
		h := register.FeedHead{
			Base: base, Title: g.Title, Self: feed + query(registerValues(q, found.Page)), First: to(feed, 1),
			Previous: to(feed, found.Page-1), Next: to(feed, found.Page+1),
		}
		body, err := register.Feed(h, found)
		if err != nil {
			return err
		}
		a.send(formAtom.contentType()+"; charset=utf-8", body, fresh)
		return nil
	}
	return a.sendJSON(registerList{found, to(base, found.Page+1), to(base, found.Page-1)})
}

func (g *Register) entry(a *answer, p *registerPages) error {
	e, ok := g.Register.Entry(a.r.PathValue("id"))
	if !ok {
		return refusal{http.StatusNotFound, CodeNotFound, "the register has no such entry"}
	}
	if a.form.name == formHTML.name {
		return p.entry(a, e)
	}
	return a.sendJSON(e)
}

// maxQuestion bounds the words of a search, in bytes.
const maxQuestion = 512

// registerQuery reads the parameters: q, kind, purpose, dataset, body, page and limit.
func registerQuery(v url.Values) (register.Query, error) {
	bad := func(what string) error {
		return refusal{http.StatusBadRequest, CodeQuery, "the question cannot be answered: " + what}
	}
	q := register.Query{
		Text: strings.TrimSpace(v.Get("q")), Kind: register.Kind(v.Get("kind")), Purpose: v.Get("purpose"),
		Dataset: v.Get("dataset"), Body: v.Get("body"), Page: 1,
	}
	if len(q.Text) > maxQuestion || len(q.Dataset) > maxQuestion || len(q.Body) > maxQuestion {
		return q, bad("it is too long")
	}
	if q.Kind != "" && !slices.Contains(register.Kinds(), q.Kind) {
		return q, bad("there is no such kind of entry")
	}
	if _, ok := ehds.Purpose(q.Purpose); q.Purpose != "" && !ok {
		return q, bad("there is no such purpose")
	}
	for name, into := range map[string]*int{"page": &q.Page, "limit": &q.PageSize} {
		if text := v.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || name == "limit" && n > register.MaxPageSize || n > 1_000_000 {
				return q, bad(name + " is not a number in range")
			}
			*into = n
		}
	}
	return q, nil
}

// registerValues are the parameters of a page of what was asked.
func registerValues(q register.Query, page int) url.Values {
	v := url.Values{}
	for name, text := range map[string]string{"q": q.Text, "kind": string(q.Kind), "purpose": q.Purpose, "dataset": q.Dataset, "body": q.Body} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if q.PageSize != 0 {
		v.Set("limit", strconv.Itoa(q.PageSize))
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return v
}

// query is the part of an address that parameters make.
func query(v url.Values) string {
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}
