package documents

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	t.Parallel()
	f := made(t).fonts
	for name, c := range map[string]struct {
		in, want            string
		replaced, shortened bool
	}{
		"plain":                {in: "Two words", want: "Two words"},
		"lines":                {in: "a\r\nb\rc\u2028d\n\n", want: "a\nb\nc\nd"},
		"a tab and odd spaces": {in: "a\tb\u2009c\u3000d\u00a0e", want: "a b c d\u00a0e"},
		"controls":             {in: "a\x00b\x1b[31mc\u0085", want: "a�b�[31mc�", replaced: true},
		"direction of writing": {in: "permit\u202egpj.exe\u2066x\u200e", want: "permit�gpj.exe�x�", replaced: true},
		"nothing to see":       {in: "pass\u00adword\u200b\ufeffs", want: "passwords"},
		"no UTF-8":             {in: "a\xff\xfeb", want: "a�b", replaced: true},
		"another script":       {in: "name 名前", want: "name ��", replaced: true},
		"beyond the plane":     {in: "ok 😀", want: "ok �", replaced: true},
		"private characters":   {in: "{nb} \ue000", want: "{nb} �", replaced: true},
		"combining":            {in: "Cafe\u0301 Z\u030cluta\u0301 s\u0326i \u0399\u0308 и\u0306", want: "Café Žlutá și Ϊ й"},
		"a mark alone":         {in: "x\u0301\u0301", want: "x��", replaced: true},
		"other spellings":      {in: "non\u2010breaking\u2011 STRA\u1e9eE", want: "non-breaking- STRASSE"},
		"many lines":           {in: strings.Repeat("x\n", 10_000), want: strings.TrimSpace(strings.Repeat("x\n", maxLines)), shortened: true},
		"a long word":          {in: strings.Repeat("w", maxRunes+1), want: strings.Repeat("w", maxRunes), shortened: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := f.clean(c.in)
			if got.text != c.want || got.replaced != c.replaced || got.shortened != c.shortened {
				t.Errorf("%.80q, replaced %t, shortened %t", got.text, got.replaced, got.shortened)
			}
		})
	}
}

// Every letter that a combining mark makes can be printed.
func TestMarksMakeLetters(t *testing.T) {
	t.Parallel()
	f := made(t).fonts
	for mark, pairs := range marks {
		for _, r := range pairs {
			if one, _ := f.printable(r); one != r {
				t.Errorf("%q of the mark %U is not printable", r, mark)
			}
		}
	}
}

func FuzzClean(f *testing.F) {
	tm, err := NewTemplates()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "a\u0301\u202e\xff", "Ю\u0306\n\n", "\ue000{of}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := tm.fonts.clean(s)
		if !utf8.ValidString(c.text) || utf8.RuneCountInString(c.text) > 2*maxRunes || strings.Count(c.text, "\n") > maxLines {
			t.Fatalf("not bounded text: %q", c.text)
		}
		for _, r := range c.text {
			if r != '\n' && !(tm.fonts.regular.Has(r) && tm.fonts.bold.Has(r)) {
				t.Fatalf("%U is not printable", r)
			}
		}
		if again := tm.fonts.clean(c.text); again.text != c.text {
			t.Fatalf("cleaned twice: %q, then %q", c.text, again.text)
		}
	})
}
