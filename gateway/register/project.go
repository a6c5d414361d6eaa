package register

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Source is what the record has of one application.
type Source struct {
	Application access.Application
	Filing      *ehds.ApplicationBody        // the newest; nil when it cannot be read
	Cards       []ehds.DecisionBody          // the decisions as they were issued
	Results     []ehds.ResultsBody           // as they were published
	Names       map[string]map[string]string // bodies' names by entity and language
	// Public says whether a decision may be shown, with its permits, and which reasons instead of its own; nil
	// shows everything.
	Public func(decision string) (reasons string, ok bool)
	Zone   func(hdab string) *time.Location // the body's; nil is UTC
	Now    time.Time                        // a permit version is replaced when the next one begins, not when it is signed
}

// Project makes the entries of an application: itself, each decision, each version of a permit and each
// result, in that order.
func Project(s Source) []Entry {
	v := veilOf(s)
	p := projection{Source: s, veil: v, user: userOf(s.Filing, v)}
	out := []Entry{p.application()}
	for i := range s.Application.Tracks {
		t := &s.Application.Tracks[i]
		for _, d := range decisions(t) {
			if p.shown(d.ID) {
				out = append(out, p.decision(t, d))
			}
		}
		for i := range t.Permits {
			if p.shown(t.Permits[i].DecisionID) {
				out = append(out, p.permit(t, i))
			}
		}
	}
	for _, r := range s.Results {
		out = append(out, p.result(r))
	}
	return apart(out)
}

// apart gives entries with the same identifier identifiers of their own: two bodies may number alike.
func apart(list []Entry) []Entry {
	seen := map[string]int{}
	for i := range list {
		id := list[i].ID
		if seen[id]++; seen[id] > 1 {
			list[i].ID = id + ":" + strconv.Itoa(seen[id])
		}
	}
	return list
}

// Erased is what is left of an entry whose case was erased: what it was called and its dates.
func Erased(e Entry) Entry {
	return Entry{
		ID: e.ID, Kind: e.Kind, Date: e.Date, Updated: e.Updated, Application: e.Application, Decision: e.Decision, Permit: e.Permit, Erased: true,
	}
}

// Measure makes the entry of a measure. Who it is against is not named, also not by its reasons: the
// reference may be a person's name.
func Measure(caseID string, b ehds.EnforcementBody, at time.Time) Entry {
	v := newVeil()
	v.name(b.Subject)
	return Entry{
		ID: entryID(KindMeasure, caseID), Kind: KindMeasure, Date: at, Updated: at, Measure: b.Measure, Against: b.Against,
		From: b.From, To: b.To, Permit: b.PermitID, Reasons: v.text(b.Reasons),
	}
}

// ApplicationEntry is the identifier of the entry of a whole application.
func ApplicationEntry(applicationID string) string { return entryID(KindApplication, applicationID) }

func entryID(k Kind, parts ...string) string { return string(k) + ":" + strings.Join(parts, ":") }

type projection struct {
	Source
	veil veil
	user *User
}

// decisions are those of a track, the one that counts last.
func decisions(t *access.Track) []access.Decision {
	out := slices.Clone(t.SetAside)
	if t.Decision != nil {
		out = append(out, *t.Decision)
	}
	return out
}

func (p *projection) shown(decision string) bool {
	if p.Public == nil {
		return true
	}
	_, ok := p.Public(decision)
	return ok
}

// base is what every entry of the application says.
func (p *projection) base(k Kind, id ...string) Entry {
	a := p.Source.Application
	e := Entry{ID: entryID(k, append([]string{a.ID}, id...)...), Kind: k, Application: a.ID, ApplicationKind: a.Kind, User: p.user}
	if p.Filing != nil {
		e.Title, e.Purposes = p.veil.text(p.Filing.Title), purposesOf(*p.Filing)
	}
	return e
}

func (p *projection) application() Entry {
	a := p.Source.Application
	e := p.base(KindApplication)
	e.Date, e.Updated, e.Status = a.Received, a.Received, string(access.NationStatus(a))
	for _, t := range a.Tracks {
		e.Updated = later(e.Updated, lastStep(t, func(s access.Step) bool { return s.Axis == ehds.AxisApplication }))
	}
	if p.Filing != nil {
		for _, d := range p.Filing.Datasets {
			e.Datasets = append(e.Datasets, p.dataset(d.DatasetID, "", d.Title))
		}
	}
	return e
}

