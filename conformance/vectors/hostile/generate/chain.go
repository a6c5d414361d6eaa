package generate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// link is one statement of a chain, to be changed before it is signed.
type link struct {
	key    *forge.Key
	typ    string
	claims claims
	token  string // instead of all the above
}

func (l link) signed() string {
	if l.token != "" {
		return l.token
	}
	return sign(l.key, l.typ, l.claims)
}

// links are the honest chain of a gateway under the anchor, or of the body under its contact point.
func links(entity string) []link {
	const typ = "entity-statement+jwt"
	out := []link{{key: fedKey(entity), typ: typ, claims: configuration(entity)}}
	if entity == body {
		out = append(out, link{key: fedKey(french), typ: typ, claims: about(french, body)})
		entity = french
	}
	return append(out, link{key: fedKey(anchor), typ: typ, claims: about(anchor, entity)},
		link{key: fedKey(anchor), typ: typ, claims: configuration(anchor)})
}

// chain is the honest chain of an entity after a change.
func chain(entity string, change func(l []link) []link) vectors.Document {
	var d vectors.Document
	for _, l := range change(links(entity)) {
		d.Chain = append(d.Chain, l.signed())
	}
	return d
}

// chains are statements that lead to no pinned anchor, or not by rights.
func chains() *group {
	g := newGroup("federation")
	same := func(l []link) []link { return l }
	g.control("chain", chain(french, same))
	g.control("chain-body", chain(body, same))
	line := func(name, title, rule string, change func(l []link) []link) attack {
		return attack{name: name, title: title, rule: rule, control: "chain", doc: chain(french, change)}
	}
	under := func(name, title, rule string, change func(l []link) []link) attack {
		return attack{name: name, title: title, rule: rule, control: "chain-body", doc: chain(body, change)}
	}
	set := func(i int, pairs ...any) func(l []link) []link {
		return func(l []link) []link { l[i].claims = l[i].claims.changed(pairs...); return l }
	}
	by := func(i int, k *forge.Key) func(l []link) []link {
		return func(l []link) []link { l[i].key = k; return l }
	}
	g.add(reason{"A chain proves an entity only when each statement fits the next and the last is of an anchor pinned out of band.", "OpenID Federation 1.1 §10.2"},
		line("leaf-alone", "the leaf's configuration alone", "chain", func(l []link) []link { return l[:1] }),
		line("no-anchor", "no anchor at the end", "chain", func(l []link) []link { return l[:2] }),
		line("reversed", "the order reversed", "chain", func(l []link) []link { slices.Reverse(l); return l }),
		under("link-missing", "the middle statement missing", "chain", func(l []link) []link { return slices.Delete(l, 1, 2) }),
		line("too-long", "seven statements", "chain", func(l []link) []link { return append(l, l[2], l[2], l[2], l[2]) }),
		line("anchor-other", "an anchor that is not pinned", "chain", otherAnchor),
		line("anchor-forged", "the pinned name over a stranger's key", "key-unknown", forgedAnchor),
		line("anchor-kid", "the pinned name and kid over a stranger's signature", "signature", func(l []link) []link {
			k := key("mallory")
			l[2].token = must(forge.SignHeader(k, forge.Header{Alg: k.Alg, Kid: fedKey(anchor).Kid, Typ: l[2].typ}, l[2].claims))
			return l
		}),
		line("statement-other-key", "the anchor's statement signed by the leaf", "key-unknown", by(1, fedKey(french))),
		line("leaf-other-key", "the leaf's configuration signed by a stranger", "key-unknown", by(0, key("mallory"))),
		line("leaf-exchange-key", "the leaf's configuration signed by its exchange key", "key-unknown", by(0, exchangeKey(french))),
		line("leaf-swapped-keys", "the leaf's configuration over keys the anchor does not know", "key-unknown", func(l []link) []link {
			l[0].claims, l[0].key = l[0].claims.changed("jwks", forge.NewJWKS(key("mallory"))), key("mallory")
			return l
		}),
		line("leaf-other-subject", "the leaf is another entity than the statement's", "chain", func(l []link) []link {
			l[0] = links(roman)[0]
			return l
		}),
		line("leaf-not-own", "a statement about the leaf in its place", "chain", func(l []link) []link { l[0] = l[1]; return l }),
		line("hints-absent", "the leaf names no superior", "chain", set(0, "authority_hints", nil)),
		line("hints-other", "the leaf names another superior", "chain", set(0, "authority_hints", []string{canary})),
		under("loop", "a body vouched for by itself", "chain", selfVouched),
		under("twice", "an entity that stands in the chain twice", "chain", func(l []link) []link { return slices.Insert(l, 2, l[1]) }),
		under("superior-unsigned", "the contact point's statement signed by the body", "key-unknown", by(1, fedKey(body))),
	)
	g.add(reason{"Statements are used while they live, and none lives longer than the profile allows.", "OpenID Federation 1.1 §3.1; profile §1"},
		line("leaf-over", "the leaf's configuration is over", "statement-time", set(0, "iat", now()-7200, "exp", now()-61)),
		line("statement-over", "the anchor's statement is over", "statement-time", set(1, "iat", now()-7200, "exp", now()-61)),
		line("anchor-over", "the anchor's configuration is over", "statement-time", set(2, "iat", now()-7200, "exp", now()-61)),
		line("statement-future", "the anchor's statement is of tomorrow", "statement-time", set(1, "iat", now()+86400, "exp", now()+2*86400)),
		line("leaf-long", "a configuration that lives a day and a second", "statement", set(0, "exp", now()+86401)),
		line("leaf-no-exp", "a configuration without end", "statement", set(0, "exp", nil)),
		line("leaf-no-iat", "a configuration without beginning", "statement", set(0, "iat", nil)),
		line("leaf-overflow", "an end beyond all times", "statement", set(0, "exp", raw("253402300800"))),
		line("leaf-backwards", "an end before the beginning", "statement", set(0, "exp", now()-1)),
	)
	statements(g, line, under, set)
	policies(g)
	headerChains(g)
	return g
}

