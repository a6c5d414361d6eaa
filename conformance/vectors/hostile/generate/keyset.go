package generate

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// keys are key sets that may not verify a token which is honestly signed with the key they describe.
func keys() *group {
	g := newGroup("keyset")
	k, e := key("set"), key("es256 set")
	token, token2 := sign(k, typMsg, message()), sign(e, typMsg, message())
	read := func(token string, set ...string) vectors.Document {
		d := asMessage(token)
		d.Keys = raw(`{"keys":[` + strings.Join(set, ",") + `]}`)
		return d
	}
	ed, ec := string(encode(k.Public())), string(encode(e.Public()))
	g.control("ed25519", read(token, ed))
	g.control("es256", read(token2, ec))
	swap := func(jwk, old, text string) string {
		if !strings.Contains(jwk, old) {
			panic("keyset: nothing to change: " + old)
		}
		return strings.Replace(jwk, old, text, 1)
	}
	line := func(name, title, rule string, set ...string) attack {
		return attack{name: name, title: title, rule: rule, control: "ed25519", doc: read(token, set...)}
	}
	line2 := func(name, title, rule string, set ...string) attack {
		return attack{name: name, title: title, rule: rule, control: "es256", doc: read(token2, set...)}
	}
	g.add(reason{"A key is for what its use, key_ops and alg say.", "RFC 7517 §4.2-4.4; profile §1"},
		line("use-enc", "use enc", "key-unknown", swap(ed, `"use":"sig"`, `"use":"enc"`)),
		line("use-unknown", "use of another profile", "key-unknown", swap(ed, `"use":"sig"`, `"use":"x"`)),
		line("use-empty", "use the empty string", "key-unknown", swap(ed, `"use":"sig"`, `"use":""`)),
		line("ops-sign", "key_ops without verify", "key-use", swap(ed, `"use":"sig"`, `"use":"sig","key_ops":["sign"]`)),
		line("ops-empty", "key_ops of nothing", "key-use", swap(ed, `"use":"sig"`, `"use":"sig","key_ops":[]`)),
		line("ops-twice", "key_ops with verify twice", "key-unknown", swap(ed, `"use":"sig"`, `"key_ops":["verify","verify"]`)),
		line("alg-absent", "no alg, for a header that says Ed25519", "key-unknown", swap(ed, `"alg":"Ed25519",`, ``)),
		line("alg-other", "alg ES256 on an Ed25519 key", "key-unknown", swap(ed, `"alg":"Ed25519"`, `"alg":"ES256"`)),
		line("alg-older-name", "alg EdDSA, for a header that says Ed25519", "key-unknown", swap(ed, `"alg":"Ed25519"`, `"alg":"EdDSA"`)),
		line2("alg-es384", "alg ES384 on a P-256 key", "key-unknown", swap(ec, `"alg":"ES256"`, `"alg":"ES384"`)),
	)
	g.add(reason{"Two keys of one name: the attacker's may be the one that is found.", "RFC 7517 §4.5"},
		line("kid-twice", "a stranger's key under the same kid", "key-unknown", ed, swap(string(encode(key("mallory").Public())), key("mallory").Kid, k.Kid)),
		line("kid-twice-same", "the key itself twice", "key-unknown", ed, ed),
		line("kid-twice-other-type", "a P-256 key under the same kid", "key-unknown", ed, swap(ec, e.Kid, k.Kid)),
		line("kid-absent", "a key without kid", "key-unknown", swap(ed, `"kid":"`+k.Kid+`",`, ``)),
		line("kid-number", "kid a number", "key-unknown", swap(ed, `"kid":"`+k.Kid+`"`, `"kid":1`)),
	)
	private := func(more string) string { return strings.TrimSuffix(ed, "}") + `,` + more + `}` }
	g.add(reason{"Whoever publishes a private or shared key has lost it: what it signs proves nobody.", "RFC 7517 §9.2; RFC 7518 §6.4; RFC 9964 §3"},
		line("private-d", "the private part beside it", "key-unknown", private(`"d":"AAAA"`)),
		line("private-empty", "an empty private part", "key-unknown", private(`"d":""`)),
		line("private-priv", "a seed beside it", "key-unknown", private(`"priv":"AAAA"`)),
		line("symmetric", "a shared secret under the kid", "key-unknown", fmt.Sprintf(`{"kty":"oct","k":%q,"kid":%q,"alg":"Ed25519","use":"sig"}`, k.Public().X, k.Kid)),
		line("symmetric-member", "k beside a public key", "key-unknown", private(`"k":"AAAA"`)),
	)
	points(g, k, read, swap)
	pub := e.Public()
	g.add(reason{"A point off the curve leaks keys and verifies forgeries.", "RFC 7518 §6.2.1; RFC 8725 §3.4"},
		line2("p256-off-curve", "a point that is not on P-256", "key-unknown", swap(ec, pub.Y, b64(bytes.Repeat([]byte{1}, 32)))),
		line2("p256-zero", "the point zero", "key-unknown", swap(swap(ec, pub.X, b64(make([]byte, 32))), pub.Y, b64(make([]byte, 32)))),
		line2("p256-short", "x without its last octet", "key-unknown", swap(ec, pub.X, pub.X[:42])),
		line2("p256-curve", "P-384 named over a P-256 point", "key-unknown", swap(ec, `"P-256"`, `"P-384"`)),
		line2("p256-secp256k1", "secp256k1 named over a P-256 point", "key-unknown", swap(ec, `"P-256"`, `"secp256k1"`)),
		line2("p256-no-y", "no y", "key-unknown", swap(ec, `"y":"`+pub.Y+`",`, ``)),
		line2("p256-kty", "kty OKP over a P-256 point", "key-unknown", swap(ec, `"EC"`, `"OKP"`)),
	)
	g.add(reason{"A set is read as strictly as a token: one that two readers see differently holds two sets.", "RFC 7517 §5; profile §3"},
		line("set-empty", "no keys", "key-unknown"),
		attack{name: "set-twice", title: "keys twice", rule: "duplicate-member", control: "ed25519",
			doc: setOf(token, `{"keys":[`+ed+`],"keys":[]}`)},
		attack{name: "set-member-twice", title: "x twice in a key", rule: "duplicate-member", control: "ed25519",
			doc: setOf(token, `{"keys":[`+strings.TrimSuffix(ed, "}")+`,"x":"AAAA"}]}`)},
		attack{name: "set-object", title: "keys an object", rule: "json", control: "ed25519", doc: setOf(token, `{"keys":{"a":`+ed+`}}`)},
		attack{name: "set-bare", title: "a key instead of a set", rule: "json", control: "ed25519", doc: setOf(token, ed)},
		line("set-many", "129 keys", "size", append(strings.Split(strings.Repeat(`{},`, 127)+`{}`, ","), ed)...),
		attack{name: "set-case", title: "KEYS instead of keys", rule: "json", control: "ed25519", doc: setOf(token, `{"KEYS":[`+ed+`]}`)},
	)
	return g
}

