package trust

// rulebook is the strict order of the wire profile §3 in words, for people who were refused. The
// labels are those of logs and metrics.
func rulebook() []Step {
	return []Step{
		{
			Rule: "size", Asks: "token and header within their limits", Clause: "wire profile §3",
			Mend: "send less in one token; attachments travel beside it",
		},
		{
			Rule: "alphabet", Asks: "compact form: A-Z a-z 0-9 - _ and dots", Clause: "RFC 7515 §7.1",
			Mend: "use the compact serialisation, without JSON, padding or line breaks",
		},
		{
			Rule: "segments", Asks: "exactly three segments", Clause: "RFC 7515 §7.1",
			Mend: "send header, payload and signature, joined by dots",
		},
		{
			Rule: "base64", Asks: "the one canonical base64url spelling", Clause: "RFC 7515 §2, RFC 4648 §3.5",
			Mend: "encode without padding and with zero spare bits",
		},
		{
			Rule: "utf8", Asks: "valid Unicode", Clause: "RFC 7493 §2.1",
			Mend: "write UTF-8 without unpaired surrogates",
		},
		{Rule: "json", Asks: "one JSON object on each side", Clause: "RFC 8259", Mend: "write a JSON object"},
		{
			Rule: "depth", Asks: "nesting of 32 or less", Clause: "wire profile §3",
			Mend: "nest objects and arrays less deeply",
		},
		{
			Rule: "duplicate-member", Asks: "no member twice", Clause: "RFC 7493 §2.3",
			Mend: "write every member once",
		},
		{Rule: "trailing", Asks: "nothing after the object", Clause: "wire profile §3", Mend: "end after the closing brace"},
		{
			Rule: "header-member", Asks: "alg, kid, typ, and of the others only cty, trust_chain, peer_trust_chain",
			Clause: "wire profile §3, RFC 8725 §3.10",
			Mend:   "remove other members (jwk, jku, x5u, x5c and crit are never read) and add what is missing",
		},
		{Rule: "typ", Asks: "the typ this place expects", Clause: "RFC 8725 §3.11", Mend: "sign with the right typ"},
		{
			Rule: "alg", Asks: "an algorithm from the allow-list", Clause: "RFC 8725 §3.1, RFC 9864",
			Mend: "sign with Ed25519, or with what both sides opted in to",
		},
		{
			Rule: "cty", Asks: "cty, where it is used, names a token of the same typ within", Clause: "wire profile §2, RFC 7519 §5.2",
			Mend: "write cty only around a complete token, and equal to typ",
		},
		{
			Rule: "nested-alg", Asks: "ML-DSA-65 outside, Ed25519 inside", Clause: "wire profile §2",
			Mend: "wrap an Ed25519 token with an ML-DSA-65 key",
		},
		{Rule: "nested-typ", Asks: "the same typ inside and outside", Clause: "wire profile §2", Mend: "sign both with one typ"},
		{Rule: "nested-twice", Asks: "one token within, not two", Clause: "wire profile §2", Mend: "nest once"},
		{
			Rule: "claims", Asks: "iss, iat and the other dates of the right type, none in another case",
			Clause: "RFC 7519 §4.1", Mend: "write NumericDates as integers and iss as a string",
		},
		{Rule: "aud", Asks: "aud is one string, the reader's", Clause: "wire profile §3, RFC 8725 §3.9", Mend: "address one reader"},
		{
			Rule: "nested-issuer", Asks: "in the nested form, an outer key of the issuer that the claims within name",
			Clause: "wire profile §2", Mend: "sign both with published keys of one issuer",
		},
		{
			Rule: "key-unknown", Asks: "a published key with this kid, alg and use", Clause: "RFC 7517 §4",
			Mend: "publish the key before signing with it, kid being its RFC 7638 thumbprint",
		},
		{Rule: "key-ambiguous", Asks: "only one such key", Clause: "RFC 7517 §4.5", Mend: "give every key its own kid"},
		{
			Rule: "key", Asks: "type, curve and alg of the key go with the header's alg", Clause: "RFC 8725 §3.1",
			Mend: "sign with the algorithm the key names",
		},
		{
			Rule: "key-use", Asks: "use sig, and key_ops that allow verify", Clause: "RFC 7517 §4.2-4.3",
			Mend: "publish the key for signatures",
		},
		{
			Rule: "signature", Asks: "the signature holds", Clause: "RFC 7515 §5.2",
			Mend: "sign the exact bytes that are sent, with the key that kid names",
		},
		{Rule: "future", Asks: "iat not ahead by more than 60 s", Clause: "wire profile §3", Mend: "set the sender's clock"},
		{Rule: "not-yet", Asks: "nbf has come", Clause: "RFC 7519 §4.1.5", Mend: "wait, or judge it at a later --at"},
		{
			Rule: "expired", Asks: "exp not passed by more than 60 s", Clause: "RFC 7519 §4.1.4",
			Mend: "sign the claims again; to look at the past, use --at",
		},
	}
}
