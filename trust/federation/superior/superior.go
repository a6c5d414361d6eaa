package superior

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Keys are the superior's federation keys.
type Keys interface {
	federation.Keys
	// Past lists the keys that no longer sign.
	Past() ([]federation.HistoricalKey, error)
}

// Options describe a superior. All but Superiors, Anchors, Owners, Delegations and Name are required.
type Options struct {
	Entity   string
	Name     string // of the organisation
	Registry *Registry
	Keys     Keys
	// Superiors stand above an intermediate; an anchor has none.
	Superiors []string
	// Anchors are those an intermediate resolves to, with pinned keys. An anchor resolves to itself.
	Anchors []federation.Anchor
	// Owners are the owners of mark types, of an anchor.
	Owners map[string]federation.MarkOwner
	// Delegations are owners' words that we may issue marks, by type.
	Delegations map[string]string
	Resolver    *federation.Resolver
	Clock       func() time.Time
	Logger      *slog.Logger
	MarkLife    time.Duration // of a mark; 7 days at most and when zero
}

// Superior is an anchor or an intermediate. It is safe for concurrent use.
type Superior struct {
	o    Options
	self *federation.Self

	flight    singleflight.Group
	resolving chan struct{} // one for each subordinate being resolved
	mu        sync.Mutex
	says      string            // what the last configuration depends on
	resolved  map[string]answer // by entity; no more than there are subordinates
	stated    map[string]string // the statement last made about a subordinate
}

// New makes a superior.
func New(o Options) *Superior {
	s := &Superior{o: o, resolved: map[string]answer{}, stated: map[string]string{}, resolving: make(chan struct{}, maxResolving)}
	s.self = federation.NewSelf(federation.SelfOptions{
		Entity: o.Entity, Hints: o.Superiors, Keys: o.Keys, Clock: o.Clock, MarkRules: s.markRules,
		Metadata: func() (map[string]any, error) {
			return map[string]any{federation.TypeFederationEntity: s.endpoints()}, nil
		},
	})
	return s
}

// IsAnchor says whether nobody stands above.
func (s *Superior) IsAnchor() bool { return len(s.o.Superiors) == 0 }

// Paths of the endpoints below the entity identifier.
const (
	fetchPath      = "/federation/fetch"
	listPath       = "/federation/list"
	resolvePath    = "/federation/resolve"
	markPath       = "/federation/trust-mark"
	markListPath   = "/federation/trust-mark-list"
	markStatusPath = "/federation/trust-mark-status"
	historicalPath = "/federation/historical-keys"
)

func (s *Superior) endpoints() federation.FederationMetadata {
	base := strings.TrimSuffix(s.o.Entity, "/")
	return federation.FederationMetadata{
		FetchEndpoint: base + fetchPath, ListEndpoint: base + listPath, ResolveEndpoint: base + resolvePath,
		MarkEndpoint: base + markPath, MarkListEndpoint: base + markListPath, MarkStatusEndpoint: base + markStatusPath,
		HistoricalEndpoint: base + historicalPath, OrganizationName: s.o.Name,
	}
}

// Enrol puts an entity into the register, once the statement about it has proved to be one that its
// readers take. With replace the entity is enrolled already, and gets another record.
func (s *Superior) Enrol(sub Subordinate, replace bool) error {
	sub.Version, sub.State = 1, Active
	if err := sub.check(); err != nil {
		return err
	}
	if !sub.MarksOnly {
		said, err := sub.stated()
		if err != nil {
			return err
		}
		if _, err := s.self.State(said, ""); err != nil {
			return fmt.Errorf("%w: %w", ErrUnfit, err)
		}
	}
	own, err := s.o.Keys.Public()
	if err != nil {
		return err
	}
	if replace {
		return s.o.Registry.Replace(sub, own)
	}
	return s.o.Registry.Enrol(sub, own)
}

// Configuration is our own statement. A signed one is used again for a short while, but not beyond a
// change of keys or of who may issue marks.
func (s *Superior) Configuration() (string, error) {
	rules, err := s.markRules()
	if err != nil {
		return "", err
	}
	keys, err := s.o.Keys.Public()
	if err != nil {
		return "", err
	}
	says, err := json.Marshal([]any{rules, keys})
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	changed := s.says != string(says)
	s.says = string(says)
	s.mu.Unlock()
	if changed {
		s.self.Renew()
	}
	return s.self.Configuration()
}

// Statement is our statement about a subordinate: active or suspended. ErrUnknown otherwise. The one
// made last is given again for a while, but not beyond a change of the record or of our key.
func (s *Superior) Statement(entity string) (string, error) {
	sub, err := s.vouched(entity)
	if err != nil {
		if isUnknown(err) {
			s.mu.Lock()
			delete(s.stated, entity)
			s.mu.Unlock()
		}
		return "", err
	}
	said, err := sub.stated()
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	last := s.stated[entity]
	s.mu.Unlock()
	token, err := s.self.State(said, last)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.stated[entity] = token
	s.mu.Unlock()
	return token, nil
}

// vouched is a subordinate we speak for.
func (s *Superior) vouched(entity string) (Subordinate, error) {
	sub, err := s.o.Registry.Get(entity)
	if err == nil && (sub.State == Withdrawn || sub.MarksOnly) {
		return Subordinate{}, ErrUnknown
	}
	return sub, err
}

// Historical is the signed list of our former federation keys. An intermediate adds the chain that
// proves it, while its superiors answer.
func (s *Superior) Historical(ctx context.Context) (string, error) {
	past, err := s.o.Keys.Past()
	if err != nil {
		return "", err
	}
	var chain []string
	if !s.IsAnchor() {
		config, above, err := s.above(ctx)
		if err != nil {
			s.o.Logger.WarnContext(ctx, "historical keys are served without a chain: the superiors do not answer", "error", err)
		} else {
			chain = append([]string{config}, above...)
		}
	}
	return s.self.AnswerHistorical(past, chain)
}

// above is our configuration and what stands above it; for an anchor that is nothing.
func (s *Superior) above(ctx context.Context) (config string, above []string, err error) {
	if config, err = s.Configuration(); err != nil || s.IsAnchor() {
		return config, nil, err
	}
	above, err = s.o.Resolver.Above(ctx, config)
	return config, above, err
}

// anchors are those we resolve to.
func (s *Superior) anchors() ([]federation.Anchor, error) {
	if !s.IsAnchor() {
		return s.o.Anchors, nil
	}
	keys, err := s.o.Keys.Public()
	return []federation.Anchor{{Entity: s.o.Entity, Keys: keys}}, err
}

// PinFrom gives the keys of an entity's configuration, if a key with a thumbprint (RFC 7638) signed it.
func PinFrom(config *federation.Statement, thumbprint string) (jose.KeySet, error) {
	for _, k := range config.JWKS.Keys {
		if p, err := jose.Thumbprint(k.Key); err == nil && p == thumbprint {
			return config.JWKS, config.Verify(jose.KeySet{Keys: []jose.PublicKey{k}})
		}
	}
	return jose.KeySet{}, fmt.Errorf("%w: %s shows no key with this thumbprint", ErrUnfit, config.Sub)
}
