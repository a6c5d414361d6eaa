package federation

import (
	"encoding/json"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Identity is the part of ehds_gateway and ehds_hdab metadata that says who an entity is. Nobody is
// believed about it: every superior of the chain states it about the entity below (wire profile §1).
type Identity struct {
	Country string `json:"country"`             // ISO 3166-1 alpha-2; EU for the centre
	Code    string `json:"hdab_code,omitempty"` // of bodies that have one
}

// identified are the entity types that carry an identity.
func identified() []string { return []string{TypeGateway, TypeHDAB} }

// checkIdentity refuses a gateway or body whose country, or code, is its own claim only. Its superior
// states them for that entity type, as the entity does when it names them at all; and the country
// comes down from the anchor unbroken: each statement on the way states the same one, so that a
// contact point can vouch for nobody of another country. A policy may demand an identity, it makes
// none: resolved is the leaf's metadata after all policies.
func checkIdentity(resolved *Statement, chain []*Statement) error {
	leaf, about, country := chain[0], chain[1], ""
	for _, t := range identified() {
		final, left, err := resolved.identity(t)
		if err != nil {
			return err
		}
		if !left {
			continue
		}
		own, _, err := leaf.identity(t)
		if err != nil {
			return err
		}
		stated, _, err := about.identity(t)
		if err != nil {
			return err
		}
		switch {
		case stated.Country == "":
			return fmt.Errorf("%w: %s states no country of %s as %s", ErrIdentity, about.Iss, leaf.Sub, t)
		case own.Country != "" && own.Country != stated.Country:
			return fmt.Errorf("%w: %s and %s name different countries for it", ErrIdentity, leaf.Sub, about.Iss)
		case t == TypeHDAB && own.Code != "" && own.Code != stated.Code:
			return fmt.Errorf("%w: %s does not state the hdab_code that %s names", ErrIdentity, about.Iss, leaf.Sub)
		case final.Country != stated.Country, t == TypeHDAB && final.Code != stated.Code:
			return fmt.Errorf("%w: a policy makes %s another than %s states", ErrIdentity, leaf.Sub, about.Iss)
		}
		country = stated.Country
	}
	if country == "" {
		return nil // neither a gateway nor a body
	}
	return sameCountry(chain[1:len(chain)-1], country)
}

// sameCountry checks that every statement states one country and no other, for whichever type.
func sameCountry(statements []*Statement, country string) error {
	for _, s := range statements {
		named := false
		for _, t := range identified() {
			stated, _, err := s.identity(t)
			if err != nil {
				return err
			}
			if stated.Country != "" && stated.Country != country {
				return fmt.Errorf("%w: %s is not of the country named below it", ErrIdentity, s.Sub)
			}
			named = named || stated.Country != ""
		}
		if !named {
			return fmt.Errorf("%w: %s states no country of %s", ErrIdentity, s.Iss, s.Sub)
		}
	}
	return nil
}

func (s *Statement) identity(entityType string) (id Identity, ok bool, err error) {
	ok, err = s.metadata(entityType, &id)
	return id, ok, err
}

// vouchBody is our statement about a body under the same roof.
func (s *Self) vouchBody(b *Self, keys jose.KeySet) (string, error) {
	metadata, err := b.stated()
	if err != nil {
		return "", err
	}
	return s.Vouch(b.Entity(), keys, metadata)
}

// stated is what a superior under the same roof states about this entity: the identity its metadata
// gives, for the types it has.
func (s *Self) stated() (map[string]any, error) {
	md, err := s.o.Metadata()
	if err != nil {
		return nil, fmt.Errorf("metadata of %s: %w", s.o.Entity, err)
	}
	out := map[string]any{}
	for _, t := range identified() {
		v, ok := md[t]
		if !ok {
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("metadata %s of %s: %w", t, s.o.Entity, err)
		}
		var id Identity
		if err := json.Unmarshal(raw, &id); err != nil {
			return nil, fmt.Errorf("metadata %s of %s: %w", t, s.o.Entity, err)
		}
		out[t] = id
	}
	return out, nil
}
