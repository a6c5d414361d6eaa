package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// scribe makes documents that say what they are about.
type scribe struct {
	asked []PaperAsk
	err   error
	flags []string
	empty bool
}

func (s *scribe) Make(_ context.Context, p PaperAsk) (Paper, error) {
	if s.err != nil {
		return Paper{}, s.err
	}
	s.asked = append(s.asked, p)
	text := "permit " + p.Permit
	switch {
	case p.Decision != nil:
		text = "decision " + p.Decision.DecisionID + " by " + p.AnswerBy + " in " + p.Filing.Language
	case p.Appeal != nil:
		text = "appeal against " + p.Appeal.DecisionID + " " + string(p.Appeal.Outcome)
	}
	if s.empty {
		text = ""
	}
	return Paper{Name: "paper.pdf", MediaType: mediaPDF, Content: []byte(text), Flags: s.flags}, nil
}

// writing gives a node a scribe.
func (n *node) writing(s *scribe) *scribe {
	n.apps.Stationery = &Stationery{Record: n.record, Maker: s, Logger: n.w.log, MaxBytes: 1000}
	return s
}

// carried lists the documents that went with the messages of a type, by their content.
func (n *node) carried(t ehds.MessageType) (out []string) {
	n.w.t.Helper()
	for _, r := range n.rows() {
		if r.Type != string(t) {
			continue
		}
		var env ehds.Envelope
		if err := json.Unmarshal(r.Payload, &env); err != nil {
			n.w.t.Fatal(err)
		}
		for _, a := range env.Attachments {
			f, err := n.record.OpenBlob(n.w.t.Context(), r.Blobs[a.ID])
			if err != nil {
				n.w.t.Fatal(err)
			}
			content, err := io.ReadAll(f)
			_ = f.Close()
			if err != nil || int64(len(content)) != a.Size || a.SHA256 != sha256Hex(string(content)) {
				n.w.t.Errorf("%s is not what the message says, %v", a.Name, err)
			}
			out = append(out, a.ID+" "+a.Name+" "+a.MediaType+": "+string(content))
		}
	}
	return out
}

// processing is a contact point with an application about to be decided, and its national system.
func processing(t *testing.T) (ncp, centre *node, ev testEvents) {
	t.Helper()
	_, ncp, centre = pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ev = newEvents(ncp, &stream{})
	ev.happen(t, status("p1", "PRE_SCREENING"), status("p2", "PROCESSING"))
	return ncp, centre, ev
}

