package generate

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

func seedOf(name string) []byte {
	sum := sha256.Sum256([]byte("ehdsgw hostile vector sealing key of " + name))
	return sum[:]
}

// sealed is a body sealed for us, step by step, so that each can be done wrong.
type sealed struct {
	forge.Sealing
	content claims
	text    string // instead of content
	outer   claims // what the message around it says differently
	jwe     func(parts []string) string
	commit  string
}

// content is what is sealed in a message (wire profile §3).
func content() claims {
	m := message()
	bind := claims{}
	for _, name := range []string{"iss", "aud", "jti", "type", "case", "seq"} {
		bind[name] = m[name]
	}
	return claims{"bind": bind, "salt": b64(make([]byte, 16)), "body": claims{"status": "VALIDATED"}, "attachments": []any{}}
}

// token is the message around it, honestly signed.
func (s sealed) token(k *forge.Key, alg string) string {
	if s.Alg == "" {
		s.Alg = alg
	}
	if s.Recipient == nil {
		s.Recipient = seedOf("us " + s.Alg)
	}
	if s.Ephemeral == nil {
		s.Ephemeral = seedOf("ephemeral")
	}
	if s.content == nil {
		s.content = content()
	}
	plaintext := encode(s.content)
	if s.text != "" {
		plaintext = []byte(s.text)
	}
	jwe := must(forge.Seal(s.Sealing, plaintext))
	if s.jwe != nil {
		jwe = s.jwe(strings.Split(jwe, "."))
	}
	if s.commit == "" {
		s.commit = forge.SHA256Hex(plaintext)
	}
	m := message().changed("body", nil, "sealed", jwe, "sealed_commit", s.commit)
	for name, v := range s.outer {
		m = m.changed(name, v)
	}
	return sign(k, typMsg, m)
}

// asSealed is a message read and then opened.
func asSealed(token string) vectors.Document {
	d := asMessage(token)
	for _, alg := range []string{forge.AlgHPKE3, forge.AlgHPKE0} {
		d.Unseal = append(d.Unseal, vectors.SealingSeed{Alg: alg, Seed: b64(seedOf("us " + alg))})
	}
	return d
}

// jwes are honestly signed messages whose sealed body is not theirs, or not sealed as the profile says.
func jwes() *group {
	g := newGroup("jwe")
	k := exchangeKey(centre)
	three := func(s sealed) string { return s.token(k, forge.AlgHPKE3) }
	g.control("hpke-3", asSealed(three(sealed{})))
	g.control("hpke-0", asSealed(sealed{}.token(k, forge.AlgHPKE0)))
	line := func(name, title, rule string, s sealed) attack {
		return attack{name: name, title: title, rule: rule, control: "hpke-3", doc: asSealed(three(s))}
	}
	bound := content()["bind"].(claims)
	moved := func(name, title string, outer claims) attack {
		return line("lifted-"+name, title, "sealed-mismatch", sealed{outer: outer})
	}
	lifted := sealed{outer: claims{"iss": french}}
	g.add(reason{"Whoever cannot read a sealed body may still copy it: into a message of his own it would be read as his, in another case it would count there.", "profile §3, Sealing"},
		attack{name: "lifted-sender", title: "a sealed body lifted into another sender's message", rule: "sealed-mismatch", control: "hpke-3",
			doc: asSealed(lifted.token(exchangeKey(french), forge.AlgHPKE3))},
		moved("message", "into another message of the same sender", claims{"jti": "0195519a-3a00-7000-8000-0000000000c2"}),
		moved("case", "into another case", claims{"case": "ds:DE:example-2"}),
		moved("seq", "to another place in the sequence", claims{"seq": 2}),
		moved("type", "into a message of another type", claims{"type": "application.response"}),
		line("lifted-reader", "sealed to us for another reader", "sealed-mismatch", sealed{content: content().changed("bind", bound.changed("aud", french))}),
		line("bind-case", "bound in other capitals", "sealed-mismatch", sealed{content: content().changed("bind", bound.changed("iss", strings.ToUpper(centre)))}),
		line("bind-empty", "bound to nothing", "sealed-mismatch", sealed{content: content().changed("bind", claims{})}),
	)
	g.add(reason{"The commitment shows a third party what was sealed: one that fits another text shows a lie.", "profile §3, Sealing"},
		line("commit-other", "the commitment of another text", "sealed-mismatch", sealed{commit: forge.SHA256Hex("another text")}),
		line("commit-none", "no commitment", "sealed-mismatch", sealed{outer: claims{"sealed_commit": nil}}),
		line("commit-capitals", "the commitment in capitals", "sealed-mismatch", sealed{commit: strings.ToUpper(forge.SHA256Hex(encode(content())))}),
		line("commit-base64", "the commitment in base64url", "sealed-mismatch", sealed{commit: b64(unhex(forge.SHA256Hex(encode(content()))))}),
	)
	sealedTexts(g, line)
	sealedForms(g, line)
	sealedKeys(g, line)
	return g
}

