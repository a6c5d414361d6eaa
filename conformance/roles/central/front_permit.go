package central

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// changePermit sends permit.change-request (ext-1): the permit holder asks for an amendment or the one
// renewal, or appeals a revocation (TEHDAS2 D6.4 §9.4). Whether the permit's state allows it, its body says.
func (x *acting) changePermit() error {
	var b struct {
		PermitID string          `json:"permit_id"`
		Kind     ehds.ChangeKind `json:"kind"`
		Text     string          `json:"text"`
	}
	if err := decodeForm(x.raw, &b); err != nil {
		return err
	}
	t := x.permitted(b.PermitID)
	if t == nil {
		return told(http.StatusNotFound, "not-found", "the application has no such permit")
	}
	id, err := uuid.NewRandomFromReader(x.c.o.Rand)
	if err != nil {
		return err
	}
	body := ehds.PermitChangeRequestBody{
		ApplicationID: x.a.ID, RequestID: id.String(), PermitID: b.PermitID, Kind: b.Kind, User: x.a.Body.User, Text: b.Text, Date: stamp(x.now),
	}
	if err := fitsSchema(ehds.PermitChangeRequest, body); err != nil {
		return err
	}
	jti := x.queue(draft{to: t.Entity, typ: ehds.PermitChangeRequest, caseID: x.caseID(), track: &t.Track, body: body})
	x.done(ehds.PermitChangeRequest, t, string(b.Kind), "", jti)
	return nil
}

// permitted finds the track of a permit.
func (x *acting) permitted(id string) *track {
	for i := range x.a.Tracks {
		if x.a.Tracks[i].permit(id) != nil {
			return &x.a.Tracks[i]
		}
	}
	return nil
}
