package generate

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// encodings are honest tokens in a spelling that is not the one there is.
func encodings() *group {
	g := newGroup("encoding")
	k := exchangeKey(centre)
	good := g.Controls["message"].Token
	seg := strings.Split(good, ".")
	line := func(name, title, rule, token string) attack {
		return attack{name: name, title: title, rule: rule, doc: asMessage(token)}
	}
	g.add(reason{"Other serialisations have members outside the signature; a second form is a second parser.", "RFC 7515 §7.2; profile §3"},
		line("json-general", "the general JSON serialisation", "alphabet", fmt.Sprintf(`{"payload":%q,"signatures":[{"protected":%q,"signature":%q}]}`, seg[1], seg[0], seg[2])),
		line("json-flat", "the flattened JSON serialisation", "alphabet", fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, seg[1], seg[0], seg[2])),
		line("json-outer-claims", "the flattened form with claims outside the signature", "alphabet", fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q,"iss":%q}`, seg[1], seg[0], seg[2], french)),
		line("bearer", "the word Bearer before it", "alphabet", "Bearer "+good),
		line("quoted", "in quotes", "alphabet", `"`+good+`"`),
		line("sd-jwt", "a disclosure after a tilde", "alphabet", good+"~WyJzYWx0Il0~"),
		line("percent", "dots percent-encoded", "alphabet", strings.ReplaceAll(good, ".", "%2E")),
	)
	g.add(reason{"A compact JWS has three segments: whatever else is in the bytes belongs to no signature.", "RFC 7515 §7.1"},
		line("segments-none", "no octets", "segments", ""),
		line("segments-one", "one segment", "segments", seg[0]),
		line("segments-two", "two segments", "segments", seg[0]+"."+seg[1]),
		line("segments-four", "four segments", "segments", good+"."+seg[2]),
		line("segments-five", "five segments, as a JWE has", "segments", good+".AAAA.AAAA"),
		line("segments-dots", "two dots", "json", ".."),
		line("segments-trailing", "a dot after it", "segments", good+"."),
		line("segments-leading", "a dot before it", "segments", "."+good),
		line("detached", "a detached payload", "json", seg[0]+".."+seg[2]),
		line("two-tokens", "two tokens in a row", "segments", good+"."+good),
	)
	// A payload whose encoding leaves bits unused, for every reader pads differently there.
	odd := sign(k, typMsg, message())
	for i := 0; len(strings.Split(odd, ".")[1])%4 == 0; i++ {
		odd = sign(k, typMsg, message().changed("case", "ds:DE:example-1"+strings.Repeat("0", i)))
	}
	oddSeg := strings.Split(odd, ".")
	head := header(k, typMsg)
	for len(head)%3 == 0 { // JSON allows a space
		head += " "
	}
	spaced := strings.Split(signHeader(k, head, message()), ".")
	g.control("odd-payload", asMessage(odd))
	g.control("odd-header", asMessage(strings.Join(spaced, ".")))
	bent := func(name, title, rule, control, token string) attack {
		return attack{name: name, title: title, rule: rule, control: control, doc: asMessage(token)}
	}
	g.add(reason{"Several spellings of the same octets make several tokens of one signature: replay caches, digests and logs disagree.", "RFC 7515 §2, appendix C; RFC 4648 §3.5"},
		line("padding-signature", "padding after the signature", "alphabet", good+"=="),
		bent("padding-payload", "padding after the payload", "alphabet", "odd-payload", oddSeg[0]+"."+oddSeg[1]+"="+"."+oddSeg[2]),
		line("stray-signature", "a stray bit in the signature's last character", "base64", seg[0]+"."+seg[1]+"."+strayBit(seg[2])),
		bent("stray-payload", "a stray bit in the payload's last character", "base64", "odd-payload", oddSeg[0]+"."+strayBit(oddSeg[1])+"."+oddSeg[2]),
		bent("stray-header", "a stray bit in the header's last character", "base64", "odd-header", strayBit(spaced[0])+"."+spaced[1]+"."+spaced[2]),
		line("length-one", "a segment of impossible length", "base64", seg[0]+"."+seg[1]+"."+seg[2]+strings.Repeat("A", 5-len(seg[2])%4)),
		line("standard-alphabet", "the alphabet of plain base64", "alphabet", seg[0]+"."+seg[1]+"."+base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xff}, 32))),
		line("space-before", "a space before it", "alphabet", " "+good),
		line("newline-after", "a line end after it", "alphabet", good+"\n"),
		line("newline-inside", "a line end inside a segment", "alphabet", good[:70]+"\n"+good[70:]),
		line("crlf-inside", "folded lines", "alphabet", good[:64]+"\r\n "+good[64:]),
		line("tab-inside", "a tab inside a segment", "alphabet", good[:64]+"\t"+good[64:]),
		line("nul-after", "a NUL after it", "alphabet", good+"\x00"),
		line("bom-before", "a byte order mark before it", "alphabet", "\ufeff"+good),
		line("wide-dots", "full-width dots", "alphabet", strings.ReplaceAll(good, ".", "\uff0e")),
		line("homoglyph", "a Cyrillic letter in a segment", "alphabet", strings.Replace(good, "A", "\u0410", 1)),
		attack{name: "utf16", title: "the token in UTF-16", rule: "alphabet", doc: asBytes(wide(good))},
		attack{name: "high-bit", title: "an octet with its highest bit set", rule: "alphabet", doc: asBytes(append([]byte(good), 0x80))},
		line("base64-twice", "the whole token encoded once more", "segments", b64([]byte(good))),
	)
	payloads(g)
	return g
}

// strayBit sets a bit of the last character that no octet takes.
func strayBit(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return s[:len(s)-1] + string(alphabet[strings.IndexByte(alphabet, s[len(s)-1])|1])
}

// asBytes is a message that is no text.
func asBytes(b []byte) vectors.Document {
	return vectors.Document{Expect: expectMessage(), Bytes: base64.StdEncoding.EncodeToString(b)}
}

func wide(s string) []byte {
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// payloads are honestly signed payloads that are not one strict JSON object.
func payloads(g *group) {
	k := exchangeKey(centre)
	good := string(encode(message()))
	inner := strings.TrimSuffix(strings.TrimPrefix(good, "{"), "}")
	line := func(name, title, rule, payload string) attack {
		return attack{name: name, title: title, rule: rule, doc: asMessage(signPayload(k, payload))}
	}
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	var packed bytes.Buffer
	z := must(flate.NewWriter(&packed, flate.NoCompression))
	must(z.Write([]byte(good)))
	must(0, z.Close())
	g.add(reason{"A name that stands twice has two values: the checker sees one, who acts on it the other.", "RFC 7519 §4; RFC 7493 §2.3"},
		line("twice-iss", "iss twice", "duplicate-member", `{"iss":"`+french+`",`+inner+`}`),
		line("twice-iss-escaped", "iss twice, once with an escape", "duplicate-member", `{"\u0069ss":"`+french+`",`+inner+`}`),
		line("twice-aud", "aud twice", "duplicate-member", `{`+inner+`,"aud":"`+french+`"}`),
		line("twice-body", "a member of the body twice", "duplicate-member", strings.Replace(good, `"findings":[]`, `"findings":[],"status":"NOT_VALIDATED"`, 1)),
		line("twice-deep", "a member twice, deep inside", "duplicate-member", `{`+inner+`,"x":[[{"a":1,"a":2}]]}`),
	)
	g.add(reason{"One JSON object in valid Unicode, nothing around it: what one reader repairs another refuses.", "RFC 7519 §7.2; RFC 8259 §2, §8.1; profile §3"},
		line("payload-list", "a list of claims", "json", `[`+good+`]`),
		line("payload-text", "a string", "json", `"claims"`),
		line("payload-number", "a number", "json", `1`),
		line("payload-null", "null", "json", `null`),
		line("payload-empty", "no octets", "json", ``),
		line("payload-open", "an object that does not end", "json", good[:len(good)-1]),
		line("payload-second", "a second object", "trailing", good+good),
		line("payload-trailing", "a letter after it", "trailing", good+`x`),
		line("payload-nul", "a NUL after it", "trailing", good+"\x00"),
		line("payload-bom", "a byte order mark before it", "json", "\ufeff"+good),
		line("payload-comment", "a comment", "json", `{/*x*/`+inner+`}`),
		line("payload-comma", "a comma after the last member", "json", `{`+inner+`,}`),
		line("payload-single-quotes", "single quotes", "json", strings.ReplaceAll(good, `"`, `'`)),
		line("payload-nan", "a number that is none", "json", `{`+inner+`,"x":NaN}`),
		line("payload-plus", "a number with a plus", "json", `{`+inner+`,"x":+1}`),
		line("payload-zero", "a number with a leading zero", "json", `{`+inner+`,"x":01}`),
		line("payload-hex", "a hexadecimal number", "json", `{`+inner+`,"x":0x1}`),
		line("payload-control", "a raw line end in a string", "json", `{`+inner+`,"x":"a`+"\n"+`b"}`),
		line("payload-escape", "an escape JSON does not have", "json", `{`+inner+`,"x":"\x41"}`),
		line("payload-utf8", "octets that are no UTF-8", "utf8", `{`+inner+`,"x":"`+"\xc3\x28"+`"}`),
		line("payload-overlong", "an overlong spelling of a slash", "utf8", `{`+inner+`,"x":"`+"\xc0\xaf"+`"}`),
		line("payload-surrogate", "half a character, escaped", "utf8", `{`+inner+`,"x":"\udc00"}`),
		line("payload-surrogates", "halves of a character in the wrong order", "utf8", `{`+inner+`,"x":"\udc00\ud800"}`),
		line("payload-surrogate-utf8", "half a character in UTF-8", "utf8", `{`+inner+`,"x":"`+"\xed\xa0\x80"+`"}`),
		line("payload-deep", "objects 33 deep", "depth", `{`+inner+`,"x":`+deep(32)+`}`),
		line("payload-deep-lists", "lists five thousand deep", "depth", `{`+inner+`,"x":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+`}`),
		line("payload-packed", "deflated claims without a word of it", "utf8", packed.String()),
		line("payload-base64", "claims encoded once more", "json", b64([]byte(good))),
	)
	long := asMessage(signPayload(k, `{`+inner+`,"x":"`+strings.Repeat("x", 4000)+`"}`))
	long.Expect.MaxToken = 2048
	short := asMessage(g.Controls["message"].Token)
	short.Expect.MaxToken = 2048
	g.control("short", short)
	g.add(reason{"Size is the first check: a token too large costs a refusal, not memory.", "profile §3"},
		attack{name: "size", title: "a token above the reader's limit", rule: "size", control: "short", doc: long})
}
