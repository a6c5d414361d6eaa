package exchange

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access/filing"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// dialogue is two hubs that talk until neither has anything to say: fi, where the applicant filed, and
// fr, whose body decides.
type dialogue struct {
	t      *testing.T
	fr, fi *node
	system *stream
	seen   carried
}

// bodies sign permits, each with a key of its own.
type bodies struct {
	*stamps
	t *testing.T
}

func (b bodies) SignPermit(_ context.Context, hdab string, c ehds.PermitClaims) (string, error) {
	return trusttest.Sign(b.t, trusttest.Key(hdab), ehds.TypPermit, c), nil
}

func newDialogue(t *testing.T) *dialogue {
	t.Helper()
	_, fr, fi := hubs(t)
	return &dialogue{t: t, fr: fr, fi: fi, system: &stream{}}
}

// talk carries everything that is queued, on both sides.
func (d *dialogue) talk() {
	d.t.Helper()
	ways := []struct {
		from, to *node
	}{{d.fi, d.fr}, {d.fr, d.fi}}
	for said := true; said; {
		said = false
		for _, way := range ways {
			for _, row := range way.from.rows() {
				if row.State != store.OutboxQueued {
					continue
				}
				said = true
				var err error
				switch row.Channel {
				case store.ChannelCentral:
					err = way.from.sealingSender(tapped(way.to, &d.seen)).Try(d.t.Context(), row)
				case store.ChannelPermits:
					err = way.from.handover(d.system).Try(d.t.Context(), row)
				case store.ChannelInternal:
					w := way.from.issuer(nil, rand.Reader)
					w.Signer = bodies{&stamps{}, d.t}
					err = w.Try(d.t.Context(), row)
				}
				if err != nil {
					d.t.Fatal(err)
				}
				if now := way.from.row(row.ID); now.State != store.OutboxDelivered {
					d.t.Fatalf("%s %s: %s %s", way.from.id, row.Type, now.State, now.Reason)
				}
			}
		}
	}
}

// acts does what the applicant does, at her hub.
func (d *dialogue) acts(do func(*Filings, store.State) (store.Change, error)) error {
	d.t.Helper()
	_, err := d.fi.record.Update(d.t.Context(), natCase, func(s store.State) (store.Change, error) { return do(d.fi.filings("FI"), s) })
	if err == nil {
		d.talk()
	}
	return err
}

func (d *dialogue) must(do func(*Filings, store.State) (store.Change, error)) {
	d.t.Helper()
	if err := d.acts(do); err != nil {
		d.t.Fatal(err)
	}
}

// decides does what the body does, at the deciding hub.
func (d *dialogue) decides(events ...nationalEvent) {
	d.t.Helper()
	for i := range events {
		events[i].Case = natCase
		if e := events[i]; e.Decision != nil {
			e.Decision.ApplicationID, e.Grant.ApplicationID = filingID, filingID
			if e.Decision.Outcome == ehds.Negative {
				events[i].Grant = nil
			}
		}
	}
	d.system.events = append(d.system.events, events...)
	newEvents(d.fr, d.system).happen(d.t)
	d.talk()
}

// filed is the filing as the applicant's hub has it.
func (d *dialogue) filed() filing.Filing {
	d.t.Helper()
	f, ok := ReadFiled(d.fi.natDoc())
	if !ok {
		d.t.Fatal("no filing")
	}
	return f
}

func (d *dialogue) file() {
	d.t.Helper()
	var body ehds.ApplicationBody
	mustRead(d.t, submitBody(filingID, "ds-1"), &body)
	files := Files{List: []ehds.Attachment{attachment("plan", attached)}, Blobs: map[string]string{"plan": d.fi.stages(attached)}}
	d.must(func(f *Filings, s store.State) (store.Change, error) { return f.File(s, ncpID, body, files) })
}

func infoAsked(id string) nationalEvent {
	return nationalEvent{ID: id, Kind: connectors.EventInfoRequest, Track: ehds.Track{CatalogID: "cat", HDAB: hdabA}, At: "2027-03-01T12:00:00Z",
		Sections: []ehds.InfoSection{{Number: 2, Fields: map[string]string{"projectLeader": "who?"}}}}
}

