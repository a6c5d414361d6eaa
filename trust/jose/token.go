package jose

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Header is the protected header of a token, read from the closed set of
// members of wire profile §3.
type Header struct {
	// Alg is the signature algorithm as spelled in the token.
	Alg string
	// Kid names the signer's key; the profile's own signers use the RFC 7638
	// thumbprint.
	Kid string
	// Typ is the media type of the token without "application/".
	Typ string
	// Cty is the content type; empty when absent.
	Cty string
	// TrustChain and PeerTrustChain hold OpenID Federation 1.1 chains of
	// entity statements, leaf first; nil when absent. They are unverified.
	TrustChain, PeerTrustChain []string
	// Extra holds the members admitted by ParseOptions.ExtraHeaders, as
	// written; nil when there are none. Nothing here is ever followed.
	Extra map[string]json.RawMessage
}

// Token is a compact JWS that passed the strict reader. Its signature has not
// been checked until [Token.Verify] returned nil.
type Token struct {
	// Raw is the compact serialisation as received.
	Raw string
	// Header is the decoded protected header.
	Header Header
	// Payload is the decoded payload: one JSON object, or with
	// ParseOptions.Nested and a cty whatever the inner reader makes of it.
	Payload []byte
	// SigningInput is the first two segments with their dot (RFC 7515 §5.2).
	SigningInput []byte
	// Signature is the decoded third segment.
	Signature []byte
}

// SHA256 returns the lower-case hex SHA-256 over the compact token as
// received. It is evidence of what arrived, never a message's identity.
func (t *Token) SHA256() string {
	sum := sha256.Sum256([]byte(t.Raw))
	return hex.EncodeToString(sum[:])
}

// ParseOptions states what one caller accepts.
type ParseOptions struct {
	// Limits bounds the input; the zero value means the defaults.
	Limits Limits
	// Typ lists the acceptable typ values, compared byte for byte. An empty
	// list accepts nothing.
	Typ []string
	// Algs lists the acceptable algorithms; empty means [DefaultAlgs]. A name
	// this package does not implement is refused even when listed.
	Algs []string
	// Nested admits a token whose payload is another token, told by its cty
	// (RFC 7519 §5.2): its payload is not read as JSON. See [Token.Inner].
	Nested bool
	// ExtraHeaders lists header members accepted beyond alg, kid, typ, cty,
	// trust_chain and peer_trust_chain. crit, b64, jwk, x5u and x5c are
	// refused even when listed.
	ExtraHeaders []string
}