// A decision leaves with its document, which the message's digest covers; a permit with its own.
// shows R9.2.1 R9.2.4 R9.1.1
// shows R9.2.1-3
func TestDecisionsCarryTheirDocuments(t *testing.T) {
	_, ncp, task := granted(t)
	s := ncp.writing(&scribe{})
	if err := ncp.issuer(&stamps{}, zeros{}).Try(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if got := ncp.carried(ehds.PermitIssued); len(got) != 1 || !strings.HasPrefix(got[0], "document-1 paper.pdf application/pdf: permit permit DP-FR-AAA-2027-") {
		t.Errorf("the permit carries %q", got)
	}
	if len(s.asked) != 1 || s.asked[0].Case != "app:A1" || s.asked[0].Filing.Title != "A study" {
		t.Errorf("asked for %+v", s.asked)
	}

	ncp, _, ev := processing(t)
	ncp.writing(&scribe{})
	ev.happen(t, decision("e3", "D1", ehds.Positive))
	want := []string{"document-1 paper.pdf application/pdf: decision D1 by 2027-03-29 in en"}
	if diff := cmp.Diff(want, ncp.carried(ehds.ApplicationDecision)); diff != "" {
		t.Error(diff)
	}
	if flags := ncp.doc("A1").Flags; len(flags) != 0 {
		t.Errorf("flags %+v", flags)
	}
}

// The outcome of an appeal leaves with its signed document.
// shows R10.0.6
func TestAppealsCarryTheirDocuments(t *testing.T) {
	ncp, centre, ev := processing(t)
	ncp.writing(&scribe{})
	ev.happen(t, decision("e3", "D1", ehds.Negative))
	ask, sha := sentStatus(ncp, centreID, "A1")
	ncp.receive(centre.sign(centre.envelope(ncp, seq(2), func(e *ehds.Envelope) {
		e.Track, e.Ref, e.RefSHA256 = &ourTrack, ask.Jti, sha
		typed(ehds.DecisionAnswer, ehds.DecisionAnswerBody{ApplicationID: "A1", DecisionID: "D1", Answer: ehds.AnswerAppeal, RespondedAt: stamp(ncp.w.clock.Now())})(e)
	})))
	appeal := status("e4", "")
	appeal.Kind, appeal.Approved = connectors.EventAppealDecided, true
	ev.happen(t, appeal)
	want := []string{"document-1 paper.pdf application/pdf: appeal against D1 APPEAL_APPROVED"}
	if diff := cmp.Diff(want, ncp.carried(ehds.ApplicationStatus)); diff != "" {
		t.Errorf("%s; flags %+v", diff, ncp.doc("A1").Flags)
	}
}

func eventFile(name, media, content string) connectors.EventFile {
	return connectors.EventFile{Name: name, MediaType: media, Size: int64(len(content)), SHA256: sha256Hex(content),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// A PDF that the national system brings is used instead of ours. What is not as it said is left out, and
// staff are told.
func TestDocumentsOfTheNationalSystem(t *testing.T) {
	pdf := eventFile(`C:\letters\Päätös "1".pdf`, mediaPDF, "theirs")
	wrong, long, broken := pdf, eventFile("long.pdf", mediaPDF, strings.Repeat("x", 1001)), pdf
	gone := pdf
	gone.Open = func(context.Context) (io.ReadCloser, error) { return nil, fault.New(fault.NotFound, "gone", "") }
	wrong.SHA256, broken.MediaType = sha256Hex("other"), "pdf"
	for name, c := range map[string]struct {
		files       []connectors.EventFile
		want, flags []string
	}{
		"theirs":         {[]connectors.EventFile{pdf}, []string{"document-1 Päätös 1.pdf application/pdf: theirs"}, nil},
		"with an annex":  {[]connectors.EventFile{eventFile("a.txt", "text/plain", "annex"), pdf}, []string{"document-1 a.txt text/plain: annex", "document-2 Päätös 1.pdf application/pdf: theirs"}, nil},
		"an annex alone": {[]connectors.EventFile{eventFile("a.txt", "text/plain", "annex")}, []string{"document-1 a.txt text/plain: annex", "document-2 paper.pdf application/pdf: decision D1 by 2027-03-29 in en"}, nil},
		"too much together": {[]connectors.EventFile{eventFile("a.txt", "text/plain", strings.Repeat("x", 990)), pdf, eventFile("b.txt", "text/plain", strings.Repeat("y", 20))},
			[]string{"document-1 a.txt text/plain: " + strings.Repeat("x", 990), "document-2 Päätös 1.pdf application/pdf: theirs"}, []string{"document-refused"}},
		"no name": {[]connectors.EventFile{eventFile("..", "text/plain", "x"), pdf}, []string{"document-1 Päätös 1.pdf application/pdf: theirs"}, []string{"document-refused"}},
		"wrong, too long, without a type, gone": {[]connectors.EventFile{wrong, long, broken, gone}, []string{"document-1 paper.pdf application/pdf: decision D1 by 2027-03-29 in en"},
			[]string{"document-refused", "document-refused", "document-refused", "document-refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			ncp, _, ev := processing(t)
			ncp.writing(&scribe{})
			e := decision("e3", "D1", ehds.Positive)
			e.Files = c.files
			ev.happen(t, e)
			if diff := cmp.Diff(c.want, ncp.carried(ehds.ApplicationDecision)); diff != "" {
				t.Error(diff)
			}
			var flags []string
			for _, f := range ncp.doc("A1").Flags {
				flags = append(flags, f.Code)
			}
			if diff := cmp.Diff(c.flags, flags); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// While nothing can be signed a decision waits in the national system; a document that cannot be made at
// all holds nothing up.
func TestDocumentsThatCannotBeMade(t *testing.T) {
	ncp, _, ev := processing(t)
	s := ncp.writing(&scribe{err: errBoom})
	ev.source.events = append(ev.source.events, decision("e3", "D1", ehds.Negative))
	if _, err := ev.once(t.Context()); !errors.Is(err, errBoom) {
		t.Fatal(err)
	}
	if got := ncp.doc("A1").Application.Tracks[0]; got.Decision != nil {
		t.Fatalf("decided without its document: %+v", got.Decision)
	}
	s.err, s.empty, s.flags = nil, true, []string{PaperFailed}
	if _, err := ev.once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := ncp.doc("A1"); got.Application.Tracks[0].Decision == nil || len(got.Flags) != 1 || got.Flags[0].Code != "document-missing" {
		t.Errorf("flags %+v", got.Flags)
	}
	if got := ncp.carried(ehds.ApplicationDecision); len(got) != 0 {
		t.Errorf("carries %q", got)
	}
}

// An event that its case refuses leaves no document behind.
func TestRefusedEventsLeaveNoDocuments(t *testing.T) {
	ncp, _, ev := processing(t)
	s := ncp.writing(&scribe{})
	ev.happen(t, decision("e3", "D1", ehds.Negative), decision("e4", "D2", ehds.Negative))
	if len(s.asked) != 1 {
		t.Errorf("asked %d times", len(s.asked))
	}
	// Between the making and the transaction the case may change; then nobody takes the document.
	made, err := ncp.apps.Stationery.stage(t.Context(), PaperAsk{Case: "app:A1", Appeal: &ehds.AppealOutcome{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := made.blobs["document-1"]
	ncp.apps.letGo(t.Context(), papers{"x": made})
	if err := ncp.bind(id); !errors.Is(err, store.ErrChange) {
		t.Errorf("a document let go can still be sent: %v", err)
	}
}

// bind tries to make a blob part of a message.
func (n *node) bind(blob string) error {
	d := Draft{To: centreID, Type: ehds.ApplicationStatus, Case: "app:A1", Blobs: map[string]string{"x": blob}}
	_, err := n.record.Update(n.w.t.Context(), "app:A1", func(store.State) (store.Change, error) {
		return store.Change{Send: []store.Outgoing{n.compose.Message(d)}}, nil
	})
	return err
}

func TestFileBase(t *testing.T) {
	for in, want := range map[string]string{
		"a.pdf": "a.pdf", "../../etc/passwd": "passwd", `c:\x\y.pdf`: "y.pdf", "a\r\nb\x00.pdf": "ab.pdf", "..": "", "": "", "/": "",
		strings.Repeat("x", 256): "", " n.pdf ": "n.pdf",
	} {
		if got := fileBase(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
