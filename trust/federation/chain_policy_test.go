package federation_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// resign signs a statement of the scene again, with members set that federation.Claims cannot write.
func (s *scene) resign(t *testing.T, i int, set map[string]string) {
	t.Helper()
	s.tokens = s.chain(t)
	claims := map[string]json.RawMessage{}
	if err := json.Unmarshal(encoded(t, s.c(i)), &claims); err != nil {
		t.Fatal(err)
	}
	for name, raw := range set {
		claims[name] = json.RawMessage(raw)
	}
	s.tokens[i] = trusttest.Sign(t, s.links[i].key, s.links[i].typ, claims)
}

// The chain: 0 the body of itself, 1 the contact point about it, 2 the anchor about the contact point,
// 3 the anchor of itself.
func TestCriticalAndMisplacedClaimsRefuseTheChain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at   int
		set  map[string]string
		want error
		rule string
	}{
		"crit in the leaf":                   {0, claimsWith("crit", `["something"]`), federation.ErrCrit, "crit"},
		"crit of the contact point":          {1, claimsWith("crit", `["jti"]`, "jti", `"1"`), federation.ErrCrit, "crit"},
		"crit of the anchor about":           {2, claimsWith("crit", `["something"]`), federation.ErrCrit, "crit"},
		"crit of the anchor":                 {3, claimsWith("crit", `["something"]`), federation.ErrCrit, "crit"},
		"crit names a claim of the standard": {1, claimsWith("crit", `["metadata"]`), federation.ErrCrit, "crit"},
		"crit is empty":                      {1, claimsWith("crit", `[]`), federation.ErrCrit, "crit"},
		"crit is null":                       {1, claimsWith("crit", `null`), federation.ErrNullClaim, "null-claim"},
		"crit is text":                       {1, claimsWith("crit", `"jti"`), federation.ErrStatement, "json"},
		"crit in another case":               {1, claimsWith("Crit", `["x"]`), federation.ErrStatement, "member-case"},
		"policy crit":                        {1, claimsWith("metadata_policy_crit", `["regexp"]`), federation.ErrPolicyCrit, "policy-crit"},
		"policy crit above":                  {2, claimsWith("metadata_policy_crit", `["regexp"]`), federation.ErrPolicyCrit, "policy-crit"},
		"policy crit, a standard operator":   {2, claimsWith("metadata_policy_crit", `["value"]`), federation.ErrPolicyCrit, "policy-crit"},
		"policy crit is empty":               {2, claimsWith("metadata_policy_crit", `[]`), federation.ErrPolicyCrit, "policy-crit"},
		"policy crit is null":                {2, claimsWith("metadata_policy_crit", `null`), federation.ErrNullClaim, "null-claim"},
		"policy is null":                     {1, claimsWith("metadata_policy", `null`), federation.ErrNullClaim, "null-claim"},
		"constraints are null":               {1, claimsWith("constraints", `null`), federation.ErrNullClaim, "null-claim"},
		"metadata is null":                   {1, claimsWith("metadata", `null`), federation.ErrNullClaim, "null-claim"},
		"policy in the leaf":                 {0, claimsWith("metadata_policy", `{}`), federation.ErrMisplaced, "misplaced-claim"},
		"policy in the anchor":               {3, claimsWith("metadata_policy", `{}`), federation.ErrMisplaced, "misplaced-claim"},
		"policy crit in the leaf":            {0, claimsWith("metadata_policy_crit", `["x"]`), federation.ErrMisplaced, "misplaced-claim"},
		"constraints in the anchor":          {3, claimsWith("constraints", `{"max_path_length":9}`), federation.ErrMisplaced, "misplaced-claim"},
		"source endpoint in the leaf":        {0, claimsWith("source_endpoint", `"https://x.test"`), federation.ErrMisplaced, "misplaced-claim"},
		"hints in a subordinate statement":   {1, claimsWith("authority_hints", `["https://x.test"]`), federation.ErrMisplaced, "misplaced-claim"},
		"marks in a subordinate statement":   {2, claimsWith("trust_marks", `[]`), federation.ErrMisplaced, "misplaced-claim"},
		"path length below zero":             {1, claimsWith("constraints", `{"max_path_length":-1}`), federation.ErrConstraints, "constraints"},
		"path length is null":                {1, claimsWith("constraints", `{"max_path_length":null}`), federation.ErrConstraints, "constraints"},
		"path length is a fraction":          {1, claimsWith("constraints", `{"max_path_length":1.5}`), federation.ErrStatement, "json"},
		"path length is text":                {1, claimsWith("constraints", `{"max_path_length":"1"}`), federation.ErrStatement, "json"},
		"path length in another case":        {1, claimsWith("constraints", `{"Max_path_length":0}`), federation.ErrStatement, "member-case"},
		"constraints are a list":             {1, claimsWith("constraints", `[]`), federation.ErrStatement, "json"},
		"types are null":                     {1, claimsWith("constraints", `{"allowed_entity_types":null}`), federation.ErrConstraints, "constraints"},
		"types name the one always allowed":  {1, claimsWith("constraints", `{"allowed_entity_types":["federation_entity"]}`), federation.ErrConstraints, "constraints"},
		"names are null":                     {2, claimsWith("constraints", `{"naming_constraints":null}`), federation.ErrConstraints, "constraints"},
		"names hold no URL":                  {2, claimsWith("constraints", `{"naming_constraints":{"excluded":["https://x.test"]}}`), federation.ErrConstraints, "constraints"},
		"names hold no wildcard":             {2, claimsWith("constraints", `{"naming_constraints":{"permitted":["*.test"]}}`), federation.ErrConstraints, "constraints"},
		"names hold no empty one":            {2, claimsWith("constraints", `{"naming_constraints":{"permitted":[""]}}`), federation.ErrConstraints, "constraints"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.resign(t, c.at, c.set)
			e, err := federation.VerifyChain(s.tokens, s.anchors, s.f.Clock.Now())
			if !errors.Is(err, c.want) || e != nil {
				t.Errorf("error = %v, want %v", err, c.want)
			}
			if got := federation.Rule(err); got != c.rule && c.rule != "json" && c.rule != "member-case" {
				t.Errorf("rule = %q, want %q", got, c.rule)
			}
		})
	}
}

