package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// entry is a line in the ledger, a national system made for the suite: it writes down what it is told,
// as often as it is told.
type entry struct {
	Ref, What, Case string
	Track           ehds.Track
	Version, Files  int
}

// news is an event of the ledger.
type news struct {
	N            int
	Case, Status string
	Track        ehds.Track
	Outcome      ehds.Outcome
}

type ledger struct {
	mu      sync.Mutex
	entries []entry
	news    []news
	refused map[string]bool
}

const ledgerKey = "hush"

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := r.URL.Query()
	var out any
	switch {
	case r.Header.Get("X-Key") != ledgerKey:
		http.Error(w, "no", http.StatusUnauthorized)
		return
	case r.Method == http.MethodPost:
		var e entry
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil || l.refused[e.Case] {
			http.Error(w, "refused", http.StatusUnprocessableEntity)
			return
		}
		if e.What == "submit" && len(l.of(e.Case, e.Track)) == 0 {
			l.news = append(l.news, news{len(l.news) + 1, e.Case, string(ehds.StatePreScreening), e.Track, ""})
		}
		l.entries = append(l.entries, e)
		out = map[string]any{"id": len(l.entries)}
	case r.URL.Path == "/events":
		after, _ := strconv.Atoi(q.Get("after")) // the driver's own number
		out = map[string]any{"events": l.news[min(after, len(l.news)):]}
	default:
		out = map[string]any{"entries": l.of(q.Get("case"), ehds.Track{CatalogID: q.Get("catalogue"), HDAB: q.Get("hdab")})}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client may have gone
}

func (l *ledger) of(id string, t ehds.Track) []entry {
	out := []entry{}
	for _, e := range l.entries {
		if e.Case == id && e.Track == t {
			out = append(out, e)
		}
	}
	return out
}

// held puts the entries together: a submission written twice is an application twice.
func (l *ledger) held() []Held {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Held
	at := map[held]int{}
	seen := map[string]bool{}
	for _, e := range l.entries {
		k := held{e.Case, e.Track}
		i, known := at[k]
		switch {
		case e.What == "submit" && (!known || seen[fmt.Sprint(k, e.Version)]):
			at[k] = len(out)
			out = append(out, Held{Case: e.Case, Track: e.Track, Version: e.Version, Attachments: e.Files})
		case e.What == "submit":
			out[i].Version, out[i].Attachments = e.Version, e.Files
		case e.What == "info":
			out[i].Information++
		case e.What == "withdraw":
			out[i].Withdrawn = true
		}
		seen[fmt.Sprint(k, e.Version)] = e.What == "submit"
	}
	return out
}

// clerk is a driver of a ledger. Each of its faults breaks the contract once.
type clerk struct {
	wire  *Wire
	host  connectors.Host
	fault string
	done  map[string]bool // by a faulty one only: forgotten over a restart
}

const clerkLimit = 1 << 20

func (d *clerk) is(fault string) bool { return d.fault == fault }

func (d *clerk) ask(ctx context.Context, method, path string, q url.Values, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	address := d.wire.URL() + path + "?" + q.Encode()
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Key", ledgerKey)
	res, err := d.host.HTTP.Do(req)
	if err != nil {
		if d.is("cancel hidden") {
			err = nil
		}
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return d.passes(err, "the ledger cannot be reached")
	}
	defer func() { _ = res.Body.Close() }()
	limit := int64(clerkLimit)
	if d.is("no bound") {
		limit = 1 << 40
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case res.StatusCode == http.StatusUnprocessableEntity && d.is("for good passes"):
		return d.passes(nil, "refused")
	case res.StatusCode == http.StatusUnprocessableEntity, res.StatusCode == http.StatusForbidden && d.is("key decides"):
		return fault.New(fault.Invalid, "ledger-refuses", "the ledger refuses this")
	case res.StatusCode != http.StatusOK && d.is("failure is success"):
		return nil
	case res.StatusCode != http.StatusOK && d.is("key in errors"):
		return d.passes(fmt.Errorf("sent %v", req.Header), "the ledger fails")
	case res.StatusCode != http.StatusOK:
		return d.passes(nil, fmt.Sprintf("the ledger answers with status %d", res.StatusCode))
	case err != nil || int64(len(text)) > limit:
		return d.passes(nil, "the ledger's answer is too long or cut")
	}
	if err := json.Unmarshal(text, out); err != nil && !d.is("anything is an answer") {
		return d.passes(nil, "the ledger's answer is not JSON")
	}
	return nil
}

