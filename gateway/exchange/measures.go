package exchange

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// taskMeasure lets a measure have its effect: on the internal channel it flags cases, on that of the permit
// systems one of another nation is handed over.
const taskMeasure = "enforcement.record"

// measureTold handles enforcement.record: a measure of another nation's body, passed on by the centre with
// its origin.
func (a *Applications) measureTold(h *Handling) []ehds.Finding {
	var b ehds.EnforcementBody
	if f := h.Body(&b); f != nil {
		return f
	}
	if h.Env.Origin == nil {
		return violation("/origin", "origin-missing", "what is passed on names its origin")
	}
	id, err := ehds.ParseCaseID(h.Env.Case)
	nation := h.Env.Origin.Nation
	if err != nil || id.Country != nation || strings.EqualFold(nation, a.Router.Country) {
		return unknownCase("/case")
	}
	if id.ID != b.ID {
		return violation("/body/id", "case-mismatch", "id and case name different measures")
	}
	if h.Doc != nil {
		return violation("/case", "recorded-already", "this measure is recorded; a correction has an id of its own")
	}
	r := NationalRecord{Nation: nation, Measure: &b, At: h.Now, Message: store.MessageRef{Iss: h.Env.Iss, Jti: h.Env.Jti}}
	h.Doc = mustJSON(RecordDoc{&r})
	h.Leaves = append(h.Leaves, recordLeaf(h.Env.Case, r))
	h.Send = append(h.Send, a.Compose.Task(store.ChannelInternal, internalTarget, taskMeasure, h.Env.Case, nil))
	for _, instance := range a.Systems.all() {
		h.Send = append(h.Send, a.Compose.Task(store.ChannelPermits, instance, taskMeasure, h.Env.Case, nil))
	}
	return nil
}

