package roles

import (
	"encoding/json"
	"fmt"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// Stated is what a superior states about who an entity is (wire profile §1): the whole of a
// superior's metadata for ehds_gateway, with the code for ehds_hdab.
type Stated struct {
	Country string `json:"country"`
	Code    string `json:"hdab_code,omitempty"`
}

// StateGateway is an anchor's metadata about a contact point, a participant or the centre.
func StateGateway(country string) map[string]json.RawMessage {
	return state(TypeGateway, Stated{Country: country})
}

// StateBody is a superior's metadata about a health data access body.
func StateBody(country, code string) map[string]json.RawMessage {
	return state(TypeHDAB, Stated{country, code})
}

func state(entityType string, s Stated) map[string]json.RawMessage {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // two strings
	}
	return map[string]json.RawMessage{entityType: raw}
}

// nationOf is the country that all superiors give. chain is leaf first, anchor last; every statement
// between the two names one country, the same in all, whatever type it names it for.
func nationOf(chain []*forge.Statement) (string, error) {
	country := ""
	for _, s := range chain[1 : len(chain)-1] {
		found := ""
		for _, t := range []string{TypeGateway, TypeHDAB} {
			said, err := statedAs(s, t)
			if err != nil {
				return "", err
			}
			if said.Country == "" {
				continue
			}
			if found = said.Country; country == "" {
				country = found
			}
			if found != country {
				return "", fmt.Errorf("%w: its superiors give %s another country", ErrChain, s.Sub)
			}
		}
		if found == "" {
			return "", fmt.Errorf("%w: %s gives %s no country", ErrChain, s.Iss, s.Sub)
		}
	}
	return country, nil
}

func statedAs(s *forge.Statement, entityType string) (Stated, error) {
	var said Stated
	raw, ok := s.Metadata[entityType]
	if !ok {
		return said, nil
	}
	if err := forge.DecodeKnown(raw, &said); err != nil {
		return said, fmt.Errorf("%w: %s of %s as stated: %w", ErrChain, entityType, s.Sub, err)
	}
	return said, nil
}

// onlyIdentity refuses metadata of a superior that says more than who the entity is: it would have
// to be merged.
func onlyIdentity(about *forge.Statement) error {
	for t, raw := range about.Metadata {
		var said Stated
		if err := forge.DecodeExact(raw, &said); err != nil || t != TypeGateway && t != TypeHDAB || t == TypeGateway && said.Code != "" {
			return fmt.Errorf("%w: metadata of a superior but country and hdab_code is not merged here", ErrChain)
		}
	}
	return nil
}

// identify takes the peer's country from its superiors, and refuses a leaf that is of a type they do
// not know it as, or that says otherwise.
func (p *Peer) identify(chain []*forge.Statement) error {
	leaf, about, claims := chain[0], chain[1], false
	if err := onlyIdentity(about); err != nil {
		return err
	}
	for _, t := range []string{TypeGateway, TypeHDAB} {
		if _, claimed := leaf.Metadata[t]; !claimed {
			continue
		}
		claims = true
		own, err := statedAs(leaf, t)
		if err != nil {
			return err
		}
		said, err := statedAs(about, t)
		switch {
		case err != nil:
			return err
		case said.Country == "":
			return fmt.Errorf("%w: no superior knows %s as %s", ErrChain, leaf.Sub, t)
		case own.Country != "" && own.Country != said.Country, own.Code != "" && own.Code != said.Code:
			return fmt.Errorf("%w: %s is not who it says it is", ErrChain, leaf.Sub)
		}
	}
	if !claims {
		return nil // neither a gateway nor a body
	}
	country, err := nationOf(chain)
	if err != nil {
		return err
	}
	p.Country = country
	if p.Gateway != nil {
		p.Gateway.Country = country
	}
	return nil
}
