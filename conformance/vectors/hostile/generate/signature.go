package generate

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// parts are a token's signing input and signature.
func parts(token string) (input string, signature []byte) {
	dot := strings.LastIndexByte(token, '.')
	return token[:dot], must(base64.RawURLEncoding.DecodeString(token[dot+1:]))
}

// resigned is a token with another signature.
func resigned(token string, change func([]byte) []byte) string {
	input, sig := parts(token)
	return input + "." + b64(change(slices.Clone(sig)))
}

// signatures are honest headers and claims under a signature that does not hold.
func signatures() *group {
	g := newGroup("signature")
	ed, es := sign(exchangeKey(centre), typMsg, message()), sign(es256Key(centre), typMsg, message())
	g.control("es256", asMessage(es))
	edit := func(name, title string, change func([]byte) []byte) attack {
		return attack{name: name, title: title, rule: "signature", doc: asMessage(resigned(ed, change))}
	}
	edit2 := func(name, title string, change func([]byte) []byte) attack {
		return attack{name: name, title: title, rule: "signature", control: "es256", doc: asMessage(resigned(es, change))}
	}
	g.add(reason{"A verifier that pads, cuts or ignores what it cannot use accepts signatures nobody made.", "RFC 8032 §5.1.7; RFC 8037 §3.1"},
		edit("ed25519-empty", "no signature", func([]byte) []byte { return nil }),
		edit("ed25519-zero", "64 zero octets", func(s []byte) []byte { return make([]byte, 64) }),
		edit("ed25519-short", "one octet less", func(s []byte) []byte { return s[:63] }),
		edit("ed25519-long", "one octet more", func(s []byte) []byte { return append(s, 0) }),
		edit("ed25519-twice", "the signature twice", func(s []byte) []byte { return append(s, s...) }),
		edit("ed25519-first-bit", "the first bit flipped", func(s []byte) []byte { s[0] ^= 1; return s }),
		edit("ed25519-last-bit", "the highest bit flipped", func(s []byte) []byte { s[63] ^= 0x80; return s }),
		edit("ed25519-halves", "R and S exchanged", func(s []byte) []byte { return append(s[32:], s[:32]...) }),
		edit("ed25519-reversed", "octets in reverse order", func(s []byte) []byte { slices.Reverse(s); return s }),
	)
	g.add(reason{"S and S plus the order of the group verify alike where the range is not checked: a second signature for the same message.", "RFC 8032 §5.1.7, §8.4"},
		edit("ed25519-malleable", "S plus the order of the group", func(s []byte) []byte { return addOrder(s) }),
		edit("ed25519-negated", "the order of the group minus S", func(s []byte) []byte { return negateS(s) }),
		edit("ed25519-identity", "R the neutral point, S zero", func(s []byte) []byte { r := make([]byte, 64); r[0] = 1; return r }),
	)
	n := elliptic.P256().Params().N
	pair := func(r, s *big.Int) []byte {
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	rs := func(sig []byte) (r, s *big.Int) {
		return new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	}
	g.add(reason{"JWS has R and S in 32 octets each, both between 1 and the order less one; zero verified everything in verifiers that forgot the range.", "RFC 7518 §3.4"},
		edit2("es256-der", "the signature in DER, as X.509 has it", func(sig []byte) []byte { return der(rs(sig)) }),
		edit2("es256-zero", "R and S zero", func([]byte) []byte { return make([]byte, 64) }),
		edit2("es256-r-zero", "R zero", func(sig []byte) []byte { _, s := rs(sig); return pair(new(big.Int), s) }),
		edit2("es256-s-zero", "S zero", func(sig []byte) []byte { r, _ := rs(sig); return pair(r, new(big.Int)) }),
		edit2("es256-r-order", "R the order of the group", func(sig []byte) []byte { _, s := rs(sig); return pair(n, s) }),
		edit2("es256-s-order", "S the order of the group", func(sig []byte) []byte { r, _ := rs(sig); return pair(r, n) }),
		edit2("es256-ones", "R and S of ones only", func([]byte) []byte { return bytes.Repeat([]byte{0xff}, 64) }),
		edit2("es256-swapped", "R and S exchanged", func(sig []byte) []byte { r, s := rs(sig); return pair(s, r) }),
		edit2("es256-short", "one octet less", func(sig []byte) []byte { return sig[:63] }),
		edit2("es256-long", "a zero octet before", func(sig []byte) []byte { return append([]byte{0}, sig...) }),
		edit2("es256-empty", "no signature", func([]byte) []byte { return nil }),
	)
	overOther(g, ed, es)
	byOther(g)
	return g
}

// overOther are signatures over something else than the signing input.
func overOther(g *group, ed, es string) {
	edKey := exchangeKey(centre).Signer().(ed25519.PrivateKey)
	input, _ := parts(ed)
	head, payload, _ := strings.Cut(input, ".")
	over := func(name, title string, b []byte) attack {
		return attack{name: name, title: title, rule: "signature", doc: asMessage(input + "." + b64(ed25519.Sign(edKey, b)))}
	}
	digest256 := sha256.Sum256([]byte(input))
	digest := sha512.Sum512([]byte(input))
	ph := must(edKey.Sign(nil, digest[:], &ed25519.Options{Hash: crypto.SHA512}))
	ctx := must(edKey.Sign(nil, []byte(input), &ed25519.Options{Context: "ehds"}))
	g.add(reason{"The signature is over both encoded segments and their dot, nothing else: whatever is left out can be exchanged.", "RFC 7515 §5.1, §5.2"},
		over("over-payload", "over the encoded payload only", []byte(payload)),
		over("over-header", "over the encoded header only", []byte(head)),
		over("over-claims", "over the decoded claims", encode(message())),
		over("over-no-dot", "over the segments without their dot", []byte(head+payload)),
		over("over-nothing", "over no octets", nil),
		over("over-digest", "over the SHA-256 of the signing input", digest256[:]),
		attack{name: "ed25519ph", title: "Ed25519ph, the pre-hashed variant", rule: "signature", doc: asMessage(input + "." + b64(ph))},
		attack{name: "ed25519ctx", title: "Ed25519ctx, with a context", rule: "signature", doc: asMessage(input + "." + b64(ctx))},
		attack{name: "es256-sha512", title: "ECDSA over the SHA-512 of the signing input", rule: "signature", control: "es256", doc: asMessage(overSHA512(es))},
	)
	other := sign(exchangeKey(centre), typMsg, message().changed("jti", "0195519a-3a00-7000-8000-000000000002"))
	_, otherSig := parts(other)
	otherInput, _ := parts(other)
	g.add(reason{"Parts of two honest tokens make a third that nobody signed.", "RFC 7515 §5.2"},
		attack{name: "of-another-message", title: "the signature of another message", rule: "signature", doc: asMessage(input + "." + b64(otherSig))},
		attack{name: "payload-of-another", title: "the payload of another message", rule: "signature",
			doc: asMessage(head + otherInput[strings.IndexByte(otherInput, '.'):] + ed[strings.LastIndexByte(ed, '.'):])},
		attack{name: "header-of-es256", title: "the header of the same issuer's ES256 token", rule: "signature",
			doc: asMessage(es[:strings.IndexByte(es, '.')] + ed[strings.IndexByte(ed, '.'):])},
	)
}

func overSHA512(token string) string {
	input, _ := parts(token)
	d := sha512.Sum512([]byte(input))
	k := es256Key(centre).Signer().(*ecdsa.PrivateKey)
	return input + "." + b64(rawECDSA(must(k.Sign(nil, d[:32], crypto.SHA256))))
}

// byOther are signatures that hold, under a key that does not count.
func byOther(g *group) {
	as := func(k *forge.Key, kid string, c claims) string {
		return must(forge.SignHeader(k, forge.Header{Alg: k.Alg, Kid: kid, Typ: typMsg}, c))
	}
	kid := exchangeKey(centre).Kid
	line := func(name, title, rule, token string) attack {
		return attack{name: name, title: title, rule: rule, doc: asMessage(token)}
	}
	g.add(reason{"A signature proves a key; only the issuer's own published key for this use proves the issuer.", "RFC 8725 §3.8, §3.10; profile §1, §2"},
		line("by-stranger", "by a stranger, with the issuer's kid", "signature", as(key("mallory"), kid, message())),
		line("by-stranger-own-kid", "by a stranger, with the stranger's kid", "key-unknown", sign(key("mallory"), typMsg, message())),
		line("by-other-issuer", "by another onboarded gateway, in the centre's name", "key-unknown", sign(exchangeKey(french), typMsg, message())),
		line("by-other-issuer-kid", "by another onboarded gateway, with the centre's kid", "signature", as(exchangeKey(french), kid, message())),
		line("by-federation-key", "by the issuer's own federation key", "key-unknown", sign(fedKey(centre), typMsg, message())),
		line("by-anchor", "by the anchor, in the centre's name", "key-unknown", sign(fedKey(anchor), typMsg, message())),
		line("by-sibling-key", "by the issuer's ES256 key, with its Ed25519 kid", "key-unknown", as(es256Key(centre), kid, message())),
		line("by-permit-key", "a message signed by a body's permit key", "key-unknown", sign(permitKey(body), typMsg, message().changed("iss", body))),
		line("by-permit-key-for-ncp", "a message of a contact point signed by the permit key of its body", "key-unknown", sign(permitKey(body), typMsg, message().changed("iss", french))),
	)
	permit := func(k *forge.Key, iss string) string { return sign(k, typPer, permitClaims().changed("iss", iss)) }
	g.control("permit", asPermit(permit(permitKey(body), body)))
	bad := func(name, title, rule, token string) attack {
		return attack{name: name, title: title, rule: rule, control: "permit", doc: asPermit(token)}
	}
	g.add(reason{"A permit opens patients' data for years: it counts only under a permit key of the body, which signs nothing else.", "profile §6"},
		bad("permit-by-exchange-key", "a permit signed by its contact point's exchange key", "key-unknown", permit(exchangeKey(french), french)),
		bad("permit-by-exchange-key-for-body", "a permit of the body signed by its contact point's exchange key", "key-unknown", permit(exchangeKey(french), body)),
		bad("permit-by-federation-key", "a permit signed by the body's federation key", "key-unknown", permit(fedKey(body), body)),
		bad("permit-by-centre", "a permit signed by the centre", "key-unknown", permit(exchangeKey(centre), centre)),
		bad("permit-as-message", "a message token where a permit is expected", "typ", sign(permitKey(body), typMsg, permitClaims())),
	)
}