// passes is an error that passes.
func (d *clerk) passes(cause error, detail string) error {
	kind := fault.Unavailable
	if d.is("passing is for good") {
		kind = fault.Invalid
	}
	return fault.Wrap(cause, kind, "ledger-fails", detail)
}

func (d *clerk) post(ctx context.Context, e entry) error {
	var list struct {
		Entries *[]entry `json:"entries"`
	}
	if e.Ref == "" {
		return fault.New(fault.Invalid, "reference-missing", "a reference is wanted")
	}
	err := d.ask(ctx, http.MethodGet, "/entries", url.Values{"case": {e.Case}, "catalogue": {e.Track.CatalogID}, "hdab": {e.Track.HDAB}}, nil, &list)
	if err != nil {
		return err
	}
	if list.Entries == nil {
		if !d.is("anything is an answer") && !d.is("failure is success") {
			return d.passes(nil, "the ledger's answer is none")
		}
		list.Entries = &[]entry{}
	}
	for _, old := range *list.Entries {
		if old.Ref == e.Ref && !d.is("repeats") && !(d.is("repeats information") && e.What == "info") && !(d.is("repeats appeals") && e.What == "appeal") && !(d.is("memory only") && !d.done[e.Ref]) {
			return nil
		}
		if e.What == "submit" && old.What == "submit" && old.Version >= e.Version && old.Ref != e.Ref {
			return fault.New(fault.Conflict, "version-not-newer", "not newer")
		}
	}
	if e.What != "submit" && len(*list.Entries) == 0 && !d.is("strangers welcome") {
		return fault.New(fault.NotFound, "unknown-case", "unknown")
	}
	if d.is("title in logs") {
		d.host.Logger.InfoContext(ctx, "handing over", "title", canaryTitle)
	}
	var got struct {
		ID int `json:"id"`
	}
	if err := d.ask(ctx, http.MethodPost, "/entries", nil, e, &got); err != nil {
		return err
	}
	if got.ID == 0 && !d.is("anything is an answer") && !d.is("failure is success") {
		return d.passes(nil, "the ledger's answer is none")
	}
	d.done[e.Ref] = true
	return nil
}

// Submit hands an application over.
func (d *clerk) Submit(ctx context.Context, s connectors.Submission) error {
	a := s.Application
	_, caseErr := ehds.ParseCaseID(s.Case)
	switch {
	case caseErr != nil, s.Track.HDAB == "", s.ReceivedAt == "", a.Version < 1, s.Case != "app:"+a.ApplicationID,
		a.Kind != ehds.DataAccessApplication && a.Kind != ehds.DataRequestApplication:
		return fault.New(fault.Invalid, "malformed", "no submission")
	}
	files := len(s.Attachments)
	if d.is("files forgotten") {
		files = 0
	}
	return d.post(ctx, entry{s.Ref, "submit", s.Case, s.Track, a.Version, files})
}

// Info completes an application.
func (d *clerk) Info(ctx context.Context, i connectors.Information) error {
	return d.post(ctx, entry{i.Ref, "info", i.Case, i.Track, 0, 0})
}

// Withdraw withdraws it.
func (d *clerk) Withdraw(ctx context.Context, w connectors.Withdrawal) error {
	if d.is("withdrawals dropped") {
		return nil
	}
	return d.post(ctx, entry{w.Ref, "withdraw", w.Case, w.Track, 0, 0})
}

// Answer writes an answer down.
func (d *clerk) Answer(ctx context.Context, a connectors.DecisionAnswer) error {
	return d.post(ctx, entry{a.Ref, "answer", a.Case, a.Track, 0, 0})
}

// Appeal writes an appeal down.
func (d *clerk) Appeal(ctx context.Context, a connectors.AppealNotice) error {
	return d.post(ctx, entry{a.Ref, "appeal", a.Case, a.Track, 0, 0})
}

