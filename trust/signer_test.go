package trust_test

import (
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func TestSignerUsesTheKeyOfNow(t *testing.T) {
	s := newStage(t)
	signer := trust.NewSigner(s.centre)
	for range 2 {
		token, err := signer.Sign(typMessage, s.claims(), nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.verify(t, token)
		if err != nil || v.Header.Kid != s.centre.Exchange.Kid || v.Header.TrustChain != nil {
			t.Fatalf("%+v, %v", v, err)
		}
		s.centre.Rotate(false)
	}
	fr := s.f.NCP("FR")
	token, err := trust.NewSigner(fr).Sign(typMessage, s.claims("iss", fr.ID), fr.Chain())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.verify(t, token); err != nil {
		t.Errorf("with its chain: %v", err)
	}
}

func TestSignerFails(t *testing.T) {
	broken := errors.New("broken")
	noKey := trust.KeyringFunc(func() (jose.SigningKey, error) { return jose.SigningKey{}, broken })
	if _, err := trust.NewSigner(noKey).Sign(typMessage, map[string]any{}, nil); !errors.Is(err, broken) {
		t.Errorf("no key: %v", err)
	}
	ring := trust.KeyringFunc(func() (jose.SigningKey, error) { return trusttest.Key("x"), nil })
	for name, claims := range map[string]any{"unwritable": func() {}, "no object": []int{1}} {
		if token, err := trust.NewSigner(ring).Sign(typMessage, claims, nil); err == nil || token != "" {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
}
