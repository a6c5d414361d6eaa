package exchange

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// withOrigin puts the check of origin.token before every handler whose refusal the sender learns.
func withOrigin(hs Handlers) Handlers {
	for t, handler := range hs {
		rule, ok := ehds.Lookup(t)
		if !ok || !rule.Answered {
			continue
		}
		hs[t] = func(h *Handling) []ehds.Finding {
			if f := originToken(h.Env.Origin); f != nil {
				return f
			}
			return handler(h)
		}
	}
	return hs
}

// originToken checks what can be seen of an original token without its sender's keys: it is a strict
// compact token, in any form of the wire profile §2, of the message type, whose issuer is the entity the centre states. Its signature is
// judged by who has the chain of its sender: effects rest on the centre's signature (wire profile §3).
func originToken(o *ehds.Origin) []ehds.Finding {
	if o == nil || o.Token == "" {
		return nil
	}
	t, err := trust.ReadSigned([]byte(o.Token), jose.ParseOptions{Typ: []string{ehds.TypMessage}, Algs: jose.ProfileAlgs()})
	var claims struct {
		Iss string `json:"iss"`
	}
	if err != nil || jose.DecodeKnown(t.Payload(), &claims) != nil || claims.Iss != o.Entity {
		return violation("/origin/token", "origin-token", "the original token is not a message of the stated origin")
	}
	return nil
}

// ofAnotherNation refuses a status that speaks of us: an origin acts only on tracks of its own nation,
// and nobody else's message speaks of the tracks of our bodies. The answer is that to an unknown case.
func (a *Applications) ofAnotherNation(o *ehds.Origin, track ehds.Track) []ehds.Finding {
	if _, ours := a.Router.Body(track.HDAB); ours || strings.EqualFold(o.Nation, a.Router.Country) {
		return unknownCase("/track")
	}
	return nil
}
