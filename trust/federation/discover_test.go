package federation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func TestDiscoverFollowsAnyHintToAPinnedAnchor(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	region := f.Intermediate("https://region.test", f.Anchor)
	hub := f.Gateway("https://hub.test", "FR", region)
	hub.Mark("ncp", federation.MarkSuspended)
	region.EditStatement(func(c *federation.Claims) {
		c.MetadataPolicy = json.RawMessage(`{"ehds_gateway":{"profiles":{"add":["hdeu-r8"]}}}`)
	})
	r := f.Resolver() // nobody is onboarded, no intermediate enrolled
	got, err := r.Discover(t.Context(), hub.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Statements) != 4 || len(got.Effects) != 1 || !slices.Equal(got.Entity.Gateway.Profiles, []string{"hdeu-r6", "hdeu-r8"}) {
		t.Errorf("%+v", got)
	}
	if len(got.Entity.Marks) != 1 || got.Entity.Marks[0].Status != federation.MarkSuspended {
		t.Errorf("marks %+v", got.Entity.Marks)
	}
	if _, err := r.Resolve(t.Context(), hub.ID, nil); !errors.Is(err, federation.ErrUnknownIssuer) {
		t.Errorf("it was remembered: %v", err)
	}
}

func TestDiscoverIsRefused(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	hub, silent, disowned := f.NCP("FR"), f.NCP("FI"), f.NCP("DE")
	silent.Down(true)
	disowned.Disown()
	loop := f.Gateway("https://loop.test", "FR", f.Intermediate("https://a.test", hub))
	loop.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = []string{loop.ID} })
	strict := f.NCP("SE")
	strict.EditStatement(func(c *federation.Claims) { c.Crit = []string{"x"} })
	for entity, want := range map[string]error{
		f.Anchor.ID: federation.ErrChain, silent.ID: federation.ErrUnavailable, disowned.ID: federation.ErrChain,
		loop.ID: federation.ErrChain, strict.ID: federation.ErrCrit, "https://nobody.test": federation.ErrUnavailable,
	} {
		if got, err := f.Resolver().Discover(t.Context(), entity); !errors.Is(err, want) || got != nil {
			t.Errorf("%s: %v, want %v", entity, err, want)
		}
	}
	pretender := federation.NewResolver(federation.Options{
		Anchors: []federation.Anchor{{Entity: f.Anchor.ID, Keys: trusttest.KeySet(trusttest.Key("other"))}}, HTTP: f.Client(), Clock: f.Clock.Now,
		Logger: f.Options().Logger,
	})
	for _, entity := range []string{f.Anchor.ID, hub.ID} {
		if _, err := pretender.Discover(t.Context(), entity); !errors.Is(err, federation.ErrAnchorMismatch) {
			t.Errorf("%s: %v", entity, err)
		}
	}
}

// TestDiscoverIsBounded: an entity that names many superiors, each of which names more, costs a bounded
// number of requests.
func TestDiscoverIsBounded(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	leaf := f.Gateway("https://leaf.test", "FR", f.Anchor)
	names := func(level string) []string {
		var out []string
		for i := range 4 {
			out = append(out, fmt.Sprintf("https://%s%d.test", level, i))
		}
		return out
	}
	for _, level := range []string{"a", "b", "c", "d"} {
		for _, id := range names(level) {
			f.Intermediate(id, f.Anchor).EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = names(string(level[0] + 1)) })
		}
	}
	leaf.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = names("a") })
	if _, err := f.Resolver().Discover(t.Context(), leaf.ID); !errors.Is(err, federation.ErrChain) {
		t.Errorf("error = %v", err)
	}
	if n := f.Requests("https://"); n > 20 {
		t.Errorf("%d requests", n)
	}
}
