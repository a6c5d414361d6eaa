package rems

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// closed: REMS decided or closed the application; it takes no version any more.
func closed() error {
	return fault.New(fault.Conflict, "rems-closed", "REMS has decided or closed the application; it cannot be edited")
}

// file brings an operation that submits to its end: user, application, licences, files, fields, submit.
// Each step is either harmless when repeated or kept when done. A first filing that REMS refuses for good
// leaves nothing there.
func (d *Driver) file(ctx context.Context, t *track, op operation) error {
	if err := d.begin(ctx, t, op); err != nil {
		return err
	}
	err := d.submit(ctx, t)
	if f := fault.From(err); f != nil && f.Kind == fault.Invalid && !t.Filed {
		return errors.Join(err, d.undo(ctx, t))
	}
	return err
}

// begin writes down what is to be done, unless it is under way.
func (d *Driver) begin(ctx context.Context, t *track, op operation) error {
	if t.Op != nil && t.Op.Ref == op.Ref && t.Op.Await == op.Await {
		return nil
	}
	op.Before = -1
	t.Op = &op
	return d.save(ctx, *t)
}

func (d *Driver) submit(ctx context.Context, t *track) error {
	user := d.user(t.Case, t.Track)
	if t.REMS == 0 {
		if err := d.create(ctx, t, user); err != nil {
			return err
		}
	}
	a, err := d.rems.application(ctx, user, t.REMS)
	if fault.CodeOf(err) == "rems-absent" && !t.Filed { // the draft was taken away before it could be written down
		if err = d.create(ctx, t, user); err == nil {
			a, err = d.rems.application(ctx, user, t.REMS)
		}
	}
	if err != nil {
		return err
	}
	done, err := d.baseline(ctx, t, a)
	if err != nil || done {
		return err
	}
	if err := d.editable(ctx, t, a); err != nil {
		return err
	}
	if list := d.o.Mapping.Licenses; len(list) > 0 {
		if err := d.rems.command(ctx, user, "accept-licenses", map[string]any{"application-id": t.REMS, "accepted-licenses": list}); err != nil {
			return err
		}
	}
	if err := d.upload(ctx, t, user); err != nil {
		return err
	}
	values, err := d.o.Mapping.values(*t)
	if err != nil {
		return err
	}
	if err := d.rems.command(ctx, user, "save-draft", map[string]any{"application-id": t.REMS, "field-values": values}); err != nil {
		return err
	}
	return d.rems.command(ctx, user, "submit", map[string]any{"application-id": t.REMS})
}

// baseline says whether what is awaited has happened since the operation began. The first time it counts.
func (d *Driver) baseline(ctx context.Context, t *track, a application) (done bool, err error) {
	n := a.count(t.Op.Await)
	if t.Op.Before < 0 {
		t.Op.Before = n
		return false, d.save(ctx, *t)
	}
	return n > t.Op.Before, nil
}

// create finds the application of the track's own user, or makes user and application.
func (d *Driver) create(ctx context.Context, t *track, user string) error {
	var made result
	err := d.rems.call(ctx, d.o.Owner, http.MethodPost, "/api/users/create",
		map[string]any{"userid": user, "name": "EHDS applicant " + user[len(user)-8:], "email": nil}, &made)
	if err == nil {
		err = made.err()
	}
	if err != nil {
		return known(err)
	}
	mine, err := d.rems.list(ctx, user, "/api/my-applications")
	if err != nil {
		return err
	}
	if len(mine) > 0 {
		t.REMS = slices.MinFunc(mine, func(a, b application) int { return a.ID - b.ID }).ID
		return d.save(ctx, *t)
	}
	items, err := d.items(ctx, *t)
	if err != nil {
		return err
	}
	var r result
	if err := d.rems.call(ctx, user, http.MethodPost, "/api/applications/create", map[string]any{"catalogue-item-ids": items}, &r); err != nil {
		return known(err)
	}
	if err := r.err(); err != nil {
		return err
	}
	if r.App < 1 {
		return notAnAnswer(nil)
	}
	t.REMS = r.App
	return d.save(ctx, *t)
}

// items are the catalogue items of the datasets of the track.
func (d *Driver) items(ctx context.Context, t track) ([]int, error) {
	var out []int
	var catalogue []item
	for _, s := range d.o.Mapping.datasetsOf(t.Op.App, t.Op.Facts, t.Track) {
		id, ok := d.o.Mapping.Items[s.DatasetID]
		if !ok && catalogue == nil {
			if err := d.rems.call(ctx, d.o.Handler, http.MethodGet, "/api/catalogue", nil, &catalogue); err != nil {
				return nil, known(err)
			}
			if catalogue == nil {
				return nil, notAnAnswer(nil)
			}
		}
		if i := slices.IndexFunc(catalogue, func(i item) bool { return i.Enabled && i.Resource == s.DatasetID }); !ok && i >= 0 {
			id, ok = catalogue[i].ID, true
		}
		if !ok {
			return nil, fault.New(fault.Invalid, "dataset-not-in-rems", "a dataset asked for has no catalogue item in REMS")
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "dataset-not-in-rems", "no dataset of this track has a catalogue item in REMS")
	}
	return out, nil
}

