package superior

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// State is where a subordinate stands.
type State string

// The states. A suspended entity is still vouched for, so that its permits can be verified, and its
// marks say suspended (Art. 75(12) of Regulation (EU) 2025/327); for a withdrawn one nothing is said any
// more, and its marks are revoked.
const (
	Active    State = "active"
	Suspended State = "suspended"
	Withdrawn State = "withdrawn"
)

// Errors of the register and of what is put into it.
var (
	// ErrUnknown: the register has no such entity.
	ErrUnknown = errors.New("superior: no such subordinate")
	// ErrEnrolled: the entity is in the register already.
	ErrEnrolled = errors.New("superior: the entity is enrolled already")
	// ErrUnfit: a record cannot be what a superior would state.
	ErrUnfit = errors.New("superior: the record is unfit")
	// ErrKeyTaken: a key belongs to another entity.
	ErrKeyTaken = errors.New("superior: the key belongs to another entity")
	// ErrLoop: the entity stands above this one, or is this one.
	ErrLoop = errors.New("superior: the entity stands above this one")
	// ErrState: the change does not lead from where the entity stands.
	ErrState = errors.New("superior: no such change from this state")
	// ErrDamaged: a file that cannot be what this register wrote.
	ErrDamaged = errors.New("superior: a file of the register is damaged")
)

// Subordinate is one entity below us, as the register keeps it.
type Subordinate struct {
	Version  int       `json:"version"` // 1
	Entity   string    `json:"entity"`
	State    State     `json:"state"`
	Since    time.Time `json:"since"`    // of the state
	Enrolled time.Time `json:"enrolled"` // last time
	// MarksOnly is an entity that stands under another superior: it gets marks and no statement.
	MarksOnly bool `json:"marks_only,omitempty"`
	// Types are its entity types, beside federation_entity.
	Types        []string `json:"types"`
	Intermediate bool     `json:"intermediate,omitempty"` // it has subordinates of its own
	// Country (ISO 3166-1 alpha-2; EU for the centre) and HDABCode are stated about it (wire profile §1).
	Country  string `json:"country,omitempty"`
	HDABCode string `json:"hdab_code,omitempty"`
	// Keys are its federation keys, pinned at enrolment.
	Keys jose.KeySet `json:"jwks"`
	// Metadata, Policy and Constraints are stated as they are.
	Metadata    map[string]json.RawMessage `json:"metadata,omitempty"`
	Policy      json.RawMessage            `json:"metadata_policy,omitempty"`
	Constraints *federation.Constraints    `json:"constraints,omitempty"`
	// Marks are the types of its role marks, and since when it has them: an older mark is revoked.
	Marks map[string]time.Time `json:"marks,omitempty"`
	// Issues are the types of marks it may issue itself.
	Issues []string `json:"issues,omitempty"`
}

var (
	country  = regexp.MustCompile(`^[A-Z]{2}$`)
	hdabCode = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,31}$`)
)

// check refuses what must not be stated.
func (s *Subordinate) check() error {
	if err := checkEntity(s.Entity); err != nil {
		return err
	}
	isHub := slices.Contains(s.Types, federation.TypeGateway)
	isBody := slices.Contains(s.Types, federation.TypeHDAB)
	switch {
	case s.Version != 1:
		return fmt.Errorf("%w: version %d", ErrUnfit, s.Version)
	case s.State != Active && s.State != Suspended && s.State != Withdrawn:
		return fmt.Errorf("%w: state %q", ErrUnfit, s.State)
	case len(s.Keys.Ignored) > 0:
		return fmt.Errorf("%w: a key in its set cannot be used: %s", ErrUnfit, s.Keys.Ignored[0].Reason)
	case len(s.Keys.Keys) == 0 && !s.MarksOnly:
		return fmt.Errorf("%w: it has no keys", ErrUnfit)
	case s.Country != "" && !country.MatchString(s.Country):
		return fmt.Errorf("%w: country %q is not two capital letters", ErrUnfit, s.Country)
	case s.Country == "" && (isHub || isBody) && !s.MarksOnly:
		return fmt.Errorf("%w: a gateway or a body has a country", ErrUnfit)
	case s.HDABCode != "" && (!isBody || !hdabCode.MatchString(s.HDABCode)):
		return fmt.Errorf("%w: hdab_code is for bodies: letters, digits and hyphens", ErrUnfit)
	}
	for _, t := range slices.Concat(slices.Collect(maps.Keys(s.Marks)), s.Issues) {
		if u, err := url.Parse(t); err != nil || u.Scheme == "" || u.Hostname() == "" {
			return fmt.Errorf("%w: a mark's type is a URL, not %q", ErrUnfit, t)
		}
	}
	if len(s.Policy) > 0 {
		if _, err := federation.ParseMetadataPolicy(s.Policy, s.Entity); err != nil {
			return fmt.Errorf("%w: %w", ErrUnfit, err)
		}
	}
	_, err := s.stated()
	return err
}

// checkEntity checks an entity identifier (OpenID Federation 1.1 §1.2): https, or http for development,
// without query, fragment and user.
func checkEntity(entity string) error {
	u, err := url.Parse(entity)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsAny(entity, "?# \\{}") || u.Host != strings.ToLower(u.Host) {
		return fmt.Errorf("%w: an entity is an https URL in small letters, without query and fragment", ErrUnfit)
	}
	return nil
}

// stated is what we state about it.
func (s *Subordinate) stated() (federation.Claims, error) {
	md := maps.Clone(s.Metadata)
	if md == nil {
		md = map[string]json.RawMessage{}
	}
	types := s.Types
	if len(types) == 0 && s.Country != "" {
		types = []string{federation.TypeGateway} // an intermediate: the country of what stands below it
	}
	for _, t := range types {
		id := federation.Identity{Country: s.Country}
		if t == federation.TypeHDAB {
			id.Code = s.HDABCode
		}
		raw, err := withIdentity(md[t], id)
		if err != nil {
			return federation.Claims{}, err
		}
		md[t] = raw
	}
	return federation.Claims{Sub: s.Entity, JWKS: s.Keys, Metadata: md, MetadataPolicy: s.Policy, Constraints: s.Constraints}, nil
}

// withIdentity adds who an entity is to other metadata stated about it.
func withIdentity(metadata json.RawMessage, id federation.Identity) (json.RawMessage, error) {
	members := map[string]any{}
	if len(metadata) > 0 {
		if err := jose.DecodeKnown(metadata, &members); err != nil {
			return nil, fmt.Errorf("%w: its metadata is no JSON object", ErrUnfit)
		}
	}
	if id.Country != "" {
		members["country"] = id.Country
	}
	if id.Code != "" {
		members["hdab_code"] = id.Code
	}
	return json.Marshal(members)
}

// MarkState is the status of a mark of a type that we made for it at a time; empty when we make none.
func (s *Subordinate) markState(markType string, madeAt time.Time) federation.MarkStatus {
	since, ok := s.Marks[markType]
	switch {
	case !ok || s.State == Withdrawn || madeAt.Before(since.Truncate(time.Second)):
		return federation.MarkRevoked
	case s.State == Suspended:
		return federation.MarkSuspended
	}
	return federation.MarkActive
}

// hasMarks says whether it has a mark that is active: of a type, or of any when that is empty.
func (s *Subordinate) hasMarks(markType string) bool {
	if s.State != Active {
		return false
	}
	if markType == "" {
		return len(s.Marks) > 0
	}
	_, ok := s.Marks[markType]
	return ok
}
