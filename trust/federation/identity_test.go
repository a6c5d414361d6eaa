package federation_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// says sets members of one type's metadata; nil takes a member away.
func says(c *federation.Claims, entityType string, members map[string]any) {
	md := map[string]any{}
	if raw, ok := c.Metadata[entityType]; ok {
		if err := json.Unmarshal(raw, &md); err != nil {
			panic(err) // made by trusttest
		}
	}
	for name, v := range members {
		if md[name] = v; v == nil {
			delete(md, name)
		}
	}
	raw, err := json.Marshal(md)
	if err != nil {
		panic(err) // plain values
	}
	c.Metadata[entityType] = raw
}

type members = map[string]any

// The body's chain: 0 the body, 1 its contact point about it, 2 the anchor about the contact point.
func TestIdentityOfABodyIsItsSuperiors(t *testing.T) {
	const gw, body = federation.TypeGateway, federation.TypeHDAB
	for name, c := range map[string]struct {
		change func(s *scene)
		want   error
	}{
		"all agree": {func(*scene) {}, nil},
		"body under a contact point of another country, who says so too": {func(s *scene) {
			says(s.c(0), body, members{"country": "FI"})
			says(s.c(1), body, members{"country": "FI"})
		}, federation.ErrChain},
		"contact point of another country": {func(s *scene) { says(s.c(2), gw, members{"country": "FI"}) }, federation.ErrChain},
		"body names another country":       {func(s *scene) { says(s.c(0), body, members{"country": "FI"}) }, federation.ErrChain},
		"body names the country otherwise": {func(s *scene) { says(s.c(0), body, members{"country": "fr"}) }, federation.ErrChain},
		"body names another code":          {func(s *scene) { says(s.c(0), body, members{"hdab_code": "OTHER"}) }, federation.ErrChain},
		"body names nothing": {func(s *scene) {
			says(s.c(0), body, members{"country": nil, "hdab_code": nil})
		}, nil},
		"contact point says nothing":               {func(s *scene) { s.c(1).Metadata = nil }, federation.ErrChain},
		"contact point says nothing of it as body": {func(s *scene) { delete(s.c(1).Metadata, body); says(s.c(1), gw, members{"country": "FR"}) }, federation.ErrChain},
		"contact point leaves out the country":     {func(s *scene) { says(s.c(1), body, members{"country": nil}) }, federation.ErrChain},
		"contact point's country is empty":         {func(s *scene) { says(s.c(1), body, members{"country": ""}) }, federation.ErrChain},
		"contact point's country is null":          {func(s *scene) { s.c(1).Metadata[body] = json.RawMessage(`{"country":null,"hdab_code":"HDH"}`) }, federation.ErrChain},
		"contact point's country is no text":       {func(s *scene) { says(s.c(1), body, members{"country": 7}) }, federation.ErrStatement},
		"contact point leaves out the code":        {func(s *scene) { says(s.c(1), body, members{"hdab_code": nil}) }, federation.ErrChain},
		"contact point's code is null":             {func(s *scene) { s.c(1).Metadata[body] = json.RawMessage(`{"country":"FR","hdab_code":null}`) }, federation.ErrChain},
		"neither names a code": {func(s *scene) {
			says(s.c(0), body, members{"hdab_code": nil})
			says(s.c(1), body, members{"hdab_code": nil})
		}, nil},
		"contact point says two countries": {func(s *scene) { says(s.c(1), gw, members{"country": "FI"}) }, federation.ErrChain},
		"a member that folds to country":   {func(s *scene) { says(s.c(1), body, members{"Country": "FI"}) }, federation.ErrStatement},
		"anchor says nothing":              {func(s *scene) { s.c(2).Metadata = nil }, federation.ErrChain},
		"anchor knows it as a body":        {func(s *scene) { delete(s.c(2).Metadata, gw); says(s.c(2), body, members{"country": "FR"}) }, nil},
		"anchor says two countries":        {func(s *scene) { says(s.c(2), body, members{"country": "FI"}) }, federation.ErrChain},
		"anchor says it of itself only":    {func(s *scene) { s.c(2).Metadata = nil; says(s.c(3), gw, members{"country": "FR"}) }, federation.ErrChain},
		"a gateway nobody named one": {func(s *scene) {
			says(s.c(0), gw, members{"country": "FR"})
		}, federation.ErrChain},
		"a gateway of another country": {func(s *scene) {
			says(s.c(0), gw, members{"country": "FI"})
			says(s.c(1), gw, members{"country": "FI"})
		}, federation.ErrChain},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			c.change(s)
			e, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
			if !errors.Is(err, c.want) || (e == nil) != (c.want != nil) {
				t.Fatalf("error = %v, want %v; entity %t", err, c.want, e != nil)
			}
			if e != nil && e.HDAB.Country != "FR" {
				t.Errorf("country = %q", e.HDAB.Country)
			}
		})
	}
}

