package federation_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// link is a statement before it is signed.
type link struct {
	claims federation.Claims
	key    jose.SigningKey
	typ    string
}

// scene is a contact point with a body under an anchor, and the body's chain in the making:
// 0 the body of itself, 1 the contact point of the body, 2 the anchor of the contact point, 3 the anchor.
type scene struct {
	f        *trusttest.Federation
	ncp, hda *trusttest.Entity
	links    []link
	anchors  []federation.Anchor
	tokens   []string // when set, what is verified instead
}

func newScene(t *testing.T) *scene {
	f := trusttest.NewFederation(t)
	s := &scene{f: f, ncp: f.NCP("FR"), anchors: f.Anchors()}
	s.hda = f.HDAB(s.ncp, "hdh")
	s.links = []link{
		{s.hda.ConfigurationClaims(), s.hda.Federation, federation.TypStatement},
		{s.hda.StatementClaims(), s.ncp.Federation, federation.TypStatement},
		{s.ncp.StatementClaims(), f.Anchor.Federation, federation.TypStatement},
		{f.Anchor.ConfigurationClaims(), f.Anchor.Federation, federation.TypStatement},
	}
	return s
}

func (s *scene) chain(t *testing.T) []string {
	if s.tokens != nil {
		return s.tokens
	}
	var out []string
	for _, l := range s.links {
		out = append(out, trusttest.Sign(t, l.key, l.typ, l.claims))
	}
	return out
}

func (s *scene) c(i int) *federation.Claims { return &s.links[i].claims }

func TestChainHolds(t *testing.T) {
	s := newScene(t)
	e, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if e.ID != s.hda.ID || e.Anchor != trusttest.AnchorID || e.Gateway != nil || e.HDAB == nil || e.HDAB.Country != "FR" || e.HDAB.Code != "HDH" {
		t.Errorf("entity = %+v", e)
	}
	if len(e.Marks) != 1 || e.Marks[0].Name != "hdab" || e.Marks[0].Status != federation.MarkActive {
		t.Errorf("marks = %+v", e.Marks)
	}
	if want := s.f.Clock.Now().Add(trusttest.Life); !e.Expires.Equal(want) || len(e.Chain) != 4 {
		t.Errorf("expires %s, want %s; %d statements", e.Expires, want, len(e.Chain))
	}
}

func TestTheEarliestEndOfAChainCounts(t *testing.T) {
	for i := range 4 {
		s := newScene(t)
		s.c(i).Exp = s.c(i).Iat + 100
		e, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
		if err != nil || e.Expires.Unix() != s.c(i).Exp {
			t.Errorf("statement %d: expires %v, %v", i, e, err)
		}
	}
}

