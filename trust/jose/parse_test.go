package jose

import (
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseGoodToken(t *testing.T) {
	header := `{"alg":"Ed25519","kid":"` + rfc8037Kid + `","typ":"ehds-message+jwt","cty":"ehds-message+jwt",` +
		`"trust_chain":["a.b.c","d.e.f"],"peer_trust_chain":["g.h.i"],"jku":"https://hdab.example/jwks"}`
	raw := []byte(forge(t, rfc8037Key(t), header, goodClaims))
	token, err := Parse(raw, accept("jku"))
	if err != nil {
		t.Fatal(err)
	}
	want := Header{
		Alg: "Ed25519", Kid: rfc8037Kid, Typ: testTyp, Cty: testTyp,
		TrustChain: []string{"a.b.c", "d.e.f"}, PeerTrustChain: []string{"g.h.i"},
	}
	if got := string(token.Header.Extra["jku"]); got != `"https://hdab.example/jwks"` {
		t.Errorf("jku = %s", got)
	}
	token.Header.Extra = nil
	if diff := cmp.Diff(want, token.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if string(token.Payload) != goodClaims {
		t.Errorf("payload = %s", token.Payload)
	}
	sum := sha256.Sum256(raw)
	if token.SHA256() != hex.EncodeToString(sum[:]) {
		t.Errorf("SHA256 = %s", token.SHA256())
	}
	clear(raw) // the token must not share memory with the caller's buffer
	if err := token.Verify(edPublic(t)); err != nil {
		t.Error(err)
	}
}

// TestHostileTokens holds every rule of the reader with at least one token
// whose signature is good wherever that is possible.
func TestHostileTokens(t *testing.T) {
	key := rfc8037Key(t)
	headerWith := func(members string) string {
		return forge(t, key, strings.TrimSuffix(goodHeader, "}")+","+members+"}", goodClaims)
	}
	headerOf := func(alg, typ string) string {
		return forge(t, key, `{"alg":"`+alg+`","kid":"`+rfc8037Kid+`","typ":"`+typ+`"}`, goodClaims)
	}
	good := forge(t, key, goodHeader, goodClaims)
	parts := strings.Split(good, ".")
	nest := func(n int) string {
		return forge(t, key, goodHeader, strings.Repeat(`{"a":`, n)+"0"+strings.Repeat("}", n))
	}
	// The last character of a 64-byte signature carries four spare bits.
	stray := good[:len(good)-1] + string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", good[len(good)-1])|1])

	tests := []struct{ name, token, rule string }{
		{"larger than the limit", strings.Repeat("a", DefaultMaxToken+1), "size"},
		{"header larger than its limit", forge(t, key, `{"x":"`+strings.Repeat("a", DefaultMaxHeader)+`"}`, goodClaims), "size"},

		{"flattened JSON serialisation", `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`, "alphabet"},
		{"general JSON serialisation", `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`, "alphabet"},
		{"padding", good + "=", "alphabet"},
		{"leading white space", " " + good, "alphabet"},
		{"trailing line break", good + "\n", "alphabet"},
		{"line break inside", good[:10] + "\n" + good[10:], "alphabet"},
		{"standard base64 alphabet", parts[0] + "." + parts[1] + ".+/", "alphabet"},
		{"NUL", good + "\x00", "alphabet"},
		{"byte above ASCII", good + "\xc3\xa9", "alphabet"},

		{"empty", "", "segments"},
		{"no dots", "abcd", "segments"},
		{"two segments", parts[0] + "." + parts[1], "segments"},
		{"four segments", good + ".", "segments"},
		{"five segments, a JWE", "a.b.c.d.e", "segments"},

		{"stray bits in the signature", stray, "base64"},
		{"impossible length", good + "AAA", "base64"},
		{"stray bits in the header", "eyJ9." + parts[1] + "." + parts[2], "json"}, // {"} decodes, is no JSON
		{"stray bits in an empty object", "e31." + parts[1] + "." + parts[2], "base64"},

		{"empty header", "." + parts[1] + "." + parts[2], "json"},
		{"empty payload", forgeSegments(t, key, parts[0]+"."), "json"},
		{"header is an array", forge(t, key, `[]`, goodClaims), "json"},
		{"payload is text", forge(t, key, goodHeader, `"text"`), "json"},
		{"payload is null", forge(t, key, goodHeader, `null`), "json"},
		{"payload is a nested token", forge(t, key, goodHeader, good), "json"},
		{"comma before the end", forge(t, key, goodHeader, `{"a":1,}`), "json"},
		{"NaN", forge(t, key, goodHeader, `{"a":NaN}`), "json"},
		{"leading zero", forge(t, key, goodHeader, `{"a":01}`), "json"},
		{"raw control character", forge(t, key, goodHeader, "{\"a\":\"\x01\"}"), "json"},
		{"byte order mark", forge(t, key, goodHeader, "\ufeff{}"), "json"},

		{"invalid UTF-8 in the payload", forge(t, key, goodHeader, "{\"a\":\"\xff\"}"), "utf8"},
		{"overlong UTF-8", forge(t, key, goodHeader, "{\"a\":\"\xc0\xaf\"}"), "utf8"},
		{"raw surrogate", forge(t, key, goodHeader, "{\"a\":\"\xed\xa0\x80\"}"), "utf8"},
		{"lone high surrogate escape", forge(t, key, goodHeader, `{"a":"\ud800"}`), "utf8"},
		{"lone low surrogate escape", forge(t, key, goodHeader, `{"a":"\udc00"}`), "utf8"},
		{"surrogates in the wrong order", forge(t, key, goodHeader, `{"a":"\udc00\ud800"}`), "utf8"},
		{"lone surrogate in a member name", forge(t, key, goodHeader, `{"\ud800":1}`), "utf8"},

		{"bytes after the header", forge(t, key, goodHeader+"x", goodClaims), "trailing"},
		{"a second payload", forge(t, key, goodHeader, `{}{"iss":"x"}`), "trailing"},
		{"NUL after the payload", forge(t, key, goodHeader, "{}\x00"), "trailing"},

		{"nested 33 deep", nest(33), "depth"},
		{"arrays 33 deep", forge(t, key, goodHeader, `{"a":`+strings.Repeat("[", 32)+strings.Repeat("]", 32)+"}"), "depth"},
		{"very deep and unclosed", forge(t, key, goodHeader, `{"a":`+strings.Repeat("[", 1_000_000)), "depth"},
		{"deep header", headerWith(`"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32)), "depth"},

		{"duplicate claim", forge(t, key, goodHeader, `{"iss":"a","iss":"b"}`), "duplicate-member"},
		{"duplicate claim, equal values", forge(t, key, goodHeader, `{"iss":"a","iss":"a"}`), "duplicate-member"},
		{"duplicate claim, one escaped", forge(t, key, goodHeader, `{"iss":"a","\u0069ss":"b"}`), "duplicate-member"},
		{"duplicate member deep inside", forge(t, key, goodHeader, `{"a":[{"b":{"c":1,"d":2,"c":3}}]}`), "duplicate-member"},
		{"duplicate alg", headerWith(`"alg":"none"`), "duplicate-member"},

		{"crit", headerWith(`"crit":["exp"]`), "header-member"},
		{"b64", headerWith(`"b64":false`), "header-member"},
		{"jwk", headerWith(`"jwk":{"kty":"OKP","crv":"Ed25519","x":"` + rfc8037X + `"}`), "header-member"},
		{"jku", headerWith(`"jku":"https://attacker.example/jwks"`), "header-member"},
		{"x5u", headerWith(`"x5u":"https://attacker.example/cert"`), "header-member"},
		{"x5c", headerWith(`"x5c":["MIIB"]`), "header-member"},
		{"unknown member", headerWith(`"foo":1`), "header-member"},
		{"member in another case", headerWith(`"ALG":"none"`), "header-member"},
		{"member in a folded case", headerWith(`"\u212aid":"x"`), "header-member"}, // the Kelvin sign
		{"no alg", forge(t, key, `{"kid":"a","typ":"`+testTyp+`"}`, goodClaims), "header-member"},
		{"no kid", forge(t, key, `{"alg":"Ed25519","typ":"`+testTyp+`"}`, goodClaims), "header-member"},
		{"no typ", forge(t, key, `{"alg":"Ed25519","kid":"a"}`, goodClaims), "header-member"},
		{"alg is null", forge(t, key, `{"alg":null,"kid":"a","typ":"`+testTyp+`"}`, goodClaims), "header-member"},
		{"alg is a list", forge(t, key, `{"alg":["Ed25519"],"kid":"a","typ":"`+testTyp+`"}`, goodClaims), "header-member"},
		{"kid is a number", forge(t, key, `{"alg":"Ed25519","kid":1,"typ":"`+testTyp+`"}`, goodClaims), "header-member"},
		{"kid is very long", forge(t, key, `{"alg":"Ed25519","kid":"`+strings.Repeat("a", 257)+`","typ":"`+testTyp+`"}`, goodClaims), "header-member"},
		{"cty is empty", headerWith(`"cty":""`), "header-member"},
		{"trust_chain is text", headerWith(`"trust_chain":"a.b.c"`), "header-member"},
		{"trust_chain is null", headerWith(`"trust_chain":null`), "header-member"},
		{"trust_chain is empty", headerWith(`"trust_chain":[]`), "header-member"},
		{"trust_chain holds null", headerWith(`"trust_chain":["a.b.c",null]`), "header-member"},

		{"another typ", headerOf("Ed25519", "ehds-receipt+jwt"), "typ"},
		{"typ in another case", headerOf("Ed25519", "EHDS-message+jwt"), "typ"},
		{"typ with its prefix", headerOf("Ed25519", "application/ehds-message+jwt"), "typ"},
		{"typ JWT", headerOf("Ed25519", "JWT"), "typ"},

		{"none, with a signature", headerOf("none", testTyp), "alg"},
		{"none, unsigned", b64(`{"alg":"none","kid":"a","typ":"`+testTyp+`"}`) + "." + parts[1] + ".", "alg"},
		{"HS256", headerOf("HS256", testTyp), "alg"},
		{"RS256", headerOf("RS256", testTyp), "alg"},
		{"RSA1_5", headerOf("RSA1_5", testTyp), "alg"},
		{"PS256", headerOf("PS256", testTyp), "alg"},
		{"ES384", headerOf("ES384", testTyp), "alg"},
		{"ES256K", headerOf("ES256K", testTyp), "alg"},
		{"Ed448", headerOf("Ed448", testTyp), "alg"},
		{"alg in another case", headerOf("ed25519", testTyp), "alg"},
		{"alg with a space", headerOf("Ed25519 ", testTyp), "alg"},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		covered[tt.rule] = true
		t.Run(tt.name, func(t *testing.T) {
			token, err := Parse([]byte(tt.token), accept())
			if Rule(err) != tt.rule || token != nil {
				t.Errorf("Parse = %v, %v (rule %q), want rule %q", token, err, Rule(err), tt.rule)
			}
		})
	}
	all := []string{"size", "alphabet", "segments", "base64", "json", "utf8", "trailing", "depth", "duplicate-member", "header-member", "typ", "alg"}
	for _, label := range all {
		if !covered[label] {
			t.Errorf("no hostile token for rule %q", label)
		}
	}
	if len(covered) != len(all) {
		t.Errorf("rules covered: %v", covered)
	}
}

func TestDepthLimitIsExact(t *testing.T) {
	token := func(n int) []byte {
		return []byte(forge(t, rfc8037Key(t), goodHeader, strings.Repeat(`{"a":`, n)+"0"+strings.Repeat("}", n)))
	}
	if _, err := Parse(token(DefaultMaxDepth), accept()); err != nil {
		t.Errorf("depth %d: %v", DefaultMaxDepth, err)
	}
	o := accept()
	o.Limits.MaxDepth = 3
	if _, err := Parse(token(3), o); err != nil {
		t.Errorf("depth 3 of 3: %v", err)
	}
	if _, err := Parse(token(4), o); Rule(err) != "depth" {
		t.Errorf("depth 4 of 3: %v", err)
	}
}

func TestParseOptionsNarrow(t *testing.T) {
	raw := []byte(forge(t, rfc8037Key(t), goodHeader, goodClaims))
	tests := []struct {
		name string
		o    ParseOptions
		rule string
	}{
		{"no typ expected refuses all", ParseOptions{}, "typ"},
		{"one of several typs", ParseOptions{Typ: []string{"a", testTyp}}, ""},
		{"alg not in the caller's list", ParseOptions{Typ: []string{testTyp}, Algs: []string{"ES256"}}, "alg"},
		{"alg in the caller's list", ParseOptions{Typ: []string{testTyp}, Algs: []string{"ES256", "Ed25519"}}, ""},
		{"token limit", ParseOptions{Typ: []string{testTyp}, Limits: Limits{MaxToken: len(raw) - 1}}, "size"},
		{"token limit reached", ParseOptions{Typ: []string{testTyp}, Limits: Limits{MaxToken: len(raw)}}, ""},
		{"header limit", ParseOptions{Typ: []string{testTyp}, Limits: Limits{MaxHeader: len(goodHeader) - 1}}, "size"},
		{"header limit reached", ParseOptions{Typ: []string{testTyp}, Limits: Limits{MaxHeader: len(goodHeader)}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse(raw, tt.o); Rule(err) != tt.rule {
				t.Errorf("%v, want rule %q", err, tt.rule)
			}
		})
	}
	for _, name := range neverHeaders {
		header := strings.TrimSuffix(goodHeader, "}") + `,"` + name + `":["x"]}`
		token := forge(t, rfc8037Key(t), header, goodClaims)
		if _, err := Parse([]byte(token), accept(name)); Rule(err) != "header-member" {
			t.Errorf("%s admitted by a caller: %v", name, err)
		}
	}
	rs := forge(t, rfc8037Key(t), strings.Replace(goodHeader, "Ed25519", "PS256", 1), goodClaims)
	o := accept()
	o.Algs = []string{"PS256", "none"}
	if _, err := Parse([]byte(rs), o); Rule(err) != "alg" {
		t.Errorf("PS256 admitted by a caller: %v", err)
	}
}

// An error's text goes to logs; it must not repeat what an attacker wrote.
func TestErrorsDoNotRepeatInput(t *testing.T) {
	const mark = "INJECTED"
	for _, header := range []string{
		`{"` + mark + `":1}`,
		`{"alg":"` + mark + `","kid":"` + mark + `","typ":"` + testTyp + `"}`,
		`{"alg":"Ed25519","kid":"` + mark + `","typ":"` + mark + `"}`,
	} {
		_, err := Parse([]byte(forge(t, rfc8037Key(t), header, `{}`)), accept())
		if err == nil || strings.Contains(err.Error(), mark) {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestOversizedTokenCostsNoMemory(t *testing.T) {
	huge := slices.Repeat([]byte("eyJhbGciOiJFZDI1NTE5In0."), 20<<20/24)
	deep := []byte(b64(goodHeader) + "." + b64(`{"a":`+strings.Repeat("[", 10)) + "!")
	o := accept()
	for name, raw := range map[string][]byte{"20 MB": huge, "bad last byte": deep} {
		const rounds = 4
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range rounds {
			if _, err := Parse(raw, o); err == nil {
				t.Fatal("accepted")
			}
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) / rounds; got >= 64<<10 {
			t.Errorf("%s: refusal allocated %d bytes", name, got)
		}
	}
}

func TestRuleOfOtherErrors(t *testing.T) {
	if Rule(nil) != "" || Rule(http404{}) != "" {
		t.Error("an error from elsewhere has a rule")
	}
}

type http404 struct{}

func (http404) Error() string { return "not found" }
