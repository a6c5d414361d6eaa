package trust

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// Paths below the anchor's identifier.
const (
	fetchPath  = "/federation/fetch"
	listPath   = "/federation/list"
	markPath   = "/federation/trust-mark"
	statusPath = "/federation/trust-mark-status"
)

// configuration is the anchor's own statement: it has no superior (OpenID Federation 1.1 §3.1.1).
func (a *Anchor) configuration() (string, error) {
	metadata, err := json.Marshal(forge.FederationMetadata{
		Fetch: a.o.Entity + fetchPath, List: a.o.Entity + listPath,
		MarkStatus: a.o.Entity + statusPath, Mark: a.o.Entity + markPath, Name: "Trust anchor",
	})
	if err != nil {
		return "", err
	}
	s := a.statement(a.o.Entity)
	s.JWKS, s.Metadata = a.JWKS(), map[string]json.RawMessage{"federation_entity": metadata}
	return forge.Sign(a.key, forge.TypStatement, s)
}

// about is the anchor's statement about an entity it vouches for (OpenID Federation 1.1 §3.1.3).
func (a *Anchor) about(sub string, e entity) (string, error) {
	s := a.statement(sub)
	s.JWKS, s.SourceEndpoint = e.JWKS, a.o.Entity+fetchPath
	s.Metadata, s.MetadataPolicy = e.Metadata, e.MetadataPolicy
	return forge.Sign(a.key, forge.TypStatement, s)
}

func (a *Anchor) statement(sub string) forge.Statement {
	now := a.o.Clock()
	return forge.Statement{Iss: a.o.Entity, Sub: sub, Iat: now.Unix(), Exp: now.Add(statementLife).Unix()}
}

// mark signs a role mark (OpenID Federation 1.1 §7.1).
func (a *Anchor) mark(sub, markType string) (string, error) {
	now := a.o.Clock()
	return forge.Sign(a.key, forge.TypMark, forge.Mark{
		Iss: a.o.Entity, Sub: sub, Type: markType, Iat: now.Unix(), Exp: now.Add(markLife).Unix(),
	})
}

// vouched says whether the anchor makes statements about the entity.
func (e entity) vouched() bool { return len(e.JWKS.Keys) > 0 && e.Standing != revoked }

// holds says whether the entity was given a mark.
func (a *Anchor) holds(e entity, markType string) bool {
	name, ours := strings.CutPrefix(markType, forge.MarkType(a.o.Entity, ""))
	return ours && slices.Contains(e.Marks, name)
}

// judge is the status of a mark somebody shows us. A mark we did not sign is invalid.
func (a *Anchor) judge(token string) forge.MarkStatus {
	m, err := forge.ParseMark(token, a.JWKS())
	if err != nil || m.Iss != a.o.Entity {
		return forge.MarkInvalid
	}
	e, known := a.lookup(m.Sub)
	switch {
	case !known || !a.holds(e, m.Type) || e.Standing == revoked:
		return forge.MarkRevoked
	case a.o.Clock().Unix() >= m.Exp:
		return forge.MarkExpired
	case e.Standing == suspended:
		return forge.MarkSuspended
	}
	return forge.MarkActive
}
