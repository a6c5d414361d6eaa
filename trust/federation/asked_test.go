package federation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// Who enrols an entity wants what its host says now: nothing kept, and nothing that stands in.
func TestConfigurationIsAskedForNow(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	resolve(t, r, fr)
	f.Forget()
	s, err := r.Configuration(t.Context(), fr.ID)
	if err != nil || s.Sub != fr.ID || f.Requests(fr.ID) != 1 {
		t.Errorf("%v, %d requests", err, f.Requests(fr.ID))
	}
	above := fr.Chain()[1:]
	if res, err := r.Below(t.Context(), fr.ID, above, f.Anchors(), false); err != nil || res.Entity.ID != fr.ID {
		t.Errorf("below: %v", err)
	}
	fr.Down(true)
	if _, err := r.Configuration(t.Context(), fr.ID); !errors.Is(err, federation.ErrFetchStatus) {
		t.Errorf("a host that is down: %v", err)
	}
	if _, err := r.Below(t.Context(), fr.ID, above, f.Anchors(), false); !errors.Is(err, federation.ErrFetchStatus) {
		t.Errorf("below a host that is down: %v", err)
	}
	fr.Down(false)
	fr.EditConfiguration(func(c *federation.Claims) { c.Exp = c.Iat + 86401 })
	if _, err := r.Configuration(t.Context(), fr.ID); !errors.Is(err, federation.ErrStatement) {
		t.Errorf("more than a day: %v", err)
	}
	fr.EditConfiguration(func(c *federation.Claims) { c.Iat += 3600; c.Exp += 3600 })
	if _, err := r.Configuration(t.Context(), fr.ID); !errors.Is(err, federation.ErrExpired) {
		t.Errorf("ahead of its time: %v", err)
	}
}

// What stands above us serves while it holds: it is others who judge how old it may be.
func TestOwnChainOutlastsTheBoundOfStrangers(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver()
	if _, err := r.Above(t.Context(), fr.Configuration()); err != nil {
		t.Fatal(err)
	}
	f.Anchor.Down(true)
	f.Clock.Advance(2 * time.Hour)
	if above, err := r.Above(t.Context(), fr.Configuration()); err != nil || len(above) != 2 {
		t.Errorf("%d statements, %v", len(above), err)
	}
	f.Clock.Advance(trusttest.Life)
	if _, err := r.Above(t.Context(), fr.Configuration()); !errors.Is(err, federation.ErrUnavailable) {
		t.Errorf("error = %v", err)
	}
	if _, err := r.FetchMark(t.Context(), trusttest.AnchorID, "ncp", fr.ID); !errors.Is(err, federation.ErrUnavailable) {
		t.Errorf("mark: %v", err)
	}
}

// A first answer that is redirected, dropped or late leaves no trace that a later caller would trip over.
func TestAnchorThatWasNeverSeenAndIsSilentRaisesNoAlarm(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	var w told
	r := federation.NewResolver(w.options(f, fr))
	f.Anchor.Down(true)
	refused(t, r, fr, federation.ErrUnavailable)
	f.Anchor.Down(false)
	f.Clock.Advance(30 * time.Second)
	resolve(t, r, fr)
	w.expect(t)
}
