package register

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// life moves a permit through the case's own rules, so that the register reads what a case really holds.
type life struct {
	t     *testing.T
	app   access.Application
	track ehds.Track
	now   time.Time
	made  int
}

const noon, month = 12 * time.Hour, 30 * 24 * time.Hour

func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{t: t, track: ehds.Track{CatalogID: "cat", HDAB: hdab}, now: day(1)}
	grant := &ehds.PermitDetail{Version: 1}
	l.do(access.Submitted{ID: "A1", Kind: ehds.DataAccessApplication, Version: 1, Submitted: l.now, Received: l.now, Tracks: []ehds.Track{l.track}, Procedure: ehds.ProcedureStandard})
	l.do(access.Screened{Track: l.track, At: l.now})
	l.do(access.ProcessingStarted{Track: l.track, At: l.now})
	l.do(access.DecisionIssued{Track: l.track, At: l.now, Card: ehds.DecisionBody{ApplicationID: "A1", DecisionID: "D1", Outcome: ehds.Positive, Timestamp: l.now.Format(time.RFC3339)}, Grant: grant})
	l.do(access.DecisionAnswered{Track: l.track, At: l.now, DecisionID: "D1", Answer: ehds.AnswerAccept})
	l.do(access.PermitGranted{Track: l.track, At: l.now, Body: l.version(l.now)})
	return l
}

func (l *life) do(e access.Event) {
	l.t.Helper()
	next, _, err := access.Apply(l.app, e, l.now)
	if err != nil {
		l.t.Fatalf("%s: %v", e.Name(), err)
	}
	l.app = next
}

// version is the next signed version, from an instant on.
func (l *life) version(from time.Time) ehds.PermitIssuedBody {
	l.made++
	return ehds.PermitIssuedBody{ApplicationID: "A1", DecisionID: "D1", PermitID: fmt.Sprintf("DP-FR-HDH-2027-12345678-v%d", l.made),
		NotBefore: from.Format(time.RFC3339), Expires: day(1).Add(-noon).AddDate(1, 0, 0).Format(time.RFC3339)}
}

func (l *life) move(e ehds.PermitEvent, next *ehds.PermitIssuedBody) {
	l.t.Helper()
	id := l.app.Tracks[0].Permits[len(l.app.Tracks[0].Permits)-1].ID
	l.do(access.PermitMoved{Track: l.track, At: l.now, PermitID: id, Event: e, New: next, Reason: "r"})
}

// amend makes the next version hold from a day on.
func (l *life) amend(from time.Time) {
	l.t.Helper()
	l.move(ehds.PermitEventAmendmentAsked, nil)
	b := l.version(from)
	l.move(ehds.PermitEventAmendmentApproved, &b)
}

// shown is what the register shows of each version at an instant.
func (l *life) shown(at time.Time) string {
	var out []string
	for _, e := range Project(Source{Application: l.app, Now: at}) {
		if e.Kind == KindPermit {
			s := "v" + e.Permit[len(e.Permit)-1:] + " " + e.Status + " " + e.From + ".." + e.To
			if e.ReplacedBy != "" {
				s += " by v" + e.ReplacedBy[len(e.ReplacedBy)-1:]
			}
			out = append(out, s)
		}
	}
	return strings.Join(out, "; ")
}

// A version shows as replaced from when the next one begins and not before, and no longer than it held.
func TestAReplacedVersion(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	l.now = day(10)
	l.amend(day(20).Add(-noon))
	for at, want := range map[time.Time]string{
		day(11):                          "v1 GRANTED 2027-03-01..2027-03-19 by v2; v2 AMENDED 2027-03-20..2028-02-29",
		day(20).Add(-noon):               "v1 REPLACED 2027-03-01..2027-03-19 by v2; v2 AMENDED 2027-03-20..2028-02-29",
		day(20).Add(-noon - time.Second): "v1 GRANTED 2027-03-01..2027-03-19 by v2; v2 AMENDED 2027-03-20..2028-02-29",
	} {
		if got := l.shown(at); got != want {
			t.Errorf("on %s: %s\nwant %s", at, got, want)
		}
	}
	fell := *l
	fell.now = day(15)
	fell.move(ehds.PermitEventRevoked, nil)
	if got, want := fell.shown(day(16)), "v1 REVOKED 2027-03-01..2027-03-15; v2 REVOKED .."; got != want {
		t.Errorf("revoked before the new version began: %s\nwant %s", got, want)
	}
	l.now = day(12)
	l.amend(day(12))
	if got, want := l.shown(day(13)), "v1 REPLACED 2027-03-01..2027-03-12 by v3; v2 REPLACED .. by v3; v3 AMENDED 2027-03-12..2028-02-29"; got != want {
		t.Errorf("an earlier one took the place of both: %s\nwant %s", got, want)
	}
	l.now = day(20)
	l.move(ehds.PermitEventRevoked, nil)
	l.move(ehds.PermitEventRevocationAppeal, nil)
	l.now = day(25)
	b := l.version(l.now)
	l.move(ehds.PermitEventAppealApproved, &b)
	if got, want := l.shown(day(26)), "v1 REPLACED 2027-03-01..2027-03-12 by v3; v2 REPLACED .. by v3; v3 REVOKED 2027-03-12..2027-03-20; v4 APPEAL_APPROVED 2027-03-25..2028-02-29"; got != want {
		t.Errorf("a revocation was set aside: %s\nwant %s", got, want)
	}
}

// Who follows the feed learns of the replacement when it takes effect.
func TestAReplacementIsNews(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	l.now = day(10)
	l.amend(day(20))
	for at, want := range map[time.Time]time.Time{day(11): day(10), day(21): day(20)} {
		for _, e := range Project(Source{Application: l.app, Now: at}) {
			if strings.HasSuffix(e.Permit, "-v1") && !e.Updated.Equal(want) {
				t.Errorf("on %s it changed last on %s, want %s", at, e.Updated, want)
			}
		}
	}
}
