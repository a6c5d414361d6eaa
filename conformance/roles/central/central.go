package central

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Options of a central. All but Logger and DisplayName are required.
type Options struct {
	Entity      string // https URL
	DisplayName string
	Dir         string // its own; made when absent
	Anchor      roles.Anchor
	HTTP        *http.Client
	Clock       func() time.Time
	After       func(time.Duration) <-chan time.Time // real or fake timers, for Run
	Rand        io.Reader
	Logger      *slog.Logger
}

// Central is the model of the Central Platform. It is safe for concurrent use.
type Central struct {
	o        Options
	base     string // path of the entity
	origin   string // of the evidence log
	federate *forge.Key
	exchange *forge.Key
	logKey   forge.LogKey
	resolver *roles.Resolver
	self     *roles.Entity
	blobs    roles.Blobs
	rules    *profile.RuleSet // that descriptions are judged by
	wake     chan struct{}
	sending  sync.Mutex // one round of Deliver at a time

	mu       sync.Mutex // guards everything below
	journal  *roles.Journal
	log      *forge.Log
	state    *state
	refusals map[string]*budget
}

// New opens the central in its folder: it makes keys on first use and rebuilds its state from the
// journal. Enroll JWKS at the anchor before the first message.
func New(o Options) (*Central, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Entity = strings.TrimSuffix(o.Entity, "/")
	u, err := url.Parse(o.Entity)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("central: entity is no URL: %w", errors.Join(err))
	}
	c := &Central{
		o: o, base: u.Path, origin: u.Host + u.Path + "/log", wake: make(chan struct{}, 1),
		blobs: roles.Blobs{Dir: filepath.Join(o.Dir, "blobs")}, state: newState(), refusals: map[string]*budget{},
		resolver: &roles.Resolver{Anchor: o.Anchor, HTTP: o.HTTP, Clock: o.Clock, Logger: o.Logger},
	}
	if c.rules, err = profile.Open(profile.Release); err != nil {
		return nil, fmt.Errorf("central: %w", err)
	}
	if err := os.MkdirAll(c.blobs.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("central: %w", err)
	}
	if err := c.openKeys(); err != nil {
		return nil, fmt.Errorf("central: %w", err)
	}
	c.self = &roles.Entity{
		ID: o.Entity, Key: c.federate, Gateway: c.metadata, Roles: []ehds.Mark{ehds.MarkCentralPlatform}, Resolver: c.resolver,
	}
	if c.journal, err = roles.OpenJournal(filepath.Join(o.Dir, "journal.jsonl"), c.replay); err != nil {
		return nil, fmt.Errorf("central: %w", err)
	}
	return c, nil
}

func (c *Central) openKeys() error {
	var err error
	if c.federate, err = roles.LoadKey(c.o.Dir, "federation", forge.AlgEd25519, c.o.Rand); err != nil {
		return err
	}
	if c.exchange, err = roles.LoadKey(c.o.Dir, "exchange", forge.AlgEd25519, c.o.Rand); err != nil {
		return err
	}
	if c.logKey, err = roles.LoadLogKey(c.o.Dir, c.origin, c.o.Rand); err != nil {
		return err
	}
	c.log, err = forge.NewLog(c.origin, c.logKey)
	return err
}

// replay takes one line of the journal.
func (c *Central) replay(line []byte) error {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	for _, l := range e.Leaves {
		if _, err := c.log.Append([]byte(l.Text)); err != nil {
			return err
		}
	}
	c.state.apply(&e)
	return nil
}

// Close closes the journal. Run and the handlers must have ended.
func (c *Central) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.journal.Close()
}

// Entity is the central's identifier.
func (c *Central) Entity() string { return c.o.Entity }

// JWKS is the federation key, for enrolment at the anchor with the mark "central-platform".
func (c *Central) JWKS() forge.JWKS { return forge.NewJWKS(c.federate) }

// Ready says whether the central holds its role mark, asking the anchor for it when it does not.
func (c *Central) Ready(ctx context.Context) bool { return c.self.Ready(ctx) }

// Onboard makes the contact point of a nation known before it has sent anything, so that statuses and
// applications can reach it. Senders become known by sending.
func (c *Central) Onboard(ctx context.Context, entity string) error {
	p, err := c.resolver.Resolve(ctx, entity, nil)
	if err != nil {
		return err
	}
	if p.Gateway == nil {
		return fmt.Errorf("%w: %s is no gateway", roles.ErrUnknownEntity, entity)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := c.begin(ctx)
	ch.learn(p.Country, entity)
	return ch.write()
}

// Handler serves what other hubs and the public see: configuration, exchange endpoint and catalogue.
func (c *Central) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+c.base+roles.WellKnown, c.self.ServeConfiguration)
	mux.HandleFunc("POST "+c.base+"/exchange", c.serveExchange)
	mux.HandleFunc("GET "+c.base+"/catalogue", c.serveCatalogue)
	mux.HandleFunc("GET "+c.base+"/catalogue/datasets/{id}", c.serveDataset)
	return mux
}

// metadata is the ehds_gateway metadata (wire profile §1).
func (c *Central) metadata() roles.GatewayMetadata {
	m := roles.GatewayMetadata{
		ExchangeEndpoint: c.o.Entity + "/exchange", JWKS: forge.NewJWKS(c.exchange), Country: ehds.CountryEU,
		Profiles: spoken, SigningAlgs: []string{forge.AlgEd25519}, MaxMessageBytes: forge.MaxToken,
		EvidenceLog: &roles.EvidenceLog{Origin: c.origin, VKeys: []string{c.logKey.Verifier}, Witnesses: []string{}},
	}
	if c.o.DisplayName != "" {
		m.DisplayName = map[string]string{"en": c.o.DisplayName}
	}
	for _, t := range roles.Hears(ehds.MarkCentralPlatform) {
		m.MessageTypes = append(m.MessageTypes, string(t))
	}
	return m
}

// spoken are the message profiles of the star, extensions included; peer-1 is between hubs and never goes through here.
var spoken = []string{ehds.ProfileR6, ehds.ProfileR7, ehds.ProfileR8, ehds.ProfileExt1}

// profileSent is the profile of what the central says itself.
const profileSent = ehds.ProfileR8
