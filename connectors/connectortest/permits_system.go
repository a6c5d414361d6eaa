package connectortest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// PermitsSystem is a national system in the hands of the suite, empty at first. Open, Submission and
// Held are needed; what else is nil or zero leaves its rules out.
type PermitsSystem struct {
	// Open opens a driver of the system. It is called again with the same host to restart it.
	Open func(t testing.TB, host connectors.Host) connectors.Permits
	// Submission makes the n-th valid submission. Ref and Case differ for every n; the version is 1.
	Submission func(n int) connectors.Submission
	// Held lists what the system has, one entry for each track it knows, twice what it has twice. It
	// asks the system and not the driver; a driver that is the system lists its queue.
	Held func(t testing.TB, p connectors.Permits) []Held
	// Decide makes the system decide a case submitted before.
	Decide func(t testing.TB, p connectors.Permits, s connectors.Submission, o ehds.Outcome)
	// Told counts the appeals and changes of a permit that the system has of a case; see connectors.Appeals
	// and connectors.ChangeRequests.
	Told func(t testing.TB, p connectors.Permits, s connectors.Submission) int
	// Refuse makes the system refuse for good what is handed to it of a case, from now on.
	Refuse func(t testing.TB, caseID string)
	// Wire is the server behind which the system is; nil for one that is not reached by HTTP.
	Wire *Wire
	// MaxBody is the number of bytes of one answer that the driver reads at most.
	MaxBody int64
	// Secrets are texts that must not show in errors or logs: credentials.
	Secrets []string
}

// Held is what a system has of one track.
type Held struct {
	Case        string
	Track       ehds.Track
	Version     int // the newest
	Attachments int // of the newest version
	Information int // how often the application was completed
	Withdrawn   bool
}

// permitsRule is a sentence of the contract that is checked by accounting: its id, what it says,
// whether the system can show it, and the check.
type permitsRule struct {
	id, name string
	can      func(*PermitsSystem) bool
	run      func(context.Context, *permitsRun) error
}

// permitsRules are the rules by accounting, over four regimes of errors and at every point where a
// call can be cut.
func permitsRules() []permitsRule {
	any := func(*PermitsSystem) bool { return true }
	wire := func(s *PermitsSystem) bool { return s.Wire != nil }
	decides := func(s *PermitsSystem) bool { return s.Decide != nil }
	return []permitsRule{
		{"P1", "without errors the system has exactly what was handed over", any, regime(false, false)},
		{"P2", "with errors that pass the system has exactly what was handed over", any, regime(true, false)},
		{"P3", "what cannot be taken is refused for good and leaves nothing", any, regime(false, true)},
		{"P4", "with errors of both kinds every call ends one way", any, regime(true, true)},
		{"P5", "a call cut at any point and repeated is done once", any, cutAnywhere},
		{"P6", "what happened is told once, over restarts and errors", decides, eventsOnce},
		{"P7", "the events of a case come in their order", decides, eventsOrdered},
		{"P8", "a case nobody handed over is not found", any, strangersRefused},
		{"P9", "a system that hangs is left when the context ends", wire, hangLeft},
		{"P10", "an answer that is none is an error that passes, and is read within bounds", wire, garbageRefused},
		{"P11", "a key that is refused gives no application up", wire, keyRefused},
		{"P12", "errors and logs hold no secrets and nothing of an application", any, discreet},
		{"P13", "an appeal and a change asked for are told once", func(s *PermitsSystem) bool { return s.Told != nil && s.Decide != nil }, toldOnce},
	}
}

// runPermitsRules runs the rules against the systems that fresh sets up.
func runPermitsRules(t *testing.T, fresh func(t testing.TB) *PermitsSystem) {
	for _, r := range permitsRules() {
		t.Run(r.id+"-"+strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			if !r.can(fresh(t)) {
				t.Skip("the harness cannot make the system do this")
			}
			if err := r.run(t.Context(), newPermitsRun(t, fresh)); err != nil {
				t.Error(err)
			}
		})
	}
}

