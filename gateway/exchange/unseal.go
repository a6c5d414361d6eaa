package exchange

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/agefile"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Opener gives the keys that open what was sealed for us: those active, and those retired less than
// 14 days ago.
type Opener func() ([]jose.SealingKey, error)

// openedClaims are the claims of a sealed message as the record keeps them: body and attachments as
// they were sealed, and beside them what was signed and what shows it. The token, which is evidence,
// stays as it came.
type openedClaims struct {
	ehds.Envelope
	Signed []ehds.Attachment `json:"signed_attachments,omitempty"` // the age files, as receipted
	Text   string            `json:"sealed_text"`                  // sealed_commit is its digest
}

// open reads the sealed body of a message. From here on schema and handlers see what was sealed; what
// the sender signed is kept in d.v.
func (in *Inbox) open(d *delivery) *fault.Error {
	if d.env.Profile != ehds.ProfilePeer1 {
		return nil
	}
	if in.Open == nil {
		return invalid("unsealable", "/sealed", "the sealed body cannot be opened")
	}
	keys, err := in.Open()
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "sealing-keys-unavailable", "sealed messages cannot be opened now").After(time.Minute)
	}
	content, err := d.v.Unseal(keys)
	switch {
	case errors.Is(err, trust.ErrSealedMismatch):
		return invalid("sealed-mismatch", "/sealed", "the sealed body was sealed for another message, or with other attachments")
	case err != nil:
		return invalid("unsealable", "/sealed", "the sealed body cannot be opened")
	}
	d.sealed = map[string]trust.SealedAttachment{}
	for _, a := range content.Attachments {
		if !fileName(a.Name) || !mediaType(a.MediaType) {
			return invalid("attachment-form", "/sealed", "a sealed attachment needs name and media_type")
		}
		d.sealed[a.ID] = a
	}
	d.text, d.env.Body = content.Text, content.Body
	return nil
}

// claims are what the record keeps of a message besides its token.
func (d *delivery) claims() []byte {
	if d.text == nil {
		return d.v.Claims
	}
	env := d.env
	env.Sealed, env.SealedCommit = "", ""
	return mustJSON(openedClaims{Envelope: env, Signed: d.signed, Text: string(d.text)})
}

// stageSealed stores an attachment of a sealed message twice: the age file as it was signed, which is
// evidence, and what is in it. A file that does not open to its last byte refuses the message.
func (in *Inbox) stageSealed(ctx context.Context, d *delivery, a ehds.Attachment, content io.Reader) *fault.Error {
	src := &partReader{r: content}
	opened := in.opening(ctx, d.env.Case, d.sealed[a.ID].Identity, a.Size)
	b, err := in.Record.StageBlob(ctx, d.env.Case, io.TeeReader(src, opened), a.Size)
	if err == nil {
		d.blobs[sealedBlob(a.ID)] = b.ID
	}
	plain, openErr := opened.end(err)
	if openErr == nil {
		d.blobs[a.ID] = plain.ID
	}
	if f := stagedFault(src, a, b, err); f != nil {
		return f
	}
	switch {
	case errors.Is(openErr, agefile.ErrUnsealable), errors.Is(openErr, agefile.ErrSize):
		return invalid("unsealable", "/attachments", "a sealed attachment cannot be opened")
	case openErr != nil:
		return unavailable(openErr)
	}
	s := d.sealed[a.ID]
	d.opened = append(d.opened, ehds.Attachment{ID: a.ID, Name: s.Name, MediaType: s.MediaType, Size: plain.Size, SHA256: plain.SHA256})
	return nil
}

// opening decrypts an age file while it is written to it, and stages what comes out.
type opening struct {
	file *io.PipeWriter
	work sync.WaitGroup
	blob store.Blob
	age  error // of the file
	err  error // of the record
}

func (in *Inbox) opening(ctx context.Context, caseID, identity string, limit int64) *opening {
	o := &opening{}
	var file, plain *io.PipeReader
	var to *io.PipeWriter
	file, o.file = io.Pipe()
	plain, to = io.Pipe()
	o.work.Go(func() {
		_, o.age = agefile.Open(to, file, identity, limit)
		to.CloseWithError(o.age)
		_, _ = io.Copy(io.Discard, file) // the file itself is stored whatever is in it
	})
	o.work.Go(func() {
		o.blob, o.err = in.Record.StageBlob(ctx, caseID, plain, limit)
		_ = plain.CloseWithError(io.ErrClosedPipe)
	})
	return o
}

// Write takes the next bytes of the file.
func (o *opening) Write(b []byte) (int, error) { return o.file.Write(b) }

// end says what came out of the file. broken is why the file did not arrive whole, when it did not.
func (o *opening) end(broken error) (store.Blob, error) {
	o.file.CloseWithError(broken)
	o.work.Wait()
	if errors.Is(o.age, agefile.ErrUnsealable) || errors.Is(o.age, agefile.ErrSize) {
		return store.Blob{}, o.age
	}
	if o.err != nil {
		return store.Blob{}, o.err
	}
	return o.blob, o.age
}
