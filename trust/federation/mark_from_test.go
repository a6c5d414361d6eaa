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

// TestFetchMarkFrom: an entity takes a mark from its superior only as those who meet it would take it.
func TestFetchMarkFrom(t *testing.T) {
	t.Parallel()
	owner := "https://owner.test"
	named := federation.MarkRules{Issuers: map[string][]string{ncpMark(): {trusttest.AnchorID, midID}}}
	owned := federation.MarkRules{Issuers: named.Issuers, Owners: map[string]federation.MarkOwner{
		ncpMark(): {Sub: owner, JWKS: trusttest.KeySet(trusttest.Key("owner"))},
	}}
	word, err := federation.SignDelegation(trusttest.Key("owner"), federation.Delegation{Owner: owner, Issuer: midID, Type: ncpMark(), IssuedAt: trusttest.Start()})
	if err != nil {
		t.Fatal(err)
	}
	by := func(key, iss, delegation string) func(*testing.T, *trusttest.Federation) string {
		return func(t *testing.T, f *trusttest.Federation) string {
			return markBy(t, f, map[string]jose.SigningKey{midID: trusttest.Key(midID + " federation"), leafID: trusttest.Key(leafID + " federation")}[key], iss, delegation)
		}
	}
	good := by(midID, midID, "")
	for name, c := range map[string]struct {
		rules  federation.MarkRules
		issuer string // asked, midID when empty
		anchor string // AnchorID when empty
		answer func(*testing.T, *trusttest.Federation) string
		down   bool
		want   error
		asked  bool
	}{
		"named":                  {rules: named, answer: good, asked: true},
		"named, and delegated":   {rules: owned, answer: by(midID, midID, word), asked: true},
		"owned by another":       {rules: owned, answer: good, want: federation.ErrDelegation, asked: true},
		"not named":              {answer: good, want: federation.ErrMarkIssuer},
		"named for another type": {rules: federation.MarkRules{Issuers: map[string][]string{ncpMark() + "x": {midID}}}, answer: good, want: federation.ErrMarkIssuer},
		"has made none":          {rules: named, want: federation.ErrMark, asked: true},
		"signed by the leaf":     {rules: named, answer: by(leafID, midID, ""), want: federation.ErrMark, asked: true},
		"in the anchor's name":   {rules: named, answer: by(midID, trusttest.AnchorID, ""), want: federation.ErrMark, asked: true},
		"of yesterday": {rules: named, answer: func(t *testing.T, f *trusttest.Federation) string {
			m := good(t, f)
			f.Clock.Advance(8 * 24 * time.Hour)
			return m
		}, want: federation.ErrMark, asked: true},
		"not to be called":         {rules: named, issuer: "https://de.test", answer: good, want: federation.ErrUnknownIssuer},
		"the anchor":               {rules: named, issuer: trusttest.AnchorID, answer: good, want: federation.ErrUnknownIssuer},
		"under another anchor":     {rules: named, anchor: "https://other.test", answer: good, want: federation.ErrChain},
		"superior that is silent":  {rules: named, answer: good, down: true, want: federation.ErrUnavailable},
		"superior without a chain": {rules: named, issuer: "https://lone.test", answer: good, want: federation.ErrHints},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, mid, _ := underMid(t, c.rules, func(f *trusttest.Federation, mid, _ *trusttest.Entity) string {
				return markBy(t, f, mid.Federation, midID, "")
			})
			lone := f.Gateway("https://lone.test", "FR", f.Anchor)
			lone.EditConfiguration(func(cl *federation.Claims) { cl.AuthorityHints = nil })
			if c.down {
				mid.Down(true)
			}
			f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				if c.answer == nil || !strings.HasSuffix(r.URL.Path, "/mark") {
					return false
				}
				if got := r.URL.Query(); got.Get("sub") != leafID || got.Get("trust_mark_type") != ncpMark() {
					t.Errorf("asked for %v", got)
				}
				trusttest.Answer(w, federation.TypMark, c.answer(t, f))
				return true
			})
			issuer, anchor := c.issuer, c.anchor
			if issuer == "" {
				issuer = midID
			}
			if anchor == "" {
				anchor = trusttest.AnchorID
			}
			o := f.Options()
			o.Intermediates = []string{midID, "https://lone.test"}
			got, err := federation.NewResolver(o).FetchMarkFrom(t.Context(), issuer, anchor, "ncp", leafID)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("error = %v, want %v", err, c.want)
			}
			if err == nil && (got.Type != ncpMark() || got.Token == "") {
				t.Errorf("mark = %+v", got)
			}
			if asked := f.Requests(midID+"/federation/mark") > 0; asked != c.asked {
				t.Errorf("asked = %v", asked)
			}
			if c.want != nil && got != (federation.MarkEntry{}) {
				t.Errorf("refused and given: %+v", got)
			}
		})
	}
}
