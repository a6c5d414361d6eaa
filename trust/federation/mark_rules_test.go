package federation_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const (
	midID  = "https://mid.test"
	leafID = "https://leaf.test"
)

func ncpMark() string { return federation.MarkType(trusttest.AnchorID, "ncp") }

// underMid is a hub under an intermediate, with one mark; rules are the anchor's about marks.
func underMid(t *testing.T, rules federation.MarkRules, mark func(f *trusttest.Federation, mid, leaf *trusttest.Entity) string) (*trusttest.Federation, *trusttest.Entity, *trusttest.Entity) {
	t.Helper()
	f := trusttest.NewFederation(t)
	mid := f.Intermediate(midID, f.Anchor)
	leaf := f.Gateway(leafID, "FR", mid)
	f.Gateway("https://de.test", "DE", f.Anchor)
	f.Anchor.EditConfiguration(func(c *federation.Claims) { c.MarkIssuers, c.MarkOwners = rules.Issuers, rules.Owners })
	token := mark(f, mid, leaf)
	leaf.EditConfiguration(func(c *federation.Claims) {
		c.TrustMarks = []federation.MarkEntry{{Type: ncpMark(), Token: token}}
	})
	return f, mid, leaf
}

func markBy(t *testing.T, f *trusttest.Federation, key jose.SigningKey, iss, delegation string) string {
	t.Helper()
	return mark(t, key, federation.TypMark, f, func(c map[string]any) {
		c["iss"], c["sub"] = iss, leafID
		if delegation != "" {
			c["delegation"] = delegation
		}
	})
}

func marksOf(t *testing.T, f *trusttest.Federation, leaf *trusttest.Entity) int {
	t.Helper()
	e, err := federation.VerifyChain(leaf.Chain(), f.Anchors(), f.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return len(e.Marks)
}

// TestMarkIssuers: whose marks count, for a hub under an intermediate.
func TestMarkIssuers(t *testing.T) {
	t.Parallel()
	named := func(iss string) federation.MarkRules {
		return federation.MarkRules{Issuers: map[string][]string{ncpMark(): {iss}}}
	}
	for name, c := range map[string]struct {
		rules federation.MarkRules
		key   string
		iss   string
		want  int
	}{
		"the anchor":                         {federation.MarkRules{}, trusttest.AnchorID, trusttest.AnchorID, 1},
		"a named superior":                   {named(midID), midID, midID, 1},
		"a superior nobody named":            {federation.MarkRules{}, midID, midID, 0},
		"a superior named for another type":  {federation.MarkRules{Issuers: map[string][]string{ncpMark() + "x": {midID}}}, midID, midID, 0},
		"an empty list names nobody":         {federation.MarkRules{Issuers: map[string][]string{ncpMark(): {}}}, midID, midID, 0},
		"a named entity outside the chain":   {named("https://de.test"), "https://de.test", "https://de.test", 0},
		"the leaf about itself":              {named(leafID), leafID, leafID, 0},
		"another's key in a superior's name": {named(midID), "https://de.test", midID, 0},
		"a superior's key, anchor's name":    {named(midID), midID, trusttest.AnchorID, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _, leaf := underMid(t, c.rules, func(f *trusttest.Federation, mid, leaf *trusttest.Entity) string {
				keys := map[string]jose.SigningKey{
					trusttest.AnchorID: f.Anchor.Federation, midID: mid.Federation, leafID: leaf.Federation,
					"https://de.test": trusttest.Key("https://de.test federation"),
				}
				return markBy(t, f, keys[c.key], c.iss, "")
			})
			if got := marksOf(t, f, leaf); got != c.want {
				t.Errorf("%d marks, want %d", got, c.want)
			}
		})
	}
}

// TestMarkDelegation: a type that another owns needs its word.
func TestMarkDelegation(t *testing.T) {
	t.Parallel()
	owner, now := "https://owner.test", trusttest.Start()
	good := federation.Delegation{Owner: owner, Issuer: midID, Type: ncpMark(), IssuedAt: now, Expires: now.Add(time.Hour)}
	with := func(edit func(*federation.Delegation)) federation.Delegation {
		d := good
		edit(&d)
		return d
	}
	for name, c := range map[string]struct {
		d    federation.Delegation
		key  string
		want int
	}{
		"delegated":        {good, "owner", 1},
		"without an end":   {with(func(d *federation.Delegation) { d.Expires = time.Time{} }), "owner", 1},
		"by another's key": {good, "other", 0},
		"another owner":    {with(func(d *federation.Delegation) { d.Owner = midID }), "owner", 0},
		"another issuer":   {with(func(d *federation.Delegation) { d.Issuer = trusttest.AnchorID }), "owner", 0},
		"another type":     {with(func(d *federation.Delegation) { d.Type += "x" }), "owner", 0},
		"over":             {with(func(d *federation.Delegation) { d.IssuedAt = now.Add(-2 * time.Hour); d.Expires = now }), "owner", 0},
		"of the future":    {with(func(d *federation.Delegation) { d.IssuedAt = now.Add(2 * time.Minute) }), "owner", 0},
		"ends before iat":  {with(func(d *federation.Delegation) { d.Expires = now.Add(-time.Second) }), "owner", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := federation.MarkRules{
				Issuers: map[string][]string{ncpMark(): {midID}},
				Owners:  map[string]federation.MarkOwner{ncpMark(): {Sub: owner, JWKS: trusttest.KeySet(trusttest.Key("owner"))}},
			}
			f, _, leaf := underMid(t, rules, func(f *trusttest.Federation, mid, _ *trusttest.Entity) string {
				word, err := federation.SignDelegation(trusttest.Key(c.key), c.d)
				if err != nil {
					t.Fatal(err)
				}
				return markBy(t, f, mid.Federation, midID, word)
			})
			if got := marksOf(t, f, leaf); got != c.want {
				t.Errorf("%d marks, want %d", got, c.want)
			}
		})
	}
	rules := federation.MarkRules{Owners: map[string]federation.MarkOwner{ncpMark(): {Sub: owner, JWKS: trusttest.KeySet(trusttest.Key("owner"))}}}
	for _, word := range []string{"", "x.y.z"} {
		f, _, leaf := underMid(t, rules, func(f *trusttest.Federation, _, _ *trusttest.Entity) string {
			return markBy(t, f, f.Anchor.Federation, trusttest.AnchorID, word)
		})
		if got := marksOf(t, f, leaf); got != 0 {
			t.Errorf("without its owner's word (%q): %d marks", word, got)
		}
	}
}