func otherAnchor(l []link) []link {
	k := fedKey(canary)
	l[0].claims = l[0].claims.changed("authority_hints", []string{canary})
	l[1].key, l[1].claims = k, l[1].claims.changed("iss", canary)
	l[2].key, l[2].claims = k, statement(canary, canary, k)
	return l
}

func forgedAnchor(l []link) []link {
	k := key("mallory")
	l[1].key = k
	l[2].key, l[2].claims = k, l[2].claims.changed("jwks", forge.NewJWKS(k))
	return l
}

func selfVouched(l []link) []link {
	l[0].claims = l[0].claims.changed("authority_hints", []string{body})
	l[1].key, l[1].claims = fedKey(body), l[1].claims.changed("iss", body)
	return l
}

type liner = func(name, title, rule string, change func(l []link) []link) attack

// statements are malformed or not what their superiors allow.
func statements(g *group, line, under liner, set func(int, ...any) func([]link) []link) {
	typ := func(t string) func(l []link) []link {
		return func(l []link) []link { l[1].typ = t; return l }
	}
	g.add(reason{"A statement that demands what the reader does not understand, or is not one, proves nothing.", "OpenID Federation 1.1 §3.1, §13.4"},
		line("typ-jwt", "typ JWT", "typ", typ("JWT")),
		line("typ-message", "typ of a message", "typ", typ(typMsg)),
		line("no-jwks", "no keys", "statement", set(1, "jwks", nil)),
		line("empty-jwks", "an empty key set", "statement", set(1, "jwks", raw(`{"keys":[]}`))),
		line("private-jwks", "nothing but private keys", "statement", set(1, "jwks", raw(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"AAAA","kid":"a"}]}`))),
		line("no-sub", "no sub", "statement", set(1, "sub", nil)),
		line("no-iss", "no iss", "statement", set(1, "iss", nil)),
		line("crit-unknown", "crit with a name nobody knows", "crit", set(1, "crit", []string{"x-ehds"}, "x-ehds", true)),
		line("crit-leaf", "crit in the leaf's configuration", "crit", set(0, "crit", []string{"x-ehds"}, "x-ehds", true)),
		line("policy-crit", "metadata_policy_crit with an operator nobody knows", "policy-crit", set(1, "metadata_policy_crit", []string{"regexp"},
			"metadata_policy", raw(`{"ehds_gateway":{"country":{"regexp":"FR"}}}`))),
		line("case-iss", "Iss beside iss", "member-case", set(1, "Iss", canary)),
		line("case-jwks", "JWKS beside jwks", "member-case", set(1, "JWKS", forge.NewJWKS(key("mallory")))),
		line("twice-sub", "sub twice", "duplicate-member", func(l []link) []link {
			text := string(encode(l[1].claims))
			l[1].token = must(forge.SignBytes(l[1].key, []byte(header(l[1].key, l[1].typ)), []byte(`{"sub":"`+canary+`",`+text[1:])))
			return l
		}),
		line("unsigned", "alg none", "alg", func(l []link) []link {
			l[1].token = b64([]byte(`{"alg":"none","kid":"x","typ":"entity-statement+jwt"}`)) + "." + b64(encode(l[1].claims)) + "."
			return l
		}),
		line("flipped", "a bit of the anchor's signature flipped", "signature", func(l []link) []link {
			l[1].token = resigned(l[1].signed(), func(s []byte) []byte { s[5] ^= 4; return s })
			return l
		}),
	)
	limit := func(i int, text string) func(l []link) []link { return set(i, "constraints", raw(text)) }
	g.add(reason{"A superior says how deep and for what its word counts; nobody states a nation for himself.", "OpenID Federation 1.1 §6.2; profile §1"},
		under("path-length", "deeper than the anchor allows", "path-length", limit(2, `{"max_path_length":0}`)),
		under("path-length-own", "a limit in the anchor's own configuration, where it has no place", "misplaced-claim", limit(3, `{"max_path_length":0}`)),
		line("country-unstated", "a country only the leaf names", "identity", set(1, "metadata", nil)),
		line("country-other", "a country other than the superior states", "identity", set(1, "metadata", raw(`{"ehds_gateway":{"country":"DE"}}`))),
		under("country-below", "a body of another country than its contact point", "identity", set(1, "metadata", raw(`{"ehds_hdab":{"country":"DE","hdab_code":"HDH"}}`))),
		under("code-unstated", "a code only the body names", "identity", set(1, "metadata", raw(`{"ehds_hdab":{"country":"FR"}}`))),
		line("metadata-case", "Country beside country in what the superior states", "member-case", set(1, "metadata", raw(`{"ehds_gateway":{"country":"FR","Country":"DE"}}`))),
	)
}

// headerChains come with a token, in its trust_chain header, and are read by a resolver.
func headerChains(g *group) {
	k := exchangeKey(roman)
	token := func(c claims, chain []string) string {
		return must(forge.SignHeader(k, forge.Header{Alg: k.Alg, Kid: k.Kid, Typ: typMsg, TrustChain: chain}, c))
	}
	theirs := message().changed("iss", roman)
	good := token(theirs, chainOf(roman))
	g.control("header", asMessage(good))
	line := func(name, title, rule, t string) attack {
		return attack{name: name, title: title, rule: rule, control: "header", doc: asMessage(t)}
	}
	old := sign(fedKey(anchor), "entity-statement+jwt", about(anchor, roman).changed("iat", now()-86401, "exp", now()+86400))
	g.add(reason{"A chain in a header is the sender's word until it is verified: it speaks for its own leaf, is a day old at most, and causes no call to the sender's host.", "OpenID Federation 1.1 §4.3; profile §1"},
		line("header-absent", "no chain, and not onboarded", "issuer", sign(k, typMsg, theirs)),
		line("header-other-leaf", "the chain of another entity", "issuer-chain", token(theirs, chainOf(french))),
		line("header-for-other", "its own chain, in another's name", "issuer-chain", token(message().changed("iss", "https://ncp.es.test"), chainOf(roman))),
		line("header-not-pinned", "a chain to an anchor that is not pinned", "issuer-chain", token(theirs, chain(roman, otherAnchor).Chain)),
		line("header-forged", "a chain over a forged anchor", "issuer-anchor-mismatch", token(theirs, chain(roman, forgedAnchor).Chain)),
		line("header-old-statement", "a superior's statement a day and a second old", "issuer-statement-time", token(theirs, []string{chainOf(roman)[0], old, chainOf(roman)[2]})),
		line("header-garbage", "three strings that are no statements", "issuer-statement", token(theirs, []string{"a", "b", "c"})),
		line("header-many", "a hundred statements", "issuer-chain", token(theirs, slices.Repeat(chainOf(roman)[1:2], 100)[:20])),
		line("header-other-key", "an honest chain, the token signed by a stranger", "key-unknown", must(forge.SignHeader(key("mallory"),
			forge.Header{Alg: "Ed25519", Kid: key("mallory").Kid, Typ: typMsg, TrustChain: chainOf(roman)}, theirs))),
		line("header-federation-key", "an honest chain, the token signed by the federation key", "key-unknown", must(forge.SignHeader(fedKey(roman),
			forge.Header{Alg: "Ed25519", Kid: fedKey(roman).Kid, Typ: typMsg, TrustChain: chainOf(roman)}, theirs))),
	)
	allowed := func(list string) []string {
		return chain(roman, func(l []link) []link {
			l[1].claims = l[1].claims.changed("constraints", raw(`{"allowed_entity_types":`+list+`}`))
			return l
		}).Chain
	}
	g.add(reason{"What a superior does not allow an entity to be, it is not: its keys of that kind count for nothing.", "OpenID Federation 1.1 §6.2.3"},
		line("types", "a message of what the anchor allows to be a body only", "key-unknown", token(theirs, allowed(`["ehds_hdab"]`))),
		line("types-none", "a message of what the anchor allows to be nothing", "key-unknown", token(theirs, allowed(`[]`))),
	)
	// The newer statement names a new key; the chain with the old one comes after it.
	fresh := key(roman + " exchange after the loss of the first")
	newer := links(roman)
	var after []string
	for i, l := range newer {
		if i == 0 {
			md := string(encode(l.claims["metadata"]))
			l.claims = l.claims.changed("metadata", raw(strings.ReplaceAll(strings.ReplaceAll(md, k.Public().X, fresh.Public().X), k.Kid, fresh.Kid)))
		}
		if i < 2 {
			l.claims = l.claims.changed("iat", now()+30)
		}
		after = append(after, sign(l.key, l.typ, l.claims))
	}
	stale := asMessage(token(theirs.changed("jti", "0195519a-3a00-7000-8000-000000000003"), chainOf(roman)))
	stale.Prior = []string{must(forge.SignHeader(fresh, forge.Header{Alg: fresh.Alg, Kid: fresh.Kid, Typ: typMsg, TrustChain: after}, theirs))}
	control := asMessage(stale.Token)
	g.control("header-before-newer", control)
	g.add(reason{"Whoever stole a dropped key would bring the chain that still listed it.", "profile §1"},
		attack{name: "header-stale", title: "a chain older than a statement already seen", rule: "key-unknown", control: "header-before-newer", doc: stale})
	stranger := message().changed("iss", canary)
	g.add(reason{"An unproved name that is called is a request to a host of the attacker's choice, from inside.", "profile §1"},
		line("canary", "an issuer nobody vouches for: its host may not hear of it", "issuer", sign(key("mallory"), typMsg, stranger)),
		line("canary-chain", "the stranger's own chain under its own anchor", "issuer-chain", must(forge.SignHeader(key("mallory"),
			forge.Header{Alg: "Ed25519", Kid: key("mallory").Kid, Typ: typMsg, TrustChain: strangersChain()}, stranger))),
		line("canary-hint", "a chain whose leaf names the stranger as its superior", "issuer-chain", token(theirs, chain(roman, func(l []link) []link {
			l[0].claims = l[0].claims.changed("authority_hints", []string{canary})
			return l
		}).Chain)),
	)
}

func strangersChain() []string {
	k := fedKey(canary)
	var out []string
	for i := range 3 {
		out = append(out, sign(k, "entity-statement+jwt", statement(canary, canary, k).changed("authority_hints", []string{canary}, "x", strconv.Itoa(i))))
	}
	return out
}