type sealedLine = func(name, title, rule string, s sealed) attack

// sealedTexts hold something else than the content the profile names.
func sealedTexts(g *group, line sealedLine) {
	text := string(encode(content()))
	with := func(pairs ...any) sealed { return sealed{content: content().changed(pairs...)} }
	g.add(reason{"What is inside was written by the sender and is as foreign as the outside.", "profile §3, Sealing"},
		line("content-text", "no JSON", "unsealable", sealed{text: "the body"}),
		line("content-list", "a list", "unsealable", sealed{text: "[" + text + "]"}),
		line("content-twice", "bind twice", "unsealable", sealed{text: `{"bind":{},` + text[1:]}),
		line("content-trailing", "two objects", "unsealable", sealed{text: text + text}),
		line("content-unknown", "a member nobody knows", "unsealable", with("x", 1)),
		line("content-case", "Bind beside bind", "unsealable", with("Bind", claims{})),
		line("content-no-body", "no body", "unsealable", with("body", nil)),
		line("content-null-body", "body null", "unsealable", with("body", raw("null"))),
		line("content-list-body", "body a list", "unsealable", with("body", []any{})),
		line("content-text-body", "body a string", "unsealable", with("body", "x")),
		line("content-two-attachments", "two attachments of one id", "unsealable", with("attachments", []claims{
			{"id": "a", "name": "n", "media_type": "text/plain", "identity": "i"}, {"id": "a", "name": "m", "media_type": "text/plain", "identity": "j"},
		})),
		line("content-no-salt", "no salt", "unsealable", with("salt", nil)),
		line("content-short-salt", "a salt of 15 octets", "unsealable", with("salt", b64(make([]byte, 15)))),
		line("content-stray-salt", "a salt with a stray bit", "unsealable", with("salt", strayBit(b64(make([]byte, 16))))),
		line("content-deep", "nested forty deep", "unsealable", with("body", raw(strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 40)))),
		line("bind-unknown", "a member of bind nobody knows", "unsealable", with("bind", content()["bind"].(claims).changed("x", 1))),
	)
}

