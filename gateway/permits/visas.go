package permits

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// VisaRequest asks for the visas of one person under a permit.
type VisaRequest struct {
	// Person is an authorised person of the permit, by the name in it (Art. 68(10)(d)).
	Person string `json:"person"`
	// Subject is that person as the secure processing environment knows her.
	Subject string `json:"subject"`
	// Dataset is one granted dataset_id; empty means all.
	Dataset string `json:"dataset,omitempty"`
	// Life is how long each visa is good, in seconds; zero means 24 hours, 30 days is the most.
	Life int64 `json:"life,omitempty"`
	// Audience, when given, asks for a passport around the visas too, for that environment.
	Audience string `json:"audience,omitempty"`
}

// Visas are what an environment is given.
type Visas struct {
	Permit   string   `json:"permit"`
	Visas    []string `json:"visas"`
	Passport string   `json:"passport,omitempty"`
}

// Why no visa is made.
var (
	// ErrNoVisaNow: the permit is revoked, suspended, superseded, not begun or over.
	ErrNoVisaNow = errors.New("the permit gives no visas now")
	// ErrNotAuthorised: the person is not among those authorised, or the dataset not among those granted.
	ErrNotAuthorised = errors.New("the permit does not authorise this")
)

// VisaOffice mints GA4GH visas for the bodies of one gateway, each from a permit on record.
type VisaOffice struct {
	// Entity is the contact point's: datasets whose identifier is no https IRI are named below it.
	Entity string
	// Key gives the visa key of a body.
	Key   func(hdab string) (jose.SigningKey, error)
	Clock func() time.Time
	Rand  io.Reader
}

// VisaKeys is where the visa keys of a body are published; it is the jku of its visas.
func VisaKeys(hdab string) string { return hdab + "/visa-keys" }

// Mint makes one visa per dataset granted for one authorised person. status is the permit's entry in
// its status list as it stands now.
func (o *VisaOffice) Mint(_ context.Context, c ehds.PermitClaims, status int, r VisaRequest) (Visas, error) {
	now := o.Clock()
	if status != ehds.StatusValid || now.Before(time.Unix(c.Nbf, 0)) || !now.Before(time.Unix(c.Exp, 0)) {
		return Visas{}, ErrNoVisaNow
	}
	if !slices.ContainsFunc(c.Permit.Persons, func(p ehds.PermitPerson) bool { return p.Name == r.Person }) {
		return Visas{}, fmt.Errorf("%w: no such authorised person", ErrNotAuthorised)
	}
	minter := ga4gh.Minter{
		Issuer: c.Iss, JKU: VisaKeys(c.Iss), Key: func() (jose.SigningKey, error) { return o.Key(c.Iss) },
		Clock: o.Clock, Rand: o.Rand, Life: time.Duration(r.Life) * time.Second,
	}
	out := Visas{Permit: c.Jti}
	for _, d := range c.Permit.Granted {
		if r.Dataset != "" && d.DatasetID != r.Dataset {
			continue
		}
		visa, err := minter.Visa(ga4gh.Grant{
			Subject: r.Subject, Dataset: o.datasetIRI(d.DatasetID), Source: c.Iss,
			Asserted: time.Unix(c.Iat, 0), Until: time.Unix(c.Exp, 0),
		})
		if err != nil {
			return Visas{}, err
		}
		out.Visas = append(out.Visas, visa)
	}
	if len(out.Visas) == 0 {
		return Visas{}, fmt.Errorf("%w: no such granted dataset", ErrNotAuthorised)
	}
	if r.Audience == "" {
		return out, nil
	}
	var err error
	out.Passport, err = minter.Passport(r.Subject, r.Audience, out.Visas)
	return out, err
}

// datasetIRI is the dataset's https IRI: its identifier where it is one, else a name below the contact
// point's entity.
func (o *VisaOffice) datasetIRI(id string) string {
	if strings.HasPrefix(id, "https://") {
		return id
	}
	return o.Entity + "/datasets/" + url.PathEscape(id)
}
