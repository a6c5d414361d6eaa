package shacl

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func TestLexicalForms(t *testing.T) {
	t.Parallel()
	for datatype, forms := range map[string]struct{ good, bad string }{
		"boolean":            {"true false 1 0", "TRUE yes 01 "},
		"integer":            {"0 -0 +12 00012 123456789012345678901234567890", "1.0 1e3 + - 0x1 ١"},
		"decimal":            {"0 -1.5 .5 5. +0.0", ". 1e3 1.2.3 INF -"},
		"double":             {"1 1.5e-3 .5E+7 INF -INF +INF NaN 5.", "inf nan 1e 1e1.5 e5"},
		"byte":               {"-128 127 +0127", "-129 128 1.0"},
		"unsignedLong":       {"18446744073709551615 -0", "18446744073709551616 -1"},
		"nonNegativeInteger": {"0 -0 99999999999999999999", "-1"},
		"negativeInteger":    {"-1", "0 1 -0"},
		"dateTime":           {"2026-02-28T23:59:59Z 2024-02-29T24:00:00 -0044-03-15T00:00:00.5+14:00 12026-01-01T00:00:00-00:30", "2026-02-29T00:00:00 2026-1-1T00:00:00 26-01-01T00:00:00 2026-01-01 2026-01-01T24:00:01 2026-01-01T00:00:00+14:01 02026-01-01T00:00:00 2026-01-01T00:00:00. 2026-01-01T00:60:00"},
		"dateTimeStamp":      {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00"},
		"date":               {"2026-02-28 2000-02-29Z 2026-01-01-05:00", "1900-02-29 2026-13-01 2026-00-01 2026-01-00 2026-04-31 2026-01-01T00:00:00 20260101"},
		"time":               {"00:00:00 24:00:00 23:59:59.999Z", "24:00:01 1:00:00 23:59 23:59:60"},
		"gYear":              {"2026 -0001 12026Z", "26 02026 2026-01"},
		"gYearMonth":         {"2026-01", "2026-13 2026"},
		"gMonthDay":          {"--02-29 --12-31Z", "--02-30 02-29"},
		"gMonth":             {"--02", "--13 02"},
		"gDay":               {"---31", "---32 31"},
		"duration":           {"P1Y P1Y2M3DT4H5M6.7S -P1D PT1S PT0.5S", "P PT P1 1Y P1S P1YT P1M1Y PT1D P-1Y PT.5S PT1.S"},
		"yearMonthDuration":  {"P1Y2M -P1M", "P1D P1YT1H"},
		"dayTimeDuration":    {"P1DT1H PT1M P1D", "P1Y P1M PT1Y"},
		"hexBinary":          {"0aF9", "0 0g"},
		"base64Binary":       {"AAAA AA== AAA=", "AAA A=== AB== AAB= A*=="},
		"language":           {"en de-AT x-klingon en-a1", "en_GB toolonglanguage 1a en-"},
		"NCName":             {"a_b-c.1 É", "1a a:b -a"},
		"Name":               {"a:b", "1a ·a"},
		"NMTOKEN":            {"1a -a", "a/b"},
		"anyURI":             {"http://example.org/a ../b a%20b", "a|b <a>"},
	} {
		valid := lexicalForms[rdf.NSXSD+datatype]
		if valid == nil {
			t.Errorf("xsd:%s permits everything", datatype)
			continue
		}
		for _, s := range strings.Fields(forms.good) {
			if !valid(s) {
				t.Errorf("xsd:%s refuses %q", datatype, s)
			}
		}
		for _, s := range strings.Fields(forms.bad) {
			if valid(s) {
				t.Errorf("xsd:%s takes %q", datatype, s)
			}
		}
		if datatype != "base64Binary" && datatype != "hexBinary" && datatype != "anyURI" && valid("") {
			t.Errorf("xsd:%s takes nothing at all", datatype)
		}
	}
}

// TestCompareDecimals holds our comparison against exact fractions.
func TestCompareDecimals(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	decimal := func() string {
		s := []string{"", "-", "+"}[random.IntN(3)] + strings.Repeat("0", random.IntN(2)) + fmt.Sprint(random.IntN(120))
		if random.IntN(2) == 0 {
			s += "." + fmt.Sprint(random.IntN(12)) + strings.Repeat("0", random.IntN(3))
		}
		return s
	}
	for range 5_000 {
		a, b := decimal(), decimal()
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		got := compareDecimals(a, b)
		if want := x.Cmp(y); got > 0 != (want > 0) || got < 0 != (want < 0) {
			t.Fatalf("%s and %s: %d, want %d", a, b, got, want)
		}
	}
}

// TestMoments holds the calendar against package time.
func TestMoments(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	epoch := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for range 5_000 {
		at := time.Unix(epoch+random.Int64N(400*366*86400*10), random.Int64N(1e9)).UTC()
		if random.IntN(2) == 0 {
			at = at.In(time.FixedZone("", (random.IntN(28*60)-14*60)*60))
		}
		s := at.Format("2006-01-02T15:04:05.999999999Z07:00")
		m, ok := parseTime(dateTimeForm, s)
		if !ok && at.Year() > 0 && at.Year() < 10_000 {
			t.Fatalf("%s is refused", s)
		}
		if ok && m.seconds != at.Unix()-epoch {
			t.Fatalf("%s: %d, want %d", s, m.seconds, at.Unix()-epoch)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ a, b, want string }{
		{`1`, `2.5`, "<"}, {`2`, `2.0`, "="}, {`2`, `2e0`, "="}, {`1e400`, `5`, ">"}, {`"NaN"^^xsd:double`, `1`, "?"},
		{`"9007199254740993"^^xsd:integer`, `"9007199254740992"^^xsd:long`, ">"}, {`"x"^^xsd:integer`, `1`, "?"},
		{`"a"`, `"b"`, "<"}, {`"a"@en`, `"b"@en`, "?"}, {`true`, `false`, ">"}, {`"1"^^xsd:boolean`, `true`, "="}, {`"5"`, `5`, "?"},
		{`"2026-01-01"^^xsd:date`, `"2026-01-02"^^xsd:date`, "<"}, {`"2026-01-01"^^xsd:date`, `"2026-01-01T00:00:00"^^xsd:dateTime`, "?"},
		{`"2026-01-01T00:00:00Z"^^xsd:dateTime`, `"2026-01-01T01:00:00+01:00"^^xsd:dateTime`, "="},
		{`"2026-01-01T00:00:00Z"^^xsd:dateTime`, `"2026-01-01T13:00:00"^^xsd:dateTime`, "?"},
		{`"2026-01-01T00:00:00Z"^^xsd:dateTime`, `"2026-01-01T14:00:01"^^xsd:dateTime`, "<"},
		{`"2026-01-01T24:00:00Z"^^xsd:dateTime`, `"2026-01-02T00:00:00Z"^^xsd:dateTime`, "="},
		{`"2026-01-01T00:00:00.1Z"^^xsd:dateTime`, `"2026-01-01T00:00:00.09Z"^^xsd:dateTime`, ">"},
		{`"-0001"^^xsd:gYear`, `"0001"^^xsd:gYear`, "<"}, {`"2026-02"^^xsd:gYearMonth`, `"2025-12"^^xsd:gYearMonth`, ">"},
		{`"10:00:00"^^xsd:time`, `"09:59:59"^^xsd:time`, ">"}, {`"P1D"^^xsd:duration`, `"P2D"^^xsd:duration`, "?"}, {`ex:a`, `ex:b`, "?"},
	} {
		g := graph(t, "ex:s ex:p "+tc.a+" ; ex:q "+tc.b+" .")
		a, _ := g.Object(rdf.NewIRI("http://example.org/s"), rdf.NewIRI("http://example.org/p"))
		b, _ := g.Object(rdf.NewIRI("http://example.org/s"), rdf.NewIRI("http://example.org/q"))
		got := "?"
		if order, ok := valueOf(a).compare(valueOf(b)); ok {
			got = []string{"<", "=", ">"}[max(-1, min(1, order))+1]
		}
		if got != tc.want {
			t.Errorf("%s %s %s, want %s", tc.a, got, tc.b, tc.want)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ pattern, flags, match, miss string }{
		{`^\d{3}$`, "", "123", "12a"}, {`^\d$`, "", "٣", "x"}, {`^[^\d]+$`, "", "ab", "a1"}, {`^\w+$`, "", "añ$", "a-b"}, {`^\W$`, "", "-", "a"},
		{`^\i\c*$`, "", "a:b-1", "1a"}, {`^[\i]$`, "", "a", "1"}, {`a.c`, "", "abc", "a\nc"}, {`a.c`, "s", "a\nc", "ac"}, {`^b$`, "m", "a\nb", "ab"},
		{`^b$`, "", "b", "a\nb"}, {`ABC`, "i", "xabcx", "ab"}, {"a b c", "x", "abc", "a b c"}, {`a.c[`, "q", "xa.c[", "abc["}, {`^[a\]]+$`, "", "a]", "b"},
		{`^https?://example\.org/`, "", "https://example.org/x", "https://example_org/"}, {`^http.*://www.iana.org/`, "", "http://www.iana.org/a", "ftp://www.iana.org/"},
		{`(?:ab)+c`, "", "ababc", "ac"}, {`\p{Lu}`, "", "É", "é"}, {`\P{Lu}`, "", "é", "É"}, {`\S`, "", "x", " "}, {`a{2,3}`, "", "aa", "a"}, {`^[\s-]$`, "", "-", "x"},
	} {
		re, err := compilePattern(tc.pattern, tc.flags)
		if err != nil {
			t.Errorf("%s: %v", tc.pattern, err)
			continue
		}
		if !re.MatchString(tc.match) || re.MatchString(tc.miss) {
			t.Errorf("%s (%s) became %s: %q %v, %q %v", tc.pattern, tc.flags, re, tc.match, re.MatchString(tc.match), tc.miss, re.MatchString(tc.miss))
		}
	}
	for _, tc := range [][2]string{
		{`(a)\1`, ""}, {`(?=a)`, ""}, {`(?i)a`, ""}, {`[a-z-[aeiou]]`, ""}, {`\p{IsGreek}`, ""}, {`a`, "z"}, {`[a`, ""}, {`a\`, ""}, {`\b`, ""}, {`[\S]`, ""},
		{`a{1001}`, ""}, {`*`, ""}, {strings.Repeat("a", maxPattern+1), ""}, {`\p{`, ""}, {`\pL`, ""}, {`((a{100}){100}){100}`, ""},
	} {
		if re, err := compilePattern(tc[0], tc[1]); err == nil {
			t.Errorf("%.40s became %.40s", tc[0], re)
		}
	}
}

func TestLanguageMatches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		tag, lang string
		want      bool
	}{{"en", "en", true}, {"en-GB", "en", true}, {"EN-gb", "en-GB", true}, {"eng", "en", false}, {"en", "en-GB", false}, {"de", "*", true}, {"", "*", false}} {
		if got := languageMatches(tc.tag, tc.lang); got != tc.want {
			t.Errorf("%q in %q: %v", tc.tag, tc.lang, got)
		}
	}
}
