package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/agefile"
	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// Sealing seals what goes to another hub (profile peer-1; wire profile §3, "Sealing").
type Sealing struct {
	// Algs are the algorithms we seal with for a peer, in order of preference.
	Algs func(peer string) []string
	Rand io.Reader
}

// errPeerProfile: the peer's metadata does not list peer-1, so it would not know what to do with it.
var errPeerProfile = errors.New("the peer does not speak peer-1")

// sealedRow is the content of an outbox row to another hub: the claims in clear, and from the first
// attempt on what goes out instead of them. The clear ones stay, so that an operator can have a dead
// letter sent again: as another message, sealed anew.
type sealedRow struct {
	ehds.Envelope
	Out *sealedForm `json:"out,omitempty"`
}

// sealedForm is what stands in the envelope where body and attachments would.
type sealedForm struct {
	Sealed      string            `json:"sealed"`
	Commit      string            `json:"sealed_commit"`
	Attachments []ehds.Attachment `json:"attachments,omitempty"` // the age files
}

// sealedBlob is the name under which a row or a message keeps the age file of an attachment, beside the
// attachment itself. No attachment has such an id.
func sealedBlob(attachment string) string { return attachment + "#age" }

// outward are the claims of a row as they are signed.
func outward(row store.Outbox) (ehds.Envelope, error) {
	var r sealedRow
	if err := json.Unmarshal(row.Payload, &r); err != nil {
		return ehds.Envelope{}, fmt.Errorf("outbox row %d: %w", row.ID, err)
	}
	if r.Out != nil {
		r.Body, r.Sealed, r.SealedCommit, r.Envelope.Attachments = nil, r.Out.Sealed, r.Out.Commit, r.Out.Attachments
	}
	return r.Envelope, nil
}

// seal readies a row for a peer of profile peer-1 before its first attempt: everything but the envelope
// is encrypted to the peer, once, and each attempt carries the same. It returns the row as it is from
// now on, and what is to be kept of that; nil when nothing is. Rows of other profiles stay as they are:
// through the centre nothing is sealed, because the centre must read it.
func (s *Sender) seal(ctx context.Context, row store.Outbox, peer *federation.Entity) (store.Outbox, *store.Prepared, error) {
	var r sealedRow
	if err := json.Unmarshal(row.Payload, &r); err != nil {
		return row, nil, fmt.Errorf("outbox row %d: %w", row.ID, err)
	}
	if r.Profile != ehds.ProfilePeer1 || r.Out != nil {
		return row, nil, nil
	}
	if s.Sealing == nil || !slices.Contains(peer.Gateway.Profiles, ehds.ProfilePeer1) {
		return row, nil, errPeerProfile
	}
	key, err := trust.SealingKeyOf(peer, s.Sealing.Algs(row.Target))
	if err != nil {
		return row, nil, err
	}
	prepared := &store.Prepared{Blobs: maps.Clone(row.Blobs)}
	out, list, err := s.sealAttachments(ctx, row, r.Attachments, prepared)
	if err == nil {
		bind := trust.Binding{Iss: r.Iss, Aud: r.Aud, Jti: r.Jti, Type: string(r.Type), Case: r.Case, Seq: row.Seq}
		r.Out = &sealedForm{Attachments: out}
		r.Out.Sealed, r.Out.Commit, err = trust.Seal(s.Sealing.Rand, key, bind, r.Body, list)
	}
	if err != nil {
		s.unprepare(ctx, row, prepared)
		return row, nil, err
	}
	prepared.Payload = mustJSON(r)
	row.Payload, row.Blobs = prepared.Payload, prepared.Blobs
	return row, prepared, nil
}

// sealAttachments encrypts the attachments of a row and gives the signed list and the sealed one.
func (s *Sender) sealAttachments(ctx context.Context, row store.Outbox, list []ehds.Attachment, p *store.Prepared) (out []ehds.Attachment, sealed []trust.SealedAttachment, err error) {
	for _, a := range list {
		blob, identity, err := s.sealAttachment(ctx, row, a)
		if err != nil {
			return nil, nil, fmt.Errorf("attachment of outbox row %d: %w", row.ID, err)
		}
		p.Blobs[sealedBlob(a.ID)] = blob.ID
		out = append(out, ehds.Attachment{
			ID: a.ID, Name: a.ID + ".age", MediaType: "application/octet-stream", Size: blob.Size, SHA256: blob.SHA256,
		})
		sealed = append(sealed, trust.SealedAttachment{ID: a.ID, Name: a.Name, MediaType: a.MediaType, Identity: identity})
	}
	return out, sealed, nil
}

// sealAttachment encrypts one attachment to an identity made for it alone.
func (s *Sender) sealAttachment(ctx context.Context, row store.Outbox, a ehds.Attachment) (store.Blob, string, error) {
	src, err := s.Record.OpenBlob(ctx, row.Blobs[a.ID])
	if err != nil {
		return store.Blob{}, "", err
	}
	defer src.Close()
	r, w := io.Pipe()
	var identity string
	done := make(chan struct{})
	go func() {
		defer close(done)
		var err error
		identity, err = agefile.Seal(w, src)
		w.CloseWithError(err) // nil ends the file
	}()
	blob, err := s.Record.StageBlob(ctx, row.Case, r, agefile.Size(a.Size))
	_ = r.CloseWithError(io.ErrClosedPipe) // what is left of the file is not wanted
	<-done
	return blob, identity, err
}

// unprepare drops the age files that no row took.
func (s *Sender) unprepare(ctx context.Context, row store.Outbox, p *store.Prepared) {
	if p == nil {
		return
	}
	var ids []string
	for name, id := range p.Blobs {
		if _, kept := row.Blobs[name]; !kept {
			ids = append(ids, id)
		}
	}
	if err := s.Record.DropBlobs(context.WithoutCancel(ctx), ids...); err != nil {
		s.Logger.WarnContext(ctx, "sealed attachments stay until the next start", "error", err)
	}
}