// From filing to permit between two hubs: the state told is the state mirrored, what is asked is
// answered, and the permit arrives.
func TestAcrossFromFilingToPermit(t *testing.T) {
	t.Parallel()
	d := newDialogue(t)
	d.file()
	f := d.filed()
	if f.Result != ehds.Validated || len(f.Tracks) != 1 || f.Tracks[0].Status != ehds.StateSubmitted || !f.Open() {
		t.Fatalf("filed: %+v", f)
	}
	d.decides(status("e1", "PRE_SCREENING"), infoAsked("e2"))
	if f = d.filed(); f.Tracks[0].Status != ehds.StateAwaitingInformation || f.Tracks[0].Asked == nil || f.Tracks[0].Asked.Body.Sections[0].Number != 2 {
		t.Fatalf("asked: %+v", f.Tracks)
	}
	note := Files{List: []ehds.Attachment{attachment("note", "the answer")}, Blobs: map[string]string{"note": d.fi.stages("the answer")}}
	d.must(func(f *Filings, s store.State) (store.Change, error) {
		return f.Complete(s, "", []ehds.InfoAnswer{{Number: 2, Fields: map[string]any{"projectLeader": "CANARY Prof."}}}, note)
	})
	if f = d.filed(); f.Tracks[0].Status != ehds.StatePreScreening || f.Tracks[0].Asked != nil || f.Acts[0].Result != ehds.Validated {
		t.Fatalf("completed: %+v %+v", f.Tracks, f.Acts)
	}
	d.decides(status("e3", "PROCESSING"), decision("e4", "D1", ehds.Positive))
	if f = d.filed(); f.Tracks[0].Decision == nil || f.Open() {
		t.Fatalf("decided: %+v", f.Tracks)
	}
	if err := d.acts(func(f *Filings, s store.State) (store.Change, error) { return f.Answer(s, hdabB, ehds.AnswerAccept) }); fault.CodeOf(err) != filing.CodeUnknownTrack {
		t.Errorf("an answer to a body that decides nothing: %v", err)
	}
	d.must(func(f *Filings, s store.State) (store.Change, error) { return f.Answer(s, hdabA, ehds.AnswerAccept) })
	f = d.filed()
	p := f.Tracks[0].Permits
	if len(p) != 1 || !strings.HasPrefix(p[0].ID, "DP-FR-AAA-") || strings.Count(p[0].Token, ".") != 2 || f.Tracks[0].Decision.Status != ehds.DecisionPositiveAccepted || f.Open() || len(f.Notes) > 0 {
		t.Errorf("the permit: %+v, notes %v", f.Tracks[0], f.Notes)
	}
	doc, err := readApplication(d.fr.natDoc())
	if err != nil || len(doc.Flags) > 0 || len(doc.Application.Tracks[0].Permits) != 1 {
		t.Errorf("the deciding side: %+v %v", doc.Flags, err)
	}
	took := strings.Join(d.system.took, "\n")
	for _, want := range []string{"submit " + hdabA, "note.pdf the answer", "answer"} {
		if !strings.Contains(took, want) {
			t.Errorf("the permit system was not told %q:\n%s", want, took)
		}
	}
	for _, token := range d.seen.tokens {
		if text := string(payloadOf(t, token)); strings.Contains(text, "CANARY") || strings.Contains(text, `"body"`) {
			t.Errorf("in clear on the wire: %.200s", text)
		}
	}
}

