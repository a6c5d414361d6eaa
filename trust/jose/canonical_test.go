package jose

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	tests := []struct{ name, in, out, rule string }{
		// RFC 8785 §3.2.3: sorting by UTF-16 code units. The emoji (D83D DE00)
		// comes before U+FB33, which it would follow in UTF-8.
		{"RFC 8785 sorting sample",
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			`{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`, ""},
		// RFC 8785 §3.2.2 without its fractions and exponents.
		{"RFC 8785 strings and literals",
			`{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
			`{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}`, ""},
		{"short escapes", `"\u0008\u0009\u000a\u000c\u000d"`, `"\b\t\n\f\r"`, ""},
		{"control characters", `"\u0000\u001F\u007f"`, `"\u0000\u001f` + "\x7f" + `"`, ""},
		{"no HTML escapes", `"<&>\u2028"`, `"<&>` + "\u2028" + `"`, ""},
		{"white space", " { \"b\" : [ 1 , 2 ] ,\n\"a\" : { } } ", `{"a":{},"b":[1,2]}`, ""},
		{"nested sorting", `{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}`, `{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}`, ""},
		{"prefix sorts first", `{"ab":1,"a":2,"":3}`, `{"":3,"a":2,"ab":1}`, ""},
		{"escaped name sorts by its text", `{"b":1,"\u0061":2}`, `{"a":2,"b":1}`, ""},
		{"top-level values", `null`, `null`, ""},
		{"largest integer", `9007199254740991`, `9007199254740991`, ""},
		{"smallest integer", `-9007199254740991`, `-9007199254740991`, ""},
		{"negative zero", `-0`, `0`, ""}, // RFC 8785 appendix B

		{"2^53", `9007199254740992`, "", "number"},
		{"-2^53", `-9007199254740992`, "", "number"},
		{"very large", `123456789012345678901234567890`, "", "number"},
		{"fraction", `{"a":1.5}`, "", "number"},
		{"fraction of zero", `{"a":1.0}`, "", "number"},
		{"exponent", `{"a":1e3}`, "", "number"},
		{"exponent in capitals", `{"a":1E0}`, "", "number"},
		{"RFC 8785 sample number", `333333333.33333329`, "", "number"},
		{"NaN", `NaN`, "", "json"},
		{"infinity", `-Infinity`, "", "json"},
		{"leading zero", `01`, "", "json"},
		{"duplicate", `{"a":1,"\u0061":1}`, "", "duplicate-member"},
		{"lone surrogate", `"\udead"`, "", "utf8"}, // RFC 8785 §3.2.2.2 asks for this
		{"invalid UTF-8", "\"\xff\"", "", "utf8"},
		{"trailing", `1 2`, "", "trailing"},
		{"deep", strings.Repeat("[", 33) + strings.Repeat("]", 33), "", "depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := Canonical([]byte(tt.in))
			if string(out) != tt.out || Rule(err) != tt.rule || (tt.rule == "") != (err == nil) {
				t.Errorf("Canonical = %q, %v; want %q, rule %q", out, err, tt.out, tt.rule)
			}
		})
	}
}

func TestContentDigest(t *testing.T) {
	digest := func(text string) string {
		t.Helper()
		d, err := ContentDigest([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return d
	}
	sum := sha256.Sum256([]byte(`{"a":{"exp":2,"iat":1},"jti":"x"}`))
	want := hex.EncodeToString(sum[:])
	for _, same := range []string{
		`{"jti":"x","a":{"iat":1,"exp":2}}`,
		`{"iat":5,"jti":"x","a":{"iat":1,"exp":2},"exp":6}`,
		`{ "e\u0078p":7, "a":{"exp":2,"iat":1}, "jti":"\u0078", "iat":null }`,
	} {
		if got := digest(same); got != want {
			t.Errorf("%s: %s, want %s", same, got, want)
		}
	}
	for _, other := range []string{
		`{"jti":"x","a":{"iat":1,"exp":3}}`,
		`{"jti":"x","a":{"iat":1}}`,
		`{"jti":"x","a":{"iat":1,"exp":2},"Exp":1}`,
		`{"jti":"x","a":{"iat":1,"exp":2},"nbf":1}`,
	} {
		if digest(other) == want {
			t.Errorf("%s has the digest of another content", other)
		}
	}
	empty := sha256.Sum256([]byte(`{}`))
	if got := digest(`{"exp":1,"iat":2}`); got != hex.EncodeToString(empty[:]) {
		t.Errorf("only times: %s", got)
	}
	for text, label := range map[string]string{
		`[]`: "json", `{"a":1.5}`: "number", `{"iat":1.5}`: "number", `{"a":1,"a":1}`: "duplicate-member",
	} {
		if _, err := ContentDigest([]byte(text)); Rule(err) != label {
			t.Errorf("%s: %v, want rule %q", text, err, label)
		}
	}
}

// TestCanonicalProperties writes random values in random spellings: the form
// depends on the value alone, is its own form, and means the same.
func TestCanonicalProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(8785, 1))
	for range 500 {
		v := randomValue(r, 4)
		a, err := Canonical([]byte(spell(r, v)))
		if err != nil {
			t.Fatal(err)
		}
		b, err := Canonical([]byte(spell(r, v)))
		if err != nil || string(a) != string(b) {
			t.Fatalf("two spellings of one value differ:\n%s\n%s\n%v", a, b, err)
		}
		again, err := Canonical(a)
		if err != nil || string(again) != string(a) {
			t.Fatalf("not idempotent:\n%s\n%s\n%v", a, again, err)
		}
		var before, after any
		if json.Unmarshal([]byte(spell(r, v)), &before) != nil || json.Unmarshal(a, &after) != nil ||
			fmt.Sprint(before) != fmt.Sprint(after) {
			t.Fatalf("the meaning changed: %v, %v", before, after)
		}
	}
}

func randomText(r *rand.Rand) string {
	alphabet := []rune("aAbB019 \"\\/\b\t\n\f\r\x00\x1f\x7fé€ﬀ\ue000\uffff😀𐀀<&>")
	out := make([]rune, r.IntN(5))
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

func randomValue(r *rand.Rand, depth int) any {
	kind := r.IntN(7)
	if depth == 0 {
		kind = r.IntN(5)
	}
	switch kind {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.Int64N(2*maxInteger+1) - maxInteger
	case 3, 4:
		return randomText(r)
	case 5:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = randomValue(r, depth-1)
		}
		return list
	}
	object := map[string]any{}
	for range r.IntN(6) {
		object[randomText(r)] = randomValue(r, depth-1)
	}
	return object
}

// spell writes v with members in random order, random white space and random
// escapes.
func spell(r *rand.Rand, v any) string {
	space := func() string { return strings.Repeat(" \n\t"[:r.IntN(4)], r.IntN(2)) }
	var parts []string
	switch v := v.(type) {
	case string:
		return space() + spellText(r, v) + space()
	case []any:
		for _, item := range v {
			parts = append(parts, spell(r, item))
		}
		return space() + "[" + space() + strings.Join(parts, ",") + "]" + space()
	case map[string]any:
		for name, item := range v { // map order is random
			parts = append(parts, space()+spellText(r, name)+space()+":"+spell(r, item))
		}
		return space() + "{" + space() + strings.Join(parts, ",") + "}" + space()
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

func spellText(r *rand.Rand, text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c >= 0x10000 && r.IntN(2) == 0:
			fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+(c-0x10000)>>10, 0xdc00+(c-0x10000)&0x3ff)
		case c < 0x20 || c == '"' || c == '\\' || c < 0x10000 && r.IntN(3) == 0:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
