// Package jose reads and writes the compact JSON Web Signatures of the wire
// profile (RFC 7515, RFC 8725, RFC 9864), post-quantum and hybrid ones among
// them (RFC 9964, draft-ietf-jose-pq-composite-sigs), the JWK sets that verify
// them (RFC 7517, RFC 8037) and the canonical JSON they are compared by
// (RFC 8785).
//
// It serves the other trust packages and the signers of the gateway. It
// guarantees that
//
//   - a token is read exactly once, by one strict reader: size first, compact
//     form only, canonical base64url, one JSON object without duplicate
//     members on each side, a closed set of header members, an exact typ and
//     an algorithm from an allow-list;
//   - a signature is checked with exactly one key, whose alg, use and key_ops
//     were compared with the header before;
//   - a post-quantum key is unpacked once, when its key set is read; the
//     post-quantum algorithms and RS256 count only for a caller that names them;
//   - every refusal carries a stable rule label ([Rule]) and never the input.
//
// It does not judge claims (issuer, audience, times, replay), does not find
// keys, follows no URL from a header, and keeps no state. It is the only
// package that imports the JOSE library and circl; none of their types appear
// in an exported signature.
package jose