func (p *projection) body(t *access.Track) *Body {
	return &Body{Entity: t.Key.HDAB, Name: p.Names[t.Key.HDAB]}
}

func (p *projection) decision(t *access.Track, d access.Decision) Entry {
	e := p.base(KindDecision, d.ID)
	e.Body, e.Decision, e.Outcome, e.Replaces, e.Status = p.body(t), d.ID, d.Outcome, d.Replaces, string(d.Status)
	e.Date = d.Issued
	e.Updated = later(d.Issued, lastStep(*t, func(s access.Step) bool { return s.Axis == ehds.AxisDecision && s.Subject == d.ID && moved(s) }))
	if d.ConvertedTo != "" {
		e.ApplicationKind = d.ConvertedTo
	}
	if d.Grant != nil {
		e.Purposes, e.Datasets = d.Grant.Purposes, p.granted(*d.Grant)
	}
	i := slices.IndexFunc(p.Cards, func(c ehds.DecisionBody) bool { return c.DecisionID == d.ID })
	if i < 0 {
		return e
	}
	c := p.Cards[i]
	e.Reasons = p.veil.text(c.Reasons)
	if p.Public != nil {
		if reasons, _ := p.Public(d.ID); reasons != "" {
			e.Reasons = p.veil.text(reasons)
		}
	}
	for _, x := range c.Conditions {
		e.Conditions = append(e.Conditions, p.veil.text(x))
	}
	for _, x := range c.RefusedDatasets {
		set := p.dataset(x.DatasetID, "", nil)
		set.Refused = p.veil.text(x.Reasons)
		e.Datasets = append(e.Datasets, set)
	}
	return e
}

func (p *projection) result(r ehds.ResultsBody) Entry {
	e := p.base(KindResult, r.Published)
	e.Title, e.Summary, e.Permit = p.veil.text(r.Title), p.veil.text(r.Summary), r.PermitID
	e.Date, _ = time.Parse(time.DateOnly, r.Published)
	e.Updated = e.Date
	for _, u := range r.URLs {
		if strings.HasPrefix(u, "https://") {
			e.URLs = append(e.URLs, u)
		}
	}
	return e
}

func (p *projection) granted(g ehds.PermitDetail) []Dataset {
	var out []Dataset
	for _, d := range g.Granted {
		out = append(out, p.dataset(d.DatasetID, d.Holder, nil))
	}
	return out
}

// dataset names a dataset by what the filing says of it.
func (p *projection) dataset(id, holder string, title map[string]string) Dataset {
	d := Dataset{ID: id, Holder: p.veil.text(holder)}
	if len(title) == 0 && p.Filing != nil {
		if i := slices.IndexFunc(p.Filing.Datasets, func(x ehds.ApplicationDataset) bool { return x.DatasetID == id }); i >= 0 {
			title = p.Filing.Datasets[i].Title
		}
	}
	if len(title) > 0 {
		d.Title = map[string]string{}
		for lang, text := range title {
			d.Title[lang] = p.veil.text(text)
		}
	}
	return d
}

func (p *projection) day(t *access.Track, at time.Time) string {
	zone := time.UTC
	if p.Zone != nil {
		if z := p.Zone(t.Key.HDAB); z != nil {
			zone = z
		}
	}
	return at.In(zone).Format(time.DateOnly)
}

// purposesOf are the keys of Art. 53(1) that the form chose; unknown ones are left to the body.
func purposesOf(b ehds.ApplicationBody) []string {
	var out []string
	for _, key := range gate.Read(b).Purposes() {
		if _, ok := ehds.Purpose(key); ok {
			out = append(out, key)
		}
	}
	return out
}

// moved leaves out the step by which an entry itself was published.
func moved(s access.Step) bool { return s.From != s.To }

func lastStep(t access.Track, of func(access.Step) bool) (at time.Time) {
	for _, s := range t.History {
		if of(s) {
			at = later(at, s.At)
		}
	}
	return at
}

func firstStep(t access.Track, of func(access.Step) bool) time.Time {
	for _, s := range t.History {
		if of(s) {
			return s.At
		}
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