func TestChainIsRefused(t *testing.T) {
	mallory := trusttest.Key("mallory")
	raw := func(v any) json.RawMessage { b, _ := json.Marshal(v); return b }
	zero := 0
	cases := map[string]struct {
		spoil func(t *testing.T, s *scene)
		want  error
	}{
		"nothing":                        {func(_ *testing.T, s *scene) { s.tokens = []string{} }, federation.ErrChain},
		"leaf alone":                     {func(_ *testing.T, s *scene) { s.links = s.links[:1] }, federation.ErrChain},
		"leaf and anchor without word":   {func(_ *testing.T, s *scene) { s.links = []link{s.links[0], s.links[3]} }, federation.ErrChain},
		"anchor's configuration missing": {func(_ *testing.T, s *scene) { s.links = s.links[:3] }, federation.ErrChain},
		"leaf's configuration missing":   {func(_ *testing.T, s *scene) { s.links = s.links[1:] }, federation.ErrChain},
		"a middle statement missing": {func(_ *testing.T, s *scene) {
			s.links = []link{s.links[0], s.links[2], s.links[3]}
		}, federation.ErrChain},
		"swapped statements": {func(_ *testing.T, s *scene) {
			s.links[1], s.links[2] = s.links[2], s.links[1]
		}, federation.ErrChain},
		"in reverse": {func(_ *testing.T, s *scene) {
			s.links[0], s.links[3] = s.links[3], s.links[0]
			s.links[1], s.links[2] = s.links[2], s.links[1]
		}, federation.ErrChain},
		"too long": {func(_ *testing.T, s *scene) {
			for len(s.links) < 7 {
				s.links = append(s.links[:2:2], s.links[1:]...)
			}
		}, federation.ErrChain},
		"a configuration in the middle": {func(_ *testing.T, s *scene) {
			own := link{s.ncp.ConfigurationClaims(), s.ncp.Federation, federation.TypStatement}
			s.links = []link{s.links[0], s.links[1], own, s.links[2], s.links[3]}
		}, federation.ErrChain},
		"the same link twice": {func(_ *testing.T, s *scene) {
			s.links = []link{s.links[0], s.links[1], s.links[1], s.links[2], s.links[3]}
		}, federation.ErrChain},
		"an entity vouches for its own superior": {func(_ *testing.T, s *scene) {
			// leaf ← other ← leaf(about other) ← ncp(about leaf) ← anchor: other is the leaf's own creature.
			about := func(iss, sub *trusttest.Entity) link {
				c := s.hda.StatementClaims()
				c.Iss, c.Sub, c.JWKS = iss.ID, sub.ID, trusttest.KeySet(sub.Federation)
				return link{c, iss.Federation, federation.TypStatement}
			}
			creature := s.f.Intermediate("https://creature.test", s.hda)
			s.c(0).AuthorityHints = []string{creature.ID}
			s.links = []link{s.links[0], about(creature, s.hda), about(s.hda, creature), s.links[1], s.links[2], s.links[3]}
		}, federation.ErrChain},
		"leaf signed with another key":     {func(_ *testing.T, s *scene) { s.links[0].key = mallory }, federation.ErrStatement},
		"superior's word with another key": {func(_ *testing.T, s *scene) { s.links[1].key = mallory }, federation.ErrStatement},
		"anchor's word with another key":   {func(_ *testing.T, s *scene) { s.links[2].key = mallory }, federation.ErrStatement},
		"leaf signed with a key it lists and its superior does not": {func(_ *testing.T, s *scene) {
			s.links[0].key = mallory
			s.c(0).JWKS = trusttest.KeySet(mallory, s.hda.Federation)
		}, federation.ErrStatement},
		"leaf signed with a key its superior lists and it does not": {func(_ *testing.T, s *scene) {
			s.links[0].key = mallory
			s.c(1).JWKS = trusttest.KeySet(mallory, s.hda.Federation)
		}, federation.ErrStatement},
		"middle key replaced by its subject": {func(_ *testing.T, s *scene) {
			s.links[1].key = mallory
			s.c(1).JWKS = trusttest.KeySet(s.hda.Federation)
		}, federation.ErrStatement},
		"leaf signed with its permit key": {func(_ *testing.T, s *scene) { s.links[0].key = s.hda.Permit }, federation.ErrStatement},
		"anchor self-signed by a pretender": {func(_ *testing.T, s *scene) {
			s.links[3].key = mallory
			s.c(3).JWKS = trusttest.KeySet(mallory)
		}, federation.ErrAnchorMismatch},
		"anchor's new key not pinned": {func(_ *testing.T, s *scene) {
			s.links[3].key = mallory
			s.c(3).JWKS = trusttest.KeySet(mallory, s.f.Anchor.Federation)
		}, federation.ErrAnchorMismatch},
		"anchor not pinned": {func(_ *testing.T, s *scene) {
			s.anchors = []federation.Anchor{{Entity: "https://other.test", Keys: trusttest.KeySet(s.f.Anchor.Federation)}}
		}, federation.ErrChain},
		"nothing pinned":      {func(_ *testing.T, s *scene) { s.anchors = nil }, federation.ErrChain},
		"pinned without keys": {func(_ *testing.T, s *scene) { s.anchors[0].Keys = jose.KeySet{} }, federation.ErrAnchorMismatch},
		"ends at an unpinned middle": {func(_ *testing.T, s *scene) {
			s.links = []link{s.links[0], s.links[1], {s.ncp.ConfigurationClaims(), s.ncp.Federation, federation.TypStatement}}
		}, federation.ErrChain},
		"statement about another entity": {func(_ *testing.T, s *scene) { s.c(1).Sub = "https://ncp.fr.test/hdab/other" }, federation.ErrChain},
		"statement by another entity":    {func(_ *testing.T, s *scene) { s.c(1).Iss = "https://other.test" }, federation.ErrChain},
		"middle about another entity":    {func(_ *testing.T, s *scene) { s.c(2).Sub = "https://ncp.de.test" }, federation.ErrChain},
		"leaf by another entity": {func(_ *testing.T, s *scene) {
			s.c(0).Iss, s.c(0).AuthorityHints, s.c(0).TrustMarks = s.ncp.ID, nil, nil
		}, federation.ErrChain},
		"identifiers in another case":   {func(_ *testing.T, s *scene) { s.c(1).Sub = strings.ToUpper(s.hda.ID) }, federation.ErrChain},
		"no authority hint":             {func(_ *testing.T, s *scene) { s.c(0).AuthorityHints = nil }, federation.ErrChain},
		"hint to another superior":      {func(_ *testing.T, s *scene) { s.c(0).AuthorityHints = []string{trusttest.AnchorID} }, federation.ErrChain},
		"leaf expired":                  {func(_ *testing.T, s *scene) { expire(s.c(0)) }, federation.ErrExpired},
		"superior's word expired":       {func(_ *testing.T, s *scene) { expire(s.c(1)) }, federation.ErrExpired},
		"anchor's word expired":         {func(_ *testing.T, s *scene) { expire(s.c(2)) }, federation.ErrExpired},
		"anchor expired":                {func(_ *testing.T, s *scene) { expire(s.c(3)) }, federation.ErrExpired},
		"leaf from the future":          {func(_ *testing.T, s *scene) { s.c(0).Iat += 61 }, federation.ErrExpired},
		"superior's word of the future": {func(_ *testing.T, s *scene) { s.c(1).Iat += 61 }, federation.ErrExpired},
		"anchor's word of the future":   {func(_ *testing.T, s *scene) { s.c(2).Iat += 61 }, federation.ErrExpired},
		"leaf lives longer than a day":  {func(_ *testing.T, s *scene) { s.c(0).Exp = s.c(0).Iat + 86401 }, federation.ErrStatement},
		"leaf's life overflows":         {func(_ *testing.T, s *scene) { s.c(0).Exp = s.c(0).Iat + 18446744074 }, federation.ErrStatement},
		"exp beyond all calendars":      {func(_ *testing.T, s *scene) { s.c(1).Exp = 1 << 53 }, federation.ErrStatement},
		"no exp":                        {func(_ *testing.T, s *scene) { s.c(1).Exp = 0 }, federation.ErrStatement},
		"no iat":                        {func(_ *testing.T, s *scene) { s.c(1).Iat = 0 }, federation.ErrStatement},
		"no iss":                        {func(_ *testing.T, s *scene) { s.c(1).Iss = "" }, federation.ErrStatement},
		"no sub":                        {func(_ *testing.T, s *scene) { s.c(1).Sub = "" }, federation.ErrStatement},
		"no keys":                       {func(_ *testing.T, s *scene) { s.c(1).JWKS = jose.KeySet{} }, federation.ErrStatement},
		"typ of a message":              {func(_ *testing.T, s *scene) { s.links[1].typ = "ehds-message+jwt" }, federation.ErrStatement},
		"typ of a mark":                 {func(_ *testing.T, s *scene) { s.links[1].typ = federation.TypMark }, federation.ErrStatement},
		"crit in the leaf":              {func(_ *testing.T, s *scene) { s.c(0).Crit = []string{"something"} }, federation.ErrUnsupported},
		"crit above":                    {func(_ *testing.T, s *scene) { s.c(2).Crit = []string{"something"} }, federation.ErrUnsupported},
		"longer than the anchor allows": {func(_ *testing.T, s *scene) {
			s.c(2).Constraints = &federation.Constraints{MaxPathLength: &zero}
		}, federation.ErrChain},
		"metadata that is no object": {func(_ *testing.T, s *scene) {
			s.c(0).Metadata[federation.TypeHDAB] = raw("text")
		}, federation.ErrStatement},
		"metadata null": {func(_ *testing.T, s *scene) {
			s.c(0).Metadata[federation.TypeHDAB] = raw(nil)
		}, federation.ErrStatement},
		"gateway metadata of the wrong kind": {func(_ *testing.T, s *scene) {
			s.c(0).Metadata[federation.TypeGateway] = raw(map[string]any{"country": 7})
		}, federation.ErrStatement},
		"superior's metadata that is no object": {func(_ *testing.T, s *scene) {
			s.c(1).Metadata = map[string]json.RawMessage{federation.TypeHDAB: raw("text")}
		}, federation.ErrStatement},
		"leaf's metadata that is no object, overridden": {func(_ *testing.T, s *scene) {
			s.c(0).Metadata[federation.TypeHDAB] = raw("text")
			s.c(1).Metadata = map[string]json.RawMessage{federation.TypeHDAB: raw(map[string]any{})}
		}, federation.ErrStatement},
		"a member that folds to one the superior overrides": {func(_ *testing.T, s *scene) {
			// "jw\u212as" folds to "jwks" and sorts after it.
			s.c(0).Metadata[federation.TypeHDAB] = raw(map[string]any{"country": "FR", "jw\u212as": trusttest.KeySet(mallory)})
			s.c(1).Metadata = map[string]json.RawMessage{federation.TypeHDAB: raw(map[string]any{"country": "FR", "jwks": trusttest.KeySet(s.hda.Permit)})}
		}, federation.ErrStatement},
		"not a token": {func(t *testing.T, s *scene) {
			s.tokens = s.chain(t)
			s.tokens[1] = "e30.e30.e30"
		}, federation.ErrStatement},
		"a claim twice, in another case": {func(t *testing.T, s *scene) {
			s.tokens = s.chain(t)
			s.tokens[1] = trusttest.Sign(t, s.ncp.Federation, federation.TypStatement, map[string]any{
				"iss": s.ncp.ID, "sub": s.hda.ID, "SUB": s.ncp.ID, "iat": s.c(1).Iat, "exp": s.c(1).Exp, "jwks": s.c(1).JWKS,
			})
		}, federation.ErrStatement},
	}
	if len(cases) < 30 {
		t.Fatalf("%d cases", len(cases))
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			c.spoil(t, s)
			e, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
			if !errors.Is(err, c.want) || e != nil {
				t.Errorf("error = %v, want %v; entity %t", err, c.want, e != nil)
			}
		})
	}
}

