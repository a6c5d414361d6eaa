package trust_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func TestOffline(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de := f.NCP("FR"), f.NCP("DE")
	// A configuration made long before the superior's statement about it was fetched.
	config := fr.Configuration()
	f.Clock.Advance(time.Hour)
	chain := append([]string{config}, fr.Chain()[1:]...)
	signed := f.Clock.Now()
	good := fr.Sign(typMessage, map[string]any{"iss": fr.ID})
	o := func(id string, chain ...string) *trust.Offline {
		return &trust.Offline{Anchors: f.Anchors(), Chains: map[string][]string{id: chain}}
	}
	other := fr.Sign(typMessage, map[string]any{"iss": fr.ID, "jti": "2"})
	for name, c := range map[string]struct {
		offline *trust.Offline
		token   string
		at      time.Time
		tells   bool // whether the answer is certain
		ok      bool
	}{
		"holds":                     {o(fr.ID, chain...), good, signed, true, true},
		"no chain":                  {o(de.ID, chain...), good, signed, false, false},
		"chain of another":          {o(fr.ID, de.Chain()...), good, signed, false, false},
		"chain that is none":        {o(fr.ID, "x"), good, signed, false, false},
		"chain to another anchor":   {&trust.Offline{Chains: map[string][]string{fr.ID: chain}}, good, signed, false, false},
		"signed after the chain":    {o(fr.ID, chain...), good, signed.Add(trusttest.Life), false, false},
		"key not listed":            {o(fr.ID, chain...), trusttest.Sign(t, trusttest.Key("m"), typMessage, map[string]any{"iss": fr.ID}), signed, false, false},
		"signature of another":      {o(fr.ID, chain...), good[:strings.LastIndex(good, ".")] + other[strings.LastIndex(other, "."):], signed, true, false},
		"no token":                  {o(fr.ID, chain...), "x", signed, true, false},
		"another typ":               {o(fr.ID, chain...), fr.Sign("ehds-receipt+jwt", map[string]any{"iss": fr.ID}), signed, true, false},
		"claims of the wrong shape": {o(fr.ID, chain...), fr.Sign(typMessage, map[string]any{"iss": 7}), signed, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			issuer, claims, err := c.offline.Check(t.Context(), c.token, typMessage, c.at)
			if (err == nil) != c.ok || c.ok != (issuer == fr.ID) || c.ok != (len(claims) > 0) {
				t.Fatalf("issuer %q, %v", issuer, err)
			}
			if err != nil && errors.Is(err, evidence.ErrCannotTell) == c.tells {
				t.Errorf("error = %v, certain: %t", err, c.tells)
			}
		})
	}
}
