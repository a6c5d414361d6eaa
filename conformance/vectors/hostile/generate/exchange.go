package generate

import (
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// submission are the claims of an application the centre passes on to us.
func submission(application, jti string) claims {
	return claims{
		"iss": centre, "aud": us, "iat": now(), "exp": now() + 3600, "jti": jti,
		"type": "application.submit", "profile": "hdeu-r8", "case": "app:" + application, "seq": 1,
		"body": claims{
			"application_id": application, "kind": "DATA_ACCESS_APPLICATION", "version": 1, "title": "A study", "language": "en",
			"dateSubmitted": "2027-03-01T09:00:00Z", "form": claims{"section1": claims{}},
			"datasets": []claims{{"dataset_id": "ds-1", "catalog_id": "cat", "country": "FR"}},
		},
	}
}

const (
	firstJti  = "0195519a-3a00-7000-8000-0000000000a1"
	secondJti = "0195519a-3a00-7000-8000-0000000000a2"
)

// exchanges are deliveries, one after the other, that an attacker or an accident makes of honest
// tokens: each must be answered, none may have a second effect.
func exchanges() *group {
	g := newGroup("exchange")
	g.run = "gateway/exchange TestHostileVectors"
	old, next := exchangeKey(centre), key(centre+" exchange after the rotation")
	set := func(k ...*forge.Key) json.RawMessage { return must(json.Marshal(forge.NewJWKS(k...))) }
	at := func(seconds int64, keys json.RawMessage, token, want string, effects int64) vectors.Step {
		return vectors.Step{At: now() + seconds, Keys: keys, Token: token, Want: want, Effects: effects}
	}
	repeat := func(s vectors.Step) vectors.Step { s.Repeats = 1; return s }
	steps := func(s ...vectors.Step) vectors.Document { return vectors.Document{Steps: s} }
	one := submission("A1", firstJti)
	later := one.changed("iat", now()+60, "exp", now()+3660)
	two := submission("A2", secondJti)
	both := set(old, next)
	first := at(0, both, sign(old, typMsg, one), "RECEIVED", 1)
	g.control("two-messages", steps(first, at(60, both, sign(next, typMsg, two.changed("iat", now()+60)), "RECEIVED", 2)))
	g.control("in-time", steps(at(3600, both, sign(old, typMsg, one), "RECEIVED", 1)))
	line := func(name, title, rule, control string, s ...vectors.Step) attack {
		return attack{name: name, title: title, rule: rule, control: control, doc: steps(s...)}
	}
	g.add(reason{"A sender that heard no answer sends again; whoever recorded a token sends it again as well: delivery is at least once, effects exactly once.", "profile §3, §4"},
		line("same-bytes", "the same bytes at once", "duplicate", "two-messages", first, repeat(at(0, both, first.Token, "DUPLICATE", 1))),
		line("resigned", "another attempt with the same key", "duplicate", "two-messages", first, repeat(at(60, both, sign(old, typMsg, later), "DUPLICATE", 1))),
		line("resigned-rotation", "another attempt, signed with the key after a rotation", "duplicate", "two-messages", first, repeat(at(60, both, sign(next, typMsg, later), "DUPLICATE", 1))),
		line("resigned-dropped", "another attempt with the new key when the old one is gone", "duplicate", "two-messages", first, repeat(at(60, set(next), sign(next, typMsg, later), "DUPLICATE", 1))),
		line("resigned-es256", "another attempt with a key of another algorithm", "duplicate", "two-messages", first,
			repeat(at(60, set(old, es256Key(centre)), sign(es256Key(centre), typMsg, later), "DUPLICATE", 1))),
		line("same-bytes-expired", "the same bytes an hour after exp: the stored receipt, nothing else", "duplicate", "two-messages", first,
			repeat(at(7200, both, first.Token, "DUPLICATE", 1))),
		line("same-bytes-month", "the same bytes a month later", "duplicate", "two-messages", first, repeat(at(30*86400, both, first.Token, "DUPLICATE", 1))),
	)
	g.add(reason{"A jti is spent once: other content under it is a forgery or an error, never an update.", "profile §3"},
		line("jti-other-body", "the same jti, another title", "jti-conflict", "two-messages", first,
			at(60, both, sign(old, typMsg, changedTitle(later)), "REJECTED jti-conflict", 1)),
		line("jti-other-case", "the same jti, another case", "jti-conflict", "two-messages", first,
			at(60, both, sign(old, typMsg, submission("A2", firstJti)), "REJECTED jti-conflict", 1)),
		line("jti-other-seq", "the same jti, another number in the sequence", "jti-conflict", "two-messages", first,
			at(60, both, sign(old, typMsg, later.changed("seq", 2)), "REJECTED jti-conflict", 1)),
	)
	g.add(reason{"A message that comes late for the first time, or under a key that was dropped, has no effect whatever its dates say.", "profile §1, §3"},
		line("late", "a message first seen 61 seconds after exp", "expired", "in-time", at(3661, both, first.Token, "REJECTED expired", 0)),
		line("revoked-key", "another attempt under the revoked key", "key-unknown", "two-messages", first, at(60, set(next), sign(old, typMsg, later), "REFUSED", 1)),
		line("revoked-same-bytes", "bytes accepted before, under a key revoked since", "key-unknown", "two-messages", first, at(60, set(next), first.Token, "REFUSED", 1)),
		line("revoked-backdated", "a new message under the revoked key, dated before", "key-unknown", "two-messages", first,
			at(60, set(next), sign(old, typMsg, two.changed("iat", now()-600)), "REFUSED", 1)),
		line("unsigned-repeat", "the recorded claims with the signature of another message", "signature", "two-messages", first, at(60, both, patched(old, later, two), "REFUSED", 1)),
	)
	return g
}

func changedTitle(c claims) claims {
	body := c["body"].(claims)
	return c.changed("body", body.changed("title", "Another study"))
}

// patched is a token of the first claims with the signature of the second.
func patched(k *forge.Key, first, second claims) string {
	_, sig := parts(sign(k, typMsg, second))
	return resigned(sign(k, typMsg, first), func([]byte) []byte { return sig })
}
