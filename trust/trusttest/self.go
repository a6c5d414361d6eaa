package trusttest

import (
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// SelfOptions describe the entity for a hub that hosts it, and that keeps the marks it has.
func (e *Entity) SelfOptions() federation.SelfOptions {
	c := e.ConfigurationClaims()
	return federation.SelfOptions{
		Entity: e.ID, Hints: c.AuthorityHints, Keys: federationKeys{e}, Clock: e.f.Clock.Now,
		Metadata: func() (map[string]any, error) {
			md := map[string]any{}
			for name, raw := range e.ConfigurationClaims().Metadata {
				md[name] = raw
			}
			return md, nil
		},
		Marks: func() []federation.MarkEntry { return c.TrustMarks },
	}
}

type federationKeys struct{ e *Entity }

func (k federationKeys) Signing() (jose.SigningKey, error) { return k.e.Federation, nil }
func (k federationKeys) Public() (jose.KeySet, error)      { return KeySet(k.e.Federation), nil }
