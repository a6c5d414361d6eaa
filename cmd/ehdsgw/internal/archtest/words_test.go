package archtest

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A phrase is something no file of the repository may say. Each needle is
// written with a ~ in it that is taken out, so that this file does not say it
// either; without the flag exact, capitals do not matter.
type phrase struct {
	what        string
	left, right string // patterns of what must stand around a needle
	exact       bool
	needles     []string
}

// word is the boundary around a needle that is a word.
const word = `\b`

var phrases = []phrase{
	{what: "a registry's host: say the registry's client, or nothing", left: word, right: word, needles: []string{
		"proxy.go~lang.org", "sum.go~lang.org", "index.go~lang.org", "registry.n~pmjs.org", "py~pi.org", "crates~.io",
		"rubygems~.org", "docker~.io", "gh~cr.io", "qu~ay.io", "g~cr.io", "mcr.micro~soft.com",
	}},
	{what: "an absolute path of somebody's machine", left: "(?:^|[\\s\"'(=:,`])", right: `[A-Za-z0-9._-]`, exact: true, needles: []string{
		"/wo~rk/", "/ho~me/", "/Us~ers/", "/ro~ot/",
	}},
	{what: "a document outside the repository", left: word, right: word, needles: []string{"shared/des~ign", "shared/ho~oks"}},
	{what: "how the work is organised; a reader needs what and why", left: word, right: `(?:s|'s)?` + word, needles: []string{
		"sub-ag~ent", "subag~ent", "plan~ner", "work~stream", "language mod~el", "chat~gpt", "clau~de", "anth~ropic", "copi~lot",
		"ai-gen~erated", "ai gen~erated", "co-authored-~by", "this sess~ion", "previous sess~ion", "next sess~ion",
		"last sess~ion", "another sess~ion", "the br~ief", "issues sh~ow",
	}},
	{what: "a number in somebody's tracker; say what it is about", left: word, right: `#?[0-9]+` + word, needles: []string{"iss~ue "}},
	{what: "unfinished work: finish it, or write it down where users look", left: `(?:^|[^."/\w])`, right: word, exact: true, needles: []string{
		"TO~DO", "FIX~ME", "XX~X", "HA~CK",
	}},
}

// compile makes the pattern of a line that says it.
func (p phrase) compile() *regexp.Regexp {
	flags := "(?i)"
	if p.exact {
		flags = ""
	}
	quoted := make([]string, len(p.needles))
	for i, n := range p.needles {
		quoted[i] = regexp.QuoteMeta(strings.ReplaceAll(n, "~", ""))
	}
	return regexp.MustCompile(flags + p.left + "(?:" + strings.Join(quoted, "|") + ")" + p.right)
}

// in tells whether a text, in small letters, may hold the phrase: a cheap
// look before the pattern.
func (p phrase) in(lower []byte) bool {
	return slices.ContainsFunc(p.needles, func(n string) bool {
		return bytes.Contains(lower, []byte(strings.ToLower(strings.ReplaceAll(n, "~", ""))))
	})
}

// forbiddenWords reports them by file and line.
func forbiddenWords(t *tree) (out []string) {
	for _, p := range phrases {
		pattern := p.compile()
		for _, name := range slices.Sorted(maps.Keys(t.texts)) {
			if name == "LICENSE" || name == "go.sum" || !p.in(bytes.ToLower(t.texts[name])) {
				continue
			}
			for i, line := range bytes.Split(t.texts[name], []byte("\n")) {
				if m := pattern.Find(line); m != nil {
					out = append(out, fmt.Sprintf("%s:%d says %q: %s", name, i+1, bytes.TrimSpace(m), p.what))
				}
			}
		}
	}
	return out
}

func TestForbiddenWords(t *testing.T) { checkModule(t, forbiddenWords) }

func TestForbiddenWordsBite(t *testing.T) {
	in := func(line string) map[string]string {
		return map[string]string{"docs/x.md": "# Title\n\n" + line + "\n"}
	}
	checkSamples(t, forbiddenWords, []sample{
		{"registry", in("GOPROXY=https://proxy.go" + "lang.org"), "docs/x.md:3 says"},
		{"image registry", in("FROM gh" + "cr.io/x/y"), "registry's host"},
		{"path", in("see /wo" + "rk/main"), "absolute path"},
		{"path in code", map[string]string{"x/x.go": "package x\n\nconst p = \"/ho" + "me/me/x\"\n"}, "x/x.go:3 says"},
		{"outside document", in("see ../shared/des" + "ign/x.md"), "outside the repository"},
		{"organisation", in("the plan" + "ner decided"), "how the work is organised"},
		{"organisation, in capitals", in("Left for the next Sess" + "ion."), "how the work is organised"},
		{"numbered", in("see issue #" + "12"), "somebody's tracker"},
		{"unfinished", map[string]string{"x/x.go": "package x // TO" + "DO\n"}, "unfinished work"},
		{"good", in("A session of a reviewer; `https://data.example/wo" + "rk/x`; rooms and arrows; t.Helper(); context.TO" + "DO(); the issuer 12 signs"), ""},
		{"data beside the repository", in("`../shared/data/catalogue`"), ""},
	})
}

// TestEveryNeedleBites says each needle once, where only it stands.
func TestEveryNeedleBites(t *testing.T) {
	for _, p := range phrases {
		for _, n := range p.needles {
			said := strings.ReplaceAll(n, "~", "")
			line := "see " + said + " then"
			if strings.HasSuffix(said, "/") || strings.HasSuffix(said, " ") {
				line = "see " + said + "12 then"
			}
			tr := &tree{texts: map[string][]byte{"x.md": []byte(line)}}
			if got := forbiddenWords(tr); len(got) != 1 {
				t.Errorf("%q gives %q, want one report", n, got)
			}
		}
	}
}
