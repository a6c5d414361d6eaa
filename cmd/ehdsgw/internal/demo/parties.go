package demo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/demo/catalogues"
	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// host is a party that is not a gateway: a folder, a certificate, a TLS listener.
type host struct {
	dir    string
	entity string
	ca     *pki.CA
	ln     net.Listener
	server *http.Server
}

func newHost(o Options, dir string) (*host, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	ca, err := pki.DevelopmentCA(filepath.Join(dir, "pki"), pki.Options{
		Clock: o.Clock, Rand: o.Rand, Names: []string{"localhost", "127.0.0.1"},
	})
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &host{dir: dir, entity: "https://" + ln.Addr().String(), ca: ca, ln: ln}, nil
}

func (h *host) serve(o Options, handler http.Handler) error {
	r, err := pki.NewReloader(pki.Files{Cert: h.ca.CertFile(), Key: h.ca.KeyFile(), Clock: o.Clock})
	if err != nil {
		return err
	}
	h.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = h.server.Serve(tls.NewListener(h.ln, r.ServerConfig())) }() // ends with stop
	return nil
}

func (h *host) stop(ctx context.Context) error {
	if h == nil || h.server == nil {
		return nil
	}
	if err := h.server.Shutdown(ctx); err != nil {
		return h.server.Close()
	}
	return nil
}

// anchorParty is the trust anchor.
type anchorParty struct {
	*host
	role *trust.Anchor
}

// roots are the development authorities of all four parties, as one PEM file: what a real
// installation gets from public certificate authorities.
func (r *run) roots() ([]byte, error) {
	var all []byte
	for _, ca := range []*pki.CA{r.anchor.ca, r.centre.ca, r.fr.ca, r.fi.ca} {
		pem, err := os.ReadFile(ca.CAFile())
		if err != nil {
			return nil, err
		}
		all = append(all, pem...)
	}
	return all, nil
}

// client is an https client that trusts the parties' authorities and nobody else.
func client(roots []byte) (*http.Client, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(roots) {
		return nil, errors.New("no certificate among the roots")
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}}, nil
}

// centreUp is step 1: the anchor and the central platform come up, the latter enrolled with its mark.
// The nations take their ports here too, so that everyone's authority is known to everyone.
func (r *run) centreUp(ctx context.Context) (string, error) {
	var err error
	anchorHost, err := newHost(r.o, filepath.Join(r.dir, "anchor"))
	if err != nil {
		return "", err
	}
	r.anchor = &anchorParty{host: anchorHost}
	centreHost, err := newHost(r.o, filepath.Join(r.dir, "centre"))
	if err != nil {
		return "", err
	}
	r.centre = &centreParty{host: centreHost}
	r.fr = &nation{country: "FR", name: "Exemple: point de contact français", hdabID: "national", hdabCode: "HDH", decide: "manual", agent: catalogues.HDABFrance}
	r.fi = &nation{country: "FI", name: "Esimerkki: Suomen yhteyspiste", hdabID: "national", hdabCode: "FDA", decide: "Positive", agent: catalogues.HDABFinland}
	if err := errors.Join(r.fr.prepare(r.o, r.dir), r.fi.prepare(r.o, r.dir)); err != nil {
		return "", err
	}
	if r.anchor.role, err = trust.New(trust.Options{
		Entity: r.anchor.entity, Dir: filepath.Join(r.anchor.dir, "data"), Clock: r.o.Clock, Rand: r.o.Rand,
		Logger: r.o.Logger.With("party", "anchor"),
	}); err != nil {
		return "", err
	}
	if err := r.anchor.serve(r.o, r.anchor.role.Handler()); err != nil {
		return "", err
	}
	roots, err := r.roots()
	if err != nil {
		return "", err
	}
	if err := r.centre.start(ctx, r.o, r.anchor, roots); err != nil {
		return "", err
	}
	r.report.URLs["anchor"], r.report.URLs["centre"] = r.anchor.entity, r.centre.entity
	return fmt.Sprintf("anchor %s, central platform %s", r.anchor.entity, r.centre.entity), nil
}

