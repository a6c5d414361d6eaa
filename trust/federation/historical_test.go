package federation_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// past is a list of one retired permit key, one revoked exchange key and one retired federation key.
func past(t *testing.T, issuer string, at time.Time) federation.Historical {
	t.Helper()
	public := func(name string) jose.PublicKey {
		k, err := trusttest.Key(name).Public()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	at = at.UTC().Truncate(time.Second)
	year := 365 * 24 * time.Hour
	return federation.Historical{Issuer: issuer, IssuedAt: at, Keys: []federation.HistoricalKey{
		{Key: public("retired"), EntityType: federation.TypeHDAB, IssuedAt: at.Add(-3 * year), Expires: at.Add(-2 * year)},
		{Key: public("revoked"), EntityType: federation.TypeGateway, IssuedAt: at.Add(-3 * year), Expires: at.Add(-year),
			Revoked: &federation.Revocation{At: at.Add(-year), Reason: "compromised"}},
		{Key: public("federation"), IssuedAt: at.Add(-3 * year), Expires: at.Add(-year)},
	}}
}

func TestHistoricalRoundTrip(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	hdab := f.HDAB(f.NCP("FR"), "hdh")
	want := past(t, hdab.ID, f.Clock.Now())
	token, err := federation.SignHistorical(hdab.Federation, want, hdab.Chain())
	if err != nil {
		t.Fatal(err)
	}
	got, err := federation.VerifyHistorical(token, f.Anchors())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *got, cmpopts.IgnoreUnexported(federation.Historical{})); diff != "" {
		t.Errorf("(-signed +read)\n%s", diff)
	}
	retired := want.Keys[0]
	if k, ok := got.Find(retired.Key.Kid, federation.TypeHDAB); !ok || !k.Signed(k.IssuedAt) || !k.Signed(k.Expires) ||
		k.Signed(k.IssuedAt.Add(-2*time.Minute)) || k.Signed(k.Expires.Add(2*time.Minute)) {
		t.Errorf("retired: %+v, %v", k, ok)
	}
	if k, ok := got.Find(want.Keys[1].Key.Kid, federation.TypeGateway); !ok || k.Signed(k.IssuedAt.Add(time.Hour)) {
		t.Errorf("revoked: %+v, %v", k, ok)
	}
	for what, find := range map[string][2]string{
		"another purpose": {retired.Key.Kid, federation.TypeGateway},
		"unknown":         {"x", federation.TypeHDAB},
	} {
		if _, ok := got.Find(find[0], find[1]); ok {
			t.Errorf("%s was found", what)
		}
	}
	got.Keys = append(got.Keys, got.Keys[0])
	if _, ok := got.Find(retired.Key.Kid, federation.TypeHDAB); ok {
		t.Error("one of two was chosen")
	}
}

