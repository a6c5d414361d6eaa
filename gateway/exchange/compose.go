package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Composer writes outbox rows: the claims of a message without iat, exp and seq, which are set at
// each signing and by the record.
type Composer struct {
	Entity  string // our entity identifier
	Profile string // message profile spoken with the centre; extension types have their own
	// Peers are the hubs spoken with directly, in profile peer-1 and no other.
	Peers []string
	Rand  io.Reader
}

// NewID is a fresh UUIDv7 (RFC 9562 §5.7). It panics only when the source of randomness is broken,
// which nothing in this program may outlive.
func (c Composer) NewID() string {
	id, err := uuid.NewV7FromReader(c.Rand)
	if err != nil {
		panic(fmt.Sprintf("no randomness for a message id: %v", err))
	}
	return id.String()
}

// Draft is a message about to be queued.
type Draft struct {
	To        string
	Type      ehds.MessageType
	Case      string
	Track     *ehds.Track
	Ref       string
	RefSHA256 string
	Jti       string // when not empty, an id made by NewID before
	Body      any
	// Attachments are signed with the message; Blobs says where the record keeps each, by its id.
	Attachments []ehds.Attachment
	Blobs       map[string]string
}

// across says whether an entity is a hub spoken with directly.
func (c Composer) across(entity string) bool { return slices.Contains(c.Peers, entity) }

// Message turns a draft into an outbox row. Bodies are our own structs, so marshalling cannot fail.
func (c Composer) Message(d Draft) store.Outgoing {
	if d.Jti == "" {
		d.Jti = c.NewID()
	}
	profile := c.Profile
	if rule, _ := ehds.Lookup(d.Type); rule.Extension {
		profile = ehds.ProfileExt1
	}
	if c.across(d.To) {
		profile = ehds.ProfilePeer1
	}
	env := ehds.Envelope{
		Iss: c.Entity, Aud: d.To, Jti: d.Jti, Type: d.Type, Profile: profile, Case: d.Case,
		Track: d.Track, Ref: d.Ref, RefSHA256: d.RefSHA256, Body: mustJSON(d.Body),
		Attachments: d.Attachments,
	}
	return store.Outgoing{
		Channel: store.ChannelCentral, Target: d.To, Jti: env.Jti, Type: string(d.Type), Case: d.Case,
		Payload: mustJSON(env), Blobs: d.Blobs,
	}
}

// Task is an outbox row for a connector or for ourselves.
func (c Composer) Task(ch store.Channel, target, kind, caseID string, payload any) store.Outgoing {
	return store.Outgoing{
		Channel: ch, Target: target, Jti: c.NewID(), Type: kind, Case: caseID, Payload: mustJSON(payload),
	}
}

func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a type of our own does not marshal: %v", err))
	}
	return b
}