// A Finnish contact point with a valid mark writes FR, or EU, into its own configuration.
func TestContactPointDoesNotChooseItsCountry(t *testing.T) {
	for _, country := range []string{"FR", "EU"} {
		f := trusttest.NewFederation(t)
		fi := f.NCP("FI")
		if e := resolve(t, f.Resolver(fi), fi); e.Gateway.Country != "FI" {
			t.Fatalf("country = %q", e.Gateway.Country)
		}
		fi.EditConfiguration(func(c *federation.Claims) { says(c, federation.TypeGateway, members{"country": country}) })
		refused(t, f.Resolver(fi), fi, federation.ErrChain)
		refused(t, f.Resolver(), fi, federation.ErrChain, fi.Chain()...)
	}
	f := trusttest.NewFederation(t)
	centre := f.Centre()
	centre.EditStatement(func(c *federation.Claims) { c.Metadata = nil })
	refused(t, f.Resolver(centre), centre, federation.ErrChain)
}

// A Finnish contact point cannot put a gateway of its own making below it as a French one, not even
// through a helper that the anchor has never heard of.
func TestContactPointVouchesForNobodyAbroad(t *testing.T) {
	f := trusttest.NewFederation(t)
	fi := f.NCP("FI")
	below := f.Gateway("https://ncp.fi.test/fr", "FR", fi)
	refused(t, f.Resolver(), below, federation.ErrChain, below.Chain()...)
	middle := f.Intermediate("https://middle.test", fi)
	deeper := f.HDAB(f.Gateway("https://deep.test", "FR", middle), "hdh")
	refused(t, f.Resolver(), deeper, federation.ErrChain, deeper.Chain()...)
	middle.EditStatement(func(c *federation.Claims) { c.Metadata = nil })
	refused(t, f.Resolver(), deeper, federation.ErrChain, deeper.Chain()...)
}

// A helper the anchor enrolled without a country confirms none.
func TestCountryComesFromTheAnchor(t *testing.T) {
	f := trusttest.NewFederation(t)
	middle := f.Intermediate("https://middle.test", f.Anchor)
	fr := f.Gateway("https://fr.test", "FR", middle)
	e, err := federation.VerifyChain(fr.Chain(), f.Anchors(), f.Clock.Now())
	if err != nil || e.Gateway.Country != "FR" {
		t.Fatalf("%+v, %v", e, err)
	}
	middle.EditStatement(func(c *federation.Claims) { c.Metadata = nil })
	if _, err := federation.VerifyChain(fr.Chain(), f.Anchors(), f.Clock.Now()); !errors.Is(err, federation.ErrChain) {
		t.Errorf("error = %v", err)
	}
	// The helper itself is neither gateway nor body, and needs no country to be known.
	if _, err := federation.VerifyChain(middle.Chain(), f.Anchors(), f.Clock.Now()); err != nil {
		t.Error(err)
	}
}