func expire(c *federation.Claims) { c.Iat -= 3600; c.Exp = c.Iat + 3600 - 60 }

func TestChainToleratesAMinuteOfClockDifference(t *testing.T) {
	s := newScene(t)
	s.c(1).Iat += 60
	s.c(2).Iat -= 3600
	s.c(2).Exp = s.c(2).Iat + 3600 - 59
	if _, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now()); err != nil {
		t.Error(err)
	}
}

func TestChainIsJudgedAtTheTimeAskedFor(t *testing.T) {
	s := newScene(t)
	chain := s.chain(t)
	for after, want := range map[time.Duration]error{
		-time.Minute: nil, -61 * time.Second: federation.ErrExpired,
		trusttest.Life: nil, trusttest.Life + time.Minute: federation.ErrExpired,
	} {
		if _, err := federation.VerifyChain(chain, s.anchors, s.f.Clock.Now().Add(after)); !errors.Is(err, want) {
			t.Errorf("after %s: %v, want %v", after, err, want)
		}
	}
}

func TestConstraintsThatAllowTheLeaf(t *testing.T) {
	one, zero := 1, 0
	for name, set := range map[string]func(s *scene){
		"path of one":          func(s *scene) { s.c(2).Constraints = &federation.Constraints{MaxPathLength: &one} },
		"path of none, closer": func(s *scene) { s.c(1).Constraints = &federation.Constraints{MaxPathLength: &zero} },
		"type allowed": func(s *scene) {
			s.c(2).Constraints = &federation.Constraints{AllowedEntityTypes: []string{federation.TypeHDAB}}
		},
		"no constraint": func(s *scene) { s.c(2).Constraints = &federation.Constraints{} },
	} {
		s := newScene(t)
		set(s)
		if _, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSuperiorOverridesMetadata(t *testing.T) {
	s := newScene(t)
	s.c(0).Metadata["openid_provider"] = json.RawMessage(`{"issuer":"x"}`)
	s.c(1).Metadata = map[string]json.RawMessage{
		federation.TypeHDAB:    json.RawMessage(`{"country":"FR","hdab_code":"HDH","status_list_endpoint":"https://lists.test"}`),
		federation.TypeGateway: json.RawMessage(`{"country":"FR"}`),
	}
	// What stands higher than the immediate superior overrides nothing.
	s.c(2).Metadata[federation.TypeHDAB] = json.RawMessage(`{"status_list_endpoint":"https://other.test"}`)
	e, err := federation.VerifyChain(s.chain(t), s.anchors, s.f.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if e.HDAB.StatusListEndpoint != "https://lists.test" || e.HDAB.Country != "FR" || e.HDAB.Code != "HDH" || len(e.HDAB.Keys.Keys) != 1 {
		t.Errorf("metadata = %+v", e.HDAB)
	}
	if e.Gateway != nil {
		t.Error("a superior gave the entity a type it does not claim")
	}
}

// TestChainIsReadFromTheAnchorDown: reading the keys of a statement is dear, and whoever sends a token can
// send a chain. Nothing is read below a statement that nobody proved.
func TestChainIsReadFromTheAnchorDown(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	genuine := fr.Chain()
	mallory := trusttest.Key("mallory")
	now := f.Clock.Unix()
	said := federation.Claims{Iss: "https://mallory.test", Sub: "https://mallory.test", Iat: now, Exp: now + 60, JWKS: trusttest.KeySet(mallory)}
	foreign := trusttest.Sign(t, mallory, federation.TypStatement, said)
	said.Iss, said.Sub = trusttest.AnchorID, fr.ID
	forged := trusttest.Sign(t, mallory, federation.TypStatement, said)
	for name, c := range map[string]struct {
		chain []string
		want  error
	}{
		"nobody's anchor":     {[]string{"unread", "unread", foreign}, federation.ErrChain},
		"a forged word of it": {[]string{"unread", forged, genuine[2]}, jose.ErrKeyUnknown},
		"all read":            {[]string{"unread", genuine[1], genuine[2]}, federation.ErrStatement},
	} {
		_, err := federation.VerifyChain(c.chain, f.Anchors(), f.Clock.Now())
		if !errors.Is(err, c.want) || errors.Is(err, jose.ErrSegments) != (name == "all read") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
