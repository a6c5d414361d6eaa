package gateway

import (
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/register"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
)

// registry is a record with a registrar beside it.
type registry struct {
	t      *testing.T
	dir    string
	skey   string
	now    time.Time
	review bool
	record *store.Record
	r      *registrar
}

// open starts over the record, as after a crash.
func (x *registry) open() {
	x.t.Helper()
	if x.record != nil {
		if err := x.record.Close(); err != nil {
			x.t.Fatal(err)
		}
	}
	signer, err := note.NewSigner(x.skey)
	if err != nil {
		x.t.Fatal(err)
	}
	x.r = newRegistrar()
	x.record, err = store.Open(x.t.Context(), store.Options{
		Driver: sqlite.New(sqlite.Options{Dir: x.dir}), Origin: "ncp.example/log", LogSigner: signer, RecordKey: make([]byte, store.RecordKeySize),
		Clock: func() time.Time { return x.now }, Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler),
		Timers: exchange.TimersOf, Changed: x.r.changed,
	})
	if err != nil {
		x.t.Fatal(err)
	}
	record := x.record
	x.t.Cleanup(func() { _ = record.Close() })
	x.r.record, x.r.log, x.r.review = x.record, slog.New(slog.DiscardHandler), x.review
	x.r.now = func() time.Time { return x.now }
	x.r.apps = &exchange.Applications{Router: exchange.NewRouter("FR", nil), Compose: exchange.Composer{Entity: "https://ncp.example", Profile: ehds.ProfileR8, Rand: rand.Reader}}
	if err := x.r.load(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
}

// settle brings the register up to date.
func (x *registry) settle() {
	x.t.Helper()
	for list := x.r.take(); len(list) > 0; list = x.r.take() {
		for _, c := range list {
			if err := x.r.update(x.t.Context(), c); err != nil {
				x.t.Fatal(err)
			}
		}
	}
}

