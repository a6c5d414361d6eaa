package trust_test

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// pieces are what JSON texts are damaged with.
var pieces = []string{
	`{`, `}`, `[`, `]`, `:`, `,`, `"`, `\`, `"a"`, `"alg"`, `"\u0061lg"`, `\ud800`, `\udc00`, `\ud83d\ude00`, `\u00e9`, "\u00e9", "\xc3", "\xff", "\xed\xa0\x80",
	"\x00", "\x1f", "\x7f", "\n", " ", "\t", "\u2028", "\ufeff", `null`, `true`, `nul`, `0`, `-0`, `00`, `-`, `1.0`, `1e5`, `1E+2`, `9007199254740991`, `9007199254740992`,
	`-9007199254740992`, `18446744073709551616`, `"b":1`, `,"b":1`, `"case":"x"`, `,"body":{"a":1,"a":2}`, `{"a":[[]]}`, `\/`, `\u`, `\u12`, `\x`, `'`, `//`, `NaN`,
}

// damageJSON changes a JSON text in a way that is often still JSON.
func damageJSON(r *rand.Rand, text string) string {
	for range r.IntN(4) {
		at := r.IntN(len(text) + 1)
		switch r.IntN(4) {
		case 0:
			text = text[:at] + pick(r, pieces) + text[at:]
		case 1:
			text = text[:at] + text[min(len(text), at+1+r.IntN(6)):]
		case 2:
			if i := strings.IndexByte(text, ','); i >= 0 { // after a member, where a member may stand
				text = text[:i] + "," + pick(r, []string{`"b":1`, `"iss":"x"`, `"c":null`, `"d":[1,{"e":2}]`, `"f":"\u0041"`, `"":0`}) + text[i:]
			}
		default:
			from := r.IntN(len(text) + 1)
			text = text[:at] + text[min(from, at):at] + text[at:]
		}
	}
	return text
}

// TestTwoReadersAgree holds the product's strict reader against the conformance suite's, which was
// written apart: of every damaged token both say the same, and where both read it they see the same
// header and the same content digest. A difference is an error in one of the two. The tokens have no
// iat and exp: a fraction there is refused by one with the claims, by the other with the digest.
func TestTwoReadersAgree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(mutantSeed, 2))
	const header = `{"alg":"Ed25519","kid":"k-1","typ":"` + typMessage + `","trust_chain":["a","b"]}`
	const payload = `{"iss":"https://a.test","aud":"https://b.test","seq":1,"body":{"n":12,"list":[1,true,null,"é\n"],"o":{}}}`
	count := map[bool]int{}
	for n := range 20_000 {
		h, p := header, payload
		if n%3 > 0 {
			p = damageJSON(r, p)
		}
		if n%3 != 1 {
			h = damageJSON(r, h)
		}
		token := base64.RawURLEncoding.EncodeToString([]byte(h)) + "." + base64.RawURLEncoding.EncodeToString([]byte(p)) + "." + strings.Repeat("A", 86)
		ours, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{typMessage}})
		theirs, theirErr := forge.Parse(token, typMessage)
		if (err == nil) != (theirErr == nil) {
			t.Fatalf("the readers disagree on\n%q\n%q\nours: %v\ntheirs: %v", h, p, err, theirErr)
		}
		count[err == nil]++
		if err != nil {
			continue
		}
		if ours.Header.Alg != theirs.Header.Alg || ours.Header.Kid != theirs.Header.Kid || ours.Header.Cty != theirs.Header.Cty ||
			strings.Join(ours.Header.TrustChain, "|") != strings.Join(theirs.Header.TrustChain, "|") {
			t.Fatalf("two headers of %q: %+v, %+v", h, ours.Header, theirs.Header)
		}
		digest, err := jose.ContentDigest(ours.Payload)
		theirDigest, theirErr := forge.ContentDigest(theirs.Payload)
		if (err == nil) != (theirErr == nil) || digest != theirDigest {
			t.Fatalf("two digests of\n%q\nours: %s, %v\ntheirs: %s, %v", p, digest, err, theirDigest, theirErr)
		}
	}
	t.Logf("both readers refused %d and read %d of the damaged tokens", count[false], count[true])
	if count[true] < 1000 || count[false] < 1000 {
		t.Errorf("read %d, refused %d: the damage is too light or too heavy to prove anything", count[true], count[false])
	}
}