func claimsWith(pairs ...string) map[string]string {
	out := map[string]string{}
	for pair := range slices.Chunk(pairs, 2) {
		out[pair[0]] = pair[1]
	}
	return out
}

func TestConstraintsNotUnderstoodAreIgnored(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.resign(t, 2, claimsWith("constraints", `{"max_path_length":1,"colour":"blue"}`, "unheard_of", `{}`))
	if _, err := federation.VerifyChain(s.tokens, s.anchors, s.f.Clock.Now()); err != nil {
		t.Error(err)
	}
}

// TestPathLengths are the examples of OpenID Federation 1.1 §6.2.1: a leaf under I1, I2 and the anchor.
func TestPathLengths(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		i1, i2, ta int // below zero: not given
		want       error
	}{
		"none given":              {-1, -1, -1, nil},
		"anchor allows two":       {-1, -1, 2, nil},
		"anchor allows many":      {-1, -1, 9, nil},
		"two and one":             {-1, 1, 2, nil},
		"nearest allows none":     {0, -1, -1, nil},
		"anchor allows one":       {-1, -1, 1, federation.ErrPathLength},
		"second allows none":      {-1, 0, -1, federation.ErrPathLength},
		"a higher one's word too": {0, 1, 1, federation.ErrPathLength},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := trusttest.NewFederation(t)
			i2 := f.Intermediate("https://i2.test", f.Anchor)
			i1 := f.Intermediate("https://i1.test", i2)
			leaf := f.Gateway("https://leaf.test", "FR", i1)
			for e, n := range map[*trusttest.Entity]int{leaf: c.i1, i1: c.i2, i2: c.ta} {
				if n >= 0 {
					e.EditStatement(func(cl *federation.Claims) { cl.Constraints = &federation.Constraints{MaxPathLength: &n} })
				}
			}
			_, err := federation.VerifyChain(leaf.Chain(), f.Anchors(), f.Clock.Now())
			if !errors.Is(err, c.want) || c.want != nil && !errors.Is(err, federation.ErrChain) {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
}

// TestNamingConstraints (OpenID Federation 1.1 §6.2.2). The body is https://ncp.fr.test/hdab/hdh.
func TestNamingConstraints(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		permitted, excluded []string
		want                error
	}{
		"nothing":                          {nil, nil, nil},
		"the domain":                       {[]string{".fr.test"}, nil, nil},
		"a domain further up":              {[]string{".test"}, nil, nil},
		"the host":                         {[]string{"ncp.fr.test"}, nil, nil},
		"one of several":                   {[]string{"x.test", ".fr.test"}, nil, nil},
		"in capitals":                      {[]string{".FR.Test"}, nil, nil},
		"another excluded":                 {nil, []string{".de.test", "fr.test"}, nil},
		"a domain is not its own host":     {[]string{".ncp.fr.test"}, nil, federation.ErrNaming},
		"a host is not what is below it":   {[]string{"fr.test"}, nil, federation.ErrNaming},
		"a suffix of letters is no domain": {[]string{"r.test"}, nil, federation.ErrNaming},
		"none permitted":                   {[]string{}, nil, federation.ErrNaming},
		"excluded host":                    {nil, []string{"ncp.fr.test"}, federation.ErrNaming},
		"excluded domain":                  {nil, []string{".fr.test"}, federation.ErrNaming},
		"excluded in capitals":             {nil, []string{"NCP.FR.TEST"}, federation.ErrNaming},
		"excluded although permitted":      {[]string{".fr.test"}, []string{".test"}, federation.ErrNaming},
	} {
		for _, at := range []int{1, 2} {
			s := newScene(t)
			s.c(at).Constraints = &federation.Constraints{NamingConstraints: &federation.NamingConstraints{Permitted: c.permitted, Excluded: c.excluded}}
			if _, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now()); !errors.Is(err, c.want) {
				t.Errorf("%s, by statement %d: %v, want %v", name, at, err, c.want)
			}
		}
	}
}

