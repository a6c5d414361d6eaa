package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

func font(t *testing.T, name string, ttf []byte) *Font {
	t.Helper()
	f, err := ParseFont(name, ttf)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sample has two pages, marks of two levels, a list and two files.
func sample(regular, bold *Font) []byte {
	d := New(Info{Title: "Päätös & <more>", Author: "Body", Producer: "test", Language: "fi", Date: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)})
	for n := range 2 {
		d.AddPage()
		d.Bookmark(fmt.Sprint("Part ", n), 0, 700)
		d.Begin("Sect")
		d.Begin("H1")
		d.Text(bold, 14, 60, 700, fmt.Sprint("Heading ", n))
		d.End()
		d.Bookmark("First", 1, 650)
		d.Bookmark("Second", 1, 600)
		d.Begin("P")
		d.Text(regular, 10, 60, 650, "Žluťoučký kůň, ψυχή, земля: e\u0301")
		d.Text(regular, 10, 60, 630, "ﬁ “quoted” – dash")
		d.End()
		d.End()
		d.Artefact(regular, 8, 60, 40, n, fmt.Sprint("page ", n+1))
	}
	d.Attach(File{Name: "b.jwt", MediaType: "application/ehds-permit+jwt", Description: "token", Content: []byte("b.b.b")})
	d.Attach(File{Name: "a.txt", MediaType: "text/plain", Content: bytes.Repeat([]byte{0, 1, 2, '\n'}, 5000)})
	return d.Bytes()
}

func TestTheSameBytes(t *testing.T) {
	t.Parallel()
	regular, bold := font(t, "Go-Regular", goregular.TTF), font(t, "Go-Bold", gobold.TTF)
	want := sample(regular, bold)
	done := make(chan []byte)
	for range 4 {
		go func() { done <- sample(regular, bold) }()
	}
	for range 4 {
		if !bytes.Equal(<-done, want) {
			t.Error("other bytes")
		}
	}
	if again := sample(font(t, "Go-Regular", goregular.TTF), font(t, "Go-Bold", gobold.TTF)); !bytes.Equal(again, want) {
		t.Error("other bytes with the fonts read again")
	}
}

// Readers of PDF find it sound, tagged, its fonts subsets, its files in it.
func TestReaders(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sample.pdf")
	if err := os.WriteFile(path, sample(font(t, "Go-Regular", goregular.TTF), font(t, "Go-Bold", gobold.TTF)), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		program, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is not installed (Debian: qpdf, poppler-utils)", name)
		}
		out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	for what, wants := range map[string][]string{
		run("qpdf", "--check", path):                          {"No syntax or stream encoding errors found"},
		run("pdfinfo", path):                                  {"Title:           Päätös & <more>", "Tagged:          yes", "Metadata Stream: yes", "Pages:           2", "PDF version:     1.7"},
		run("pdfinfo", "-struct-text", path):                  {"Document\n  Sect\n    H1 (block)\n      \"Heading 0\"\n    P (block)\n      \"Žluťoučký kůň, ψυχή, земля: e", "\n  Sect\n"},
		run("pdffonts", path):                                 {"+Go-Regular", "+Go-Bold", "yes yes yes"},
		run("pdfdetach", "-list", path):                       {"2 embedded files\n1: a.txt\n2: b.jwt"},
		run("pdftotext", "-layout", path, "-"):                {"Heading 1", "“quoted” – dash", "page 2"},
		run("qpdf", "--json", "--json-key=attachments", path): {`"mimetype": "application/ehds-permit+jwt"`},
		run("qpdf", "--json", "--json-key=outlines", path):    {`"title": "Part 1"`, `"title": "Second"`},
	} {
		for _, want := range wants {
			if !strings.Contains(what, want) {
				t.Errorf("%q is not in\n%s", want, what)
			}
		}
	}
	for n, want := range []string{strings.Repeat("\x00\x01\x02\n", 5000), "b.b.b"} {
		out := filepath.Join(t.TempDir(), "out")
		run("pdfdetach", "-save", fmt.Sprint(n+1), "-o", out, path)
		if got, err := os.ReadFile(out); err != nil || string(got) != want {
			t.Errorf("file %d came out with %d bytes, %v", n+1, len(got), err)
		}
	}
}

func TestParseFontRefuses(t *testing.T) {
	t.Parallel()
	good := goregular.TTF
	composite := bytes.Clone(good)
	parsed := font(t, "Go-Regular", good)
	at := bytes.Index(composite, parsed.tables["glyf"]) + int(parsed.loca[parsed.glyphs['a']])
	composite[at], composite[at+1] = 0xFF, 0xFF // no number of contours: made of others
	for name, ttf := range map[string][]byte{
		"empty": nil, "text": []byte("%PDF-1.7 and more text than that"), "no tables": good[:12], "cut": good[:2000],
		"cut in a table": good[:len(good)-len(good)/3], "a glyph made of others": composite,
	} {
		if f, err := ParseFont("x", ttf); !errors.Is(err, ErrFont) || f != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !parsed.Has('ő') || parsed.Has('名') {
		t.Error("characters of the font")
	}
	if w := parsed.Width("mm", 10); w != 2*parsed.Width("m", 10) || w < 10 || w > 25 {
		t.Errorf("width %f", w)
	}
}

func TestSyntax(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		name("application/x+y z#"): "/application#2Fx+y#20z#23", number(10): "10", number(0.126): "0.13", number(841.89): "841.89", number(-0.5): "-0.5",
		text("aÄ"): "<FEFF006100C4>", languageTag("fr-BE)x("): "(fr-BEx)",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