func setOf(token, set string) vectors.Document {
	d := asMessage(token)
	d.Keys = raw(set)
	return d
}

// points are Ed25519 keys under which signatures verify that nobody made.
func points(g *group, k *forge.Key, read func(string, ...string) vectors.Document, swap func(jwk, old, text string) string) {
	zero, one, minusOne := make([]byte, 32), make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)
	one[0], minusOne[0], minusOne[31] = 1, 0xec, 0x7f
	signed := bytes.Clone(one)
	signed[31] |= 0x80
	beyond := bytes.Clone(minusOne)
	beyond[0] = 0xee // p + 1, which is 1 again
	eight := unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
	var list []attack
	for _, p := range []struct {
		name, title string
		x           []byte
	}{
		{"small-zero", "the point y = 0, of order four", zero}, {"small-one", "the neutral point", one},
		{"small-minus-one", "the point y = -1, of order two", minusOne}, {"small-eight", "a point of order eight", eight},
		{"small-one-signed", "the neutral point with a sign", signed}, {"beyond-p", "the neutral point, spelled beyond the field", beyond},
	} {
		jwk := forge.JWK{Kty: "OKP", Crv: "Ed25519", X: b64(p.x), Alg: "Ed25519", Use: "sig"}
		jwk.Kid = must(jwk.Thumbprint())
		// R neutral and S zero hold for every message under the neutral point.
		sig := make([]byte, 64)
		sig[0] = 1
		head := fmt.Sprintf(`{"alg":"Ed25519","kid":%q,"typ":%q}`, jwk.Kid, typMsg)
		forged := b64([]byte(head)) + "." + b64(encode(message())) + "." + b64(sig)
		list = append(list, attack{name: "ed25519-" + p.name, title: p.title, rule: "key-unknown", control: "ed25519",
			doc: read(forged, string(encode(jwk)))})
	}
	ed, x, token := string(encode(k.Public())), k.Public().X, sign(k, typMsg, message())
	list = append(list,
		attack{name: "ed25519-stray", title: "x with a stray bit", rule: "key-unknown", control: "ed25519", doc: read(token, swap(ed, x, strayBit(x)))},
		attack{name: "ed25519-padded", title: "x with padding", rule: "key-unknown", control: "ed25519", doc: read(token, swap(ed, x, x+"="))},
		attack{name: "ed25519-long", title: "x with an octet more", rule: "key-unknown", control: "ed25519", doc: read(token, swap(ed, x, x+"AA"))},
		attack{name: "ed25519-curve", title: "X25519 named over an Ed25519 point", rule: "key-unknown", control: "ed25519", doc: read(token, swap(ed, `"Ed25519","x"`, `"X25519","x"`))},
	)
	g.add(reason{"Under a point of small order one signature fits every message, or every eighth; a key has one spelling.", "RFC 8032 §5.1.3, §5.1.7; RFC 8037 §2"}, list...)
}

func unhex(s string) []byte { return must(hex.DecodeString(s)) }