// What the applicant may not do is refused at her own hub, and nothing leaves.
func TestAcrossActsFollowTheState(t *testing.T) {
	t.Parallel()
	d := newDialogue(t)
	if err := d.acts(func(f *Filings, s store.State) (store.Change, error) { return f.Withdraw(s, "") }); fault.CodeOf(err) != "no-such-filing" {
		t.Errorf("nothing was filed: %v", err)
	}
	d.file()
	sent := len(d.seen.tokens)
	var body ehds.ApplicationBody
	mustRead(t, submitBody(filingID, "ds-1"), &body)
	for name, do := range map[string]func(*Filings, store.State) (store.Change, error){
		"file again":     func(f *Filings, s store.State) (store.Change, error) { return f.File(s, ncpID, body, Files{}) },
		"answer":         func(f *Filings, s store.State) (store.Change, error) { return f.Answer(s, "", ehds.AnswerAccept) },
		"appeal":         func(f *Filings, s store.State) (store.Change, error) { return f.Appeal(s, "", "why", Files{}) },
		"complete":       func(f *Filings, s store.State) (store.Change, error) { return f.Complete(s, "", nil, Files{}) },
		"amend with v 1": func(f *Filings, s store.State) (store.Change, error) { return f.Amend(s, body, Files{}) },
	} {
		if err := d.acts(do); fault.From(err).Kind != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(d.seen.tokens) != sent {
		t.Error("something was sent")
	}
	body.Version = 2
	d.must(func(f *Filings, s store.State) (store.Change, error) { return f.Amend(s, body, Files{}) })
	if f := d.filed(); len(f.Versions) != 2 || f.Result != ehds.Validated {
		t.Errorf("amended: %+v", f)
	}
	d.must(func(f *Filings, s store.State) (store.Change, error) { return f.Withdraw(s, "no longer needed") })
	if f := d.filed(); f.Tracks[0].Status != ehds.StateWithdrawn || f.Open() {
		t.Errorf("withdrawn: %+v", f.Tracks)
	}
}

// A filing that the other hub turns away is over, and says why.
func TestAcrossNotDelivered(t *testing.T) {
	t.Parallel()
	d := newDialogue(t)
	var body ehds.ApplicationBody
	mustRead(t, submitBody(filingID, "ds-1"), &body)
	d.fr.inbox.Limits.MaxAttachments = 0
	files := Files{List: []ehds.Attachment{attachment("a", "x")}, Blobs: map[string]string{"a": d.fi.stages("x")}}
	_, err := d.fi.record.Update(t.Context(), natCase, func(s store.State) (store.Change, error) {
		return d.fi.filings("FI").File(s, ncpID, body, files)
	})
	if err != nil {
		t.Fatal(err)
	}
	row := d.fi.rows()[0]
	if err := d.fi.sealingSender(to(d.fr)).Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	if f := d.filed(); f.Open() || f.Result != ehds.NotValidated || f.Findings[0].Code != "rejected-too-many-attachments" {
		t.Errorf("%+v", f)
	}
}

// A refusal is appealed once, and the text reaches the deciding side.
func TestAcrossAppeal(t *testing.T) {
	t.Parallel()
	d := newDialogue(t)
	d.file()
	d.decides(status("e1", "PRE_SCREENING"), status("e2", "PROCESSING"), decision("e3", "D1", ehds.Negative))
	d.must(func(f *Filings, s store.State) (store.Change, error) { return f.Appeal(s, "", "the grounds", Files{}) })
	f := d.filed()
	if dec := f.Tracks[0].Decision; dec.Status != ehds.DecisionNegativeAppealed || dec.Appeal == "" || f.Acts[0].Result != ehds.Validated {
		t.Errorf("%+v %+v", dec, f.Acts)
	}
	doc, err := readApplication(d.fr.natDoc())
	if err != nil || doc.Application.Tracks[0].Decision.Appeal == nil {
		t.Errorf("the deciding side knows of no appeal: %v", err)
	}
}

// What the deciding side says of a case that was filed elsewhere, or not at all, is refused.
func TestAcrossToldByTheRightHub(t *testing.T) {
	t.Parallel()
	d := newDialogue(t)
	d.file()
	se := newHub(d.fi.w, swedeID, "SE", finnID)
	d.fi.across("FI", ncpID, swedeID)
	before := d.fi.natDoc()
	token, parts := se.forge(d.fi, func(f *forged) {
		f.env.Type, f.bind.Type = ehds.ApplicationStatus, string(ehds.ApplicationStatus)
		f.env.Track = &ehds.Track{CatalogID: "cat", HDAB: hdabA}
		f.body = mustJSON(ehds.StatusBody{ApplicationID: filingID, Axis: ehds.AxisApplication, Status: "WITHDRAWN", Date: stamp(d.fi.w.clock.Now())})
	})
	if reply := d.fi.inbox.Receive(t.Context(), []byte(token), parts); reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	rows := d.fi.rows()
	if b := responseOf(t, rows[len(rows)-1]); b.Result != ehds.NotValidated || b.Findings[0].Code != "unknown-case" {
		t.Errorf("%+v", b)
	}
	if string(before) != string(d.fi.natDoc()) {
		t.Error("another hub changed the filing")
	}
	if _, ok := ReadFiled(json.RawMessage(`{"application":{"id":"x"}}`)); ok {
		t.Error("another document reads as a filing")
	}

}