// TestNamesThatCannotBeConstrained: identifiers whose host is no name, or a name spelled otherwise.
func TestNamesThatCannotBeConstrained(t *testing.T) {
	t.Parallel()
	const other = "none.test"
	for id, c := range map[string]struct {
		excluded string
		want     error
	}{
		"https://ncp.fr.test:8443/x":     {other, nil},
		"https://ncp.fr.test:8443/y":     {"ncp.fr.test", federation.ErrNaming},
		"https://ncp.fr.test@evil.test":  {"ncp.fr.test", nil}, // the host is evil.test
		"https://ncp.fr.test@evil.test/": {"evil.test", federation.ErrNaming},
		"https://NCP.FR.TEST":            {other, nil},
		"https://NCP.FR.TEST/":           {"ncp.fr.test", federation.ErrNaming},
		"https://x_y.test":               {other, nil},
		"https://ncp.fr.test.":           {other, federation.ErrNaming},
		"https://203.0.113.7":            {other, federation.ErrNaming},
		"https://[2001:db8::1]":          {other, federation.ErrNaming},
		"https://ncp.fr.tést":            {other, federation.ErrNaming},
		"https://ncp..fr.test":           {other, federation.ErrNaming},
		"https://.fr.test":               {other, federation.ErrNaming},
		"https://-ncp.fr.test":           {other, federation.ErrNaming},
		"https://":                       {other, federation.ErrNaming},
		"urn:x":                          {other, federation.ErrNaming},
		"https://%zz":                    {other, federation.ErrNaming},
		"https://" + label(63) + ".test": {other, nil},
		"https://" + label(64) + ".test": {other, federation.ErrNaming},
		"https://" + name253():           {other, nil},
		"https://" + "a" + name253():     {other, federation.ErrNaming},
	} {
		f := trusttest.NewFederation(t)
		leaf := f.Gateway(id, "FR", f.Anchor)
		leaf.EditStatement(func(cl *federation.Claims) {
			cl.Constraints = &federation.Constraints{NamingConstraints: &federation.NamingConstraints{Excluded: []string{c.excluded}}}
		})
		if _, err := federation.VerifyChain(leaf.Chain(), f.Anchors(), f.Clock.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", id, err, c.want)
		}
	}
}

