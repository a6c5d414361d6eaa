package generate

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// statusURI is the list the honest permit names; statusIdx its entry there.
const (
	statusURI = body + "/status/2027"
	statusIdx = 5
)

// heldPermit are the claims of a permit that names its status.
func heldPermit() claims {
	return permitClaims().changed("status", claims{"status_list": claims{"idx": statusIdx, "uri": statusURI}})
}

// bits is a list of 64 entries of two bits, of which the permit's has a value (Token Status List §4).
func bits(value byte) string {
	data := make([]byte, 16)
	data[statusIdx/4] = value << (statusIdx % 4 * 2)
	return packed(data)
}

func packed(data []byte) string {
	var b bytes.Buffer
	w := must(zlib.NewWriterLevel(&b, zlib.NoCompression)) // the same bytes from every release of Go
	must(w.Write(data))
	must(0, w.Close())
	return b64(b.Bytes())
}

func listClaims(value byte) claims {
	return claims{"iss": body, "sub": statusURI, "iat": now(), "exp": now() + 86400, "ttl": 300,
		"status_list": claims{"bits": 2, "lst": bits(value)}}
}

// carried is a token of the body that carries a chain, as permits and lists do.
func carried(k *forge.Key, typ string, c claims, chain []string) string {
	return must(forge.SignHeader(k, forge.Header{Alg: k.Alg, Kid: k.Kid, Typ: typ, TrustChain: chain}, c))
}

// permits are permits and status lists that an office for data must not act on.
func permits() *group {
	g := newGroup("permit")
	g.run = "gateway/permits TestHostileVectors"
	k := permitKey(body)
	good, list := carried(k, typPer, heldPermit(), bodyChain()), carried(k, "statuslist+jwt", listClaims(0), bodyChain())
	g.control("valid", vectors.Document{Token: good, Status: list})
	line := func(name, title, rule, permit, status string) attack {
		return attack{name: name, title: title, rule: rule, control: "valid", doc: vectors.Document{Token: permit, Status: status}}
	}
	permit := func(name, title, rule, token string) attack { return line(name, title, rule, token, list) }
	claimed := func(name, title, rule string, pairs ...any) attack {
		return permit(name, title, rule, carried(k, typPer, heldPermit().changed(pairs...), bodyChain()))
	}
	const unproved = "not-proved"
	g.add(reason{"A permit opens patients' data to its holder, offline and for years: it counts only under a permit key of the body, proved by the chain it carries.", "profile §6"},
		permit("exchange-key", "signed by the contact point's exchange key, with its chain", unproved, carried(exchangeKey(french), typPer, heldPermit().changed("iss", french), chainOf(french))),
		permit("exchange-key-for-body", "signed by the contact point's exchange key, with the body's chain", unproved, carried(exchangeKey(french), typPer, heldPermit(), bodyChain())),
		permit("federation-key", "signed by the body's federation key", unproved, carried(fedKey(body), typPer, heldPermit(), bodyChain())),
		permit("stranger", "signed by a stranger", unproved, carried(key("mallory"), typPer, heldPermit(), bodyChain())),
		permit("no-chain", "no chain", unproved, sign(k, typPer, heldPermit())),
		permit("other-chain", "the chain of its contact point", unproved, carried(k, typPer, heldPermit(), chainOf(french))),
		permit("self-chain", "a chain of its own making", unproved, carried(k, typPer, heldPermit(), chain(body, forgedBodyAnchor).Chain)),
		permit("no-mark", "the chain of a body without its mark", unproved, carried(k, typPer, heldPermit(), chain(body, func(l []link) []link {
			l[0].claims = l[0].claims.changed("trust_marks", nil)
			return l
		}).Chain)),
		permit("old-chain", "a chain that ended before the permit was issued", unproved, carried(k, typPer, heldPermit(), chain(body, func(l []link) []link {
			l[1].claims = l[1].claims.changed("iat", now()-7200, "exp", now()-3600)
			return l
		}).Chain)),
		permit("flipped", "a bit of the signature flipped", unproved, resigned(good, func(s []byte) []byte { s[7] ^= 1; return s })),
		permit("typ-list", "a status list in its place", unproved, list),
		permit("typ-message", "typ of a message", unproved, carried(k, typMsg, heldPermit(), bodyChain())),
		claimed("issuer-other", "issued in another body's name", unproved, "iss", french+"/hdab/other"),
		claimed("unknown-member", "a claim nobody knows", unproved, "x", 1),
		claimed("case-exp", "EXP beside exp", unproved, "EXP", now()+9e8),
	)
	g.add(reason{"A body may say only what its superiors state of it, about a time that is in order.", "profile §1, §6"},
		claimed("country", "an identifier of another country", "country", "jti", "DP-DE-HDH-2027-0001-v1"),
		claimed("code", "an identifier of another body", "hdab-code", "jti", "DP-FR-ABC-2027-0001-v1"),
		claimed("version", "an identifier of another version", "version", "jti", "DP-FR-HDH-2027-0001-v2"),
		claimed("id", "no identifier", "permit-id", "jti", "DP"),
		claimed("id-case", "an identifier in small letters", "permit-id", "jti", "dp-fr-hdh-2027-0001-v1"),
		claimed("over", "over", "expired", "iat", now(), "nbf", now()-3600, "exp", now()),
		claimed("ahead", "not begun", "not-yet-valid", "nbf", now()+1, "exp", now()+9000),
		claimed("backwards", "an end before its beginning", "period", "nbf", now(), "exp", now()-1),
		claimed("backdated", "a beginning two days before it was issued", "period", "nbf", now()-2*86400),
	)
	statuses(g, good, list)
	return g
}

