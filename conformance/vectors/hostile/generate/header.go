package generate

import (
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// headers are honestly signed tokens whose header says what it may not.
func headers() *group {
	g := newGroup("header")
	k := exchangeKey(centre)
	with := func(more string) string {
		return signHeader(k, strings.TrimSuffix(header(k, typMsg), "}")+","+more+"}", message())
	}
	spelled := func(h string) string { return signHeader(k, h, message()) }
	line := func(name, title, rule, token string) attack {
		return attack{name: name, title: title, rule: rule, doc: asMessage(token)}
	}
	extra := func(name, title, more string) attack { return line(name, title, "header-member", with(more)) }

	mallory := string(encode(key("mallory").Public()))
	g.add(reason{"A token that brings its own key, or says where to fetch one, proves nothing and makes the reader call a host of the attacker's choice.", "RFC 8725 §3.10; RFC 7515 §4.1.2-4.1.6; profile §1"},
		extra("jwk", "the signer's key in the header", `"jwk":`+mallory),
		line("jwk-own", "signed by a stranger whose key is in the header", "header-member", signHeader(key("mallory"),
			fmt.Sprintf(`{"alg":"Ed25519","kid":%q,"typ":%q,"jwk":%s}`, key("mallory").Kid, typMsg, mallory), message())),
		extra("jku", "a place to fetch keys from", `"jku":"`+canary+`/jwks.json"`),
		extra("jku-own-host", "a place on the issuer's own host", `"jku":"`+centre+`/jwks.json"`),
		extra("x5u", "a place to fetch a certificate from", `"x5u":"`+canary+`/chain.pem"`),
		extra("x5c", "a certificate chain", `"x5c":["MIIB"]`),
		extra("x5t", "a certificate's SHA-1", `"x5t":"AAAA"`),
		extra("x5t-s256", "a certificate's SHA-256", `"x5t#S256":"AAAA"`),
	)
	g.add(reason{"What must be understood and is not must refuse; b64 and zip change which octets are signed or read.", "RFC 7515 §4.1.11; RFC 7797 §3, §6; RFC 8725 §3.6"},
		extra("crit", "crit with an unknown name", `"crit":["x-ehds"],"x-ehds":1`),
		extra("crit-empty", "crit with no names", `"crit":[]`),
		extra("crit-alg", "crit that names a registered member", `"crit":["alg"]`),
		extra("crit-b64", "crit b64, the payload not encoded", `"crit":["b64"],"b64":false`),
		extra("b64-alone", "b64 without crit", `"b64":false`),
		extra("zip", "a compressed payload", `"zip":"DEF"`),
		extra("enc", "a content encryption in a signed token", `"enc":"A256GCM"`),
		extra("epk", "an ephemeral key", `"epk":{}`),
		extra("nonce", "a nonce", `"nonce":"1"`),
		extra("iss", "iss repeated in the header", `"iss":"`+french+`"`),
		extra("unknown", "a member nobody knows", `"x":1`),
		extra("null-member", "an unknown member with no value", `"x":null`),
		extra("empty-name", "a member without a name", `"":""`),
	)
	g.add(reason{"Tokens of one kind must not be read as another: a receipt is no message.", "RFC 8725 §3.11, §3.12; profile §3"},
		line("typ-absent", "no typ", "header-member", spelled(fmt.Sprintf(`{"alg":"Ed25519","kid":%q}`, k.Kid))),
		line("typ-null", "typ null", "header-member", spelled(fmt.Sprintf(`{"alg":"Ed25519","kid":%q,"typ":null}`, k.Kid))),
		line("typ-list", "typ a list", "header-member", spelled(fmt.Sprintf(`{"alg":"Ed25519","kid":%q,"typ":[%q]}`, k.Kid, typMsg))),
		line("typ-jwt", "typ JWT", "typ", sign(k, "JWT", message())),
		line("typ-receipt", "typ of a receipt", "typ", sign(k, typRec, message())),
		line("typ-permit", "typ of a permit", "typ", sign(k, typPer, message())),
		line("typ-statement", "typ of an entity statement", "typ", sign(k, "entity-statement+jwt", message())),
		line("typ-prefix", "typ with application/ before it", "typ", sign(k, "application/"+typMsg, message())),
		line("typ-case", "typ in capitals", "typ", sign(k, strings.ToUpper(typMsg), message())),
		line("typ-space", "typ with a space after it", "typ", sign(k, typMsg+" ", message())),
		line("typ-suffix", "typ cut to its suffix", "typ", sign(k, "jwt", message())),
		line("cty-foreign", "cty JWT over plain claims", "cty", with(`"cty":"JWT"`)),
		line("cty-empty", "cty the empty string", "header-member", with(`"cty":""`)),
		line("cty-number", "cty a number", "header-member", with(`"cty":1`)),
	)
	kid := func(name, title, rule, text string) attack {
		return line(name, title, rule, spelled(fmt.Sprintf(`{"alg":"Ed25519","kid":%s,"typ":%q}`, text, typMsg)))
	}
	g.add(reason{"kid names a key of the issuer and nothing else: no path, no query, no address, and none of them is looked up.", "RFC 7515 §4.1.4; RFC 8725 §3.10"},
		line("kid-absent", "no kid", "header-member", spelled(fmt.Sprintf(`{"alg":"Ed25519","typ":%q}`, typMsg))),
		kid("kid-null", "kid null", "header-member", "null"),
		kid("kid-empty", "kid the empty string", "header-member", `""`),
		kid("kid-number", "kid a number", "header-member", "0"),
		kid("kid-long", "kid of 257 octets", "header-member", `"`+strings.Repeat("k", 257)+`"`),
		kid("kid-path", "kid that climbs out of a folder", "key-unknown", `"../../../../dev/null"`),
		kid("kid-sql", "kid with a query", "key-unknown", `"x' UNION SELECT 'key"`),
		kid("kid-address", "kid that is an address", "key-unknown", `"`+canary+`/key"`),
		kid("kid-prefix", "the right kid, one letter short", "key-unknown", `"`+k.Kid[:len(k.Kid)-1]+`"`),
		kid("kid-folded", "the right kid in lower case", "key-unknown", `"`+strings.ToLower(k.Kid)+`"`),
		kid("kid-space", "the right kid after a space", "key-unknown", `" `+k.Kid+`"`),
	)
	headerJSON(g, k)
	return g
}

// headerJSON are headers whose JSON two readers may see differently, and chains that are none.
func headerJSON(g *group, k *forge.Key) {
	h := header(k, typMsg)
	inner := strings.TrimSuffix(strings.TrimPrefix(h, "{"), "}")
	line := func(name, title, rule, head string) attack {
		return attack{name: name, title: title, rule: rule, doc: asMessage(signHeader(k, head, message()))}
	}
	g.add(reason{"Where a name stands twice one reader takes the first, another the last: two headers under one signature.", "RFC 7515 §4; RFC 8259 §4; RFC 7493 §2.3"},
		line("twice-alg", "alg twice, none first", "duplicate-member", `{"alg":"none",`+inner+`}`),
		line("twice-alg-last", "alg twice, none last", "duplicate-member", `{`+inner+`,"alg":"none"}`),
		line("twice-same", "alg twice, the same", "duplicate-member", `{`+inner+`,"alg":"Ed25519"}`),
		line("twice-escaped", "alg twice, once with an escape", "duplicate-member", `{`+inner+`,"\u0061lg":"none"}`),
		line("twice-kid", "kid twice", "duplicate-member", `{`+inner+`,"kid":"x"}`),
		line("twice-typ", "typ twice", "duplicate-member", `{`+inner+`,"typ":"`+typRec+`"}`),
		line("case-alg", "Alg beside alg", "header-member", `{`+inner+`,"Alg":"none"}`),
		line("case-kid", "KID beside kid", "header-member", `{`+inner+`,"KID":"x"}`),
		line("case-only", "ALG instead of alg", "header-member", strings.Replace(h, `"alg"`, `"ALG"`, 1)),
	)
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	g.add(reason{"The header is read before anything is proved: what is no single JSON object of bounded size must cost nothing.", "RFC 7515 §5.2; profile §3"},
		line("json-list", "a list", "json", `[`+h+`]`),
		line("json-text", "a string", "json", `"header"`),
		line("json-null", "null", "json", `null`),
		line("json-empty", "an empty object", "header-member", `{}`),
		line("json-nothing", "no octets", "json", ``),
		line("json-open", "an object that does not end", "json", h[:len(h)-1]),
		line("json-trailing", "a second object after the first", "trailing", h+`{}`),
		line("json-bom", "a byte order mark before it", "json", "\ufeff"+h),
		line("json-comment", "a comment in it", "json", `{/**/`+inner+`}`),
		line("json-comma", "a comma after the last member", "json", `{`+inner+`,}`),
		line("json-utf8", "octets that are no UTF-8", "utf8", `{`+inner+`,"x":"`+"\xff"+`"}`),
		line("json-surrogate", "half a character", "utf8", `{`+inner+`,"x":"\ud800"}`),
		line("json-deep", "nested forty deep", "depth", `{`+inner+`,"x":`+deep+`}`),
		line("json-large", "more than 64 KiB", "size", `{`+inner+`,"x":"`+strings.Repeat("x", 64<<10)+`"}`),
	)
	g.add(reason{"A chain in the header is proof or nothing; what is no list of statements is not skipped.", "OpenID Federation 1.1 §4.3; profile §1"},
		line("chain-text", "trust_chain a string", "header-member", `{`+inner+`,"trust_chain":"x"}`),
		line("chain-empty", "trust_chain without statements", "header-member", `{`+inner+`,"trust_chain":[]}`),
		line("chain-numbers", "trust_chain of numbers", "header-member", `{`+inner+`,"trust_chain":[1,2,3]}`),
		line("chain-null", "trust_chain null", "header-member", `{`+inner+`,"trust_chain":null}`),
		line("peer-chain-text", "peer_trust_chain a string", "header-member", `{`+inner+`,"peer_trust_chain":"x"}`),
		line("peer-chain-empty", "peer_trust_chain without statements", "header-member", `{`+inner+`,"peer_trust_chain":[]}`),
	)
}
