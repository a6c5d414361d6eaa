package lab

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/national"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Options of a lab. All but Clock and Logger are required.
type Options struct {
	Dir    string
	RunID  string
	Driver Driver
	Now    func() time.Time // real time
	Clock  Clock            // virtual time instead; nil without
	Logger *slog.Logger
}

// Lab is one target between the tester's parties. It is safe for concurrent use.
type Lab struct {
	RunID     string
	Anchor    *trust.Anchor
	Centre    *peer.Hub
	National  *national.System
	Neighbour *peer.Hub // a contact point the target was told of (profile peer-1)
	Target    Target
	HTTP      *http.Client

	o         Options
	base      string
	authority *authority
	mux       *switchboard
	server    *http.Server
	bootstrap Bootstrap
	visits    visits

	mu   sync.Mutex
	hubs []*peer.Hub
}

// Country is the target's nation in every run, and NeighbourCountry that of the hub beside it.
const (
	Country          = "FR"
	NeighbourCountry = "FI"
)

// BasePath is where the target serves its national interface.
const BasePath = "/national-dispatcher"

// Open builds the tester's side, starts the target, and enrols it. It returns when the target answers to
// its neighbours, or with why it does not.
func Open(ctx context.Context, o Options) (*Lab, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Lab{RunID: o.RunID, o: o}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.Close(context.WithoutCancel(ctx)))
	}
	return l, nil
}

func (l *Lab) open(ctx context.Context) error {
	if err := l.listen(); err != nil {
		return fmt.Errorf("the tester's listener: %w", err)
	}
	if err := l.parties(ctx); err != nil {
		return fmt.Errorf("the tester's parties: %w", err)
	}
	if err := l.prepare(); err != nil {
		return fmt.Errorf("the bootstrap: %w", err)
	}
	var err error
	if l.Target, err = l.o.Driver.Start(ctx, l.bootstrap); err != nil {
		return fmt.Errorf("the target does not start: %w", err)
	}
	if err := l.enrol(l.Target.Announced()); err != nil {
		return fmt.Errorf("the target cannot be enrolled: %w", err)
	}
	l.reach()
	return l.ready(ctx)
}

// reach tells the national system where the target's interface is, and the key to it.
func (l *Lab) reach() {
	a := l.Target.Announced()
	l.National.Use(a.URLs.Dispatcher, a.DispatcherKey)
}

// Restart starts a target that was stopped or killed again, on the same state.
func (l *Lab) Restart(ctx context.Context) error {
	if err := l.Target.Restart(ctx); err != nil {
		return err
	}
	l.reach()
	return nil
}

// Now is the time of the run.
func (l *Lab) Now() time.Time {
	if l.o.Clock != nil {
		return l.o.Clock.Now()
	}
	return l.o.Now()
}

// Advance moves the virtual clock; ErrNotObservable without one.
func (l *Lab) Advance(d time.Duration) error {
	if l.o.Clock == nil {
		return ErrNotObservable
	}
	l.o.Clock.Advance(d)
	return nil
}

// Entity is the target's identifier.
func (l *Lab) Entity() string { return l.bootstrap.Self.Entity }

// Bootstrap is what the target was configured with.
func (l *Lab) Bootstrap() Bootstrap { return l.bootstrap }

// StateDir is where the target keeps its state.
func (l *Lab) StateDir() string { return l.bootstrap.StateDir }

func (l *Lab) listen() error {
	var err error
	if l.authority, err = newAuthority(l.Now()); err != nil {
		return err
	}
	config, err := l.authority.server()
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	l.base = "https://" + ln.Addr().String()
	l.mux = &switchboard{visit: l.visits.add}
	l.server = &http.Server{
		Handler: l.mux, ReadHeaderTimeout: 10 * time.Second, TLSConfig: config,
		ErrorLog: slog.NewLogLogger(l.o.Logger.Handler(), slog.LevelDebug),
	}
	go func() { _ = l.server.Serve(tls.NewListener(ln, config)) }() // ends with Close
	l.HTTP = &http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{
		TLSClientConfig: l.authority.client(), MaxIdleConnsPerHost: 64,
	}}
	return nil
}

// parties opens anchor, centre, neighbour and national systems.
func (l *Lab) parties(ctx context.Context) error {
	var err error
	if l.Anchor, err = trust.New(trust.Options{
		Entity: l.base + "/anchor", Dir: filepath.Join(l.o.Dir, "anchor"), Clock: l.Now, Rand: rand.Reader, Logger: l.o.Logger,
	}); err != nil {
		return err
	}
	l.mux.handle("/anchor", l.Anchor.Handler())
	if l.Centre, err = l.Hub(ctx, "centre", ehds.CountryEU, ehds.MarkCentralPlatform); err != nil {
		return err
	}
	if l.Neighbour, err = l.Hub(ctx, "ncp-fi", NeighbourCountry, ehds.MarkNCP); err != nil {
		return err
	}
	l.National = national.New(national.Options{
		URL: l.base + "/national", HTTP: l.HTTP,
	})
	l.mux.handle("/national", l.National.Handler())
	return nil
}

