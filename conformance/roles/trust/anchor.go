// Package trust is a trust anchor of OpenID Federation 1.1 for tests, demonstrations and the
// conformance suite, written apart from the product's own federation code.
//
// It serves whoever runs a federation of a few entities on one machine: the anchor vouches for the
// keys it was given at enrolment, gives out role marks and answers about their status.
//
// Guarantees: keys and state lie in its own folder, readable by the owner only, and survive a
// restart; a statement lives 12 hours, a mark seven days; enrolment calls nobody, so that it cannot
// be used to reach other hosts.
//
// It has no intermediates, resolves no chains for others, and never rotates its key.
package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
)

// Lives of what the anchor signs; both within the wire profile's §1.
const (
	statementLife = 12 * time.Hour
	markLife      = forge.MaxMarkLife
)

// Errors a caller may act on.
var (
	// ErrUnknown means that an entity is not enrolled.
	ErrUnknown = errors.New("trust: entity is not enrolled")
	// ErrEnrolment means that an enrolment cannot be accepted as it is.
	ErrEnrolment = errors.New("trust: enrolment refused")
)

// Options of an anchor. All but Logger are required.
type Options struct {
	Entity string // https URL
	Dir    string // its own; made when absent
	Clock  func() time.Time
	Rand   io.Reader
	Logger *slog.Logger
}

// Anchor is a trust anchor. It is safe for concurrent use.
type Anchor struct {
	o    Options
	base string
	key  *forge.Key

	mu    sync.Mutex
	state state
}

// state is what the state file holds.
type state struct {
	Entities map[string]entity `json:"entities"`
}

type standing string

const (
	active    standing = "active"
	suspended standing = "suspended"
	revoked   standing = "revoked"
)

// entity is one enrolled entity. Without keys it only holds marks: another superior vouches for it.
type entity struct {
	JWKS  forge.JWKS `json:"jwks"`
	Marks []string   `json:"marks"`
	EnrollOptions
	Standing standing  `json:"standing"`
	Enrolled time.Time `json:"enrolled"`
}

// New opens the anchor in its folder and makes its key and state on first use.
func New(o Options) (*Anchor, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Entity = strings.TrimSuffix(o.Entity, "/")
	base, err := roles.BasePath(o.Entity)
	if err != nil {
		return nil, fmt.Errorf("anchor: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("anchor: %w", err)
	}
	a := &Anchor{o: o, base: base, state: state{Entities: map[string]entity{}}}
	if a.key, err = roles.LoadKey(o.Dir, "federation", forge.AlgEd25519, o.Rand); err != nil {
		return nil, fmt.Errorf("anchor: %w", err)
	}
	raw, err := os.ReadFile(a.stateFile())
	switch {
	case errors.Is(err, os.ErrNotExist):
		return a, nil
	case err != nil:
		return nil, fmt.Errorf("anchor: %w", err)
	}
	if err := json.Unmarshal(raw, &a.state); err != nil || a.state.Entities == nil {
		return nil, fmt.Errorf("anchor: state file unreadable: %w", errors.Join(err, ErrEnrolment))
	}
	return a, nil
}

func (a *Anchor) stateFile() string { return filepath.Join(a.o.Dir, "state.json") }

// Entity is the anchor's identifier.
func (a *Anchor) Entity() string { return a.o.Entity }

// JWKS is the anchor's public key, to be pinned by everybody else.
func (a *Anchor) JWKS() forge.JWKS { return forge.NewJWKS(a.key) }

// EnrollOptions are what the anchor states about an entity beside its keys.
type EnrollOptions struct {
	// Metadata overrides the entity's own (OpenID Federation 1.1 §3.1.3). It says who a gateway or a
	// body is, as roles.StateGateway and roles.StateBody do; without it nobody takes the entity as one.
	Metadata       map[string]json.RawMessage `json:"metadata,omitempty"`
	MetadataPolicy json.RawMessage            `json:"metadata_policy,omitempty"`
}

func (o EnrollOptions) check() error {
	for t, raw := range o.Metadata {
		if t == "" || !isObject(raw) {
			return fmt.Errorf("%w: metadata is no object", ErrEnrolment)
		}
	}
	if len(o.MetadataPolicy) > 0 && !isObject(o.MetadataPolicy) {
		return fmt.Errorf("%w: metadata policy is no object", ErrEnrolment)
	}
	return nil
}

func isObject(raw json.RawMessage) bool {
	v, err := forge.ParseJSON(raw)
	_, ok := v.(map[string]any)
	return err == nil && ok
}

// Enroll makes the anchor vouch for an entity's federation keys, state its metadata and give it role
// marks ("ncp", "central-platform", "hdab", …). An entity enrolled before is replaced, and active
// again. With an empty key set the entity holds marks only, for instance a health data access body
// that stands under its contact point.
func (a *Anchor) Enroll(sub string, keys forge.JWKS, marks []string, o EnrollOptions) error {
	u, err := url.Parse(sub)
	if err != nil || !u.IsAbs() || u.Host == "" || sub == a.o.Entity {
		return fmt.Errorf("%w: not an entity identifier", ErrEnrolment)
	}
	for _, m := range marks {
		if m == "" || strings.Trim(m, "abcdefghijklmnopqrstuvwxyz-") != "" {
			return fmt.Errorf("%w: not the name of a mark", ErrEnrolment)
		}
	}
	if err := o.check(); err != nil {
		return err
	}
	return a.change(func(s *state) error {
		s.Entities[sub] = entity{
			JWKS: forge.JWKS{Keys: append([]forge.JWK{}, keys.Keys...)}, Marks: slices.Clone(marks),
			EnrollOptions: EnrollOptions{Metadata: maps.Clone(o.Metadata), MetadataPolicy: slices.Clone(o.MetadataPolicy)},
			Standing:      active, Enrolled: a.o.Clock().UTC(),
		}
		return nil
	})
}

// Suspend makes the entity's marks suspended (Art. 75(12)). The anchor still vouches for its keys, so
// that it can be told.
func (a *Anchor) Suspend(sub string) error { return a.stand(sub, suspended) }

// Resume ends a suspension.
func (a *Anchor) Resume(sub string) error { return a.stand(sub, active) }

// Revoke makes the entity's marks revoked and stops vouching for its keys.
func (a *Anchor) Revoke(sub string) error { return a.stand(sub, revoked) }

func (a *Anchor) stand(sub string, to standing) error {
	return a.change(func(s *state) error {
		e, ok := s.Entities[sub]
		if !ok {
			return ErrUnknown
		}
		e.Standing = to
		s.Entities[sub] = e
		return nil
	})
}

// change writes the new state before it is used.
func (a *Anchor) change(f func(*state) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := state{Entities: make(map[string]entity, len(a.state.Entities)+1)}
	for k, v := range a.state.Entities {
		next.Entities[k] = v
	}
	if err := f(&next); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(next, "", " ")
	if err != nil {
		return err
	}
	if err := roles.WriteFile(a.stateFile(), raw); err != nil {
		return err
	}
	a.state = next
	return nil
}

func (a *Anchor) lookup(sub string) (entity, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := a.state.Entities[sub]
	return e, ok
}
