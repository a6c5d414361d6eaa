package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// KeyRequest names whose key is made or rotated, and for what. An empty owner is the only one there is.
type KeyRequest struct {
	Purpose keys.Purpose `json:"purpose"`
	Owner   string       `json:"owner,omitempty"`
	Alg     string       `json:"alg,omitempty"` // empty: the purpose's usual one
}

// The ways a rotation may be asked for.
const (
	RotateIfDue   = "if-due"
	RotateWhenDue = "when-due"
	RotateNow     = "now"
)

// RotateRequest asks for a rotation; an empty When is RotateIfDue.
type RotateRequest struct {
	KeyRequest
	When string `json:"when,omitempty"`
}

// RevokeRequest takes a key out of use. Since, RFC 3339, is from when the key is not to be believed;
// empty means now.
type RevokeRequest struct {
	Kid    string      `json:"kid"`
	Reason keys.Reason `json:"reason"`
	Since  string      `json:"since,omitempty"`
}

// KeyChange is what a change did, and what the operator has to know about it.
type KeyChange struct {
	Key      KeyRow   `json:"key"`
	Retired  *KeyRow  `json:"retired,omitempty"`
	Waits    bool     `json:"waits,omitempty"` // the rotation comes by itself at key.not_before
	Warnings []string `json:"warnings,omitempty"`
}

// keyDesk is the operator's door to the keys: one change at a time, each shown to others at once and
// then put on record.
type keyDesk struct {
	g  *Gateway
	mu sync.Mutex
}

func (g *Gateway) serveKeys(api *httpapi.Operator) {
	d := &g.keyDesk
	httpapi.Get(api, "/v1/keys", func(context.Context, httpapi.Query) ([]KeyRow, error) { return keyRows(g.keys.List()), nil })
	httpapi.Get(api, "/v1/keys/jwks", d.jwks)
	httpapi.Post(api, "/v1/keys/generate", d.generate)
	httpapi.Post(api, "/v1/keys/rotate", d.rotate)
	httpapi.Post(api, "/v1/keys/revoke", d.revoke)
}

// jwks is the JWK set to publish, or to give to a superior at enrolment.
func (d *keyDesk) jwks(_ context.Context, q httpapi.Query) (jose.KeySet, error) {
	r, err := d.whose(KeyRequest{Purpose: keys.Purpose(q.Get("purpose")), Owner: q.Get("owner")})
	if err != nil {
		return jose.KeySet{}, err
	}
	if r.Purpose == keys.Sealing {
		set, err := d.g.keys.SealingSet(r.Owner)
		return set, keyFault(err)
	}
	set, err := d.g.keys.Public(r.Purpose, r.Owner)
	return set, keyFault(err)
}

func (d *keyDesk) generate(ctx context.Context, r KeyRequest) (KeyChange, error) {
	r, err := d.whose(r)
	if err != nil {
		return KeyChange{}, err
	}
	return d.change(ctx, func() (out KeyChange, err error) {
		made, err := d.g.keys.Generate(r.Purpose, r.Owner, r.Alg)
		out.Key = keyRow(made)
		if err == nil && d.enrolled(r) {
			out.Warnings = append(out.Warnings, "a superior has to state this key before it can sign: "+enrolAgain)
		}
		return out, err
	})
}

func (d *keyDesk) rotate(ctx context.Context, r RotateRequest) (KeyChange, error) {
	whose, err := d.whose(r.KeyRequest)
	if err != nil {
		return KeyChange{}, err
	}
	when, err := whenOf(r.When)
	if err != nil {
		return KeyChange{}, err
	}
	if d.enrolled(whose) {
		if err := d.statedAbove(ctx, whose, when); err != nil {
			return KeyChange{}, err
		}
	}
	return d.change(ctx, func() (KeyChange, error) {
		done, err := d.g.keys.Rotate(whose.Purpose, whose.Owner, whose.Alg, when)
		out := KeyChange{Key: keyRow(done.Key), Waits: done.Waits}
		if done.Retired != nil {
			old := keyRow(*done.Retired)
			out.Retired = &old
		}
		if d.enrolled(whose) && when == keys.AtOnce {
			out.Warnings = append(out.Warnings, "nobody believes what the key signs until a superior states it: "+enrolAgain)
		}
		if done.Early {
			out.Warnings = append(out.Warnings, fmt.Sprintf("the key signs before others can be expected to know it: what it signs may be refused for up to %s", whose.Purpose.Publication()))
		}
		return out, err
	})
}

