package dispatcher

import (
	"context"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// actorGateway is who acts when the gateway hands something over.
const actorGateway = "rules"

// Submit shows a track of an application to the systems of its body. A second submission for the case is a
// new version and must have a higher number. Errors are *fault.Error: Invalid for a submission that is
// not one, Conflict for a version that is not newer or a track that is closed.
func (d *Driver) Submit(ctx context.Context, s connectors.Submission) error {
	if err := s.Check(); err != nil {
		return err
	}
	return d.change(ctx, s.Ref, s.Case, s.Track, func(tx *tx) error {
		id := connectors.TrackDigest(s.Case, s.Track)
		tr, known, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		kind := noticeSubmitted
		if known {
			if err := tr.amend(s.Application.Version); err != nil {
				return err
			}
			kind = noticeAmended
		} else {
			tr = track{Case: s.Case, Key: s.Track, ApplicationID: shownID(s.Case, s.Application.ApplicationID), Kind: s.Application.Kind,
				Status: ehds.StateSubmitted}
			tx.put(indexOf(tr.ApplicationID)+id, "", id)
			tx.event(&tr, connectors.PermitEvent{Kind: connectors.EventStatus, Status: string(ehds.StateSubmitted)})
		}
		tr.Versions = append(tr.Versions, version{Number: s.Application.Version, Title: s.Application.Title,
			DateSubmitted: s.Application.DateSubmitted})
		tx.put(filingKey(id, s.Application.Version), s.Case,
			filing{Application: s.Application, Attachments: kept(s.Attachments), Published: s.Datasets})
		tx.notice(notice{Kind: kind, Case: tr.Case, Track: tr.Key, ApplicationID: tr.ApplicationID, Version: s.Application.Version})
		tx.save(tr)
		return nil
	})
}

// amend takes a newer version, as the table says for the state.
func (t *track) amend(n int) error {
	if t.newest().Number >= n {
		return fault.New(fault.Conflict, "version-not-newer", "this or a newer version is known already")
	}
	if err := t.move(ehds.EventAmended); err != nil {
		return fault.New(fault.Conflict, "case-closed", "the application is decided or withdrawn")
	}
	return nil
}

func kept(list []connectors.SubmittedAttachment) []attachment {
	out := make([]attachment, len(list))
	for i, a := range list {
		out[i] = attachment{a.Attachment, a.Ref}
	}
	return out
}

// Info shows what completes an application, and moves the track back to the phase it came from. In any
// other state it is shown too, so that nothing an applicant sent is lost.
func (d *Driver) Info(ctx context.Context, i connectors.Information) error {
	return d.change(ctx, i.Ref, i.Case, i.Track, func(tx *tx) error {
		tr, err := tx.must(i.Case, i.Track)
		if err != nil {
			return err
		}
		tr.Information++
		tx.put(infoKey(connectors.TrackDigest(i.Case, i.Track), tr.Information), i.Case, information{tr.newest().Number, i.Body, kept(i.Attachments)})
		if tr.move(ehds.EventInfoReceived) != nil {
			_ = tr.move(ehds.EventInfoInTime) // neither fits: the gateway has said what the state is, or will
		}
		tx.notice(notice{Kind: noticeInformation, Case: tr.Case, Track: tr.Key, ApplicationID: tr.ApplicationID,
			Body: raw(i.Body), Attachments: kept(i.Attachments)})
		tx.save(tr)
		return nil
	})
}

// Withdraw shows that the applicant withdrew, or that a period ended.
func (d *Driver) Withdraw(ctx context.Context, w connectors.Withdrawal) error {
	return d.change(ctx, w.Ref, w.Case, w.Track, func(tx *tx) error {
		tr, err := tx.must(w.Case, w.Track)
		if err != nil {
			return err
		}
		_ = tr.move(ehds.EventWithdrawn) // a closed one stays as it is
		tx.notice(notice{Kind: noticeWithdrawn, Case: tr.Case, Track: tr.Key, ApplicationID: tr.ApplicationID, Body: raw(w.Body)})
		tx.save(tr)
		return nil
	})
}

// Answer shows the applicant's answer to a decision. Unknown cases are NotFound; an answer to another
// decision, or to none, is a Conflict.
func (d *Driver) Answer(ctx context.Context, a connectors.DecisionAnswer) error {
	return d.change(ctx, a.Ref, a.Case, a.Track, func(tx *tx) error {
		tr, err := tx.must(a.Case, a.Track)
		if err != nil {
			return err
		}
		if tr.DecisionID == "" || tr.DecisionID != a.Body.DecisionID {
			return fault.New(fault.Conflict, "decision-does-not-match", "this is not the decision in force")
		}
		if !ehds.AnswerFits(tr.Outcome, a.Body.Answer) {
			return fault.New(fault.Invalid, "answer-does-not-fit", "the answer does not fit the outcome of the decision")
		}
		tr.answered(a.Body.Answer)
		tx.notice(notice{Kind: noticeAnswered, Case: tr.Case, Track: tr.Key, ApplicationID: tr.ApplicationID, Body: raw(a.Body)})
		tx.save(tr)
		return nil
	})
}

// change runs one change of the gateway in one atomic batch, once per reference and track.
func (d *Driver) change(ctx context.Context, ref, caseID string, key ehds.Track, fn func(*tx) error) error {
	if ref == "" {
		return fault.New(fault.Invalid, "reference-missing", "a change needs a reference")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	done := connectors.RefKey(ref, caseID, key)
	if _, known, err := d.host.Mailbox.Get(ctx, done); err != nil || known {
		return err
	}
	t, err := d.begin(ctx)
	if err != nil {
		return err
	}
	t.actor = actorGateway
	if err := fn(t); err != nil {
		return err
	}
	t.put(done, "", 1)
	if err := t.commit(); err != nil {
		return err
	}
	d.wake()
	return nil
}