// TestStatusFromASuperior: the issuer of a mark tells its status, also when it is not the anchor; only
// a superior that is enrolled is asked.
func TestStatusFromASuperior(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		enrolled bool
		answer   string // key that signs the status
		want     federation.MarkStatus
		asked    bool
	}{
		"enrolled":          {true, midID, federation.MarkSuspended, true},
		"answered by none":  {true, "", federation.MarkActive, true}, // what the mark itself says stands for the grace period
		"answered by leaf":  {true, leafID, federation.MarkActive, true},
		"not to be called":  {false, midID, federation.MarkActive, false},
		"an anchor's words": {true, trusttest.AnchorID, federation.MarkActive, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := federation.MarkRules{Issuers: map[string][]string{ncpMark(): {midID}}}
			var token string
			f, mid, leaf := underMid(t, rules, func(f *trusttest.Federation, mid, _ *trusttest.Entity) string {
				token = markBy(t, f, mid.Federation, midID, "")
				return token
			})
			keys := map[string]jose.SigningKey{midID: mid.Federation, leafID: leaf.Federation, trusttest.AnchorID: f.Anchor.Federation}
			f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Host != "mid.test" || !strings.HasSuffix(r.URL.Path, "/mark-status") {
					return false
				}
				if c.answer == "" {
					http.Error(w, "no", http.StatusServiceUnavailable)
					return true
				}
				trusttest.Answer(w, federation.TypMarkStatus, trusttest.Sign(t, keys[c.answer], federation.TypMarkStatus, map[string]any{
					"iss": midID, "iat": f.Clock.Unix(), "trust_mark": token, "status": "suspended",
				}))
				return true
			})
			var e *federation.Entity
			var err error
			if c.enrolled {
				o := f.Options(leaf)
				o.Intermediates = []string{midID}
				e, err = federation.NewResolver(o).Resolve(t.Context(), leafID, nil)
			} else {
				e, err = f.Resolver().Resolve(t.Context(), leafID, leaf.Chain())
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(e.Marks) != 1 || e.Marks[0].Status != c.want {
				t.Errorf("marks = %+v", e.Marks)
			}
			if asked := f.Requests(midID+"/federation/mark-status") > 0; asked != c.asked {
				t.Errorf("asked = %v", asked)
			}
		})
	}
}

func TestFetchHistorical(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		endpoint string
		key      func(e *trusttest.Entity) jose.SigningKey
		issuer   string
		err      error
	}{
		"good":            {leafID + "/historical", func(e *trusttest.Entity) jose.SigningKey { return e.Federation }, leafID, nil},
		"an exchange key": {leafID + "/historical", func(e *trusttest.Entity) jose.SigningKey { return e.Exchange }, leafID, federation.ErrHistorical},
		"another's list":  {leafID + "/historical", func(e *trusttest.Entity) jose.SigningKey { return e.Federation }, midID, federation.ErrHistorical},
		"another host":    {"https://de.test/historical", func(e *trusttest.Entity) jose.SigningKey { return e.Federation }, leafID, federation.ErrStatement},
		"no endpoint":     {"", func(e *trusttest.Entity) jose.SigningKey { return e.Federation }, leafID, federation.ErrStatement},
		"absent":          {leafID + "/nowhere", func(e *trusttest.Entity) jose.SigningKey { return e.Federation }, leafID, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := trusttest.NewFederation(t)
			leaf := f.Gateway(leafID, "FR", f.Anchor)
			leaf.EditConfiguration(func(cl *federation.Claims) {
				for entityType, member := range map[string]string{federation.TypeGateway: "historical_keys_endpoint", federation.TypeFederationEntity: "federation_historical_keys_endpoint"} {
					cl.Metadata[entityType] = []byte(strings.TrimSuffix(string(cl.Metadata[entityType]), "}") + `,"` + member + `":"` + c.endpoint + `"}`)
				}
			})
			list := past(t, c.issuer, f.Clock.Now())
			f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/historical" {
					return false
				}
				token, err := federation.SignHistorical(c.key(leaf), list, nil)
				if err != nil {
					t.Error(err)
				}
				trusttest.Answer(w, federation.TypHistorical, token)
				return true
			})
			r := f.Resolver(leaf)
			found, err := r.Discover(t.Context(), leafID)
			if err != nil {
				t.Fatal(err)
			}
			for _, entityType := range []string{federation.TypeGateway, federation.TypeFederationEntity} {
				h, err := r.FetchHistorical(t.Context(), found, entityType)
				switch {
				case name == "absent":
					if err == nil {
						t.Errorf("%s: a list out of nothing", entityType)
					}
				case !errors.Is(err, c.err) || c.err == nil && len(h.Keys) != 3:
					t.Errorf("%s: %v, %v", entityType, h, err)
				}
			}
		})
	}
}
