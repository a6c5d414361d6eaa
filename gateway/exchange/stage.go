package exchange

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// stage stores the attachments, each checked against the signed list while it streams. A missing,
// extra or repeated part refuses the whole message.
func (in *Inbox) stage(ctx context.Context, d *delivery, parts Parts) *fault.Error {
	want := make(map[string]ehds.Attachment, len(d.env.Attachments))
	for _, a := range d.env.Attachments {
		want[a.ID] = a
	}
	d.blobs = map[string]string{}
	for {
		id, content, err := parts.Next()
		if err == io.EOF { //nolint:errorlint // a wrapped io.EOF is an upload that ended early
			break
		}
		if err != nil {
			return uploadFault(err)
		}
		a, ok := want[id]
		if !ok {
			return invalid("attachment-unexpected", "/attachments", "a part is not on the signed list or came twice")
		}
		delete(want, id)
		keep := in.stageOne
		if d.sealed != nil {
			keep = in.stageSealed
		}
		if f := keep(ctx, d, a, content); f != nil {
			return f
		}
	}
	if len(want) > 0 {
		return invalid("attachment-missing", "/attachments", "a part of the signed list did not arrive")
	}
	for _, a := range d.env.Attachments {
		d.atts = append(d.atts, ehds.ReceiptAttachment{ID: a.ID, SHA256: a.SHA256, Size: a.Size})
	}
	if d.sealed != nil {
		d.signed, d.env.Attachments = d.env.Attachments, inOrder(d.opened, d.env.Attachments)
	}
	return nil
}

// inOrder puts what came out of the parts into the order of the signed list.
func inOrder(opened, signed []ehds.Attachment) []ehds.Attachment {
	byID := make(map[string]ehds.Attachment, len(opened))
	for _, a := range opened {
		byID[a.ID] = a
	}
	out := make([]ehds.Attachment, 0, len(signed))
	for _, a := range signed {
		out = append(out, byID[a.ID])
	}
	return out
}

func (in *Inbox) stageOne(ctx context.Context, d *delivery, a ehds.Attachment, content io.Reader) *fault.Error {
	src := &partReader{r: content}
	b, err := in.Record.StageBlob(ctx, d.env.Case, src, a.Size)
	if err == nil {
		d.blobs[a.ID] = b.ID
	}
	return stagedFault(src, a, b, err)
}

// stagedFault judges a part that was stored, against what was signed of it.
func stagedFault(src *partReader, a ehds.Attachment, b store.Blob, err error) *fault.Error {
	switch {
	case src.err != nil:
		return uploadFault(src.err)
	case errors.Is(err, store.ErrTooLarge):
		return invalid("attachment-size", "/attachments", "a part is longer than its signed size")
	case errors.Is(err, store.ErrErased):
		return caseErased()
	case err != nil:
		return unavailable(err)
	case b.Size != a.Size || b.SHA256 != a.SHA256:
		return invalid("attachment-digest", "/attachments", "a part differs from its signed digest or size")
	}
	return nil
}

// partReader keeps the error that broke a part. What it passes on is no kind of io.EOF: a part that
// was cut must not look like one that ended.
type partReader struct {
	r   io.Reader
	err error
}

var errPart = errors.New("a part cannot be read")

func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err != nil && err != io.EOF { //nolint:errorlint // see above
		p.err, err = err, errPart
	}
	return n, err
}

// uploadFault judges parts that cannot be read. A reader that knows the request was complete says so
// with a *fault.Error: the sender's fault, and permanent. Anything else is a connection that broke:
// the same message may come again, so nothing is claimed.
func uploadFault(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return fault.Wrap(err, fault.Unavailable, "upload-incomplete", "the upload ended early").After(time.Second)
}
