package console

import (
	"embed"
	"html/template"
	"net/http"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/register"
)

//go:embed register_pages/*.html
var registerTemplates embed.FS

// registerPages are the templates of the register, for a root path.
type registerPages struct {
	root, title string
	all         *template.Template
}

func newRegisterPages(root, title string) (*registerPages, error) {
	t, err := template.ParseFS(registerTemplates, "register_pages/*.html")
	return &registerPages{root, title, t}, err
}

// registerFrame is what every page of the register has.
type registerFrame struct {
	Root, House, Title string
	Forms              []link
	Query              register.Query
	Kinds, Purposes    []option
	List               *registerListView
	Entry              *entryView
	Problem            *refusal
}

// option is a value that can be chosen.
type option struct {
	Value, Text string
	On          bool
}

type registerListView struct {
	register.Page
	Views      []entryView
	Prev, Next string
}

// entryView is an entry as HTML.
type entryView struct {
	register.Entry
	Href, Headline, KindName, UserName, BodyName, BodyLang string
	StatusName, MeasureName, On, Changed                   string
	PurposeNames                                           []string
	Sets                                                   []setView
}

type setView struct {
	link
	Holder, Refused string
}

// kindNames are the kinds in words.
var kindNames = map[register.Kind]string{
	register.KindApplication: "Application received", register.KindDecision: "Decision", register.KindPermit: "Permit",
	register.KindResult: "Result", register.KindMeasure: "Measure for non-compliance",
}

func (p *registerPages) frame(title string, q register.Query) registerFrame {
	f := registerFrame{Root: p.root, House: p.title, Title: title, Query: q}
	f.Kinds = []option{{"", "All", q.Kind == ""}}
	for _, k := range register.Kinds() {
		f.Kinds = append(f.Kinds, option{string(k), kindNames[k], q.Kind == k})
	}
	f.Purposes = []option{{"", "All", q.Purpose == ""}}
	for _, x := range ehds.Purposes() {
		f.Purposes = append(f.Purposes, option{x.Key, register.PurposeName(x.Key), q.Purpose == x.Key})
	}
	return f
}

func (p *registerPages) list(a *answer, q register.Query, found register.Page) error {
	f := p.frame(p.title, q)
	f.List = &registerListView{Page: found}
	for _, e := range found.Entries {
		f.List.Views = append(f.List.Views, p.view(e, a.languages))
	}
	if found.Page > 1 {
		f.List.Prev = p.root + query(registerValues(q, found.Page-1))
	}
	if found.Page < found.Pages {
		f.List.Next = p.root + query(registerValues(q, found.Page+1))
	}
	v := registerValues(q, found.Page)
	f.Forms = append(f.Forms, link{Text: register.FeedType, Href: p.root + "/feed" + query(v)})
	v.Set("format", formJSON.name)
	f.Forms = append(f.Forms, link{Text: formJSON.media, Href: p.root + query(v)})
	return p.send(a, f)
}

func (p *registerPages) entry(a *answer, e register.Entry) error {
	v := p.view(e, a.languages)
	f := p.frame(v.Headline, register.Query{})
	f.Entry, f.Forms = &v, []link{{Text: formJSON.media, Href: v.Href + "?format=" + formJSON.name}}
	return p.send(a, f)
}

func (p *registerPages) view(e register.Entry, reader []string) entryView {
	v := entryView{
		Entry: e, Href: register.EntryPath(p.root, e.ID), Headline: register.Headline(e), KindName: kindNames[e.Kind],
		UserName: register.UserName(e.User), MeasureName: register.MeasureName(e.Measure), StatusName: register.StatusName(e.Status), On: dateOf(e.Date),
	}
	if !e.Updated.Equal(e.Date) {
		v.Changed = dateOf(e.Updated)
	}
	if e.User != nil && e.User.Country != "" {
		v.UserName += " (" + countryName(e.User.Country) + ")"
	}
	if e.Body != nil {
		if v.BodyName, v.BodyLang = inLanguage(e.Body.Name, reader); v.BodyName == "" {
			v.BodyName = e.Body.Entity
		}
	}
	for _, key := range e.Purposes {
		v.PurposeNames = append(v.PurposeNames, register.PurposeName(key))
	}
	for _, d := range e.Datasets {
		s := setView{Holder: d.Holder, Refused: d.Refused}
		if s.Text, s.Lang = inLanguage(d.Title, reader); s.Text == "" {
			s.Text = d.ID
		}
		s.Href = p.root + query(registerValues(register.Query{Dataset: d.ID}, 1))
		v.Sets = append(v.Sets, s)
	}
	return v
}

// dateOf is a date for people; the register counts in UTC.
func dateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006")
}

func (p *registerPages) problem(a *answer, r refusal) error {
	f := p.frame(http.StatusText(r.status), register.Query{})
	f.Problem = &r
	return p.send(a, f)
}

// send renders a page and answers with it.
func (p *registerPages) send(a *answer, f registerFrame) error {
	return a.sendPage(p.all, f, f.Problem)
}
