package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
)

// StatusLists makes signed status lists.
type StatusLists interface {
	SignedList(ctx context.Context, hdab string, year int) (token string, ok bool, err error)
}

// VisaKeys publishes the visa keys of a body (AAI profile 1.2.1: jku).
type VisaKeys interface {
	VisaKeys(hdab string) (jose.KeySet, error)
}

// Federation mounts the documents of the entities hosted here.
type Federation interface {
	Register(mux *http.ServeMux) error
}

// Public is what the listener for other hubs serves.
type Public struct {
	Exchange   http.Handler
	Federation Federation
	Status     StatusLists
	Visas      VisaKeys
	Entity     string   // our identifier: paths follow it
	Bodies     []string // entity identifiers of the bodies hosted
	// Historical makes the signed list of an entity's historical keys: all of them, or its federation
	// keys alone.
	Historical func(ctx context.Context, entity string, federationOnly bool) (string, error)
	// Evidence is the evidence log; nil serves none.
	Evidence *EvidenceLog
	// Catalogue serves what is below CataloguePath; nil serves none.
	Catalogue http.Handler
	// Register serves what is below RegisterPath; nil serves none.
	Register http.Handler
	// Drivers are the handlers of drivers that have one, by instance; see DriverPath.
	Drivers map[string]http.Handler
	// BasePaths are further paths below the entity where a driver is served, each with its instance.
	BasePaths map[string]string
	// Metrics counts the requests of drivers; nil counts none.
	Metrics *telemetry.Metrics
}

// Paths of the lists of historical keys, below an entity's identifier: its own with every key, and the
// contact point's with the federation keys alone (OpenID Federation 1.1).
const (
	HistoricalPath           = "/historical-keys"
	FederationHistoricalPath = "/federation/historical-keys"
)

// CataloguePath is where the catalogue is read, below the entity (Art. 79(2): it is public).
const CataloguePath = "/catalogue"

// RegisterPath is where the register of applications, decisions and permits is read, below the entity
// (Art. 57(1)(j), 58: it is public).
const RegisterPath = "/register"

// Handler assembles the routes. Everything not listed is 404 without a body worth reading.
func (p *Public) Handler() (http.Handler, error) {
	mux := http.NewServeMux()
	base, err := url.Parse(p.Entity)
	if err != nil {
		return nil, err
	}
	root := strings.TrimSuffix(base.Path, "/")
	mux.Handle("POST "+root+"/exchange", p.Exchange)
	if err := p.Federation.Register(mux); err != nil {
		return nil, err
	}
	if p.Evidence != nil {
		p.Evidence.register(mux, root)
	}
	if p.Catalogue != nil {
		mux.Handle(root+CataloguePath, p.Catalogue)
		mux.Handle(root+CataloguePath+"/", p.Catalogue)
	}
	if p.Register != nil {
		mux.Handle(root+RegisterPath, p.Register)
		mux.Handle(root+RegisterPath+"/", p.Register)
	}
	p.mountDrivers(mux, root)
	mux.HandleFunc("GET "+root+HistoricalPath, p.historical(p.Entity, false))
	mux.HandleFunc("GET "+root+FederationHistoricalPath, p.historical(p.Entity, true))
	for _, b := range p.Bodies {
		u, err := url.Parse(b)
		if err != nil {
			return nil, err
		}
		mux.HandleFunc("GET "+u.Path+"/status/{year}", func(w http.ResponseWriter, r *http.Request) {
			p.statusList(w, r, b)
		})
		mux.HandleFunc("GET "+u.Path+HistoricalPath, p.historical(b, false))
		mux.HandleFunc("GET "+u.Path+"/visa-keys", func(w http.ResponseWriter, _ *http.Request) { p.visaKeys(w, b) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, fault.New(fault.NotFound, "not-found", "there is nothing at this path"))
	})
	return secureHeaders(mux), nil
}

// statusList serves a list without credentials or cookies, so that reading one tells nobody which
// permit is being checked (Token Status List draft §12.1). What has no answer is refused before a list
// is signed for it.
func (p *Public) statusList(w http.ResponseWriter, r *http.Request, body string) {
	if err := statuslist.Servable(r); err != nil {
		statuslist.Refuse(w, err)
		return
	}
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || len(r.PathValue("year")) != 4 {
		writeProblem(w, fault.New(fault.NotFound, "not-found", "there is no such status list"))
		return
	}
	token, ok, err := p.Status.SignedList(r.Context(), body, year)
	switch {
	case errors.Is(err, permits.ErrNotHosted):
		writeProblem(w, fault.New(fault.NotFound, "not-found", "there is no such status list"))
	case err != nil:
		writeProblem(w, fault.Wrap(err, fault.Unavailable, "status-unavailable", "the status list cannot be made now").After(minute))
	case !ok:
		writeProblem(w, fault.New(fault.NotFound, "not-found", "there is no such status list"))
	default:
		statuslist.Serve(w, token)
	}
}

// visaKeys serves a body's visa keys (RFC 7517 §8.5).
func (p *Public) visaKeys(w http.ResponseWriter, body string) {
	set, err := p.Visas.VisaKeys(body)
	if err != nil {
		writeProblem(w, fault.Wrap(err, fault.Unavailable, "keys-unavailable", "the keys cannot be read now").After(minute))
		return
	}
	text, err := set.MarshalJSON()
	if err != nil {
		writeProblem(w, fault.Wrap(err, fault.Internal, "internal", "the keys cannot be written"))
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "max-age=300")
	_, _ = w.Write(text) // the reader is gone: nothing to mend
}

// historical serves a list of historical keys, to anybody as the status lists.
func (p *Public) historical(entity string, federationOnly bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, err := p.Historical(r.Context(), entity, federationOnly)
		if err != nil {
			writeProblem(w, fault.Wrap(err, fault.Unavailable, "historical-unavailable", "the historical keys cannot be signed now").After(minute))
			return
		}
		w.Header().Set("Content-Type", "application/jwk-set+jwt")
		w.Header().Set("Cache-Control", "max-age=30")
		_, _ = w.Write([]byte(token)) // the reader is gone: nothing to mend
	}
}

// secureHeaders sets what every answer carries.
func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'")
		next.ServeHTTP(w, r)
	})
}