// write runs events on a case, after its filing.
func (x *registry) write(caseID string, change func(d *exchange.ApplicationDoc)) {
	x.t.Helper()
	_, err := x.record.Update(x.t.Context(), caseID, func(s store.State) (store.Change, error) {
		var d exchange.ApplicationDoc
		if s.Doc != nil {
			if err := json.Unmarshal(s.Doc, &d); err != nil {
				return store.Change{}, err
			}
		}
		change(&d)
		doc, err := json.Marshal(d)
		return store.Change{Doc: doc}, err
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *registry) doc(caseID string) exchange.ApplicationDoc {
	x.t.Helper()
	c, _, err := x.record.Case(x.t.Context(), caseID)
	if err != nil {
		x.t.Fatal(err)
	}
	d, ok := exchange.ReadApplicationDoc(caseID, c.Doc)
	if !ok {
		x.t.Fatalf("%s is no application", caseID)
	}
	return d
}

// shows is what the register shows, by id.
func (x *registry) shows() string {
	var out []string
	for _, e := range x.r.Find(register.Query{}).Entries {
		id := e.ID
		if e.Erased {
			id += " (erased)"
		}
		out = append(out, id)
	}
	return strings.Join(out, "\n")
}

// The register follows the record: a decision in it is published, a restart changes nothing, and of an
// erased case only names and dates are left, for good.
// shows R16.0.5
func TestTheRegisterFollowsTheRecord(t *testing.T) {
	t.Parallel()
	skey, _, err := note.GenerateKey(rand.Reader, "ncp.example/log")
	if err != nil {
		t.Fatal(err)
	}
	x := &registry{t: t, dir: filepath.Join(t.TempDir(), "record"), skey: skey, now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
	x.open()
	track := ehds.Track{CatalogID: "cat", HDAB: "https://ncp.example/hdab/a"}
	apply := func(d *exchange.ApplicationDoc, events ...access.Event) {
		for _, e := range events {
			if d.Application, _, err = access.Apply(d.Application, e, x.now); err != nil {
				t.Fatal(err)
			}
		}
	}
	submitted := access.Submitted{ID: "A1", Kind: ehds.DataRequestApplication, Version: 1, Submitted: x.now, Received: x.now, Tracks: []ehds.Track{track}, Procedure: ehds.ProcedureStandard}
	x.write("app:A1", func(d *exchange.ApplicationDoc) { apply(d, submitted) })
	x.settle()
	if got := x.shows(); got != "application:A1" || !x.r.IsReady() {
		t.Fatalf("shows %q", got)
	}
	x.now = x.now.Add(time.Hour)
	card := ehds.DecisionBody{ApplicationID: "A1", DecisionID: "D1", Outcome: ehds.Negative, Timestamp: x.now.Format(time.RFC3339), Reasons: "not in law; mail x@y.example"}
	x.write("app:A1", func(d *exchange.ApplicationDoc) {
		apply(d, access.Screened{Track: track, At: x.now}, access.ProcessingStarted{Track: track, At: x.now}, access.DecisionIssued{Track: track, At: x.now, Card: card})
		d.Cards = append(d.Cards, card)
	})
	if c, _ := x.doc("app:A1").Application.Tracks[0].Clock(access.ClockPublication); c.State != access.ClockRunning {
		t.Fatalf("clock %+v", c)
	}
	x.settle()
	if c, _ := x.doc("app:A1").Application.Tracks[0].Clock(access.ClockPublication); c.State != access.ClockMet {
		t.Errorf("clock %+v", c)
	}
	if e, _ := x.r.Entry("decision:A1:D1"); e.Reasons != "not in law; mail […]" || e.Outcome != ehds.Negative {
		t.Errorf("entry %+v", e)
	}
	want := x.shows()
	steps := len(x.doc("app:A1").Application.Tracks[0].History)
	x.open()
	x.settle()
	if got := x.shows(); got != want || len(x.doc("app:A1").Application.Tracks[0].History) != steps {
		t.Errorf("after a restart: %q, %d steps", got, len(x.doc("app:A1").Application.Tracks[0].History))
	}
	x.review = true
	x.open()
	if got := x.shows(); got != "application:A1" {
		t.Errorf("with review: %q", got)
	}
	x.review = false
	x.open()
	x.settle()
	if err := x.record.Erase(t.Context(), "app:A1"); err != nil {
		t.Fatal(err)
	}
	x.settle()
	left := "application:A1 (erased)\ndecision:A1:D1 (erased)"
	if got := x.shows(); got != left {
		t.Errorf("after the erasure: %q", got)
	}
	x.open()
	if got := x.shows(); got != left {
		t.Errorf("after another restart: %q", got)
	}
	e, _ := x.r.Entry("decision:A1:D1")
	if raw, _ := json.Marshal(e); strings.Contains(string(raw), "law") || e.Decision != "D1" || e.Date.IsZero() {
		t.Errorf("left is %s", raw)
	}
}

// The nation's own measures are public, without whom they are against; those of others are not shown here.
// shows R16.0.5
func TestTheRegisterShowsMeasures(t *testing.T) {
	t.Parallel()
	skey, _, err := note.GenerateKey(rand.Reader, "ncp.example/log")
	if err != nil {
		t.Fatal(err)
	}
	x := &registry{t: t, dir: filepath.Join(t.TempDir(), "record"), skey: skey, now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
	x.open()
	for _, nation := range []string{"FR", "FI"} {
		b := ehds.EnforcementBody{ID: "7", Measure: ehds.MeasureFine, Against: "USER", Subject: "Aino Virtanen", From: "2027-03-01", Reasons: "Virtanen kept copies"}
		doc, err := json.Marshal(exchange.RecordDoc{Record: &exchange.NationalRecord{Nation: nation, Measure: &b, At: x.now}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.record.Update(t.Context(), ehds.MeasureCase(nation, "7").String(), func(store.State) (store.Change, error) { return store.Change{Doc: doc}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	x.settle()
	const id = "measure:enf:FR:7"
	reasons := func() string { e, _ := x.r.Entry(id); return e.Reasons }
	if x.shows() != id || reasons() != "[…] kept copies" {
		t.Errorf("shows %q because %q", x.shows(), reasons())
	}
	x.review = true
	x.open()
	if x.shows() != id || reasons() != "" {
		t.Errorf("with review %q because %q", x.shows(), reasons())
	}
	if err := x.record.Erase(t.Context(), "enf:FR:7"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		x.settle()
		if x.shows() != id+" (erased)" {
			t.Errorf("after the erasure %q", x.shows())
		}
		x.open()
	}
}

// With review a decision and its permits wait for staff, and its clock runs on. What staff give the public
// is shown instead of the reasons.
func TestTheRegisterWaitsForStaff(t *testing.T) {
	t.Parallel()
	skey, _, err := note.GenerateKey(rand.Reader, "ncp.example/log")
	if err != nil {
		t.Fatal(err)
	}
	x := &registry{t: t, dir: filepath.Join(t.TempDir(), "record"), skey: skey, now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), review: true}
	x.open()
	track := ehds.Track{CatalogID: "cat", HDAB: "https://ncp.example/hdab/a"}
	card := ehds.DecisionBody{ApplicationID: "A1", DecisionID: "D1", Outcome: ehds.Negative, Timestamp: x.now.Format(time.RFC3339), Reasons: "a trade secret"}
	x.write("app:A1", func(d *exchange.ApplicationDoc) {
		for _, e := range []access.Event{
			access.Submitted{ID: "A1", Kind: ehds.DataRequestApplication, Version: 1, Submitted: x.now, Received: x.now, Tracks: []ehds.Track{track}, Procedure: ehds.ProcedureStandard},
			access.Screened{Track: track, At: x.now}, access.ProcessingStarted{Track: track, At: x.now}, access.DecisionIssued{Track: track, At: x.now, Card: card},
		} {
			if d.Application, _, err = access.Apply(d.Application, e, x.now); err != nil {
				t.Fatal(err)
			}
		}
		d.Cards = append(d.Cards, card)
	})
	x.settle()
	g := &Gateway{registrar: x.r, record: x.record, apps: x.r.apps}
	pending, err := g.operatorPending(t.Context(), httpapi.Query{})
	if err != nil || len(pending) != 1 || pending[0].Decision != "D1" || pending[0].Due == "" || pending[0].Reasons != "a trade secret" || x.shows() != "application:A1" {
		t.Fatalf("pending %+v, %v; shows %q", pending, err, x.shows())
	}
	if c, _ := x.doc("app:A1").Application.Tracks[0].Clock(access.ClockPublication); c.State != access.ClockRunning {
		t.Errorf("clock %+v", c)
	}
	for name, r := range map[string]ReleaseRequest{
		"by nobody": {Case: "app:A1", Decision: "D1"}, "another decision": {Case: "app:A1", Decision: "D2", By: "s"},
		"another case": {Case: "app:A2", Decision: "D1", By: "s"}, "no case": {Case: "ds:FR:x", Decision: "D1", By: "s"},
	} {
		if _, err := g.operatorRelease(t.Context(), r); err == nil {
			t.Errorf("%s: released", name)
		}
	}
	if _, err := g.operatorRelease(t.Context(), ReleaseRequest{Case: "app:A1", Decision: "D1", By: "staff-7", Reasons: "too broad"}); err != nil {
		t.Fatal(err)
	}
	x.settle()
	if e, ok := x.r.Entry("decision:A1:D1"); !ok || e.Reasons != "too broad" {
		t.Errorf("entry %+v", e)
	}
	if c, _ := x.doc("app:A1").Application.Tracks[0].Clock(access.ClockPublication); c.State != access.ClockMet {
		t.Errorf("clock %+v", c)
	}
	if pending, err = g.operatorPending(t.Context(), httpapi.Query{}); err != nil || len(pending) != 0 {
		t.Errorf("pending %+v, %v", pending, err)
	}
}
