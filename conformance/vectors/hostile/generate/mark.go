package generate

import (
	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// marks are senders that are who they say, and not what they say.
func marks() *group {
	g := newGroup("mark")
	k := exchangeKey(roman)
	theirs := message().changed("iss", roman)
	// The Italian contact point comes with a chain whose configuration carries these marks.
	with := func(served map[string]string, entries ...claims) vectors.Document {
		l := links(roman)
		l[0].claims = l[0].claims.changed("trust_marks", nil)
		if len(entries) > 0 {
			l[0].claims["trust_marks"] = entries
		}
		var tokens []string
		for _, s := range l {
			tokens = append(tokens, s.signed())
		}
		d := asMessage(must(forge.SignHeader(k, forge.Header{Alg: k.Alg, Kid: k.Kid, Typ: typMsg, TrustChain: tokens}, theirs)))
		d.Served = served
		return d
	}
	entry := func(markType, token string) claims { return claims{"trust_mark_type": markType, "trust_mark": token} }
	ncp := markType("ncp")
	g.control("marked", with(nil, entry(ncp, mark(roman, "ncp"))))
	line := func(name, title, rule string, d vectors.Document) attack {
		return attack{name: name, title: title, rule: rule, control: "marked", doc: d}
	}
	by := func(k *forge.Key, c claims) string { return sign(k, "trust-mark+jwt", c) }
	c := markClaims(roman, "ncp")
	g.add(reason{"A role is the anchor's to give, to one entity, for a week: what the entity carries proves nothing by itself.", "OpenID Federation 1.1 §7; profile §1"},
		line("none", "no marks", "no-mark", with(nil)),
		line("self-made", "a mark the entity made for itself", "no-mark", with(nil, entry(ncp, by(fedKey(roman), c)))),
		line("self-issued", "a mark the entity issued in its own name", "no-mark", with(nil, entry(ncp, by(fedKey(roman), c.changed("iss", roman))))),
		line("of-another", "the mark of another entity", "no-mark", with(nil, entry(ncp, mark(french, "ncp")))),
		line("of-role", "the mark of another role under this type", "no-mark", with(nil, entry(ncp, mark(roman, "authorised-participant")))),
		line("insufficient", "an honest mark of a role that may not send this", "no-mark", with(nil, entry(markType("hdab"), mark(roman, "hdab")))),
		line("other-anchor", "a mark of a type of another anchor", "no-mark", with(nil, entry(canary+"/marks/ncp", by(fedKey(canary), c.changed("iss", canary, "trust_mark_type", canary+"/marks/ncp"))))),
		line("over", "a mark that is over", "no-mark", with(nil, entry(ncp, by(fedKey(anchor), c.changed("iat", now()-7200, "exp", now()))))),
		line("long", "a mark for a week and a second", "no-mark", with(nil, entry(ncp, by(fedKey(anchor), c.changed("exp", now()+7*86400+1))))),
		line("endless", "a mark without end", "no-mark", with(nil, entry(ncp, by(fedKey(anchor), c.changed("exp", nil))))),
		line("future", "a mark of tomorrow", "no-mark", with(nil, entry(ncp, by(fedKey(anchor), c.changed("iat", now()+86400, "exp", now()+2*86400))))),
		line("typ", "a mark under the typ of a statement", "no-mark", with(nil, entry(ncp, sign(fedKey(anchor), "entity-statement+jwt", c)))),
		line("flipped", "a mark with a bit of its signature flipped", "no-mark", with(nil, entry(ncp, resigned(mark(roman, "ncp"), func(s []byte) []byte { s[9] ^= 1; return s })))),
		line("case", "Sub beside sub", "no-mark", with(nil, entry(ncp, by(fedKey(anchor), c.changed("Sub", french))))),
	)
	m := mark(roman, "ncp")
	told := func(answer string) vectors.Document {
		return with(map[string]string{postStatus(m): answer}, entry(ncp, m))
	}
	g.add(reason{"What the anchor says now beats what it signed last week; only the word active allows anything.", "OpenID Federation 1.1 §8.4; profile §1; Art. 75(12)"},
		line("suspended", "suspended", "suspended", told(statusAnswer(m, "suspended", now()))),
		line("revoked", "revoked", "no-mark", told(statusAnswer(m, "revoked", now()))),
		line("expired", "said to be expired", "no-mark", told(statusAnswer(m, "expired", now()))),
		line("invalid", "said to be invalid", "no-mark", told(statusAnswer(m, "invalid", now()))),
		line("status-case", "ACTIVE in capitals", "no-mark", told(statusAnswer(m, "ACTIVE", now()))),
		line("status-unknown", "a word nobody knows", "no-mark", told(statusAnswer(m, "fine", now()))),
	)
	return g
}
