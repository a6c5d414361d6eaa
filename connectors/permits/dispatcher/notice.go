package dispatcher

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// noticeKind says what a system is told.
type noticeKind string

// The kinds.
const (
	noticeSubmitted   noticeKind = "application.submitted"
	noticeAmended     noticeKind = "application.amended"
	noticeInformation noticeKind = "application.information"
	noticeWithdrawn   noticeKind = "application.withdrawn"
	noticeAnswered    noticeKind = "decision.answered"
	noticeAppealed    noticeKind = "appeal.submitted"
	noticeChange      noticeKind = "permit.change-requested"
	noticePermit      noticeKind = "permit.distributed"
	noticeMeasure     noticeKind = "enforcement.recorded"
)

// notice is something the gateway tells the systems of a body: what national systems poll for, and what a
// push announces. Its content is read with the API key, never pushed.
type notice struct {
	ID            string                   `json:"id"`
	Kind          noticeKind               `json:"kind"`
	At            string                   `json:"at"`
	ApplicationID string                   `json:"application_id,omitempty"`
	Version       int                      `json:"version,omitempty"`
	AcknowledgeBy string                   `json:"acknowledge_by,omitempty"`
	Body          json.RawMessage          `json:"body,omitempty"`
	Case          string                   `json:"case"`
	Track         ehds.Track               `json:"track,omitzero"`
	Attachments   []attachment             `json:"attachments,omitempty"`
	Permit        *connectors.PermitNotice `json:"permit,omitempty"`
}

const (
	noticePrefix = "notice/"
	ackPrefix    = "acknowledged/"
)

func raw(v any) json.RawMessage {
	b, _ := json.Marshal(v) // bodies of messages that were read from JSON
	return b
}

// notice tells the systems that see the track, and queues what is pushed.
func (t *tx) notice(n notice) {
	t.n.Notice++
	n.ID = strconv.FormatInt(t.n.Notice, 10)
	n.At = t.now.Format(time.RFC3339Nano)
	t.put(numbered(noticePrefix, t.n.Notice), n.Case, n)
	for _, s := range t.d.systems {
		if s.Push.URL != "" && n.seenBy(s) {
			t.queue(s, n)
		}
	}
}

// seenBy says whether a system may know of a notice. What belongs to no track is everybody's.
func (n notice) seenBy(s *system) bool { return n.Track.HDAB == "" || s.sees(n.Track.HDAB) }

// noticeOf reads a notice a system may see.
func (d *Driver) noticeOf(ctx context.Context, s *system, id string) (notice, int64, error) {
	var n notice
	unknown := fault.New(fault.NotFound, "unknown-notice", "there is no such notice")
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil || number < 1 || strconv.FormatInt(number, 10) != id {
		return n, 0, unknown
	}
	ok, err := d.get(ctx, numbered(noticePrefix, number), &n)
	if err == nil && (!ok || !n.seenBy(s)) {
		err = unknown
	}
	return n, number, err
}

// noticesAfter lists the notices a system may see, oldest first.
func (d *Driver) noticesAfter(ctx context.Context, s *system, after string, limit int) (out []notice, err error) {
	var number int64
	if after != "" {
		if number, err = strconv.ParseInt(after, 10, 64); err != nil || number < 0 {
			return nil, fault.New(fault.Malformed, "after-malformed", "after is the id of a notice").At("/after")
		}
	}
	err = scan(ctx, d, noticePrefix, numbered(noticePrefix, number), func(_ string, n notice) (bool, error) {
		if n.seenBy(s) {
			out = append(out, n)
		}
		return len(out) < limit, nil
	})
	return out, err
}

func ackKey(number int64, system string) string {
	return numbered(ackPrefix, number) + "/" + system
}

// Distribute tells of a permit version, or of its end: the system of the body brings it to the recipient
// and acknowledges.
func (d *Driver) Distribute(ctx context.Context, p connectors.PermitNotice) error {
	return d.change(ctx, "notice "+p.ID, p.Case, p.Track, func(tx *tx) error {
		tr, err := tx.must(p.Case, p.Track)
		if err != nil {
			return err
		}
		tr.know(p)
		tx.notice(notice{Kind: noticePermit, Case: p.Case, Track: p.Track, ApplicationID: tr.ApplicationID,
			AcknowledgeBy: p.AcknowledgeBy, Permit: &p})
		tx.save(tr)
		return nil
	})
}

// Appeal shows the text of an appeal.
func (d *Driver) Appeal(ctx context.Context, a connectors.AppealNotice) error {
	return d.change(ctx, a.Ref, a.Case, a.Track, func(tx *tx) error {
		tr, err := tx.must(a.Case, a.Track)
		if err != nil {
			return err
		}
		_ = tr.moveDecision(ehds.DecisionEventAppeal) // the answer to the decision may have done so
		tr.Appeals = append(tr.Appeals, a.Body.AppealID)
		tx.notice(notice{Kind: noticeAppealed, Case: a.Case, Track: a.Track, ApplicationID: tr.ApplicationID, Body: raw(a.Body),
			Attachments: kept(a.Attachments)})
		tx.save(tr)
		return nil
	})
}

// ChangeRequest shows what a permit holder asks for.
func (d *Driver) ChangeRequest(ctx context.Context, r connectors.ChangeRequest) error {
	return d.change(ctx, r.Ref, r.Case, r.Track, func(tx *tx) error {
		tr, err := tx.must(r.Case, r.Track)
		if err != nil {
			return err
		}
		tr.asked(r.Body.PermitID, r.Body.Kind)
		tx.notice(notice{Kind: noticeChange, Case: r.Case, Track: r.Track, ApplicationID: tr.ApplicationID, Body: raw(r.Body)})
		tx.save(tr)
		return nil
	})
}

// Measure shows an enforcement measure of another nation's body (Art. 63(6)).
func (d *Driver) Measure(ctx context.Context, m connectors.MeasureNotice) error {
	return d.change(ctx, m.Ref, m.Case, ehds.Track{}, func(tx *tx) error {
		body := struct {
			Nation string `json:"nation"`
			ehds.EnforcementBody
		}{m.Nation, m.Body}
		tx.notice(notice{Kind: noticeMeasure, Case: m.Case, Body: raw(body)})
		return nil
	})
}

var (
	_ connectors.Appeals        = (*Driver)(nil)
	_ connectors.ChangeRequests = (*Driver)(nil)
	_ connectors.Distributor    = (*Driver)(nil)
	_ connectors.Measures       = (*Driver)(nil)
)
