package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/register"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// registrar keeps the public register as the record is, and meets the clock of publication: a decision that
// stands in the register is published (Art. 57(1)(j)). The register is made from case documents and
// filings, of applications and of the nation's own measures; beside it the record keeps what each entry was
// called and its dates, which is what is left when a case is erased.
type registrar struct {
	*register.Register
	record interface {
		store.Updater
		store.Reader
		store.Mailboxes
	}
	apps  *exchange.Applications
	names map[string]map[string]string // of bodies, by entity and language
	// review: a decision is shown only once staff released it.
	review bool
	log    *slog.Logger
	now    func() time.Time
	wake   func() // the outbox
	news   chan struct{}

	mu      sync.Mutex
	pending map[string]bool              // cases that are others now
	waiting map[string][]PendingDecision // by case
}

func newRegistrar() *registrar {
	return &registrar{Register: register.New(), news: make(chan struct{}, 1), pending: map[string]bool{}, waiting: map[string][]PendingDecision{}}
}

// registerNamespace keeps what is left of entries.
const registerNamespace = "register"

// changed implements store.Options.Changed.
func (r *registrar) changed(caseID string) {
	if id, err := ehds.ParseCaseID(caseID); err != nil || !id.Kind.Personal() {
		return
	}
	r.mu.Lock()
	r.pending[caseID] = true
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// take gives the cases that changed.
func (r *registrar) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]string, 0, len(r.pending))
	for c := range r.pending {
		out = append(out, c)
	}
	clear(r.pending)
	return out
}

// registerMails is how many entries are read at once.
const registerMails = 1000

// load reads every case once, and then what is left of those erased.
func (r *registrar) load(ctx context.Context) error {
	for _, kind := range []ehds.CaseKind{ehds.CaseApplication, ehds.CaseNational, ehds.CaseEnforcement} {
		if err := store.EachCase(ctx, r.record, string(kind)+":", "", func(c store.Case) error { return r.show(ctx, c) }); err != nil {
			return err
		}
	}
	err := eachKept(ctx, r.record, func(key string, e register.Entry) {
		if _, shown := r.Entry(key); !shown && !r.withheld(e) {
			r.Put("erased "+key, []register.Entry{register.Erased(e)})
		}
	})
	if err == nil {
		r.Ready()
	}
	return err
}

// eachKept reads what the record keeps of entries for the time after their cases are erased, in the order of
// their keys. One that cannot be read is left out.
func eachKept(ctx context.Context, record store.Mailboxes, each func(key string, e register.Entry)) error {
	for after := ""; ; {
		list, err := record.MailScan(ctx, registerNamespace, "", after, registerMails)
		if err != nil {
			return err
		}
		for _, m := range list {
			after = m.Key
			var e register.Entry
			if json.Unmarshal(m.Value, &e) == nil {
				each(m.Key, e)
			}
		}
		if len(list) < registerMails {
			return nil
		}
	}
}

// withheld says whether the case of an entry is still there: then the entry was shown once and waits for
// staff now.
func (r *registrar) withheld(e register.Entry) bool {
	whole, ok := r.Entry(register.ApplicationEntry(e.Application))
	return ok && !whole.Erased
}

// update brings one case up to date.
func (r *registrar) update(ctx context.Context, caseID string) error {
	c, ok, err := r.record.Case(ctx, caseID)
	if err != nil {
		return err
	}
	if !ok || c.Erased {
		left := r.Of(caseID)
		for i := range left {
			left[i] = register.Erased(left[i])
		}
		r.Put(caseID, left)
		r.note(caseID, exchange.ApplicationDoc{})
		return nil
	}
	return r.show(ctx, c)
}