// all are the instances of the permit systems, each once.
func (s Systems) all() []string {
	out := slices.Collect(maps.Values(s.Bodies))
	if s.Default != "" {
		out = append(out, s.Default)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// measure flags the cases a measure concerns, each once. Submissions are flagged by the list from the first
// line on, so that none falls between.
func (w *Issuer) measure(ctx context.Context, row store.Outbox) error {
	c, _, err := w.Record.Case(ctx, row.Case)
	if err != nil {
		return err
	}
	flagged := 0
	if r, ok := ReadRecord(c.Doc); ok && r.Measure != nil { // else it was erased
		w.Applications.measured.learn(row.Case, *r.Measure)
		if flagged, err = w.flagMeasured(ctx, row.Case, *r.Measure); err != nil {
			return err
		}
	}
	_, err = w.Record.Update(context.WithoutCancel(ctx), row.Case, func(s store.State) (store.Change, error) {
		change := store.Change{Settle: &store.Settlement{ID: row.ID, State: store.OutboxDelivered, Counted: true}}
		if r, ok := ReadRecord(s.Doc); ok {
			r.Flagged = flagged
			change.Doc = mustJSON(RecordDoc{&r})
		}
		return change, nil
	})
	return err
}

// flagMeasured goes over all applications, those that other hubs filed here too, and says how many the
// measure concerns.
func (w *Issuer) flagMeasured(ctx context.Context, measure string, m ehds.EnforcementBody) (int, error) {
	n := 0
	for _, kind := range []ehds.CaseKind{ehds.CaseApplication, ehds.CaseNational} {
		err := store.EachCase(ctx, w.Record, string(kind)+":", "", func(c store.Case) error {
			doc, ok := ReadApplicationDoc(c.ID, c.Doc)
			if !ok || !doc.Concerned(m) || !doc.Pending(w.Clock()) {
				return nil
			}
			n++
			return w.flagCase(ctx, c.ID, w.Applications.measureFlag(measure))
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// flagCase flags one case; one that was erased meanwhile needs no flag.
func (w *Issuer) flagCase(ctx context.Context, caseID string, f Flag) error {
	_, err := w.Record.Update(context.WithoutCancel(ctx), caseID, func(s store.State) (store.Change, error) {
		doc, err := readApplication(s.Doc)
		if err != nil {
			return store.Change{}, err
		}
		return store.Change{Doc: mustJSON(doc.measured(f, s.Now))}, nil
	})
	if errors.Is(err, store.ErrErased) {
		return nil
	}
	return err
}

// Concerned says whether a measure is about the user of a case, or about one of its permits.
func (d *ApplicationDoc) Concerned(m ehds.EnforcementBody) bool {
	if m.Against != "USER" {
		return false
	}
	for _, t := range d.Application.Tracks {
		for _, v := range t.Permits {
			if samePermit(v.ID, m.PermitID) {
				return true
			}
		}
	}
	return d.User != "" && d.User == m.Subject
}

// Pending says whether something of a case is still to be decided, or a permit of it has not ended.
func (d *ApplicationDoc) Pending(now time.Time) bool {
	for _, t := range d.Application.Tracks {
		if !t.Status.Terminal() {
			return true
		}
		for _, v := range t.Permits {
			if v.Ended.IsZero() && now.Before(v.Expires) {
				return true
			}
		}
	}
	return false
}

// samePermit says whether two ids name versions of one permit.
func samePermit(a, b string) bool {
	x, err := ehds.ParsePermitID(a)
	y, err2 := ehds.ParsePermitID(b)
	x.Version, y.Version = 1, 1
	return err == nil && err2 == nil && x == y
}

// measureFlag asks staff to look at a measure; its note is the case of the measure. Measures refuse nothing
// by themselves (Art. 63(6)).
func (a *Applications) measureFlag(measure string) Flag {
	if id, err := ehds.ParseCaseID(measure); err == nil && id.Country == a.Router.Country {
		return Flag{Code: "measure-here", Note: measure}
	}
	return Flag{Code: "measure-elsewhere", Note: measure}
}

// measured is the document with the flag of a measure, once.
func (d ApplicationDoc) measured(flag Flag, now time.Time) ApplicationDoc {
	if slices.ContainsFunc(d.Flags, func(f Flag) bool { return f.Code == flag.Code && f.Note == flag.Note }) {
		return d
	}
	flag.At = now
	return d.flagged(flag)
}

// measures remembers the measures against users, so that a new application is flagged at once. It is rebuilt
// from the record at every start; its zero value is ready.
type measures struct {
	mu   sync.RWMutex
	user map[string]map[string]string // user → case of the measure → last day, "" for none
}

func (m *measures) learn(caseID string, b ehds.EnforcementBody) {
	if b.Against != "USER" || b.Subject == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.user == nil {
		m.user = map[string]map[string]string{}
	}
	if m.user[b.Subject] == nil {
		m.user[b.Subject] = map[string]string{}
	}
	m.user[b.Subject][caseID] = b.To
}

// of are the cases of the measures against a user that have not ended, in order.
func (m *measures) of(user string, now time.Time) []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []string
	for id, to := range m.user[user] {
		if to == "" || to >= now.UTC().Format(time.DateOnly) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// forget drops a measure that was erased.
func (m *measures) forget(caseID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, of := range m.user {
		delete(of, caseID)
	}
}

// ForgetMeasure drops what is remembered of a measure whose case was erased.
func (a *Applications) ForgetMeasure(caseID string) { a.measured.forget(caseID) }

// LoadMeasures reads the measures against users from the record.
func (a *Applications) LoadMeasures(ctx context.Context, rec store.Reader) error {
	return store.EachCase(ctx, rec, string(ehds.CaseEnforcement)+":", "", func(c store.Case) error {
		if r, ok := ReadRecord(c.Doc); ok && r.Measure != nil {
			a.measured.learn(c.ID, *r.Measure)
		}
		return nil
	})
}

// ofUser notes who applies, and flags what was taken against her.
func (a *Applications) ofUser(doc ApplicationDoc, user string, now time.Time) ApplicationDoc {
	doc.User = user
	for _, id := range a.measured.of(user, now) {
		doc = doc.measured(a.measureFlag(id), now)
	}
	return doc
}

// measure hands a measure to a permit system that takes them. Staff have the flags in any case.
func (w *Handover) measure(ctx context.Context, to connectors.Measures, row store.Outbox) error {
	if to == nil {
		return nil
	}
	c, ok, err := w.Record.Case(ctx, row.Case)
	if err != nil {
		return err
	}
	r, read := ReadRecord(c.Doc)
	if !ok || !read || r.Measure == nil {
		return fault.New(fault.NotFound, "filing-erased", "the measure is no longer in the record")
	}
	return to.Measure(ctx, connectors.MeasureNotice{Ref: row.Jti, Case: row.Case, Nation: r.Nation, Body: *r.Measure})
}
