package trust_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// TestRevokedKeyIsRefusedAtOnce: once we have seen that an issuer dropped a key, what that key signs is
// refused, whatever iat says and whichever older chain comes with it.
func TestRevokedKeyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for name, notice := range map[string]func(s *stage) error{
		"noticed by the next message": func(s *stage) error {
			_, err := s.verifier.Verify(s.test.Context(), []byte(s.centre.Sign(typMessage, s.claims())), s.want)
			return err
		},
		"noticed when what we know is old": func(s *stage) error {
			s.f.Clock.Advance(6 * time.Minute)
			_, err := s.verifier.Verify(s.test.Context(), []byte(s.centre.Sign(typMessage, s.claims())), s.want)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			stolen, chain := s.centre.Exchange, s.centre.Chain()
			before := s.claims()
			accepted := s.centre.Sign(typMessage, before)
			if _, err := s.verify(t, accepted); err != nil {
				t.Fatal(err)
			}
			s.centre.Rotate(false) // the old key is revoked: it is listed no more
			s.f.Clock.Advance(time.Second)
			if err := notice(s); err != nil {
				t.Fatal(err)
			}
			for what, token := range map[string]string{
				"accepted before":          accepted,
				"dated before":             trusttest.Sign(t, stolen, typMessage, before),
				"dated now":                trusttest.Sign(t, stolen, typMessage, s.claims()),
				"with the chain of before": trusttest.Sign(t, stolen, typMessage, before, chain...),
			} {
				if _, err := s.verify(t, token); !errors.Is(err, trust.ErrNotAuthenticated) || trust.Rule(err) != "key-unknown" {
					t.Errorf("%s: %v (%s)", what, err, trust.Rule(err))
				}
			}
		})
	}
}
