package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// VisaRequest asks for the visas of one person under a permit on record.
type VisaRequest struct {
	ID string `json:"id"` // the permit
	permits.VisaRequest
}

// Visas are what an environment is given.
type Visas = permits.Visas

func (g *Gateway) serveVisas(api *httpapi.Operator) { httpapi.Post(api, "/v1/visas", g.operatorVisas) }

// operatorVisas mints visas from the permit's claims and its status, both as the record has them.
func (g *Gateway) operatorVisas(ctx context.Context, r VisaRequest) (permits.Visas, error) {
	p, ok, err := g.record.Permit(ctx, r.ID)
	if err != nil {
		return permits.Visas{}, err
	}
	if !ok {
		return permits.Visas{}, noSuchPermit()
	}
	claims, err := recordedClaims(p.Token)
	if err != nil {
		return permits.Visas{}, err
	}
	office := permits.VisaOffice{Entity: g.cfg.Entity, Key: g.visaKey, Clock: g.o.Clock, Rand: g.o.Rand}
	out, err := office.Mint(ctx, claims, p.Status, r.VisaRequest)
	if err != nil {
		return permits.Visas{}, visaFault(err)
	}
	// What is not on record is not handed out: whoever holds a visa later can be asked about.
	if err := g.logVisas(ctx, p.Case, r, out); err != nil {
		return permits.Visas{}, fault.Wrap(err, fault.Unavailable, "record-unavailable", "the record takes nothing now, so no visa is handed out")
	}
	return out, nil
}

// recordedClaims reads a permit that this gateway signed and recorded itself.
func recordedClaims(token string) (c ehds.PermitClaims, err error) {
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{ehds.TypPermit}, Nested: true, Algs: permitAlgs})
	if err == nil && t.IsNested() {
		t, err = t.Inner(jose.Limits{})
	}
	if err != nil {
		return c, fmt.Errorf("permit on record: %w", err)
	}
	return c, json.Unmarshal(t.Payload, &c)
}

// permitAlgs are those a permit key may have.
var permitAlgs = keys.Permit.Algorithms()

// visaKey is the body's visa key; the first visa makes it.
func (g *Gateway) visaKey(hdab string) (jose.SigningKey, error) {
	owner, ok := g.visaOwner(hdab)
	if !ok {
		return jose.SigningKey{}, fmt.Errorf("%w: %s", permits.ErrNotHosted, hdab)
	}
	if err := g.keys.Ensure(keys.Visa, owner); err != nil {
		return jose.SigningKey{}, err
	}
	return g.keys.Active(keys.Visa, owner)
}

// VisaKeys is the JWK set of a body's visa keys, empty before its first visa.
func (g *Gateway) VisaKeys(hdab string) (jose.KeySet, error) {
	owner, ok := g.visaOwner(hdab)
	if !ok {
		return jose.KeySet{}, fmt.Errorf("%w: %s", permits.ErrNotHosted, hdab)
	}
	set, err := g.keys.Public(keys.Visa, owner)
	if errors.Is(err, keys.ErrNoKey) {
		return jose.KeySet{}, nil
	}
	return set, err
}

func (g *Gateway) visaOwner(hdab string) (string, bool) {
	id, ok := strings.CutPrefix(hdab, HDABEntity(g.cfg.Entity, ""))
	for _, h := range g.cfg.HDABs {
		if ok && h.ID == id {
			return ownerHDAB(id), true
		}
	}
	return "", false
}

func visaFault(err error) error {
	switch {
	case errors.Is(err, permits.ErrNoVisaNow):
		return fault.Wrap(err, fault.Conflict, "permit-not-in-force", "the permit is not in force: it is revoked, suspended, superseded, not begun or over")
	case errors.Is(err, permits.ErrNotAuthorised):
		return fault.Wrap(err, fault.NotFound, "not-authorised", "the permit authorises no such person, or grants no such dataset")
	case errors.Is(err, ga4gh.ErrGrant), errors.Is(err, ga4gh.ErrLife):
		return fault.Wrap(err, fault.Invalid, "visa-invalid", "a subject of at most 255 bytes is wanted, https URLs, and a life of at most 30 days")
	}
	return err
}