// Hub opens a further hub below the tester's origin and enrols it with its mark. name is one path segment.
func (l *Lab) Hub(ctx context.Context, name, country string, mark ehds.Mark) (*peer.Hub, error) {
	h, err := l.Stranger(ctx, name, country, mark)
	if err != nil {
		return nil, err
	}
	return h, l.Anchor.Enroll(h.Entity(), h.JWKS(), []string{string(mark)}, trust.EnrollOptions{Metadata: roles.StateGateway(country)})
}

// Stranger opens a hub that the anchor does not know.
func (l *Lab) Stranger(ctx context.Context, name, country string, mark ehds.Mark) (*peer.Hub, error) {
	h, err := peer.New(ctx, peer.Options{
		Entity: l.base + "/" + name, Country: country, Mark: mark, Dir: filepath.Join(l.o.Dir, name),
		Anchor: roles.Anchor{Entity: l.Anchor.Entity(), JWKS: l.Anchor.JWKS()},
		HTTP:   l.HTTP, Clock: l.Now, Rand: rand.Reader, Logger: l.o.Logger,
	})
	if err != nil {
		return nil, err
	}
	l.mux.handle("/"+name, h.Handler())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hubs = append(l.hubs, h)
	return h, nil
}

// Serve adds a handler below the tester's origin, in the place of one that was there, and returns its URL.
func (l *Lab) Serve(name string, h http.Handler) string {
	l.mux.handle("/"+name, h)
	return l.base + "/" + name
}

// Visits are the requests that came to the tester so far whose path begins with prefix.
func (l *Lab) Visits(prefix string) int { return l.visits.count(prefix) }

// Visited lists the paths, with their queries, of the requests that came to the tester so far.
func (l *Lab) Visited() []string { return l.visits.list() }

// prepare fills in the bootstrap.
func (l *Lab) prepare() error {
	listen, err := freeAddress()
	if err != nil {
		return err
	}
	cert, key, err := l.authority.issue(3)
	if err != nil {
		return err
	}
	l.bootstrap = Bootstrap{
		Version: BootstrapVersion, RunID: l.RunID, StateDir: filepath.Join(l.o.Dir, "t"),
		Self: Self{
			Entity: "https://" + listen, Listen: listen, Country: Country, DisplayName: "Conformance run " + l.RunID,
			HDABs: []HDAB{
				{ID: "hda", Code: "HDA", Name: "First body", Agents: []string{national.FirstBody}},
				{ID: "hdb", Code: "HDB", Name: "Second body", Agents: []string{national.SecondBody}},
			},
		},
		TLS:        TLS{Certificate: cert, Key: key, Roots: l.authority.pem},
		Anchor:     Anchor{Entity: l.Anchor.Entity(), JWKS: l.Anchor.JWKS()},
		Centre:     Centre{Entity: l.Centre.Entity(), Profile: ehds.ProfileR8},
		Catalogue:  Catalogue{URL: l.National.CatalogueURL(), MediaType: national.MediaType, Release: "r8", IntervalSeconds: 1},
		Dispatcher: Dispatcher{BasePath: BasePath, System: "conformance"},
		Peers:      []Peer{{Entity: l.Neighbour.Entity()}},
		Timing: Timing{
			HoldMilliseconds: 2000, RetryFirstMilliseconds: 100, RetryMaxMilliseconds: 1000, MarkRefreshMilliseconds: 1000, GraceSeconds: 3600,
		},
	}
	return nil
}

// enrol makes the target and its bodies known to the anchor, as its operator would.
func (l *Lab) enrol(a Announcement) error {
	if a.Entity != l.Entity() {
		return fmt.Errorf("%w: it announces %q and was told to be %q", ErrAnnouncement, a.Entity, l.Entity())
	}
	err := l.Anchor.Enroll(a.Entity, a.JWKS, []string{string(ehds.MarkNCP)}, trust.EnrollOptions{Metadata: roles.StateGateway(Country)})
	for _, b := range a.HDABs {
		code := ""
		for _, known := range l.bootstrap.Self.HDABs {
			if known.ID == b.ID {
				code = known.Code
			}
		}
		if code == "" || !strings.HasPrefix(b.Entity, "https://") {
			return fmt.Errorf("%w: body %q", ErrAnnouncement, b.ID)
		}
		err = errors.Join(err, l.Anchor.Enroll(b.Entity, b.JWKS, []string{string(ehds.MarkHDAB)}, trust.EnrollOptions{Metadata: roles.StateBody(Country, code)}))
	}
	return err
}

// ready waits until the target shows its configuration with its mark.
func (l *Lab) ready(ctx context.Context) error {
	var last error
	for {
		p, err := l.Centre.Resolver().Resolve(ctx, l.Entity(), nil)
		if err == nil {
			if err = p.Holds(l.Now(), ehds.MarkNCP); err == nil {
				return nil
			}
			l.Centre.Resolver().Forget(l.Entity())
		}
		last = err
		select {
		case <-ctx.Done():
			return fmt.Errorf("the target does not become ready: %w", last)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Close ends the target and the tester's parties.
func (l *Lab) Close(ctx context.Context) error {
	var err error
	if l.Target != nil {
		err = l.Target.Close(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.hubs {
		h.Close()
	}
	if l.server != nil {
		err = errors.Join(err, l.server.Close())
		l.HTTP.CloseIdleConnections()
	}
	return err
}

// freeAddress finds a port that is free now.
func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
