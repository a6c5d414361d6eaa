package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Options of a hub. All but Logger are required.
type Options struct {
	Entity  string // https URL; routes lie below its path
	Country string // as the anchor states it
	Mark    ehds.Mark
	Dir     string // of attachments; made when absent
	Anchor  roles.Anchor
	HTTP    *http.Client
	Clock   func() time.Time
	Rand    io.Reader
	Logger  *slog.Logger
}

// Hub is one scripted hub. It is safe for concurrent use.
type Hub struct {
	o        Options
	base     string
	origin   string
	keys     Keys
	logKey   forge.LogKey
	resolver *roles.Resolver
	self     *roles.Entity
	blobs    roles.Blobs
	ctx      context.Context // of answers sent later; ends with Close
	stop     context.CancelFunc
	later    sync.WaitGroup

	mu    sync.Mutex // guards everything below
	log   *forge.Log
	seqs  map[line]int64
	sent  map[string][]string // jti → every token of it
	first map[messageRef]*Received
	tries map[messageRef]int // deliveries kept of each message
	heard []Received
	news  chan struct{} // closed and replaced when something was heard
	rules []*rule
}

// Keys are the hub's keys, open to cases that sign what no hub would.
type Keys struct {
	Federation *forge.Key
	Exchange   *forge.Key
}

// line is where numbers count: one peer, one case.
type line struct{ peer, caseID string }

type messageRef struct{ iss, jti string }

// New makes a hub with keys of its own, which sends answers until ctx ends or Close. Enroll JWKS at the anchor
// before the first message.
func New(ctx context.Context, o Options) (*Hub, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Entity = strings.TrimSuffix(o.Entity, "/")
	u, err := url.Parse(o.Entity)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("hub: entity is no URL: %w", errors.Join(err))
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	h := &Hub{
		o: o, base: u.Path, origin: u.Host + u.Path + "/log", blobs: roles.Blobs{Dir: o.Dir},
		resolver: &roles.Resolver{Anchor: o.Anchor, HTTP: o.HTTP, Clock: o.Clock, Logger: o.Logger},
		seqs:     map[line]int64{}, sent: map[string][]string{}, first: map[messageRef]*Received{}, tries: map[messageRef]int{}, news: make(chan struct{}),
	}
	if err := h.makeKeys(); err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	h.ctx, h.stop = context.WithCancel(ctx)
	h.self = &roles.Entity{
		ID: o.Entity, Key: h.keys.Federation, Gateway: h.metadata, Roles: []ehds.Mark{o.Mark}, Resolver: h.resolver,
	}
	return h, nil
}

func (h *Hub) makeKeys() (err error) {
	if h.keys.Federation, err = forge.NewKey(forge.AlgEd25519, h.o.Rand); err != nil {
		return err
	}
	if h.keys.Exchange, err = forge.NewKey(forge.AlgEd25519, h.o.Rand); err != nil {
		return err
	}
	if h.logKey, err = forge.NewLogKey(h.origin, h.o.Rand); err != nil {
		return err
	}
	h.log, err = forge.NewLog(h.origin, h.logKey)
	return err
}

// Close ends what the hub still had to send.
func (h *Hub) Close() {
	h.stop()
	h.later.Wait()
}

// Entity is the hub's identifier.
func (h *Hub) Entity() string { return h.o.Entity }

// Country is the nation the anchor states for it.
func (h *Hub) Country() string { return h.o.Country }

// JWKS is the federation key, for enrolment at the anchor.
func (h *Hub) JWKS() forge.JWKS { return forge.NewJWKS(h.keys.Federation) }

// Keys are the hub's keys.
func (h *Hub) Keys() Keys { return h.keys }

// Resolver is what the hub knows peers by.
func (h *Hub) Resolver() *roles.Resolver { return h.resolver }

// Blobs holds the attachments heard, and those to send.
func (h *Hub) Blobs() roles.Blobs { return h.blobs }

// Ready says whether the hub holds its role mark, asking the anchor when it does not.
func (h *Hub) Ready(ctx context.Context) bool { return h.self.Ready(ctx) }

// Handler serves the entity configuration and the exchange endpoint.
func (h *Hub) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+h.base+roles.WellKnown, h.self.ServeConfiguration)
	mux.HandleFunc("POST "+h.base+"/exchange", h.serveExchange)
	return mux
}

// metadata is the ehds_gateway metadata (wire profile §1).
func (h *Hub) metadata() roles.GatewayMetadata {
	m := roles.GatewayMetadata{
		ExchangeEndpoint: h.o.Entity + "/exchange", JWKS: forge.NewJWKS(h.keys.Exchange), Country: h.o.Country,
		Profiles: ehds.Profiles(), SigningAlgs: []string{forge.AlgEd25519}, MaxMessageBytes: forge.MaxToken,
		EvidenceLog: &roles.EvidenceLog{Origin: h.origin, VKeys: []string{h.logKey.Verifier}, Witnesses: []string{}},
		DisplayName: map[string]string{"en": "Conformance suite: " + string(h.o.Mark)},
	}
	for _, t := range roles.Hears(h.o.Mark) {
		m.MessageTypes = append(m.MessageTypes, string(t))
	}
	return m
}