// sealedForms are JWEs in another form, or changed after sealing.
func sealedForms(g *group, line sealedLine) {
	kid := must(forge.SealingJWK(forge.AlgHPKE3, seedOf("us HPKE-3"))).Kid
	form := func(name, title string, jwe func(p []string) string) attack {
		return line("form-"+name, title, "unsealable", sealed{jwe: jwe})
	}
	set := func(i int, change func(string) string) func(p []string) string {
		return func(p []string) string { p[i] = change(p[i]); return strings.Join(p, ".") }
	}
	to := func(v string) func(string) string { return func(string) string { return v } }
	flip := func(at int) func(string) string {
		return func(s string) string {
			b := must(base64.RawURLEncoding.DecodeString(s))
			b[(at+len(b))%len(b)] ^= 1
			return b64(b)
		}
	}
	cut := func(n int) func(string) string { return func(s string) string { return s[:len(s)-n] } }
	g.add(reason{"Five segments, of which two are empty, each in its one spelling: every other form is a second text under one seal.", "RFC 7516 §7.1; draft-ietf-jose-hpke-encrypt §5"},
		form("none", "no sealed text", func([]string) string { return "" }),
		form("three", "three segments, as a JWS has", func(p []string) string { return strings.Join(p[:3], ".") }),
		form("six", "six segments", func(p []string) string { return strings.Join(p, ".") + "." }),
		form("json", "the JSON serialisation", func(p []string) string {
			return fmt.Sprintf(`{"protected":%q,"encrypted_key":%q,"ciphertext":%q}`, p[0], p[1], p[3])
		}),
		form("iv", "an initialization vector", set(2, to("AAAAAAAAAAAAAAAA"))),
		form("tag", "a tag apart", set(4, to("AAAAAAAAAAAAAAAAAAAAAA"))),
		form("padding", "padding", set(1, func(s string) string { return s + "=" })),
		form("stray", "a stray bit in the encapsulated key", set(1, strayBit)),
		form("newline", "a line end in the ciphertext", set(3, func(s string) string { return s[:10] + "\n" + s[10:] })),
		form("flipped", "a bit of the ciphertext flipped", set(3, flip(4))),
		form("tag-flipped", "a bit of the authentication flipped", set(3, flip(-1))),
		form("cut", "the ciphertext without its end", set(3, cut(4))),
		form("empty", "no ciphertext", set(3, to(""))),
		form("enc-flipped", "a bit of the encapsulated key flipped", set(1, flip(3))),
		form("enc-short", "the encapsulated key without its end", set(1, cut(4))),
		form("enc-long", "an encapsulated key with more", set(1, func(s string) string { return s + "A" })),
		form("enc-zero", "the encapsulated key zero", set(1, to(b64(make([]byte, 32))))),
		form("enc-one", "the encapsulated key of low order", set(1, to(b64(append([]byte{1}, make([]byte, 31)...))))),
		form("header-space", "the header in another spelling", set(0, to(b64(fmt.Appendf(nil, `{"alg":"HPKE-3", "kid":%q}`, kid))))),
	)
	head := func(name, title, h string) attack {
		return line("header-"+name, title, "unsealable", sealed{Sealing: forge.Sealing{Header: h}})
	}
	own := fmt.Sprintf(`"alg":"HPKE-3","kid":%q`, kid)
	g.add(reason{"The header is alg and kid. What compresses, names another key or another algorithm is how sealed texts were broken before.", "RFC 8725 §3.1, §3.6; profile §3, Sealing"},
		head("zip", "a compressed text", `{`+own+`,"zip":"DEF"}`),
		head("crit", "crit", `{`+own+`,"crit":["x"],"x":1}`),
		head("enc", "enc beside an integrated algorithm", `{`+own+`,"enc":"A128GCM"}`),
		head("epk", "an ephemeral key", `{`+own+`,"epk":{}}`),
		head("apu", "names of the parties", `{`+own+`,"apu":"AAAA"}`),
		head("jwk", "a key", `{`+own+`,"jwk":{}}`),
		head("ek", "an encapsulated key in the header", `{`+own+`,"ek":"AAAA"}`),
		head("cty", "a content type", `{`+own+`,"cty":"JWT"}`),
		head("typ", "a type", `{`+own+`,"typ":"JWE"}`),
		head("twice-alg", "alg twice", `{`+own+`,"alg":"HPKE-3"}`),
		head("twice-kid", "kid twice", `{`+own+`,"\u006bid":"x"}`),
		head("no-kid", "no kid", `{"alg":"HPKE-3"}`),
		head("no-alg", "no alg", fmt.Sprintf(`{"kid":%q}`, kid)),
		head("kid-other", "kid of nobody", `{"alg":"HPKE-3","kid":"x"}`),
		head("alg-hpke-4", "another ciphersuite over the same key", fmt.Sprintf(`{"alg":"HPKE-4","kid":%q}`, kid)),
		head("alg-hpke-0", "HPKE-0 over the key of HPKE-3", fmt.Sprintf(`{"alg":"HPKE-0","kid":%q}`, kid)),
		head("alg-ke", "key encryption instead of integrated", fmt.Sprintf(`{"alg":"HPKE-3-KE","kid":%q,"enc":"A128GCM"}`, kid)),
		head("alg-dir", "a shared key", fmt.Sprintf(`{"alg":"dir","kid":%q,"enc":"A128GCM"}`, kid)),
		head("alg-ecdh", "ECDH-ES", fmt.Sprintf(`{"alg":"ECDH-ES","kid":%q,"enc":"A128GCM"}`, kid)),
		head("alg-rsa1-5", "RSA1_5", fmt.Sprintf(`{"alg":"RSA1_5","kid":%q,"enc":"A128CBC-HS256"}`, kid)),
		head("alg-pbes2", "a password", fmt.Sprintf(`{"alg":"PBES2-HS256+A128KW","kid":%q,"p2c":2147483647}`, kid)),
	)
}

// sealedKeys are sealed for a key that is not ours, or under other parameters.
func sealedKeys(g *group, line sealedLine) {
	k := exchangeKey(centre)
	g.add(reason{"A text sealed to another, or under other parameters, opens nowhere; the sender learns no more than that.", "RFC 9180 §5.1, §9.1; profile §3, Sealing"},
		line("key-other", "sealed to another reader's key", "unsealable", sealed{Sealing: forge.Sealing{Recipient: seedOf("them")}}),
		line("key-other-kid", "sealed to another reader's key under our kid", "unsealable", sealed{Sealing: forge.Sealing{Recipient: seedOf("them"),
			Header: fmt.Sprintf(`{"alg":"HPKE-3","kid":%q}`, must(forge.SealingJWK(forge.AlgHPKE3, seedOf("us HPKE-3"))).Kid)}}),
		line("info", "sealed with an info of its own", "unsealable", sealed{Sealing: forge.Sealing{Info: []byte("x")}}),
	)
	p256 := func(name, title string, enc []byte) attack {
		s := sealed{jwe: func(p []string) string { p[1] = b64(enc); return strings.Join(p, ".") }}
		return attack{name: name, title: title, rule: "unsealable", control: "hpke-0", doc: asSealed(s.token(k, forge.AlgHPKE0))}
	}
	g.add(reason{"A point off the curve tells the reader's key bit by bit.", "RFC 9180 §7.1.4; RFC 8725 §3.4"},
		p256("p256-off-curve", "an encapsulated point off the curve", append([]byte{4}, bytes.Repeat([]byte{1}, 64)...)),
		p256("p256-infinity", "the point at infinity", []byte{0}),
		p256("p256-zero", "the point zero", append([]byte{4}, make([]byte, 64)...)),
		p256("p256-compressed", "a compressed point", append([]byte{2}, seedOf("x")...)),
		p256("p256-hybrid", "a point in hybrid form", append([]byte{6}, bytes.Repeat([]byte{1}, 64)...)),
	)
}