// ChangeRequest writes down what a permit holder asks for.
func (d *clerk) ChangeRequest(ctx context.Context, r connectors.ChangeRequest) error {
	return d.post(ctx, entry{r.Ref, "change", r.Case, r.Track, 0, 0})
}

// Events reads the news.
func (d *clerk) Events(ctx context.Context, cursor string) (connectors.PermitEvents, error) {
	page := connectors.PermitEvents{Cursor: cursor}
	n, err := strconv.Atoi("0" + cursor)
	if err != nil {
		return page, fault.New(fault.Invalid, "cursor-malformed", "no cursor")
	}
	var got struct {
		Events *[]news `json:"events"`
	}
	if err := d.ask(ctx, http.MethodGet, "/events", url.Values{"after": {strconv.Itoa(n)}}, nil, &got); err != nil {
		if d.is("cursor runs ahead") {
			return connectors.PermitEvents{Cursor: strconv.Itoa(n + 1), Events: []connectors.PermitEvent{{ID: "skip" + strconv.Itoa(n), At: "2026-11-03T09:30:00Z"}}}, nil
		}
		return page, err
	}
	if got.Events == nil {
		return page, d.passes(nil, "the ledger's answer is none")
	}
	for i, e := range *got.Events {
		ev := connectors.PermitEvent{ID: fmt.Sprintf("l-%d", e.N), At: "2026-11-03T09:30:00Z", Kind: connectors.EventStatus,
			Case: e.Case, Track: e.Track, Actor: "l", Status: e.Status}
		if e.Outcome != "" {
			ev.Kind, ev.Decision = connectors.EventDecision, &ehds.DecisionBody{Outcome: e.Outcome}
		}
		if d.is("ids by page") {
			ev.ID = fmt.Sprintf("l-%d-%d", n, i)
		}
		page.Events = append(page.Events, ev)
		page.Cursor = strconv.Itoa(e.N)
	}
	if m := len(page.Events); d.is("newest first") && m > 1 {
		page.Events[0], page.Events[m-1] = page.Events[m-1], page.Events[0]
	}
	return page, nil
}

// ledgerWith is a system whose driver has one fault; none has "".
func ledgerWith(fault string) func(t testing.TB) *PermitsSystem {
	return func(t testing.TB) *PermitsSystem {
		l := &ledger{refused: map[string]bool{}}
		w := NewWire(t, l)
		return &PermitsSystem{
			Wire: w, MaxBody: clerkLimit, Secrets: []string{ledgerKey},
			Open: func(_ testing.TB, host connectors.Host) connectors.Permits {
				return &clerk{wire: w, host: host, fault: fault, done: map[string]bool{}}
			},
			Submission: func(n int) connectors.Submission {
				id := fmt.Sprintf("6a70b4d104db074a00fd%04d", n)
				return connectors.Submission{Ref: fmt.Sprintf("ref-%d", n), Case: "app:" + id, ReceivedAt: "2026-11-02T10:00:00Z",
					Track:       ehds.Track{CatalogID: "cat-1", HDAB: "https://ncp.example/hdab/1"},
					Application: ehds.ApplicationBody{ApplicationID: id, Kind: ehds.DataAccessApplication, Version: 1}}
			},
			Held: func(testing.TB, connectors.Permits) []Held { return l.held() },
			Decide: func(_ testing.TB, _ connectors.Permits, s connectors.Submission, o ehds.Outcome) {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.news = append(l.news, news{len(l.news) + 1, s.Case, string(ehds.StateProcessing), s.Track, ""},
					news{len(l.news) + 2, s.Case, "", s.Track, o})
			},
			Told: func(_ testing.TB, _ connectors.Permits, s connectors.Submission) int {
				l.mu.Lock()
				defer l.mu.Unlock()
				return len(slices.DeleteFunc(l.of(s.Case, s.Track), func(e entry) bool { return e.What != "appeal" && e.What != "change" }))
			},
			Refuse: func(_ testing.TB, id string) {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.refused[id] = true
			},
		}
	}
}
