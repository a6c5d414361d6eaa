package permits_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// twoKeys are a body's permit keys: its own and an ML-DSA-65 one.
type twoKeys struct {
	*trusttest.Entity
	strong jose.SigningKey
}

func (k twoKeys) SigningKeyFor(alg string) (jose.SigningKey, error) {
	switch alg {
	case k.strong.Alg:
		return k.strong, nil
	case jose.AlgEd25519:
		return k.SigningKey()
	}
	return jose.SigningKey{}, errors.New("no such key")
}

// newHybridDesk is a desk whose body has an ML-DSA-65 permit key too, and whose permit runs for years.
func newHybridDesk(t *testing.T, years int) (*desk, jose.SigningKey) {
	d := newDesk(t)
	keys := twoKeys{d.hda, trusttest.KeyFor(jose.AlgMLDSA65, d.hda.ID)}
	d.hda.Publish(keys.strong)
	body := bodyOf(d.hda)
	body.Keys = keys
	d.office = permits.NewOffice([]permits.Body{body}, d.register, 131072, d.f.Clock.Now)
	d.claims.Exp = trusttest.Start().AddDate(years, 0, 1).Unix()
	return d, keys.strong
}

func formOf(t *testing.T, token string) trust.Form {
	t.Helper()
	s, err := trust.ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{ehds.TypPermit}, Algs: jose.ProfileAlgs()})
	if err != nil {
		t.Fatal(err)
	}
	return s.Form()
}

// TestLongPermitsAreHybrid is the "should" of wire profile §6, where the body has the key for it.
func TestLongPermitsAreHybrid(t *testing.T) {
	t.Parallel()
	for years, want := range map[int]trust.Form{1: trust.FormClassical, 4: trust.FormClassical, 5: trust.FormNested, 10: trust.FormNested} {
		d, _ := newHybridDesk(t, years)
		d.token = d.sign()
		if got := formOf(t, d.token); got != want {
			t.Errorf("%d years: %s, want %s", years, got, want)
		}
		if r := d.verify(); r.Verdict != permits.Valid || r.Permit.Jti != d.claims.Jti {
			t.Errorf("%d years: %+v", years, r)
		}
		d.options.Policy = trust.Hybrid
		r := d.verify()
		if want == trust.FormNested && r.Verdict != permits.Valid || want == trust.FormClassical && r.Reason != "signature-policy" {
			t.Errorf("%d years under the hybrid policy: %+v", years, r)
		}
	}
	d := newDesk(t)
	d.claims.Exp = trusttest.Start().AddDate(10, 0, 0).Unix()
	if got := formOf(t, d.sign()); got != trust.FormClassical {
		t.Errorf("without an ML-DSA-65 key: %s", got)
	}
}

func TestHybridPermitIsJudgedInFull(t *testing.T) {
	t.Parallel()
	d, strong := newHybridDesk(t, 6)
	d.token = d.sign()
	half := d.token[:strings.LastIndex(d.token, ".")]
	other := trusttest.KeyFor(jose.AlgMLDSA65, "mallory")
	inner := trusttest.Sign(t, d.hda.Permit, ehds.TypPermit, d.claims)
	wrap := func(k jose.SigningKey, inner string) string {
		token, err := jose.SignNested(k, ehds.TypPermit, jose.SignOptions{TrustChain: d.hda.Chain()}, inner)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for name, token := range map[string]string{
		"an outer key of nobody": wrap(other, inner),
		"an inner key of nobody": wrap(strong, trusttest.Sign(t, trusttest.Key("mallory"), ehds.TypPermit, d.claims)),
		"an outer signature cut": half + ".AAAA",
		"ML-DSA-65 alone":        trusttest.Sign(t, strong, ehds.TypPermit, d.claims, d.hda.Chain()...),
	} {
		d.token = token
		if r := d.verify(); r.Verdict != permits.Invalid {
			t.Errorf("%s: %+v", name, r)
		}
	}
	d.token = wrap(strong, inner)
	if r := d.verify(); r.Verdict != permits.Valid {
		t.Errorf("honest: %+v", r)
	}
}

// TestHistoricalKeysOfAHybridPermit: years later each of its two keys must stand.
func TestHistoricalKeysOfAHybridPermit(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	start := trusttest.Start()
	gone := start.Add(year)
	revoked := &federation.Revocation{At: gone, Reason: "compromised"}
	for name, c := range map[string]struct {
		ed, mldsa *federation.Revocation
		without   bool // the list lacks the ML-DSA-65 key
		verdict   permits.Verdict
		reason    string
	}{
		"both retired":          {nil, nil, false, permits.Valid, ""},
		"the inner one revoked": {revoked, nil, false, permits.CannotTell, "key-revoked"},
		"the outer one revoked": {nil, revoked, false, permits.CannotTell, "key-revoked"},
		"the outer one unknown": {nil, nil, true, permits.CannotTell, "key-withdrawn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, strong := newHybridDesk(t, 11)
			d.token = d.sign()
			past := []federation.HistoricalKey{d.pastKey(d.hda.Permit, start.Add(-year), gone, c.ed)}
			if !c.without {
				past = append(past, d.pastKey(strong, start.Add(-year), gone, c.mldsa))
			}
			d.hda.Rotate(false)
			d.f.Clock.Advance(10 * year)
			d.options.Historical, d.options.At = d.historical(d.hda, past...), d.f.Clock.Now()
			if r := d.verify(); r.Verdict != c.verdict || r.Reason != c.reason {
				t.Errorf("%s %q (%s), want %s %q", r.Verdict, r.Reason, r.Detail, c.verdict, c.reason)
			}
		})
	}
}
