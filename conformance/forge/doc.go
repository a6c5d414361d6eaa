// Package forge makes and reads everything two hubs exchange, with the standard library's
// cryptography alone: keys, compact JWS, entity statements, trust marks, receipts, and the leaves,
// checkpoints and proofs of an evidence log.
//
// It serves the conformance roles and cases. It is the independent oracle: it shares no code with the
// product's trust packages, so that an error made there is not made here as well. What it writes may
// be as wrong as a case needs (Sign takes any header and claims, SignBytes any bytes); what it reads
// it reads strictly.
//
// Guarantees: Parse, ParseJSON, Canonical, ParseJWKS, ParseProof and CheckBody never panic on foreign
// bytes and accept one spelling of a value only. Errors say which rule refused and never repeat input.
//
// It does no network I/O, keeps no state on disk, signs with Ed25519 and ES256 only, seals with HPKE-0 and
// HPKE-3 only, and opens nothing.
//
// Sources: RFC 7515, 7517, 7518, 7519, 7638, 8037, 8785, 9864; OpenID Federation 1.1; C2SP
// signed-note, tlog-checkpoint, tlog-proof; the project's docs/wire.md ("wire profile").
package forge
