package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
)

func TestPrint(t *testing.T) {
	grid := Grid{Head: []string{"A", "LONG HEAD", "C"}, Rows: [][]string{{"é", "", "z"}, {"longer", "b\x1b[2J", ""}}}
	for _, c := range []struct {
		name  string
		views []View
		want  string
	}{
		{"grid", []View{grid}, "A       LONG HEAD   C\né                   z\nlonger  b\\u{1b}[2J\n"},
		{"grid without rows", []View{Grid{Head: []string{"A"}}}, ""},
		{"fields without the empty", []View{Fields{{Name: "a", Value: "1"}, {Name: "b"}, {Name: "long", Value: "2"}}}, "a     1\nlong  2\n"},
		{"lines", []View{Lines{"x\ny", "z"}}, "x y\nz\n"},
		{"several", []View{Lines{"x"}, Fields{{Name: "a", Value: "1"}}}, "x\na  1\n"},
		{"nothing", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := (Printer{&b, Table}).Print(nil, c.views...); err != nil {
				t.Fatal(err)
			}
			if b.String() != c.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), c.want)
			}
		})
	}
}

func TestPrintJSON(t *testing.T) {
	var b bytes.Buffer
	if err := (Printer{&b, JSON}).Print(map[string]string{"a": "<é>"}, Lines{"not this"}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"a\": \"<é>\"\n}\n"; b.String() != want || !json.Valid(b.Bytes()) {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

// full takes nothing.
type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

func TestPrintFails(t *testing.T) {
	full := full{errors.New("disk full")}
	for _, f := range []Format{Table, JSON} {
		if err := (Printer{full, f}).Print(1, Lines{"x"}); !errors.Is(err, full.err) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for s, ok := range map[string]bool{"table": true, "json": true, "JSON": false, "": false, "yaml": false} {
		if _, err := ParseFormat(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzSafe(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b]0;title\a", "a\u202eb", "\xff\xfe", "a\u200bb", "naïve\u00a0text", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Safe(s) {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q left %U in", s, r)
			}
		}
		if plain := strings.Map(func(r rune) rune {
			if r < 0x20 || r > 0x7e {
				return -1
			}
			return r
		}, s); plain == s && Safe(s) != s {
			t.Fatalf("%q was changed to %q", s, Safe(s))
		}
	})
}

// Foreign text in JSON may not steer a terminal either, and is the same text when read.
func TestJSONIsPlain(t *testing.T) {
	const hostile = "a\u009b2J\u202eb\u200b\u00a0\x7f\U000e0041\u2028é – 漢 \x1b[31m"
	var b strings.Builder
	if err := (Printer{&b, JSON}).Print(map[string]string{"x": hostile}); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U was printed", r)
		}
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back["x"] != hostile {
		t.Errorf("%q, %v", back["x"], err)
	}
	if !strings.Contains(b.String(), "é – 漢") {
		t.Errorf("letters were escaped: %s", b.String())
	}
	if err := (Printer{&b, JSON}).Print(func() {}); err == nil {
		t.Error("what has no JSON form was printed")
	}
}
