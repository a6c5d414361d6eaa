package trust_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func TestOfflineWithHistoricalKeys(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de := f.NCP("FR"), f.NCP("DE")
	now := f.Clock.Now()
	gone, elsewhere := trusttest.Key("gone"), trusttest.Key("elsewhere")
	past := func(k jose.SigningKey, entityType string, revoked *time.Time) federation.HistoricalKey {
		h := federation.HistoricalKey{Key: trusttest.KeySet(k).Keys[0], EntityType: entityType,
			IssuedAt: now.Add(-48 * time.Hour), Expires: now.Add(-24 * time.Hour)}
		if revoked != nil {
			h.Revoked = &federation.Revocation{At: *revoked, Reason: "compromised"}
		}
		return h
	}
	list := func(e *trusttest.Entity, issuer string, keys ...federation.HistoricalKey) map[string]string {
		token, err := federation.SignHistorical(e.Federation, federation.Historical{Issuer: issuer, IssuedAt: now, Keys: keys}, e.Chain())
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{fr.ID: token}
	}
	token := trusttest.Sign(t, gone, typMessage, map[string]any{"iss": fr.ID})
	current := fr.Sign(typMessage, map[string]any{"iss": fr.ID})
	active, err := fr.SigningKey()
	if err != nil {
		t.Fatal(err)
	}
	then, revoked := now.Add(-36*time.Hour), now.Add(-30*time.Hour)
	gateway := federation.TypeGateway
	chains := map[string][]string{fr.ID: fr.Chain()}
	for name, c := range map[string]struct {
		chains  map[string][]string
		past    map[string]string
		token   string
		at      time.Time
		revoked bool
		tells   bool // whether the answer is certain
		ok      bool
	}{
		"retired, of its time":            {chains, list(fr, fr.ID, past(gone, gateway, nil)), token, then, false, true, true},
		"retired, no chain at all":        {nil, list(fr, fr.ID, past(gone, gateway, nil)), token, then, false, true, true},
		"retired, dated after its time":   {chains, list(fr, fr.ID, past(gone, gateway, nil)), token, now, false, false, false},
		"retired, dated before its time":  {chains, list(fr, fr.ID, past(gone, gateway, nil)), token, now.Add(-72 * time.Hour), false, false, false},
		"a federation key":                {chains, list(fr, fr.ID, past(gone, "", nil)), token, then, false, false, false},
		"a permit key":                    {chains, list(fr, fr.ID, past(gone, federation.TypeHDAB, nil)), token, then, false, false, false},
		"another key":                     {chains, list(fr, fr.ID, past(elsewhere, gateway, nil)), token, then, false, false, false},
		"a list of another entity":        {chains, list(de, de.ID, past(gone, gateway, nil)), token, then, false, false, false},
		"a list in the name of another":   {chains, list(de, fr.ID, past(gone, gateway, nil)), token, then, false, false, false},
		"a list that is none":             {chains, map[string]string{fr.ID: "x"}, token, then, false, false, false},
		"revoked":                         {chains, list(fr, fr.ID, past(gone, gateway, &revoked)), token, then, true, false, true},
		"revoked, no chain":               {nil, list(fr, fr.ID, past(gone, gateway, &revoked)), token, then, true, false, true},
		"revoked, though the chain lists": {chains, list(fr, fr.ID, past(active, gateway, &revoked)), current, now, true, false, true},
		"revoked, false signature":        {chains, list(fr, fr.ID, past(gone, gateway, &revoked)), token[:len(token)-8] + "AAAAAAAA", then, false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := &trust.Offline{Anchors: f.Anchors(), Chains: c.chains, Historical: c.past}
			issuer, claims, err := o.Check(t.Context(), c.token, typMessage, c.at)
			var since *evidence.RevokedError
			if errors.As(err, &since) != c.revoked || c.revoked && !since.At.Equal(revoked) {
				t.Fatalf("%v", err)
			}
			if (err == nil || c.revoked) != c.ok || c.ok != (issuer == fr.ID) || c.ok != (len(claims) > 0) {
				t.Fatalf("issuer %q, %v", issuer, err)
			}
			if err != nil && errors.Is(err, evidence.ErrCannotTell) == c.tells {
				t.Errorf("error = %v, certain: %t", err, c.tells)
			}
		})
	}
}