// show puts a case into the register: first what would be left of its entries goes to the record, then the
// entries to the readers, and then the case learns that its decisions are published.
func (r *registrar) show(ctx context.Context, c store.Case) error {
	if m, ok := exchange.ReadRecord(c.Doc); ok {
		return r.showMeasure(ctx, c.ID, m)
	}
	doc, ok := exchange.ReadApplicationDoc(c.ID, c.Doc)
	if !ok || len(doc.Application.Tracks) == 0 {
		return nil
	}
	filing, err := exchange.ReadFiling(ctx, r.record, doc.Filing)
	if err != nil {
		return err
	}
	var results []ehds.ResultsBody
	for _, p := range doc.Results {
		results = append(results, p.ResultsBody)
	}
	entries := register.Project(register.Source{
		Application: shownAs(c.ID, doc.Application), Filing: filing, Cards: doc.Cards, Results: results, Names: r.names, Public: r.public(doc),
		Now:  r.now(),
		Zone: func(hdab string) *time.Location { return r.apps.Rules.Of(hdab).Zone },
	})
	if err := r.keep(ctx, entries); err != nil {
		return err
	}
	r.Put(c.ID, entries)
	r.note(c.ID, doc)
	if len(doc.Unannounced()) == 0 {
		return nil
	}
	shown := map[string]bool{}
	for _, e := range entries {
		shown[e.Decision] = shown[e.Decision] || e.Kind == register.KindDecision
	}
	_, err = r.record.Update(ctx, c.ID, func(s store.State) (store.Change, error) {
		return r.apps.Announced(s, func(decision string) bool { return shown[decision] })
	})
	if err == nil && r.wake != nil {
		r.wake()
	}
	return err
}

// showMeasure puts a measure of the nation's own bodies into the register: others publish theirs. Nothing
// releases the reasons of a measure, so with review they are not shown.
func (r *registrar) showMeasure(ctx context.Context, caseID string, m exchange.NationalRecord) error {
	if m.Measure == nil || m.Nation != r.apps.Router.Country {
		return nil
	}
	b := *m.Measure
	if r.review {
		b.Reasons = ""
	}
	entries := []register.Entry{register.Measure(caseID, b, m.At)}
	if err := r.keep(ctx, entries); err != nil {
		return err
	}
	r.Put(caseID, entries)
	return nil
}

// shownAs is an application as the register names it: one that another hub filed by its case, since such a hub
// may give a number that the centre gave to another.
func shownAs(caseID string, a access.Application) access.Application {
	if id, err := ehds.ParseCaseID(caseID); err == nil && id.Kind == ehds.CaseNational {
		a.ID = caseID
	}
	return a
}

// public says which decisions of a case may be shown.
func (r *registrar) public(doc exchange.ApplicationDoc) func(string) (string, bool) {
	return func(decision string) (string, bool) {
		release, released := doc.Release(decision)
		return release.Reasons, released || !r.review
	}
}

// keep writes what would be left of entries, where that is not on record yet.
func (r *registrar) keep(ctx context.Context, entries []register.Entry) error {
	var puts []store.Mail
	for _, e := range entries {
		rest, err := json.Marshal(register.Erased(e))
		if err != nil {
			return err
		}
		have, ok, err := r.record.MailGet(ctx, registerNamespace, e.ID)
		if err != nil {
			return err
		}
		if !ok || string(have) != string(rest) {
			puts = append(puts, store.Mail{Key: e.ID, Value: rest})
		}
	}
	if len(puts) == 0 {
		return nil
	}
	return r.record.MailBatch(ctx, registerNamespace, puts, nil)
}

// registerRetry is how long the register waits after the record could not be read.
const registerRetry = 5 * time.Second

// keepRegister keeps the register until ctx ends.
func (g *Gateway) keepRegister(ctx context.Context) {
	r := g.registrar
	pause := func() bool {
		select {
		case <-ctx.Done():
			return false
		case <-g.o.After(registerRetry):
			return true
		}
	}
	for err := r.load(ctx); err != nil; err = r.load(ctx) {
		if ctx.Err() == nil {
			g.log.ErrorContext(ctx, "the public register cannot be made", "error", err)
		}
		if !pause() {
			return
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.news:
		}
		for _, c := range r.take() {
			if err := r.update(ctx, c); err != nil && ctx.Err() == nil {
				g.log.ErrorContext(ctx, "the public register is behind the record", "error", err)
				r.changed(c)
				if !pause() {
					return
				}
			}
		}
	}
}
