package trust_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func sealingKey(t testing.TB, alg string, fill byte) jose.SealingKey {
	t.Helper()
	k, err := jose.SealingKeyFromSeed(alg, bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sealedMessage is a message's claims around a sealed body.
func sealedMessage(bind trust.Binding, sealed, commit string, now time.Time) map[string]any {
	return map[string]any{
		"iss": bind.Iss, "aud": bind.Aud, "jti": bind.Jti, "type": bind.Type, "case": bind.Case, "seq": bind.Seq,
		"iat": now.Unix(), "exp": now.Unix() + 600, "sealed": sealed, "sealed_commit": commit,
		"attachments": []map[string]any{{"id": "a1", "name": "a1", "media_type": "application/octet-stream", "size": 1, "sha256": ""}},
	}
}

func TestSealedBody(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	fr, fi := f.NCP("FR"), f.NCP("FI")
	verifier := trust.NewVerifier(f.Resolver(fr, fi), f.Clock.Now)
	reader := sealingKey(t, "HPKE-3", 1)
	bind := trust.Binding{Iss: fr.ID, Aud: "https://se.test", Jti: "01990b5e-0000-7000-8000-000000000001", Type: "application.submit", Case: "nat:SE:1", Seq: 1}
	attachments := []trust.SealedAttachment{{ID: "a1", Name: "plan.pdf", MediaType: "application/pdf", Identity: "AGE-SECRET-KEY-1"}}
	body := json.RawMessage(`{"title":"secret"}`)
	sealed, commit, err := trust.Seal(rand.Reader, reader.Public(), bind, body, attachments)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(from *trusttest.Entity, claims map[string]any) *trust.Verified {
		t.Helper()
		v, err := verifier.Verify(t.Context(), []byte(from.Sign(checkTyp, claims)), trust.Expectation{Typ: checkTyp, Audience: "https://se.test", Purpose: trust.ForExchange})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	retired := sealingKey(t, "HPKE-0", 2)
	honest := verify(fr, sealedMessage(bind, sealed, commit, f.Clock.Now()))
	got, err := honest.Unseal([]jose.SealingKey{retired, reader})
	if err != nil || !bytes.Equal(got.Body, body) || !cmp.Equal(got.Attachments, attachments) || got.Bind != bind {
		t.Errorf("%+v, %v", got, err)
	}

	other := bind
	other.Iss = fi.ID
	later := bind
	later.Seq = 2
	strange := bind
	strange.Jti = "01990b5e-0000-7000-8000-000000000002"
	for name, tt := range map[string]struct {
		from *trusttest.Entity
		bind trust.Binding
		keys []jose.SealingKey
		seal string
		hash string
		want error
	}{
		"lifted into another sender's message": {fi, other, []jose.SealingKey{reader}, sealed, commit, trust.ErrSealedMismatch},
		"moved to another number":              {fr, later, []jose.SealingKey{reader}, sealed, commit, trust.ErrSealedMismatch},
		"moved to another message":             {fr, strange, []jose.SealingKey{reader}, sealed, commit, trust.ErrSealedMismatch},
		"another commitment":                   {fr, bind, []jose.SealingKey{reader}, sealed, strings.Repeat("0", 64), trust.ErrSealedMismatch},
		"without a commitment":                 {fr, bind, []jose.SealingKey{reader}, sealed, "", trust.ErrSealedMismatch},
		"without the key":                      {fr, bind, []jose.SealingKey{retired}, sealed, commit, trust.ErrUnsealable},
		"nothing sealed":                       {fr, bind, []jose.SealingKey{reader}, "", commit, trust.ErrUnsealable},
		"altered":                              {fr, bind, []jose.SealingKey{reader}, sealed[:len(sealed)-9] + "AAAAAAAA.", commit, trust.ErrUnsealable},
	} {
		if _, err := verify(tt.from, sealedMessage(tt.bind, tt.seal, tt.hash, f.Clock.Now())).Unseal(tt.keys); !errors.Is(err, tt.want) || err.Error() != tt.want.Error() {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for name, carried := range map[string][]map[string]any{
		"without its attachment": {},
		"with another":           {{"id": "a2"}},
		"with one more":          {{"id": "a1"}, {"id": "a2"}},
		"with one twice":         {{"id": "a1"}, {"id": "a1"}},
	} {
		claims := sealedMessage(bind, sealed, commit, f.Clock.Now())
		claims["attachments"] = carried
		if _, err := verify(fr, claims).Unseal([]jose.SealingKey{reader}); !errors.Is(err, trust.ErrSealedMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	claims := sealedMessage(bind, sealed, commit, f.Clock.Now())
	claims["sealed"] = 1
	if _, err := verify(fr, claims).Unseal([]jose.SealingKey{reader}); !errors.Is(err, trust.ErrUnsealable) {
		t.Errorf("sealed is a number: %v", err)
	}
}

// TestSealedContentIsStrict: what was sealed by others must be of the one form.
func TestSealedContentIsStrict(t *testing.T) {
	t.Parallel()
	key := sealingKey(t, "HPKE-3", 1)
	const salt = `"salt":"AAAAAAAAAAAAAAAAAAAAAA"`
	for plaintext, want := range map[string]error{
		`{"bind":{"iss":"a"},` + salt + `,"body":{},"attachments":[]}`:                      nil,
		`{"bind":{"iss":"b"},` + salt + `,"body":{},"attachments":[]}`:                      trust.ErrSealedMismatch,
		`{"bind":{"iss":"a"},` + salt + `,"attachments":[]}`:                                trust.ErrUnsealable,
		`{"bind":{"iss":"a"},"salt":"AA","body":{}}`:                                        trust.ErrUnsealable,
		`{"bind":{"iss":"a"},"salt":"AAAAAAAAAAAAAAAAAAAAAA==","body":{}}`:                  trust.ErrUnsealable,
		`{"bind":{"iss":"a"},` + salt + `,"body":{},"more":1}`:                              trust.ErrUnsealable,
		`{"bind":{"iss":"a"},` + salt + `,"body":null}`:                                     trust.ErrUnsealable,
		`{"bind":{"iss":"a"},` + salt + `,"body":"text"}`:                                   trust.ErrUnsealable,
		`{"bind":{"iss":"a"},` + salt + `,"body":[{}]}`:                                     trust.ErrUnsealable,
		`{"bind":{"iss":"a"},"salt":"AAAAAAAAAA\nAAAAAAAAAAAA","body":{}}`:                  trust.ErrUnsealable,
		`{"bind":{"iss":"a"},"salt":"AAAAAAAAAAAAAAAAAAAAAB","body":{}}`:                    trust.ErrUnsealable,
		`{"bind":{"iss":"a"},` + salt + `,"body":{},"attachments":[{"id":"x"},{"id":"x"}]}`: trust.ErrUnsealable,
		`{"bind":{"iss":"a"},` + salt + `,"body":{},"attachments":[{"name":"x"}]}`:          trust.ErrUnsealable,
		`{"bind":{"iss":"a","Iss":"b"},` + salt + `,"body":{}}`:                             trust.ErrUnsealable,
		`{"bind":{"iss":"a"},` + salt + `,"body":{},"body":{}}`:                             trust.ErrUnsealable,
		`[]`: trust.ErrUnsealable,
		``:   trust.ErrUnsealable,
	} {
		sealed, err := jose.Seal(key.Public(), []byte(plaintext))
		if err != nil {
			t.Fatal(err)
		}
		claims, _ := json.Marshal(map[string]any{"iss": "a", "sealed": sealed, "sealed_commit": trust.Commit([]byte(plaintext))})
		if _, err := (&trust.Verified{Claims: claims}).Unseal([]jose.SealingKey{key}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", plaintext, err, want)
		}
	}
}

func TestSealFails(t *testing.T) {
	t.Parallel()
	key := sealingKey(t, "HPKE-3", 1).Public()
	for name, err := range map[string]error{
		"without randomness": second(trust.Seal(bytes.NewReader(nil), key, trust.Binding{}, []byte(`{}`), nil)),
		"a body of text":     second(trust.Seal(rand.Reader, key, trust.Binding{}, []byte(`"x"`), nil)),
		"no body":            second(trust.Seal(rand.Reader, key, trust.Binding{}, nil, nil)),
		"no key":             second(trust.Seal(rand.Reader, jose.PublicKey{}, trust.Binding{}, []byte(`{}`), nil)),
	} {
		if err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
}

func second(_, _ string, err error) error { return err }

// FuzzUnseal: whatever claims a verified sender makes, unsealing ends in one of three ways.
func FuzzUnseal(f *testing.F) {
	key := sealingKey(f, "HPKE-3", 1)
	sealed, commit, err := trust.Seal(rand.Reader, key.Public(), trust.Binding{Iss: "a"}, []byte(`{}`), nil)
	if err != nil {
		f.Fatal(err)
	}
	good, _ := json.Marshal(map[string]any{"iss": "a", "sealed": sealed, "sealed_commit": commit})
	f.Add(good)
	f.Add([]byte(`{"sealed":"....","sealed_commit":""}`))
	f.Fuzz(func(t *testing.T, claims []byte) {
		c, err := (&trust.Verified{Claims: claims}).Unseal([]jose.SealingKey{key})
		switch {
		case err == nil && c.Bind.Iss != "a":
			t.Fatalf("%s opens to %+v", claims, c)
		case err != nil && !errors.Is(err, trust.ErrUnsealable) && !errors.Is(err, trust.ErrSealedMismatch):
			t.Fatal(err)
		}
	})
}
