package permits_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func TestVisasOfAPermit(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	const hdab = "https://ncp.fr.test/hdab/hdh"
	key, err := jose.SignerFromSeed("ES256", bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	office := permits.VisaOffice{
		Entity: "https://ncp.fr.test", Key: func(string) (jose.SigningKey, error) { return key, nil },
		Clock: func() time.Time { return now }, Rand: rand.Reader,
	}
	claims := ehds.PermitClaims{
		Iss: hdab, Jti: "DP-FR-2027-0001-v1", Iat: now.Add(-time.Hour).Unix(), Nbf: now.Add(-time.Hour).Unix(), Exp: now.Add(90 * time.Minute).Unix(),
		Permit: ehds.PermitDetail{
			Persons: []ehds.PermitPerson{{Name: "Ada"}, {Name: "Bob"}},
			Granted: []ehds.GrantedDataset{{DatasetID: "CANCER 1"}, {DatasetID: "https://data.test/ds/2"}},
		},
	}
	ask := permits.VisaRequest{Person: "Ada", Subject: "ada@spe.test"}
	got, err := office.Mint(t.Context(), claims, ehds.StatusValid, ask)
	if err != nil || len(got.Visas) != 2 || got.Passport != "" || got.Permit != claims.Jti {
		t.Fatalf("%+v, %v", got, err)
	}
	r := ga4gh.Reader{
		Issuers: []ga4gh.Issuer{{Entity: hdab, JKU: permits.VisaKeys(hdab), Keys: trusttest.KeySet(key)}},
		Clock:   func() time.Time { return now },
	}
	for i, want := range []string{"https://ncp.fr.test/datasets/CANCER%201", "https://data.test/ds/2"} {
		c, err := r.Visa([]byte(got.Visas[i]))
		if err != nil || c.Visa.Value != want || c.Sub != "ada@spe.test" || c.Visa.Asserted != claims.Iat || c.Exp != claims.Exp {
			t.Errorf("visa %d: %+v, %v", i, c, err)
		}
	}
	ask.Audience, ask.Dataset = "https://spe.test", "CANCER 1"
	if got, err = office.Mint(t.Context(), claims, ehds.StatusValid, ask); err != nil || len(got.Visas) != 1 || got.Passport == "" {
		t.Errorf("with a passport: %+v, %v", got, err)
	}
}

func TestNoVisas(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	office := permits.VisaOffice{
		Key: func(string) (jose.SigningKey, error) {
			t.Error("a key was asked for")
			return jose.SigningKey{}, errors.New("none")
		},
		Clock: func() time.Time { return now }, Rand: rand.Reader,
	}
	tests := []struct {
		name   string
		status int
		change func(*ehds.PermitClaims, *permits.VisaRequest)
		want   error
	}{
		{"revoked or superseded", ehds.StatusInvalid, nil, permits.ErrNoVisaNow},
		{"suspended", ehds.StatusSuspended, nil, permits.ErrNoVisaNow},
		{"over", ehds.StatusValid, func(c *ehds.PermitClaims, _ *permits.VisaRequest) { c.Exp = now.Unix() }, permits.ErrNoVisaNow},
		{"not begun", ehds.StatusValid, func(c *ehds.PermitClaims, _ *permits.VisaRequest) { c.Nbf = now.Unix() + 1 }, permits.ErrNoVisaNow},
		{"another person", ehds.StatusValid, func(_ *ehds.PermitClaims, r *permits.VisaRequest) { r.Person = "Eve" }, permits.ErrNotAuthorised},
		{"another dataset", ehds.StatusValid, func(_ *ehds.PermitClaims, r *permits.VisaRequest) { r.Dataset = "x" }, permits.ErrNotAuthorised},
		{"too long", ehds.StatusValid, func(_ *ehds.PermitClaims, r *permits.VisaRequest) { r.Life = 31 * 24 * 3600 }, ga4gh.ErrLife},
	}
	for _, tt := range tests {
		c := ehds.PermitClaims{Iss: "https://h.test", Iat: now.Unix() - 9, Nbf: now.Unix() - 9, Exp: now.Unix() + 99, Permit: ehds.PermitDetail{
			Persons: []ehds.PermitPerson{{Name: "Ada"}}, Granted: []ehds.GrantedDataset{{DatasetID: "https://d.test/1"}},
		}}
		r := permits.VisaRequest{Person: "Ada", Subject: "ada"}
		if tt.change != nil {
			tt.change(&c, &r)
		}
		if _, err := office.Mint(t.Context(), c, tt.status, r); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