func whenOf(text string) (keys.When, error) {
	switch text {
	case "", RotateIfDue:
		return keys.IfDue, nil
	case RotateWhenDue:
		return keys.WhenDue, nil
	case RotateNow:
		return keys.AtOnce, nil
	}
	return 0, fault.New(fault.Invalid, "when-unknown", "a rotation is if-due, when-due or now").At("/when")
}

func (d *keyDesk) revoke(ctx context.Context, r RevokeRequest) (KeyChange, error) {
	since := d.g.o.Clock()
	if r.Since != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, r.Since); err != nil {
			return KeyChange{}, fault.Wrap(err, fault.Invalid, "time-form", "a time such as 2027-03-31T12:00:00Z is wanted").At("/since")
		}
	}
	return d.change(ctx, func() (out KeyChange, err error) {
		gone, err := d.g.keys.Revoke(r.Kid, r.Reason, since)
		out.Key = keyRow(gone)
		if err != nil {
			return out, err
		}
		if !d.active(gone) {
			out.Warnings = append(out.Warnings, fmt.Sprintf(
				"no active key is left: nothing is signed until 'ehdsgw keys rotate --purpose %s --owner %s --alg %s --now'", gone.Purpose, gone.Owner, gone.Alg))
		}
		if gone.Purpose == keys.Federation && gone.Owner == ownerNCP {
			out.Warnings = append(out.Warnings, "superiors state this key until they are told: "+enrolAgain)
		}
		return out, nil
	})
}

// active says whether a key is left that does the work of one that is gone.
func (d *keyDesk) active(gone keys.Info) bool {
	return slices.ContainsFunc(d.g.keys.List(), func(k keys.Info) bool {
		return k.Purpose == gone.Purpose && k.Owner == gone.Owner && k.State == keys.Active
	})
}

// change makes one change. It is shown to others and put on record even when it ended with an error:
// the first half of a rotation is the rotation.
func (d *keyDesk) change(ctx context.Context, do func() (KeyChange, error)) (KeyChange, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.g.record.Healthy(); err != nil { // the cheap check: a change nobody could prove is not made
		return KeyChange{}, fault.Wrap(err, fault.Unavailable, "record-unavailable", "the record takes nothing now, so no key is changed")
	}
	out, err := do()
	d.g.renewStatements()
	logged := d.g.logKeyChanges(ctx)
	switch {
	case err != nil:
		return KeyChange{}, keyFault(err)
	case logged != nil:
		d.g.log.ErrorContext(ctx, "a change of keys is not on record yet", "error", logged)
		out.Warnings = append(out.Warnings, "the change is made and not on record yet; the gateway tries again every half minute")
	}
	return out, nil
}

// whose completes a request: the purpose, its only owner, its usual algorithm.
func (d *keyDesk) whose(r KeyRequest) (KeyRequest, error) {
	algs := r.Purpose.Algorithms()
	if algs == nil {
		return r, fault.New(fault.Invalid, "purpose-unknown", "keys of this purpose are not managed: federation, exchange, permit, visa or sealing is wanted").At("/purpose")
	}
	owners := d.owners(r.Purpose)
	if r.Owner == "" && len(owners) == 1 {
		r.Owner = owners[0]
	}
	if !slices.Contains(owners, r.Owner) {
		return r, fault.New(fault.Invalid, "owner-unknown", "the owner is one of "+strings.Join(owners, ", ")).At("/owner")
	}
	if r.Alg == "" {
		r.Alg = algs[0]
	}
	return r, nil
}

// owners are those of this gateway that may have keys of a purpose.
func (d *keyDesk) owners(p keys.Purpose) []string {
	var out []string
	if p == keys.Federation || p == keys.Exchange || p == keys.Sealing {
		out = append(out, ownerNCP)
	}
	if p != keys.Exchange && p != keys.Sealing {
		for _, h := range d.g.cfg.HDABs {
			out = append(out, ownerHDAB(h.ID))
		}
	}
	return out
}