func label(n int) string { return strings.Repeat("a", n) }

// name253 is a name of the greatest length.
func name253() string {
	return label(60) + "." + label(60) + "." + label(60) + "." + label(60) + "." + label(9)
}

// TestEntityTypesNotAllowedAreTakenAway (OpenID Federation 1.1 §6.2.3).
func TestEntityTypesNotAllowedAreTakenAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		types []string
		kept  []string
	}{
		"allowed":          {[]string{federation.TypeHDAB}, []string{federation.TypeHDAB, federation.TypeFederationEntity}},
		"another allowed":  {[]string{federation.TypeGateway}, []string{federation.TypeFederationEntity}},
		"none allowed":     {[]string{}, []string{federation.TypeFederationEntity}},
		"nothing is said":  {nil, []string{federation.TypeHDAB, federation.TypeFederationEntity}},
		"in another case":  {[]string{"EHDS_HDAB"}, []string{federation.TypeFederationEntity}},
		"one more allowed": {[]string{federation.TypeGateway, federation.TypeHDAB}, []string{federation.TypeHDAB, federation.TypeFederationEntity}},
	} {
		for _, at := range []int{1, 2} {
			s := newScene(t)
			s.c(at).Constraints = &federation.Constraints{AllowedEntityTypes: c.types}
			r, err := federation.ResolveChain(s.chain(t), s.anchors, s.f.Clock.Now())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var kept []string
			for ty := range r.Entity.Metadata {
				kept = append(kept, ty)
			}
			slices.Sort(kept)
			if diff := cmp.Diff(c.kept, kept); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			took := len(c.kept) == 1
			if (r.Entity.HDAB == nil) != took || (len(r.Effects) == 1 && r.Effects[0].Operator == "allowed_entity_types") != took {
				t.Errorf("%s: HDAB %v, effects %+v", name, r.Entity.HDAB, r.Effects)
			}
		}
	}
}