func TestHouseStatesWhoItsBodiesAre(t *testing.T) {
	f, h, fr, hda, mux := house(t)
	w := get(mux, http.MethodGet, "/federation/fetch?sub="+hda.ID)
	s, err := federation.ParseStatement(w.Body.String())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, raw := range s.Metadata {
		got[name] = string(raw)
	}
	if diff := cmp.Diff(map[string]string{federation.TypeHDAB: `{"country":"FR","hdab_code":"HDH"}`}, got); diff != "" {
		t.Error(diff)
	}
	chain, err := h.ChainOf(h.Bodies[0], fr.Chain()[1:])
	if err != nil {
		t.Fatal(err)
	}
	if e, err := federation.VerifyChain(chain, f.Anchors(), f.Clock.Now()); err != nil || e.HDAB.Country != "FR" || e.HDAB.Code != "HDH" {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestVouchStatesWhatItIsGiven(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	about, err := f.Anchor.Self().Vouch(fr.ID, trusttest.KeySet(fr.Federation), map[string]any{
		federation.TypeGateway: map[string]any{"country": "FR", "contacts": []string{"anchor@example.org"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := federation.VerifyChain([]string{fr.Configuration(), about, f.Anchor.Configuration()}, f.Anchors(), f.Clock.Now())
	if err != nil || e.Gateway.Country != "FR" || cmp.Diff([]string{"anchor@example.org"}, e.Gateway.Contacts) != "" {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := f.Anchor.Self().Vouch(fr.ID, trusttest.KeySet(fr.Federation), map[string]any{"x": func() {}}); err == nil {
		t.Error("metadata that is no JSON is stated")
	}
}

// TestABodyIsVouchedForByWhatItsMetadataSays: what cannot be read as an identity is not vouched for.
func TestABodyIsVouchedForByWhatItsMetadataSays(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	for name, later := range map[string]struct {
		metadata map[string]any
		err      error
	}{
		"metadata that cannot be had":  {nil, errors.New("the key store is locked")},
		"metadata without a JSON form": {map[string]any{federation.TypeHDAB: make(chan int)}, nil},
		"metadata that is no object":   {map[string]any{federation.TypeHDAB: "text"}, nil},
		"a country that is no text":    {map[string]any{federation.TypeHDAB: map[string]any{"country": 7}}, nil},
	} {
		o := f.HDAB(fr, strings.ReplaceAll(name, " ", "-")).SelfOptions()
		first := o.Metadata
		asked := 0
		o.Metadata = func() (map[string]any, error) {
			if asked++; asked == 1 { // for the body's own configuration
				return first()
			}
			return later.metadata, later.err
		}
		body := federation.NewSelf(o)
		house := &federation.House{Head: fr.Self(), Bodies: []*federation.Self{body}}
		if _, err := house.ChainOf(body, nil); err == nil {
			t.Errorf("%s: vouched for", name)
		}
	}
}

func TestASuperiorStatesNothingThatWouldBeRefused(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	self := f.Anchor.Self()
	stated := fr.StatementClaims()
	if _, err := self.State(stated, ""); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		policy string
		want   error
	}{
		"a policy nobody can read":         {`{"ehds_gateway":{"country":{"add":"FR"}}}`, federation.ErrInvalidPolicy},
		"a policy its own metadata breaks": {`{"ehds_gateway":{"country":{"one_of":["FI"]}}}`, federation.ErrInvalidMetadata},
	} {
		claims := stated
		claims.MetadataPolicy = json.RawMessage(c.policy)
		if _, err := self.State(claims, ""); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		edit func(*federation.Claims)
		want error
	}{
		"crit":                            {func(c *federation.Claims) { c.Crit = []string{"level"} }, federation.ErrCrit},
		"crit of nothing":                 {func(c *federation.Claims) { c.Crit = []string{} }, federation.ErrCrit},
		"metadata_policy_crit":            {func(c *federation.Claims) { c.PolicyCrit = []string{"regexp"} }, federation.ErrPolicyCrit},
		"metadata_policy_crit of nothing": {func(c *federation.Claims) { c.PolicyCrit = []string{} }, federation.ErrPolicyCrit},
	} {
		last, err := self.State(stated, "")
		if err != nil {
			t.Fatal(err)
		}
		claims := stated
		c.edit(&claims)
		if token, err := self.State(claims, last); !errors.Is(err, c.want) || token != "" {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
}