// forgedBodyAnchor puts a stranger's keys where the anchor's are.
func forgedBodyAnchor(l []link) []link {
	k := key("mallory")
	l[2].key = k
	l[3].key, l[3].claims = k, l[3].claims.changed("jwks", forge.NewJWKS(k))
	return l
}

// agedChain is the body's honest chain as it stood some seconds ago.
func agedChain(seconds int64) []string {
	return chain(body, func(l []link) []link {
		for i := range l {
			l[i].claims = l[i].claims.changed("iat", now()-seconds, "exp", now()-seconds+life)
		}
		m := sign(fedKey(anchor), "trust-mark+jwt", markClaims(body, "hdab").changed("iat", now()-seconds, "exp", now()-seconds+7*86400))
		l[0].claims["trust_marks"] = []claims{{"trust_mark_type": markType("hdab"), "trust_mark": m}}
		return l
	}).Chain
}

// statuses are lists that do not speak for the permit, or not now.
func statuses(g *group, good, list string) {
	k := permitKey(body)
	line := func(name, title, rule, status string) attack {
		return attack{name: "status-" + name, title: title, rule: rule, control: "valid", doc: vectors.Document{Token: good, Status: status}}
	}
	said := func(name, title, rule string, c claims) attack {
		return line(name, title, rule, carried(k, "statuslist+jwt", c, bodyChain()))
	}
	honest := listClaims(0)
	const unproved = "status-not-proved"
	g.add(reason{"Another list's silence about an entry would make a revoked permit valid.", "Token Status List §5.1, §8.3; profile §6"},
		said("foreign-sub", "a list with a foreign sub", "status-of-another-list", honest.changed("sub", body+"/status/2026")),
		said("sub-slash", "sub with a slash after it", "status-of-another-list", honest.changed("sub", statusURI+"/")),
		said("sub-case", "sub in other capitals", "status-of-another-list", honest.changed("sub", strings.ToUpper(statusURI))),
		said("no-sub", "no sub", "status-of-another-list", honest.changed("sub", nil)),
		said("foreign-iss", "a list in another body's name", unproved, honest.changed("iss", french+"/hdab/other")),
		line("exchange-key", "a list signed by the contact point's exchange key", unproved, carried(exchangeKey(french), "statuslist+jwt", honest, bodyChain())),
		line("federation-key", "a list signed by the body's federation key", unproved, carried(fedKey(body), "statuslist+jwt", honest, bodyChain())),
		line("stranger", "a list signed by a stranger", unproved, carried(key("mallory"), "statuslist+jwt", honest, bodyChain())),
		line("no-chain", "a list without a chain", unproved, sign(k, "statuslist+jwt", honest)),
		line("permit", "the permit itself as its status", unproved, good),
		line("typ", "a list under another typ", unproved, carried(k, "JWT", honest, bodyChain())),
		line("unsigned", "a list nobody signed", unproved, b64(fmt.Appendf(nil, `{"alg":"none","kid":%q,"typ":"statuslist+jwt"}`, k.Kid))+"."+b64(encode(honest))+"."),
		line("flipped", "a list with a bit of its signature flipped", unproved, resigned(list, func(s []byte) []byte { s[40] ^= 2; return s })),
		said("case-sub", "Sub beside sub", unproved, honest.changed("Sub", "x")),
	)
	withdrawn := chain(body, func(l []link) []link {
		text := string(encode(l[0].claims["metadata"]))
		fresh := key(body + " permit after the loss")
		l[0].claims = l[0].claims.changed("metadata", raw(strings.ReplaceAll(strings.ReplaceAll(text, k.Public().X, fresh.Public().X), k.Kid, fresh.Kid)))
		return l
	}).Chain
	g.add(reason{"A status has a time: an old one hides a revocation, one of later was not known then. Where it cannot be told, the answer is not valid.", "Token Status List §8.3, §13.7; profile §6"},
		line("none", "no list at hand", "no-status", ""),
		line("old", "a list of yesterday", "status-too-old", carried(k, "statuslist+jwt", honest.changed("iat", now()-86401, "exp", now()+60), agedChain(86401))),
		line("over", "a list that is over", "status-too-old", carried(k, "statuslist+jwt", honest.changed("iat", now()-7200, "exp", now()), agedChain(7200))),
		said("later", "a list of tomorrow", "status-of-later", honest.changed("iat", now()+3600, "exp", now()+86400)),
		line("key-withdrawn", "a list whose body no longer shows the permit's key", "key-withdrawn", carried(key(body+" permit after the loss"), "statuslist+jwt", honest, withdrawn)),
		said("revoked", "revoked", "revoked", listClaims(1)),
		said("suspended", "suspended", "suspended", listClaims(2)),
		said("undefined", "a value the profile does not define", "revoked", listClaims(3)),
	)
	form := func(name, title string, list claims) attack {
		return said("form-"+name, title, "status-unreadable", honest.changed("status_list", list))
	}
	g.add(reason{"A list that two readers unpack differently gives two answers.", "Token Status List §4.1, §4.2"},
		form("one-bit", "entries of one bit", claims{"bits": 1, "lst": bits(0)}),
		form("eight-bits", "entries of eight bits", claims{"bits": 8, "lst": bits(0)}),
		form("no-bits", "no width", claims{"lst": bits(0)}),
		form("short", "a list that ends before the entry", claims{"bits": 2, "lst": packed(make([]byte, 1))}),
		form("cut", "a list cut in its middle", claims{"bits": 2, "lst": bits(0)[:16]}),
		form("padded", "a list with padding", claims{"bits": 2, "lst": bits(0) + "=="}),
		form("newline", "a list in lines", claims{"bits": 2, "lst": bits(0)[:8] + "\n" + bits(0)[8:]}),
		form("plain", "a list that is not compressed", claims{"bits": 2, "lst": b64(make([]byte, 16))}),
		form("trailing", "octets after the list", claims{"bits": 2, "lst": b64(append(must(base64.RawURLEncoding.DecodeString(bits(0))), 0, 0, 0))}),
		form("empty", "no list", claims{"bits": 2, "lst": ""}),
	)
}