// TestPoliciesOfTheChainDecideTheMetadata: the superior's own words first, then the anchor's and the
// contact point's policies as one.
func TestPoliciesOfTheChainDecideTheMetadata(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	says(s.c(0), federation.TypeHDAB, members{"contacts": []string{"own@hdh.test"}, "display_name": nil})
	says(s.c(1), federation.TypeHDAB, members{"contacts": []string{"stated@ncp.test"}})
	s.c(1).MetadataPolicy = json.RawMessage(`{"ehds_hdab":{"contacts":{"add":["ncp@ncp.test"]},"status_list_endpoint":{"essential":true}}}`)
	s.c(2).MetadataPolicy = json.RawMessage(`{"ehds_hdab":{"contacts":{"add":["anchor@anchor.test"]},"country":{"one_of":["FR","DE"],"essential":true},
		"status_list_endpoint":{"value":"https://lists.anchor.test"}},"ehds_gateway":{"profiles":{"essential":true}}}`)
	r, err := federation.ResolveChain(s.chain(t), s.anchors, s.f.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.Entity.HDAB.StatusListEndpoint != "https://lists.anchor.test" || r.Entity.Gateway != nil || len(r.Statements) != 4 || len(r.Policy) != 2 {
		t.Errorf("HDAB %+v", r.Entity.HDAB)
	}
	hdab := map[string]json.RawMessage{}
	if err := json.Unmarshal(r.Entity.Metadata[federation.TypeHDAB], &hdab); err != nil {
		t.Fatal(err)
	}
	if got := string(hdab["contacts"]); got != `["stated@ncp.test","anchor@anchor.test","ncp@ncp.test"]` {
		t.Errorf("contacts = %s", got)
	}
	var did []string
	for _, e := range r.Effects {
		did = append(did, e.Parameter+" "+e.Operator+" by "+strings.Join(e.By, ", "))
	}
	want := []string{
		"contacts metadata by https://ncp.fr.test",
		"contacts add by https://anchor.test, https://ncp.fr.test",
		"status_list_endpoint value by https://anchor.test",
	}
	if diff := cmp.Diff(want, did); diff != "" {
		t.Error(diff)
	}
}

func TestPoliciesRefuseTheChain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		anchor, ncp string
		want        error
	}{
		"metadata that does not pass":        {`{"ehds_hdab":{"country":{"one_of":["DE"]}}}`, ``, federation.ErrInvalidMetadata},
		"required and absent":                {``, `{"ehds_hdab":{"contacts":{"essential":true}}}`, federation.ErrInvalidMetadata},
		"two superiors contradict":           {`{"ehds_hdab":{"x":{"value":1}}}`, `{"ehds_hdab":{"x":{"value":2}}}`, federation.ErrInvalidPolicy},
		"widened below":                      {`{"ehds_hdab":{"x":{"subset_of":["a"]}}}`, `{"ehds_hdab":{"x":{"add":["b"]}}}`, federation.ErrInvalidPolicy},
		"contradiction about another type":   {`{"openid_provider":{"x":{"value":1}}}`, `{"openid_provider":{"x":{"value":2}}}`, federation.ErrInvalidPolicy},
		"malformed about another type":       {`{"openid_provider":{"x":{"add":1}}}`, ``, federation.ErrInvalidPolicy},
		"no object":                          {`[]`, ``, federation.ErrInvalidPolicy},
		"a policy moves the body":            {`{"ehds_hdab":{"country":{"value":"DE"}}}`, ``, federation.ErrIdentity},
		"a policy renames the body":          {``, `{"ehds_hdab":{"hdab_code":{"value":"OTHER"}}}`, federation.ErrIdentity},
		"a policy hides the country":         {`{"ehds_hdab":{"country":{"value":null}}}`, ``, federation.ErrIdentity},
		"a policy makes keys of no kind":     {`{"ehds_hdab":{"jwks":{"value":"none"}}}`, ``, federation.ErrStatement},
		"a policy adds a member's case twin": {`{"ehds_hdab":{"JWKS":{"value":{"keys":[]}}}}`, ``, federation.ErrStatement},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			if c.anchor != "" {
				s.c(2).MetadataPolicy = json.RawMessage(c.anchor)
			}
			if c.ncp != "" {
				s.c(1).MetadataPolicy = json.RawMessage(c.ncp)
			}
			e, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
			if !errors.Is(err, c.want) || e != nil {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
}

// TestAPolicyTakesKeysAway: keys come from metadata after policies, not from what the entity says.
func TestAPolicyTakesKeysAway(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := trusttest.KeySet(trusttest.Key("the only key the anchor allows"))
	s.c(2).MetadataPolicy = encoded(t, map[string]any{"ehds_hdab": members{"jwks": members{"value": other}}})
	e, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
	if err != nil || len(e.HDAB.Keys.Keys) != 1 || e.HDAB.Keys.Keys[0].Kid != other.Keys[0].Kid {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestAHeaderChainIsUnderTheSamePolicies: what refuses a fetched chain refuses one in a header.
func TestAHeaderChainIsUnderTheSamePolicies(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	fr.EditStatement(func(c *federation.Claims) {
		c.MetadataPolicy = json.RawMessage(`{"ehds_gateway":{"profiles":{"superset_of":["hdeu-r8"]}}}`)
	})
	if _, err := f.Resolver().Resolve(t.Context(), fr.ID, fr.Chain()); !errors.Is(err, federation.ErrInvalidMetadata) {
		t.Errorf("header: %v", err)
	}
	if _, err := f.Resolver(fr).Resolve(t.Context(), fr.ID, nil); !errors.Is(err, federation.ErrInvalidMetadata) {
		t.Errorf("fetched: %v", err)
	}
	fr.EditStatement(func(c *federation.Claims) {
		c.MetadataPolicy = json.RawMessage(`{"ehds_gateway":{"profiles":{"add":["hdeu-r8"]}}}`)
	})
	for name, r := range map[string]*federation.Resolver{"header": f.Resolver(), "fetched": f.Resolver(fr)} {
		e, err := r.Resolve(t.Context(), fr.ID, fr.Chain())
		if err != nil || !slices.Equal(e.Gateway.Profiles, []string{"hdeu-r6", "hdeu-r8"}) {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
}

func TestMetadataThatIsNullIsAbsent(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.c(0).Metadata[federation.TypeHDAB] = json.RawMessage(`{"country":"FR","hdab_code":"HDH","contacts":null,"display_name":null,"jwks":` + string(encoded(t, trusttest.KeySet(s.hda.Permit))) + `}`)
	s.c(2).MetadataPolicy = json.RawMessage(`{"ehds_hdab":{"contacts":{"default":["a"]}}}`)
	r, err := federation.ResolveChain(s.chain(t), s.anchors, s.f.Clock.Now())
	if err != nil || len(r.Effects) != 1 || r.Effects[0].Before != nil || string(r.Effects[0].After) != `["a"]` {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := string(r.Entity.Metadata[federation.TypeHDAB]); strings.Contains(got, "null") {
		t.Errorf("metadata %s", got)
	}
	s.c(2).MetadataPolicy = json.RawMessage(`{"ehds_hdab":{"contacts":{"essential":true}}}`)
	if _, err := federation.ResolveChain(s.chain(t), s.anchors, s.f.Clock.Now()); !errors.Is(err, federation.ErrInvalidMetadata) {
		t.Errorf("error = %v", err)
	}
}

func TestASuperiorStatesNoNull(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.c(1).Metadata[federation.TypeHDAB] = json.RawMessage(`{"country":"FR","hdab_code":"HDH","jwks":null}`)
	_, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
	var p *federation.PolicyError
	if !errors.Is(err, federation.ErrInvalidMetadata) || !errors.As(err, &p) || p.Parameter != "jwks" || p.By != s.ncp.ID {
		t.Errorf("error = %v", err)
	}
}

func TestRuleLabels(t *testing.T) {
	t.Parallel()
	for label, err := range map[string]error{
		"": nil, "unknown-issuer": federation.ErrUnknownIssuer, "unavailable": federation.ErrUnavailable, "anchor-mismatch": federation.ErrAnchorMismatch,
		"statement": federation.ErrStatement, "chain": federation.ErrChain, "statement-time": federation.ErrExpired, "unsupported": federation.ErrUnsupported,
		"mark": federation.ErrMark, "identity": federation.ErrIdentity, "naming-constraint": federation.ErrNaming,
		"invalid-policy": &federation.PolicyError{Kind: federation.ErrInvalidPolicy},
	} {
		if got := federation.Rule(err); got != label {
			t.Errorf("%v: %q, want %q", err, got, label)
		}
	}
	if got := federation.Rule(errors.New("x")); got != "" {
		t.Errorf("another error: %q", got)
	}
}

func TestCheckPolicyRefusesWhatNobodyCouldStandUnder(t *testing.T) {
	t.Parallel()
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	minus := -1
	for name, c := range map[string]struct {
		claims federation.Claims
		above  []json.RawMessage
		want   error
	}{
		"nothing":    {federation.Claims{}, nil, nil},
		"a policy":   {federation.Claims{MetadataPolicy: raw(`{"t":{"p":{"essential":true}}}`)}, nil, nil},
		"it narrows": {federation.Claims{MetadataPolicy: raw(`{"t":{"p":{"subset_of":["a"]}}}`)}, []json.RawMessage{raw(`{"t":{"p":{"subset_of":["a","b"]}}}`)}, nil},
		"metadata beside it": {federation.Claims{
			MetadataPolicy: raw(`{"t":{"p":{"one_of":["a"]},"q":{"essential":true}}}`), Metadata: map[string]json.RawMessage{"t": raw(`{"p":"a"}`), "u": raw(`{}`)},
		}, nil, nil},
		"malformed":              {federation.Claims{MetadataPolicy: raw(`{"t":{"p":{"add":1}}}`)}, nil, federation.ErrInvalidPolicy},
		"malformed above":        {federation.Claims{}, []json.RawMessage{raw(`[]`)}, federation.ErrInvalidPolicy},
		"widens":                 {federation.Claims{MetadataPolicy: raw(`{"t":{"p":{"add":["b"]}}}`)}, []json.RawMessage{raw(`{"t":{"p":{"subset_of":["a"]}}}`), raw(`{}`)}, federation.ErrInvalidPolicy},
		"own metadata fails":     {federation.Claims{MetadataPolicy: raw(`{"t":{"p":{"one_of":["a"]}}}`), Metadata: map[string]json.RawMessage{"t": raw(`{"p":"b"}`)}}, nil, federation.ErrInvalidMetadata},
		"own metadata no object": {federation.Claims{Metadata: map[string]json.RawMessage{"t": raw(`[]`)}}, nil, federation.ErrInvalidMetadata},
		"crit":                   {federation.Claims{Crit: []string{"x"}}, nil, federation.ErrCrit},
		"policy crit":            {federation.Claims{PolicyCrit: []string{}}, nil, federation.ErrPolicyCrit},
		"constraints":            {federation.Claims{Constraints: &federation.Constraints{MaxPathLength: &minus}}, nil, federation.ErrConstraints},
	} {
		if err := federation.CheckPolicy(c.claims, c.above...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestNamingConstraintsBindEverybodyBelow: the intermediate a superior speaks of, and not its leaf alone.
func TestNamingConstraintsBindEverybodyBelow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		n    federation.NamingConstraints
		want error
	}{
		"both permitted":            {federation.NamingConstraints{Permitted: []string{".fr.test", "region.eu.test"}}, nil},
		"the leaf only":             {federation.NamingConstraints{Permitted: []string{".fr.test"}}, federation.ErrNaming},
		"the intermediate only":     {federation.NamingConstraints{Permitted: []string{".eu.test"}}, federation.ErrNaming},
		"the intermediate excluded": {federation.NamingConstraints{Excluded: []string{".eu.test"}}, federation.ErrNaming},
		"the leaf excluded":         {federation.NamingConstraints{Excluded: []string{"leaf.fr.test"}}, federation.ErrNaming},
		"the anchor is above it":    {federation.NamingConstraints{Excluded: []string{"anchor.test"}}, nil},
	} {
		f := trusttest.NewFederation(t)
		region := f.Intermediate("https://region.eu.test", f.Anchor)
		leaf := f.Gateway("https://leaf.fr.test", "FR", region)
		region.EditStatement(func(cl *federation.Claims) { cl.Constraints = &federation.Constraints{NamingConstraints: &c.n} })
		if _, err := federation.VerifyChain(leaf.Chain(), f.Anchors(), f.Clock.Now()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