// datasetsOf are the datasets asked for that this track is about: those the mapping names, and of the rest
// those of its catalogue (or of none) that the nation published. Where nobody says what is published, the
// catalogue alone decides.
func (m Mapping) datasetsOf(a ehds.ApplicationBody, facts map[string]connectors.DatasetFacts, t ehds.Track) []ehds.ApplicationDataset {
	var out []ehds.ApplicationDataset
	for _, s := range a.Datasets {
		_, named := m.Items[s.DatasetID]
		_, published := facts[s.DatasetID]
		inTrack := s.CatalogID == t.CatalogID
		if named && (inTrack || s.CatalogID == "") || inTrack && (published || facts == nil) || s.CatalogID == "" && published {
			out = append(out, s)
		}
	}
	return out
}

// editable brings an application into a state in which its applicant may edit it: the gateway's own handler
// returns it. That is not taken for a request of staff.
func (d *Driver) editable(ctx context.Context, t *track, a application) error {
	switch a.state() {
	case "draft", "returned":
		return nil
	case "submitted":
		return d.rems.command(ctx, d.o.Handler, "return",
			map[string]any{"application-id": t.REMS, "comment": "The gateway brings what the applicant sent, and files again."})
	}
	return closed()
}

// upload brings the files that are not in REMS yet, streamed.
func (d *Driver) upload(ctx context.Context, t *track, user string) error {
	for i := range t.Op.Files {
		f := &t.Op.Files[i]
		if f.REMS > 0 {
			continue
		}
		if d.host.OpenAttachment == nil {
			return fault.New(fault.Internal, "rems-request", "the request cannot be written")
		}
		content, err := d.host.OpenAttachment(ctx, f.Ref)
		if err != nil {
			return err
		}
		r, err := d.rems.attach(ctx, user, t.REMS, f.Attachment, content)
		if err = errors.Join(err, content.Close()); err != nil {
			return err
		}
		f.REMS = r.ID
		if err := d.save(ctx, *t); err != nil {
			return err
		}
	}
	return nil
}

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "_", "\n", "_")

// attach sends one file as multipart/form-data without holding it in memory.
func (c *client) attach(ctx context.Context, user string, id int, a ehds.Attachment, content io.Reader) (result, error) {
	pr, pw := io.Pipe()
	form := multipart.NewWriter(pw)
	go func() {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", `form-data; name="file"; filename="`+quoted.Replace(a.Name)+`"`)
		h.Set("Content-Type", a.MediaType)
		part, err := form.CreatePart(h)
		if err == nil {
			_, err = io.Copy(part, content)
		}
		if err == nil {
			err = form.Close()
		}
		_ = pw.CloseWithError(err) // always nil
	}()
	var r result
	err := c.send(ctx, user, http.MethodPost, fmt.Sprintf("/api/applications/add-attachment?application-id=%d", id), form.FormDataContentType(), pr, &r)
	_ = pr.Close() // ends the writer, also when nothing was read
	if err != nil {
		return r, known(err)
	}
	if err := r.err(); err != nil {
		return r, err
	}
	if r.ID < 1 {
		return r, notAnAnswer(nil)
	}
	return r, nil
}

// undo takes away the draft of a filing that was refused for good.
func (d *Driver) undo(ctx context.Context, t *track) error {
	if t.REMS > 0 {
		user := d.user(t.Case, t.Track)
		if err := d.rems.command(ctx, user, "delete", map[string]any{"application-id": t.REMS}); err != nil {
			d.host.Logger.WarnContext(ctx, "a draft that REMS refused stays there", "application", t.REMS, "code", fault.CodeOf(err))
		}
	}
	return d.host.Mailbox.Batch(ctx, nil, []string{trackKey(t.Case, t.Track)})
}

// remark leaves a comment that the applicant does not see, once.
func (d *Driver) remark(ctx context.Context, t *track, ref, text string) error {
	return d.byHandler(ctx, t, ref, "remarked", func() error {
		return d.rems.command(ctx, d.o.Handler, "remark", map[string]any{"application-id": t.REMS, "comment": text, "public": false})
	})
}

// close ends an application.
func (d *Driver) close(ctx context.Context, t *track, ref, text string) error {
	return d.byHandler(ctx, t, ref, "closed", func() error {
		return d.rems.command(ctx, d.o.Handler, "close", map[string]any{"application-id": t.REMS, "comment": text})
	})
}

// byHandler does something as the gateway's own handler, unless REMS shows that it was done. An application
// that is closed or revoked needs no closing.
func (d *Driver) byHandler(ctx context.Context, t *track, ref, await string, do func() error) error {
	if err := d.begin(ctx, t, operation{Ref: ref, Await: await, App: t.App, Files: t.Files}); err != nil {
		return err
	}
	a, err := d.rems.application(ctx, d.o.Handler, t.REMS)
	if err != nil {
		return err
	}
	if ended := a.state() == "closed" || a.state() == "revoked"; await == "closed" && ended {
		return nil
	}
	done, err := d.baseline(ctx, t, a)
	if err != nil || done {
		return err
	}
	return do()
}
