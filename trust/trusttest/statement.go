package trusttest

import (
	"maps"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// Life is how long every statement lives.
const Life = 12 * time.Hour

// ConfigurationClaims are those of the entity's own statement, as of now and after EditConfiguration.
func (e *Entity) ConfigurationClaims() federation.Claims {
	now := e.f.Clock.Now()
	c := federation.Claims{Iss: e.ID, Sub: e.ID, Iat: now.Unix(), Exp: now.Add(Life).Unix(), JWKS: KeySet(e.Federation)}
	e.f.mu.Lock()
	names := slices.Sorted(maps.Keys(e.marks))
	c.Metadata = e.metadata()
	edit := e.editConfiguration
	e.f.mu.Unlock()
	for _, name := range names {
		c.TrustMarks = append(c.TrustMarks, federation.MarkEntry{Type: federation.MarkType(AnchorID, name), Token: e.MarkToken(name)})
	}
	if e.superior != nil {
		c.AuthorityHints = []string{e.superior.ID}
	}
	if edit != nil {
		edit(&c)
	}
	return c
}

// StatementClaims are those of the superior's statement about the entity, as of now and after
// EditStatement.
func (e *Entity) StatementClaims() federation.Claims {
	if e.superior == nil {
		e.f.t.Fatalf("trusttest: %s has no superior", e.ID)
	}
	now := e.f.Clock.Now()
	c := federation.Claims{Iss: e.superior.ID, Sub: e.ID, Iat: now.Unix(), Exp: now.Add(Life).Unix(), JWKS: KeySet(e.Federation)}
	e.f.mu.Lock()
	c.Metadata = e.stated()
	edit := e.editStatement
	e.f.mu.Unlock()
	if edit != nil {
		edit(&c)
	}
	return c
}

// Configuration is the entity's own statement, signed now.
func (e *Entity) Configuration() string {
	return Sign(e.f.t, e.Federation, federation.TypStatement, e.ConfigurationClaims())
}

// Statement is the superior's statement about the entity, signed now.
func (e *Entity) Statement() string {
	return Sign(e.f.t, e.superior.Federation, federation.TypStatement, e.StatementClaims())
}

// Chain is the entity's trust chain as it stands now: its configuration, the statements above it, and
// the anchor's configuration.
func (e *Entity) Chain() []string {
	out := []string{e.Configuration()}
	for s := e; s.superior != nil; s = s.superior {
		out = append(out, s.Statement())
	}
	return append(out, e.f.Anchor.Configuration())
}

// Self is the entity as a hub that hosts it would make it.
func (e *Entity) Self() *federation.Self { return federation.NewSelf(e.SelfOptions()) }
