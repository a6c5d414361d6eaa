package generate

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// permitClaims are those of an honest permit.
func permitClaims() claims {
	return claims{
		"iss": body, "sub": "holder-1", "jti": "DP-FR-HDH-2027-0001-v1", "iat": now(), "nbf": now(), "exp": now() + 365*86400,
		"permit": claims{"kind": "DATA_PERMIT", "version": 1},
	}
}

// asPermit is a token read as a permit: no audience, no cap on its life.
func asPermit(token string) vectors.Document {
	return vectors.Document{Expect: vectors.Expect{Typ: typPer, Purpose: "permits", Marks: []string{"hdab"}}, Token: token}
}

// claimed are honestly signed tokens whose claims are not acceptable.
func claimed() *group {
	g := newGroup("claims")
	k := exchangeKey(centre)
	with := func(name, title, rule string, pairs ...any) attack {
		return attack{name: name, title: title, rule: rule, doc: asMessage(sign(k, typMsg, message().changed(pairs...)))}
	}
	g.add(reason{"A token for one reader, taken to another, must say nothing there.", "RFC 7519 §4.1.3; RFC 8725 §3.9; profile §3"},
		with("aud-absent", "no aud", "aud", "aud", nil),
		with("aud-null", "aud null", "aud", "aud", raw("null")),
		with("aud-empty", "aud the empty string", "aud", "aud", ""),
		with("aud-other", "aud another contact point", "aud", "aud", french),
		with("aud-list", "aud a list with us in it", "aud", "aud", []string{us, french}),
		with("aud-list-of-one", "aud a list of us alone", "aud", "aud", []string{us}),
		with("aud-object", "aud an object", "aud", "aud", claims{"id": us}),
		with("aud-number", "aud a number", "aud", "aud", 1),
		with("aud-slash", "aud with a slash after it", "aud", "aud", us+"/"),
		with("aud-case", "aud in capitals", "aud", "aud", strings.ToUpper(us)),
		with("aud-port", "aud with the default port", "aud", "aud", us+":443"),
		with("aud-prefix", "aud an address below ours", "aud", "aud", us+"/hdab/1"),
		with("aud-issuer", "aud the issuer itself", "aud", "aud", centre),
		with("aud-userinfo", "aud with us as user information", "aud", "aud", us+"@canary.stranger.test"),
	)
	g.add(reason{"Tokens without bounds in time can be used for ever, and times that are no integers are read differently.", "RFC 7519 §4.1.4, §4.1.6; profile §3"},
		with("exp-absent", "no exp", "exp-missing", "exp", nil),
		with("exp-null", "exp null", "exp-missing", "exp", raw("null")),
		with("exp-text", "exp a string", "claims", "exp", "1804000000"),
		with("exp-fraction", "exp with a fraction", "claims", "exp", raw("1803906000.5")),
		with("exp-exponent", "exp with an exponent", "claims", "exp", raw("1.8e9")),
		with("exp-before-iat", "exp before iat", "lifetime", "exp", now()-1),
		with("exp-at-iat", "exp at iat", "lifetime", "exp", now()),
		with("exp-long", "a life of a day and a second", "lifetime", "exp", now()+86401),
		with("exp-overflow", "exp beyond 64 bits", "claims", "exp", raw("18446744073709551616")),
		with("exp-far", "exp in the year 10000", "lifetime", "exp", raw("253402300800")),
		with("exp-negative", "exp before all times", "lifetime", "exp", -1),
		with("expired", "over for 61 seconds", "expired", "iat", now()-3600, "exp", now()-61),
		with("expired-long", "over for a year", "expired", "iat", now()-365*86400, "exp", now()-364*86400-1),
		with("future", "issued 61 seconds ahead", "future", "iat", now()+61),
		with("future-far", "issued next year", "future", "iat", now()+365*86400, "exp", now()+365*86400+60),
		with("iat-absent", "no iat", "claims", "iat", nil),
		with("iat-null", "iat null", "claims", "iat", raw("null")),
		with("iat-text", "iat a string", "claims", "iat", "1803900000"),
		with("iat-fraction", "iat with a fraction", "claims", "iat", raw("1803900000.5")),
		with("iat-negative", "iat before all times", "claims", "iat", -1),
		with("iat-overflow", "iat that wraps around", "claims", "iat", raw("9223372036854775807")),
		with("iat-true", "iat a truth value", "claims", "iat", true),
	)
	g.add(reason{"iss chooses the keys: it is one exact name, and a name nobody vouches for opens no connection.", "RFC 7519 §4.1.1; RFC 8725 §3.8; profile §1"},
		with("iss-absent", "no iss", "claims", "iss", nil),
		with("iss-null", "iss null", "claims", "iss", raw("null")),
		with("iss-empty", "iss the empty string", "claims", "iss", ""),
		with("iss-number", "iss a number", "claims", "iss", 7),
		with("iss-list", "iss a list", "claims", "iss", []string{centre}),
		with("iss-canary", "iss an address of a stranger", "issuer", "iss", canary),
		with("iss-canary-port", "iss an address inside our network", "issuer", "iss", "http://127.0.0.1:8080"),
		with("iss-metadata", "iss the address of a cloud's metadata", "issuer", "iss", "http://169.254.169.254/latest"),
		with("iss-file", "iss a file", "issuer", "iss", "file:///etc/hostname"),
		with("iss-slash", "the centre with a slash after it", "issuer", "iss", centre+"/"),
		with("iss-case", "the centre in capitals", "issuer", "iss", strings.ToUpper(centre)),
		with("iss-port", "the centre with the default port", "issuer", "iss", centre+":443"),
		with("iss-http", "the centre without TLS", "issuer", "iss", strings.Replace(centre, "https", "http", 1)),
		with("iss-userinfo", "the centre as user information of a stranger", "issuer", "iss", centre+"@canary.stranger.test"),
		with("iss-fragment", "the centre with a fragment", "issuer", "iss", centre+"#x"),
		with("iss-dot", "the centre's host with a dot after it", "issuer", "iss", centre+"."),
		with("iss-homoglyph", "the centre with a Cyrillic letter", "issuer", "iss", strings.Replace(centre, "c", "\u0441", 1)),
		with("iss-us", "our own name", "issuer", "iss", us),
		with("iss-not-onboarded", "a contact point that is not onboarded and brings no chain", "issuer", "iss", roman),
	)
	g.add(reason{"Members that differ only in case are one member for careless readers and two for careful ones.", "RFC 8259 §4; profile §3"},
		with("case-iss", "Iss beside iss", "claims", "Iss", french),
		with("case-exp", "EXP beside exp", "claims", "EXP", now()+10),
		with("case-aud", "Aud beside aud", "claims", "Aud", french),
		with("case-jti", "JTI beside jti", "claims", "JTI", "x"),
		with("case-fold", "iss with a long s, which folds to iss", "claims", "i\u017fs", french),
		with("jti-number", "jti a number", "claims", "jti", 7),
		with("jti-list", "jti a list", "claims", "jti", []string{"a"}),
	)
	g.add(reason{"The digest that tells a repetition from a forgery is over integers that every reader keeps.", "RFC 8785 §3.2.2.3; RFC 7493 §2.2; profile §3"},
		with("number-fraction", "a fraction in the body", "number", "body", claims{"x": raw("1.5")}),
		with("number-exponent", "an exponent in the body", "number", "body", claims{"x": raw("1e3")}),
		with("number-large", "2^53 in the body", "number", "body", claims{"x": raw("9007199254740992")}),
		with("number-huge", "a number of 400 digits", "number", "body", claims{"x": raw("1" + strings.Repeat("0", 400))}),
		with("number-minus-large", "-2^53 in the body", "number", "body", claims{"x": raw("-9007199254740992")}),
		with("seq-fraction", "seq with a fraction", "number", "seq", raw("1.0")),
	)
	return g
}