// enroll makes a nation and its body known to the anchor, as `ehdsgw init` and the anchor's operator
// would between them.
func (r *run) enroll(n *nation) error {
	ncp, hdab, err := n.federationKeys(r.o)
	if err != nil {
		return err
	}
	for _, e := range []struct {
		entity string
		keys   jose.KeySet
		mark   ehds.Mark
		stated map[string]json.RawMessage
	}{
		{n.entity, ncp, ehds.MarkNCP, roles.StateGateway(n.country)},
		{n.hdab(), hdab, ehds.MarkHDAB, roles.StateBody(n.country, n.hdabCode)},
	} {
		raw, err := json.Marshal(e.keys)
		if err != nil {
			return err
		}
		set, err := forge.ParseJWKS(raw)
		if err != nil {
			return err
		}
		if err := r.anchor.role.Enroll(e.entity, set, []string{string(e.mark)}, trust.EnrollOptions{Metadata: e.stated}); err != nil {
			return err
		}
	}
	return nil
}

// nationsUp is step 2: both gateways start from their configuration files and resolve to the anchor
// whose keys were pinned.
func (r *run) nationsUp(ctx context.Context) (string, error) {
	roots, err := r.roots()
	if err != nil {
		return "", err
	}
	anchorKeys, err := json.Marshal(r.anchor.role.JWKS())
	if err != nil {
		return "", err
	}
	if err := errors.Join(r.fr.placeCatalogue(r.o.Catalogue, catalogues.FR()), r.fi.placeCatalogue("", catalogues.FI())); err != nil {
		return "", err
	}
	for _, n := range []*nation{r.fr, r.fi} {
		if err := errors.Join(r.enroll(n), n.write(r.anchor.entity, r.centre.entity, anchorKeys, roots)); err != nil {
			return "", err
		}
		if err := n.start(ctx, r.o); err != nil {
			return "", err
		}
		if err := eventually(ctx, n.country+" becomes ready", n.ready); err != nil {
			return "", err
		}
		r.report.URLs[n.country] = n.entity
	}
	return r.resolve(ctx, anchorKeys, roots)
}

// resolve checks both nations from outside, with the anchor's keys pinned.
func (r *run) resolve(ctx context.Context, anchorKeys, roots []byte) (string, error) {
	keys, err := jose.ParseKeySet(anchorKeys)
	if err != nil {
		return "", err
	}
	hc, err := client(roots)
	if err != nil {
		return "", err
	}
	resolver := federation.NewResolver(federation.Options{
		Anchors: []federation.Anchor{{Entity: r.anchor.entity, Keys: keys}}, Onboarded: []string{r.fr.entity, r.fi.entity},
		HTTP: hc, Clock: r.o.Clock, Logger: r.o.Logger,
	})
	for _, n := range []*nation{r.fr, r.fi} {
		e, err := resolver.Resolve(ctx, n.entity, nil)
		if err != nil {
			return "", err
		}
		if e.Gateway == nil || e.Gateway.Country != n.country || !activeMark(e, ehds.MarkNCP) {
			return "", fmt.Errorf("%s does not resolve to an active contact point of %s", n.entity, n.country)
		}
	}
	return "chains end at the pinned key; role mark ncp active for both", nil
}

func activeMark(e *federation.Entity, name ehds.Mark) bool {
	for _, m := range e.Marks {
		if m.Name == string(name) && m.Status == federation.MarkActive {
			return true
		}
	}
	return false
}

// stopAll ends every party that is still up.
func (r *run) stopAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	errs := []error{r.fr.stop(ctx), r.fi.stop(ctx)}
	if r.centre != nil {
		errs = append(errs, r.centre.end(ctx))
	}
	if r.anchor != nil {
		errs = append(errs, r.anchor.stop(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		r.o.Logger.Error("a party did not stop in order", "error", err)
	}
}
