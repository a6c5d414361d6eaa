package rems

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Driver is the permit system behind REMS. It is safe for concurrent use: one thing is done at a time for
// a track.
type Driver struct {
	host   connectors.Host
	o      Options
	rems   *client
	tracks [64]chan struct{} // one at a time for a track; several tracks may share a place
	log    sync.Mutex        // numbers of events are read, then written

	mu     sync.Mutex
	looked time.Time // when REMS was last asked what changed
}

var (
	_ connectors.Permits        = (*Driver)(nil)
	_ connectors.Appeals        = (*Driver)(nil)
	_ connectors.ChangeRequests = (*Driver)(nil)
	_ connectors.Served         = (*Driver)(nil)
)

// New opens the driver. It asks REMS nothing.
func New(host connectors.Host, o Options) (*Driver, error) {
	if host.Mailbox == nil || host.Clock == nil || host.HTTP == nil {
		return nil, errors.New("rems: the host lends no mailbox, clock or client")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if host.Logger == nil {
		host.Logger = slog.New(slog.DiscardHandler)
	}
	o.Mapping.Withdraw = cmp.Or(o.Mapping.Withdraw, withdrawClose)
	d := &Driver{host: host, o: o, rems: &client{base: strings.TrimSuffix(o.URL, "/"), key: o.APIKey, http: host.HTTP, max: cmp.Or(o.MaxBody, DefaultMaxBody)}}
	for i := range d.tracks {
		d.tracks[i] = make(chan struct{}, 1)
	}
	return d, nil
}

// alone waits for its turn with a track.
func (d *Driver) alone(ctx context.Context, id string, t ehds.Track) (release func(), err error) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(trackKey(id, t))) // a hash takes everything
	place := d.tracks[h.Sum32()%uint32(len(d.tracks))]
	select {
	case place <- struct{}{}:
		return func() { <-place }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// once runs a change of a track that was not done before. fn commits with the reference.
func (d *Driver) once(ctx context.Context, ref, id string, t ehds.Track, fn func(track, bool) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if ref == "" {
		return fault.New(fault.Invalid, "reference-missing", "a change needs a reference")
	}
	release, err := d.alone(ctx, id, t)
	if err != nil {
		return err
	}
	defer release()
	if _, done, err := d.host.Mailbox.Get(ctx, connectors.RefKey(ref, id, t)); err != nil || done {
		return err
	}
	doc, ok, err := d.load(ctx, id, t)
	if err != nil {
		return err
	}
	return fn(doc, ok && doc.Filed)
}

// known refuses a track nobody handed over.
func (d *Driver) known(ctx context.Context, ref, id string, t ehds.Track, fn func(track) error) error {
	return d.once(ctx, ref, id, t, func(doc track, filed bool) error {
		if !filed {
			return fault.New(fault.NotFound, "unknown-case", "no such case or track is known here")
		}
		return fn(doc)
	})
}

// Submit files a track of an application, or a newer version of it. The errors are *fault.Error: Invalid
// for a submission that is not one, that REMS refuses, or whose datasets REMS does not have; Conflict for
// a version that is not newer or a case that is closed; Unavailable for all that may pass.
func (d *Driver) Submit(ctx context.Context, s connectors.Submission) error {
	if err := s.Check(); err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	return d.once(ctx, s.Ref, s.Case, s.Track, func(t track, filed bool) error {
		if err := t.takes(s.Application.Version, filed); err != nil {
			return err
		}
		op := operation{Ref: s.Ref, Await: "submitted", App: s.Application, Files: filesOf(s.Attachments), Facts: s.Datasets}
		if len(op.Files) > 0 && d.o.Mapping.Attachments == nil {
			return fault.New(fault.Invalid, "attachments-unmapped", "the mapping names no field of REMS for attachments")
		}
		if err := d.file(ctx, &t, op); err != nil {
			return err
		}
		var told []connectors.PermitEvent
		if !filed {
			t.Status = ehds.StatePreScreening
			told = append(told, d.status(ehds.StatePreScreening, d.now(), actorGateway))
		}
		t.Published = s.Datasets
		return d.filed(ctx, &t, told, s.Ref)
	})
}

// takes says whether a version may be filed now.
func (t track) takes(version int, filed bool) error {
	switch {
	case !filed:
		return nil
	case t.App.Version >= version:
		return fault.New(fault.Conflict, "version-not-newer", "this or a newer version is filed already")
	case t.Withdrawn, t.Decision != nil:
		return fault.New(fault.Conflict, "case-closed", "the case is decided or withdrawn")
	}
	return nil
}

// filed closes an operation that filed something.
func (d *Driver) filed(ctx context.Context, t *track, told []connectors.PermitEvent, ref string) error {
	t.App, t.Files, t.Filed, t.Op = t.Op.App, t.Op.Files, true, nil
	return d.commit(ctx, t, told, ref, "") // no activity: it is read again
}

// Info edits what completes an application into it and files it again. An application that REMS has closed
// gets a remark instead, so that nothing an applicant sent is lost.
func (d *Driver) Info(ctx context.Context, i connectors.Information) error {
	return d.known(ctx, i.Ref, i.Case, i.Track, func(t track) error {
		app := gate.Completed(t.App, i.Body.Sections)
		files := append(append([]file{}, t.Files...), filesOf(i.Attachments)...)
		if len(i.Attachments) > 0 && d.o.Mapping.Attachments == nil {
			return fault.New(fault.Invalid, "attachments-unmapped", "the mapping names no field of REMS for attachments")
		}
		err := closed()
		if t.Op == nil || t.Op.Ref != i.Ref || t.Op.Await == "submitted" { // or the remark is under way
			err = d.file(ctx, &t, operation{Ref: i.Ref, Await: "submitted", App: app, Files: files, Facts: t.Published})
		}
		if fault.CodeOf(err) == "rems-closed" {
			err = d.remark(ctx, &t, i.Ref, "The applicant brought information after this application was closed here. The gateway has it in its record.")
		}
		if err != nil {
			return err
		}
		return d.filed(ctx, &t, nil, i.Ref)
	})
}

// Withdraw closes the application in REMS, or leaves a remark, as the mapping says.
func (d *Driver) Withdraw(ctx context.Context, w connectors.Withdrawal) error {
	return d.known(ctx, w.Ref, w.Case, w.Track, func(t track) error {
		const text = "The applicant withdrew the application."
		do := d.remark
		if d.o.Mapping.Withdraw == withdrawClose {
			do = d.close
		}
		if err := do(ctx, &t, w.Ref, strings.TrimSpace(text+" "+w.Body.Reason)); err != nil {
			return err
		}
		t.Withdrawn = true
		return d.done(ctx, &t, w.Ref)
	})
}

// done closes an operation that changed nothing of the application.
func (d *Driver) done(ctx context.Context, t *track, ref string) error {
	t.Op = nil
	return d.commit(ctx, t, nil, ref, "")
}

// Answer tells what the applicant answered to a decision: an accepted or appealed one is remarked, one
// that is rejected or unanswered closes the application, and with it what it entitles to.
func (d *Driver) Answer(ctx context.Context, a connectors.DecisionAnswer) error {
	return d.known(ctx, a.Ref, a.Case, a.Track, func(t track) error {
		if t.Decision == nil || t.Decision.DecisionID != a.Body.DecisionID {
			return fault.New(fault.Conflict, "decision-does-not-match", "this is not the decision in force")
		}
		if !ehds.AnswerFits(t.Decision.Outcome, a.Body.Answer) {
			return fault.New(fault.Invalid, "answer-does-not-fit", "the answer does not fit the outcome of the decision")
		}
		do := d.remark
		if a.Body.Answer == ehds.AnswerReject || a.Body.Answer == ehds.AnswerNoResponse {
			do = d.close
		}
		if err := do(ctx, &t, a.Ref, fmt.Sprintf("Answer of the applicant to decision %s: %s.", t.Decision.DecisionID, a.Body.Answer)); err != nil {
			return err
		}
		return d.done(ctx, &t, a.Ref)
	})
}

// Appeal remarks the text of an appeal, for staff.
func (d *Driver) Appeal(ctx context.Context, a connectors.AppealNotice) error {
	return d.known(ctx, a.Ref, a.Case, a.Track, func(t track) error {
		if err := d.remark(ctx, &t, a.Ref, fmt.Sprintf("Appeal against decision %s:\n\n%s", a.Body.DecisionID, a.Body.Text)); err != nil {
			return err
		}
		return d.done(ctx, &t, a.Ref)
	})
}

// ChangeRequest remarks what a permit holder asks for, for staff.
func (d *Driver) ChangeRequest(ctx context.Context, r connectors.ChangeRequest) error {
	return d.known(ctx, r.Ref, r.Case, r.Track, func(t track) error {
		if err := d.remark(ctx, &t, r.Ref, fmt.Sprintf("%s of permit %s is asked for:\n\n%s", r.Body.Kind, r.Body.PermitID, r.Body.Text)); err != nil {
			return err
		}
		return d.done(ctx, &t, r.Ref)
	})
}

// Events returns what happened after a cursor, and looks at REMS when it is time; see connectors.ReadEvents.
func (d *Driver) Events(ctx context.Context, cursor string) (connectors.PermitEvents, error) {
	page, err := connectors.ReadEvents(ctx, d.host.Mailbox, cursor)
	if err != nil {
		return page, err
	}
	looked := d.look(ctx)
	if len(page.Events) > 0 {
		return page, nil // what was told before comes first
	}
	if page, err = connectors.ReadEvents(ctx, d.host.Mailbox, cursor); err == nil && len(page.Events) == 0 {
		err = looked
	}
	return page, err
}

func (d *Driver) now() string { return d.host.Clock().UTC().Format(time.RFC3339Nano) }

func filesOf(list []connectors.SubmittedAttachment) []file {
	var out []file
	for _, a := range list {
		out = append(out, file{Attachment: a.Attachment, Ref: a.Ref})
	}
	return out
}
