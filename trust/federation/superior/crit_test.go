package superior_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// TestNothingCriticalIsEnrolled: neither claim can come into a statement through an enrolment, whichever part
// of it they are put into (OpenID Federation 1.1 §3.1.1, §6.1.3.2). What was refused is not in the register.
func TestNothingCriticalIsEnrolled(t *testing.T) {
	t.Parallel()
	object := func(s string) map[string]json.RawMessage {
		var m map[string]json.RawMessage
		try(t, json.Unmarshal([]byte(s), &m))
		return m
	}
	for name, edit := range map[string]func(*superior.Subordinate){
		"crit among the metadata":                 func(s *superior.Subordinate) { s.Metadata = object(`{"crit":["level"]}`) },
		"metadata_policy_crit among the metadata": func(s *superior.Subordinate) { s.Metadata = object(`{"metadata_policy_crit":["regexp"]}`) },
		"crit in the policy":                      func(s *superior.Subordinate) { s.Policy = []byte(`{"crit":["level"]}`) },
		"metadata_policy_crit in the policy":      func(s *superior.Subordinate) { s.Policy = []byte(`{"metadata_policy_crit":["regexp"]}`) },
		"metadata_policy_crit with a policy beside it": func(s *superior.Subordinate) {
			s.Policy = []byte(`{"ehds_gateway":{"contacts":{"essential":true}},"metadata_policy_crit":["regexp"]}`)
		},
		"metadata_policy_crit as a parameter": func(s *superior.Subordinate) {
			s.Policy = []byte(`{"ehds_gateway":{"metadata_policy_crit":["regexp"]}}`)
		},
	} {
		for _, replace := range []bool{false, true} {
			w := newWorld(t)
			anchor, reg := w.superior(anchorID, nil)
			if replace {
				try(t, anchor.Enrol(hub(), false))
			}
			s := hub()
			edit(&s)
			if err := anchor.Enrol(s, replace); !errors.Is(err, superior.ErrUnfit) {
				t.Errorf("%s, replace %v: %v", name, replace, err)
			}
			all, err := reg.All()
			if err != nil || len(all) != map[bool]int{true: 1}[replace] {
				t.Errorf("%s, replace %v: %d in the register, %v", name, replace, len(all), err)
			}
			if replace {
				said := statementOf(t, anchor)
				for _, claim := range []string{"crit", "metadata_policy_crit", "metadata_policy"} {
					if _, ok := said[claim]; ok {
						t.Errorf("%s: %s is stated", name, claim)
					}
				}
			}
		}
	}
}

// statementOf is what an anchor states about the hub, by claim.
func statementOf(t *testing.T, anchor *superior.Superior) (claims map[string]json.RawMessage) {
	t.Helper()
	token, err := anchor.Statement(hubID)
	try(t, err)
	parsed, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{federation.TypStatement}})
	try(t, err)
	try(t, json.Unmarshal(parsed.Payload, &claims))
	return claims
}

// TestNothingCriticalInTheRegister: a file that somebody put such a claim into is damaged. Nothing is said of
// the entity, with the claim or without.
func TestNothingCriticalInTheRegister(t *testing.T) {
	t.Parallel()
	for _, claim := range []string{`"crit": ["level"]`, `"crit": []`, `"metadata_policy_crit": ["regexp"]`, `"Crit": null`} {
		w := newWorld(t)
		dir := t.TempDir()
		reg, err := superior.OpenRegistry(dir, anchorID, nil, w.clock.Now)
		try(t, err)
		anchor, _ := w.superior(anchorID, func(o *superior.Options) { o.Registry = reg })
		try(t, anchor.Enrol(hub(), false))
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		try(t, err)
		raw, err := os.ReadFile(files[0])
		try(t, err)
		try(t, os.WriteFile(files[0], []byte(strings.Replace(string(raw), "{", "{"+claim+",", 1)), 0o600))
		w.clock.Advance(5 * time.Second)
		if token, err := anchor.Statement(hubID); !errors.Is(err, superior.ErrDamaged) || token != "" {
			t.Errorf("%s: %q, %v", claim, token, err)
		}
		if err := anchor.Enrol(hub(), true); !errors.Is(err, superior.ErrDamaged) {
			t.Errorf("%s: put right by an enrolment: %v", claim, err)
		}
		if r := ask(t, anchor, "GET", "/federation/fetch?sub="+hubID, ""); r.StatusCode != 500 {
			t.Errorf("%s: %d", claim, r.StatusCode)
		}
	}
}

// TestNoPinFromWhatIsCritical: an entity whose own configuration demands what is not understood here does not
// get its keys pinned from it.
func TestNoPinFromWhatIsCritical(t *testing.T) {
	t.Parallel()
	for claim, want := range map[string]error{"crit": federation.ErrCrit, "metadata_policy_crit": federation.ErrMisplaced} {
		w := newWorld(t)
		now := w.clock.Now()
		w.host("hub.test", configurationWith(t, map[string]any{
			"iss": hubID, "sub": hubID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "jwks": keysOf(hubID), "authority_hints": []string{anchorID},
			claim: []string{"level"},
		}))
		config, err := w.resolver(federation.Options{}).Configuration(t.Context(), hubID)
		if !errors.Is(err, want) || config != nil {
			t.Errorf("%s: %v, %v", claim, config, err)
		}
	}
}

func configurationWith(t *testing.T, claims map[string]any) http.Handler {
	t.Helper()
	token := trusttest.Sign(t, trusttest.Key(hubID), federation.TypStatement, claims)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { trusttest.Answer(w, federation.TypStatement, token) })
}
