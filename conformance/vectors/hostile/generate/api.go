package generate

import (
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// The entities of the world, for groups made elsewhere: what the standard library cannot sign (no
// ML-DSA) is put together by a test beside the product, on the same keys, clock and claims.
const (
	Us, Centre, French, Body = us, centre, french, body
	TypMessage, TypPermit    = typMsg, typPer
	RunInTrust               = inTrust
)

// Now is when vectors are read, in seconds.
func Now() int64 { return now() }

// Key is the key of a name; ExchangeKey and PermitKey are those the world publishes.
func Key(name string) *forge.Key { return key(name) }

// ExchangeKey is an entity's Ed25519 key for messages.
func ExchangeKey(entity string) *forge.Key { return exchangeKey(entity) }

// ES256Key is an entity's P-256 key for messages.
func ES256Key(entity string) *forge.Key { return es256Key(entity) }

// PermitKey is a body's key for permits.
func PermitKey(entity string) *forge.Key { return permitKey(entity) }

// Message are the claims of an honest message of the centre to us, changed by pairs of name and value.
func Message(pairs ...any) map[string]any { return message().changed(pairs...) }

// Permit are the claims of an honest permit of the body.
func Permit() map[string]any { return permitClaims() }

// ExpectMessage and ExpectPermit are what a reader accepts.
func ExpectMessage() vectors.Expect { return expectMessage() }

// ExpectPermit is what a reader of permits accepts.
func ExpectPermit() vectors.Expect { return asPermit("").Expect }

// Served are an entity's own configuration and its key in World.Served, with more keys published
// under the entity type given.
func Served(entity, entityType string, more ...json.RawMessage) (request, statement string) {
	c := configuration(entity)
	metadata := c["metadata"].(claims)
	own := metadata[entityType].(claims)
	var list []json.RawMessage
	for _, k := range own["jwks"].(forge.JWKS).Keys {
		list = append(list, encode(k))
	}
	own["jwks"] = map[string]any{"keys": append(list, more...)}
	return getConfiguration(entity), sign(fedKey(entity), "entity-statement+jwt", c)
}

// Marshal writes a suite as the files are written.
func Marshal(s vectors.Suite) ([]byte, error) {
	out := map[string][]byte{}
	err := write(out, s.Group, s)
	return out[s.Group], err
}