// TestHistoricalTimes: the list asks for both ends of a key's time, and not every key has had both.
func TestHistoricalTimes(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	hdab := f.HDAB(f.NCP("FR"), "hdh")
	at := f.Clock.Now().UTC().Truncate(time.Second)
	list := past(t, hdab.ID, at)
	began, revoked := list.Keys[1].IssuedAt, &federation.Revocation{At: at.Add(-time.Hour)}
	for name, c := range map[string]struct{ from, until, wantFrom, wantUntil time.Time }{
		"revoked while it signed":           {began, time.Time{}, began, revoked.At},
		"retired before":                    {began, at.Add(-2 * time.Hour), began, at.Add(-2 * time.Hour)},
		"it never signed":                   {time.Time{}, time.Time{}, revoked.At, revoked.At},
		"not to be believed from its first": {at.Add(-time.Minute), time.Time{}, revoked.At, revoked.At},
	} {
		key := list.Keys[1]
		key.IssuedAt, key.Expires, key.Revoked = c.from, c.until, revoked
		token, err := federation.SignHistorical(hdab.Federation, federation.Historical{Issuer: hdab.ID, IssuedAt: at, Keys: []federation.HistoricalKey{key}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		h, err := federation.ParseHistorical(token)
		if err != nil || !h.Keys[0].IssuedAt.Equal(c.wantFrom) || !h.Keys[0].Expires.Equal(c.wantUntil) {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
}

// TestHistoricalNotProved: who may sign a list.
func TestHistoricalNotProved(t *testing.T) {
	t.Parallel()
	f, other := trusttest.NewFederation(t), trusttest.NewFederation(t)
	fr := f.NCP("FR")
	hdab, de := f.HDAB(fr, "hdh"), f.NCP("DE")
	list := past(t, hdab.ID, f.Clock.Now())
	later := list
	later.IssuedAt = later.IssuedAt.Add(48 * time.Hour)
	for name, c := range map[string]struct {
		key   jose.SigningKey
		list  federation.Historical
		chain []string
	}{
		"a permit key":            {hdab.Permit, list, hdab.Chain()},
		"another's key":           {de.Federation, list, hdab.Chain()},
		"the superior's key":      {fr.Federation, list, hdab.Chain()},
		"another's chain":         {de.Federation, list, de.Chain()},
		"no chain":                {hdab.Federation, list, nil},
		"a chain of before":       {hdab.Federation, later, hdab.Chain()},
		"an anchor not pinned":    {hdab.Federation, list, other.NCP("IT").Chain()},
		"a chain without its end": {hdab.Federation, list, hdab.Chain()[:3]},
	} {
		token, err := federation.SignHistorical(c.key, c.list, c.chain)
		if err != nil {
			t.Fatal(err)
		}
		if h, err := federation.VerifyHistorical(token, f.Anchors()); !errors.Is(err, federation.ErrHistorical) || h != nil {
			t.Errorf("%s: %v, %v", name, h, err)
		}
	}
}

func TestHistoricalForm(t *testing.T) {
	t.Parallel()
	key := trusttest.Key("x")
	public, err := key.Public()
	if err != nil {
		t.Fatal(err)
	}
	text, err := public.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	entry := func(more string) string {
		return `{"iss":"https://a.test","iat":5,"keys":[` + string(text[:len(text)-1]) + more + `}]}`
	}
	for name, c := range map[string]struct {
		payload string
		keys    int
		err     bool
	}{
		"good":                    {entry(`,"iat":1,"exp":2`), 1, false},
		"no key":                  {`{"iss":"https://a.test","iat":5,"keys":[]}`, 0, false},
		"iat may be left out":     {entry(`,"exp":2`), 1, false},
		"an unknown kind of key":  {`{"iss":"https://a.test","iat":5,"keys":[{"kty":"XX","kid":"1"},` + string(text[:len(text)-1]) + `,"exp":2}]}`, 1, false},
		"reason may be left out":  {entry(`,"exp":2,"revoked":{"revoked_at":2}`), 1, false},
		"no exp":                  {entry(`,"iat":1`), 0, true},
		"exp before iat":          {entry(`,"iat":3,"exp":2`), 0, true},
		"exp no number":           {entry(`,"exp":"2"`), 0, true},
		"revoked without a time":  {entry(`,"exp":2,"revoked":{}`), 0, true},
		"revoked in another case": {entry(`,"exp":2,"Revoked":{"revoked_at":2}`), 0, true},
		"a time without end":      {entry(`,"exp":253402300800`), 0, true},
		"no issuer":               {`{"iat":5,"keys":[]}`, 0, true},
		"no iat":                  {`{"iss":"https://a.test","keys":[]}`, 0, true},
		"no keys":                 {`{"iss":"https://a.test","iat":5}`, 0, true},
		"keys no array":           {`{"iss":"https://a.test","iat":5,"keys":{}}`, 0, true},
		"an entry no object":      {`{"iss":"https://a.test","iat":5,"keys":[1]}`, 0, false},
	} {
		h, err := federation.ParseHistorical(trusttest.Sign(t, key, federation.TypHistorical, json.RawMessage(c.payload)))
		if errors.Is(err, federation.ErrHistorical) != c.err || (err != nil) != c.err {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err == nil && len(h.Keys) != c.keys {
			t.Errorf("%s: %d keys, want %d", name, len(h.Keys), c.keys)
		}
	}
	if _, err := federation.ParseHistorical(trusttest.Sign(t, key, federation.TypStatement, json.RawMessage(entry(`,"exp":2`)))); !errors.Is(err, federation.ErrHistorical) {
		t.Errorf("another typ: %v", err)
	}
	if _, err := federation.SignHistorical(key, federation.Historical{Issuer: "x", Keys: []federation.HistoricalKey{{}}}, nil); err == nil {
		t.Error("a list with no key in it was signed")
	}
}

func FuzzParseHistorical(f *testing.F) {
	key := trusttest.Key("x")
	for _, payload := range []string{
		`{"iss":"https://a.test","iat":5,"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a","alg":"Ed25519","exp":2,"revoked":{"revoked_at":2,"reason":"compromised"}}]}`,
		`{"iss":"https://a.test","iat":5,"keys":[{},1,null]}`, `{}`,
	} {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		token, err := jose.Sign(key, federation.TypHistorical, jose.SignOptions{}, payload)
		if err != nil {
			return
		}
		h, err := federation.ParseHistorical(token)
		if err != nil {
			if !errors.Is(err, federation.ErrHistorical) || h != nil {
				t.Errorf("%v, %v", h, err)
			}
			return
		}
		again, err := federation.SignHistorical(key, *h, nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := federation.ParseHistorical(again)
		if err != nil || len(back.Keys) != len(h.Keys) {
			t.Errorf("an accepted list does not survive writing: %v", err)
		}
	})
}
