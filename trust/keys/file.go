package keys

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// record is the JSON of one key file. Times are UTC, whole seconds.
type record struct {
	Purpose Purpose   `json:"purpose"`
	Owner   string    `json:"owner"`
	State   State     `json:"state"`
	Kid     string    `json:"kid"`
	Alg     string    `json:"alg,omitempty"`
	Created time.Time `json:"created"`
	// PublishedAt is when the key was first shown to others; absent means when it was created.
	PublishedAt *time.Time `json:"published_at,omitempty"`
	// NotBefore is when the key may begin to sign at the earliest.
	NotBefore time.Time `json:"not_before"`
	// ActivatedAt is when it began. Files of the first release have NotBefore only.
	ActivatedAt *time.Time `json:"activated_at,omitempty"`
	RetiredAt   *time.Time `json:"retired_at,omitempty"`
	// ExpiresAt is when the last token of a retired key has expired.
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
	Reason    Reason     `json:"revoked_reason,omitempty"`
	// First marks a key that Ensure made.
	First bool `json:"first,omitempty"`
	// Replaces is the kid of the key this one took over from. It makes a rotation one write: the key
	// named here no longer signs, whatever its own file says.
	Replaces string `json:"replaces,omitempty"`
	// WhenDue asks for the rotation as soon as NotBefore has come.
	WhenDue bool       `json:"rotate_when_due,omitempty"`
	Private privateJWK `json:"private_jwk,omitzero"`
	// Device is the id, in hex, of a key that lives in a device: there is no private_jwk then, and the
	// public half stands here.
	Device string          `json:"device_id,omitempty"`
	Public json.RawMessage `json:"public_jwk,omitempty"`
}

// key is a record with its usable key.
type key struct {
	record
	material

	file  string // its name in the directory
	stale bool   // the file does not say yet what the record says
}

// generate makes a key of the slot.
func generate(at slot, alg string, state State, o Options) (key, error) {
	if o.inDevice(at.purpose) {
		return generateInDevice(at, alg, state, o)
	}
	m, err := newMaterial(at.purpose, alg, o.Rand)
	if err != nil {
		return key{}, err
	}
	return newKey(at, alg, state, o, m), nil
}

// newKey is a key of the slot that starts its life now.
func newKey(at slot, alg string, state State, o Options, m material) key {
	now := wholeSecond(o.Clock())
	k := key{record: record{
		Purpose: at.purpose, Owner: at.owner, State: state, Kid: m.kid, Alg: alg,
		Created: now, PublishedAt: &now, NotBefore: now, Private: m.written,
	}, material: m}
	if state == Next {
		k.NotBefore = now.Add(at.purpose.Publication())
	} else {
		k.ActivatedAt, k.First = &now, true
	}
	return k
}

func wholeSecond(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func (r record) encode() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// decodeKey reads a key file and checks that its parts agree. Errors say which
// part is wrong and never show the key.
func decodeKey(text []byte) (key, error) {
	var r record
	if err := jose.DecodeStrict(text, &r); err != nil {
		return key{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if _, err := slotFor(r.Purpose, r.Owner); err != nil {
		return key{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	for _, check := range []func() string{r.badAlg, r.badState, r.badTimes} {
		if reason := check(); reason != "" {
			return key{}, fmt.Errorf("%w: %s", ErrCorrupt, reason)
		}
	}
	m, reason := r.readMaterial()
	if reason != "" {
		return key{}, fmt.Errorf("%w: %s", ErrCorrupt, reason)
	}
	return key{record: r, material: m}, nil
}

func (r record) badAlg() string {
	var allowed []string
	switch r.Purpose {
	case Record:
		allowed = []string{""}
	case Log:
		allowed = []string{Ed25519}
	default:
		allowed = r.Purpose.Algorithms()
	}
	if !slices.Contains(allowed, r.Alg) {
		return "alg does not go with the purpose"
	}
	return ""
}

func (r record) badState() string {
	switch r.State {
	case Next, Active:
		if r.RetiredAt != nil || r.RevokedAt != nil {
			return "retired_at or revoked_at does not go with the state"
		}
	case Retiring, Historical:
		if r.RetiredAt == nil || r.RevokedAt != nil {
			return "a retired key has retired_at and no revoked_at"
		}
	case Revoked:
		if r.RevokedAt == nil {
			return "a revoked key has revoked_at"
		}
	default:
		return "state is unknown"
	}
	switch {
	case r.State != Revoked && r.Reason != "", r.Reason != "" && !r.Reason.Known():
		return "revoked_reason does not go with the state, or is unknown"
	case r.State != Next && r.WhenDue:
		return "only a next key waits for a rotation"
	case r.State == Next && r.ActivatedAt != nil:
		return "a next key has not been activated"
	case r.ExpiresAt != nil && r.RetiredAt == nil:
		return "a key that was not retired has no expires_at"
	}
	return ""
}

func (r record) badTimes() string {
	if r.Created.IsZero() || r.NotBefore.IsZero() {
		return "created or not_before is missing"
	}
	for _, t := range []*time.Time{r.PublishedAt, r.ActivatedAt, r.RetiredAt, r.ExpiresAt, r.RevokedAt} {
		if t != nil && t.IsZero() {
			return "a time is not filled"
		}
	}
	if r.ExpiresAt != nil && r.ExpiresAt.Before(*r.RetiredAt) {
		return "expires_at lies before retired_at"
	}
	return ""
}

// readMaterial derives the key again from its secret part: whatever differs
// from what generate writes is damage.
func (r record) readMaterial() (m material, reason string) {
	if r.Device != "" || r.Public != nil {
		return r.readDevice()
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(*r.Private.secret())
	if err != nil {
		return material{}, "private_jwk is not readable"
	}
	m, err = materialFrom(r.Purpose, r.Alg, secret)
	if err != nil {
		return material{}, "private_jwk is not usable"
	}
	if m.written != r.Private || m.kid != r.Kid {
		return material{}, "private_jwk, kid and alg do not agree"
	}
	return m, ""
}
