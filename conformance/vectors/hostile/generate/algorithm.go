package generate

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// algorithms are tokens whose header chooses how they are checked.
func algorithms() *group {
	g := newGroup("algorithm")
	k := exchangeKey(centre)
	named := func(alg string) string { // honestly signed, under another name
		return signHeader(k, fmt.Sprintf(`{"alg":%s,"kid":%q,"typ":%q}`, alg, k.Kid, typMsg), message())
	}
	line := func(name, title, alg, rule string) attack {
		return attack{name: name, title: title, rule: rule, doc: asMessage(named(alg))}
	}

	g.add(reason{"A reader that takes the algorithm from the token accepts a token nobody signed.", "RFC 8725 §3.1, §3.2; profile §2"},
		attack{name: "none-bare", title: "alg none with an empty signature", rule: "alg", doc: asMessage(unsigned("none"))},
		attack{name: "none-mixed-case", title: "alg nOnE with an empty signature", rule: "alg", doc: asMessage(unsigned("nOnE"))},
		attack{name: "none-upper-case", title: "alg NONE with an empty signature", rule: "alg", doc: asMessage(unsigned("NONE"))},
		line("none-signed", "alg none over an honest signature", `"none"`, "alg"),
		line("null", "alg null", `null`, "header-member"),
		line("empty", "alg the empty string", `""`, "header-member"),
		line("number", "alg a number", `-8`, "header-member"),
		line("list", "alg a list that holds the right name", `["Ed25519"]`, "header-member"),
		line("object", "alg an object", `{"name":"Ed25519"}`, "header-member"),
		line("true", "alg a truth value", `true`, "header-member"),
		attack{name: "absent", title: "no alg", rule: "header-member",
			doc: asMessage(signHeader(k, fmt.Sprintf(`{"kid":%q,"typ":%q}`, k.Kid, typMsg), message()))},
	)

	pub := k.Public()
	x := must(base64.RawURLEncoding.DecodeString(pub.X))
	g.add(reason{"A reader that feeds its public key to the algorithm named by the token lets anybody sign with what everybody knows.", "RFC 8725 §2.1, §3.1"},
		attack{name: "hs256-public-key", title: "HS256 keyed with the octets of the public key", rule: "alg", doc: asMessage(mac("HS256", sha256.New, x))},
		attack{name: "hs256-jwk", title: "HS256 keyed with the text of the JWK", rule: "alg", doc: asMessage(mac("HS256", sha256.New, encode(pub)))},
		attack{name: "hs256-empty", title: "HS256 keyed with nothing", rule: "alg", doc: asMessage(mac("HS256", sha256.New, nil))},
		attack{name: "hs384-public-key", title: "HS384 keyed with the octets of the public key", rule: "alg", doc: asMessage(mac("HS384", sha512.New384, x))},
		attack{name: "hs512-public-key", title: "HS512 keyed with the octets of the public key", rule: "alg", doc: asMessage(mac("HS512", sha512.New, x))},
	)

	var foreign []attack
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "ES256K", "Ed448",
		"RSA1_5", "dir", "ECDH-ES", "A256KW", "HPKE-0", "HPKE-3", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ML-DSA-65-Ed25519", "SLH-DSA-SHA2-128s"} {
		foreign = append(foreign, line("foreign-"+strings.ToLower(strings.ReplaceAll(alg, "_", "-")), alg+" over an honest Ed25519 signature", `"`+alg+`"`, "alg"))
	}
	g.add(reason{"The profile reads three algorithms and no other, however the signature was made; a wider list is a wider attack.", "RFC 8725 §3.2; profile §2"}, foreign...)

	g.add(reason{"Names of algorithms are case-sensitive and exact; two readers that fold or trim disagree about what was signed.", "RFC 7515 §4.1.1, §5.2"},
		line("spelled-lower", "ed25519 in lower case", `"ed25519"`, "alg"),
		line("spelled-eddsa-upper", "EDDSA in capitals", `"EDDSA"`, "alg"),
		line("spelled-space", "Ed25519 with a space after it", `"Ed25519 "`, "alg"),
		line("spelled-nul", "Ed25519 with a NUL after it", `"Ed25519\u0000"`, "alg"),
		line("spelled-homoglyph", "Ed25519 with a Cyrillic letter", `"\u0415d25519"`, "alg"),
	)

	e := es256Key(centre)
	under := func(k *forge.Key, alg string) string {
		return signHeader(k, fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, alg, k.Kid, typMsg), message())
	}
	g.control("es256", asMessage(sign(e, typMsg, message())))
	g.control("eddsa", asMessage(under(k, "EdDSA")))
	g.add(reason{"A key is for one algorithm: what it signs under another name may verify as something else.", "RFC 8725 §3.1; profile §2"},
		attack{name: "key-es256-of-ed25519", title: "ES256 named over the kid of an Ed25519 key", rule: "key-unknown", doc: asMessage(under(k, "ES256"))},
		attack{name: "key-ed25519-of-es256", title: "Ed25519 named over the kid of an ES256 key", rule: "key-unknown", control: "es256", doc: asMessage(under(e, "Ed25519"))},
		attack{name: "key-eddsa-of-es256", title: "EdDSA named over the kid of an ES256 key", rule: "key-unknown", control: "eddsa", doc: asMessage(under(e, "EdDSA"))},
	)
	return g
}

// unsigned has an empty third segment.
func unsigned(alg string) string {
	h := fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, alg, exchangeKey(centre).Kid, typMsg)
	return b64([]byte(h)) + "." + b64(encode(message())) + "."
}

// mac is a token "signed" with a shared secret (RFC 7518 §3.2).
func mac(alg string, h func() hash.Hash, secret []byte) string {
	head := fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, alg, exchangeKey(centre).Kid, typMsg)
	input := b64([]byte(head)) + "." + b64(encode(message()))
	m := hmac.New(h, secret)
	m.Write([]byte(input))
	return input + "." + b64(m.Sum(nil))
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