// RunPermitsProgram runs the rules about accounts with n orders of errors and crashes, instead of the one
// of RunPermits.
func RunPermitsProgram(t *testing.T, fresh func(t testing.TB) *PermitsSystem, n int) {
	for _, r := range permitsRules() {
		if r.id != "P2" && r.id != "P4" && r.id != "P6" && r.id != "P7" || !r.can(fresh(t)) {
			continue
		}
		t.Run(r.id, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(n) {
				// A run of its own test, so that its server ends with it.
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					run := newPermitsRun(t, fresh)
					run.seed = seed
					if err := r.run(t.Context(), run); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

// permitsRun is one run of one rule against one system.
type permitsRun struct {
	*PermitsSystem
	t     testing.TB
	fresh func(t testing.TB) *PermitsSystem
	host  connectors.Host
	mail  *Mailbox
	logs  *logbook
	p     connectors.Permits
	seed  uint64   // of the errors and crashes
	said  []string // texts of errors
}

func newPermitsRun(t testing.TB, fresh func(t testing.TB) *PermitsSystem) *permitsRun {
	r := &permitsRun{PermitsSystem: fresh(t), t: t, fresh: fresh, mail: &Mailbox{}, logs: &logbook{}, seed: 2025}
	r.host = permitsHost(r.PermitsSystem, r.mail)
	r.host.Logger = slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.restart()
	return r
}

// permitsHost lends a driver what it needs of the suite's.
func permitsHost(s *PermitsSystem, mail *Mailbox) connectors.Host {
	host := Host()
	host.Mailbox = mail
	host.OpenAttachment = func(_ context.Context, ref string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(attachmentContent(ref))), nil
	}
	if s.Wire != nil {
		host.HTTP = s.Wire.Client()
	}
	return host
}

// again is a run of the same rule against a system that is empty again.
func (r *permitsRun) again() *permitsRun { return newPermitsRun(r.t, r.fresh) }

// restart opens the driver again, as after a crash.
func (r *permitsRun) restart() { r.p = r.Open(r.t, r.host) }

// calm ends all misbehaviour.
func (r *permitsRun) calm() {
	r.mail.Misbehave(nil)
	if r.Wire != nil {
		r.Wire.Behave()
	}
}

// heard keeps what an error says, and gives it back.
func (r *permitsRun) heard(err error) error {
	if err != nil {
		r.said = append(r.said, err.Error())
	}
	return err
}

// What the suite writes into applications, to find it where it must not be.
const (
	canaryTitle = "canary-title-7f31"
	canaryUser  = "canary-user-7f31"
	canaryField = "canary-field-7f31"
	canaryName  = "canary-name-7f31.pdf"
)

// submission is the n-th with something personal in it, and with attachments where n is odd.
func (r *permitsRun) submission(n int) connectors.Submission {
	s := r.Submission(n)
	s.Application.Title, s.Application.User = canaryTitle, canaryUser
	for i := range n % 2 * 2 {
		s.Attachments = append(s.Attachments, attachment(fmt.Sprintf("%s-%d", s.Ref, i)))
	}
	return s
}

// attachment is one whose content follows from its reference.
func attachment(ref string) connectors.SubmittedAttachment {
	sum := sha256.Sum256([]byte(attachmentContent(ref)))
	return connectors.SubmittedAttachment{
		Attachment: ehds.Attachment{ID: ref, Name: canaryName, MediaType: "application/pdf",
			Size: int64(len(attachmentContent(ref))), SHA256: hex.EncodeToString(sum[:])},
		Ref: ref,
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(attachmentContent(ref))), nil
		},
	}
}

func attachmentContent(ref string) string { return "%PDF-1.7\n" + ref + "\n" }

// logbook keeps what is logged.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps a line.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
