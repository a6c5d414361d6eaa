package archtest

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"
)

// A phrase is something no file of the repository may say. The patterns are
// put together from parts, so that this file does not say it either.
type phrase struct {
	what    string
	pattern *regexp.Regexp
}

var phrases = []phrase{
	{"a registry's host: say the registry's client, or nothing", regexp.MustCompile(
		`(?i)\b(` + `proxy\.go` + `lang\.org|sum\.go` + `lang\.org|index\.go` + `lang\.org|registry\.n` + `pmjs\.org|py` + `pi\.org|crates` + `\.io|rubygems` + `\.org|docker` + `\.io|gh` + `cr\.io|qu` + `ay\.io|\bg` + `cr\.io|mcr\.micro` + `soft\.com)\b`)},
	{"an absolute path of somebody's machine", regexp.MustCompile(
		`(^|[\s"'(=:,` + "`" + `])/(wo` + `rk|ho` + `me|Us` + `ers|ro` + `ot)/[A-Za-z0-9._-]`)},
	{"a document outside the repository", regexp.MustCompile(`(?i)shared/(des` + `ign|ho` + `oks)\b`)},
	{"how the work is organised; a reader needs what and why", regexp.MustCompile(
		`(?i)\b(sub-?ag` + `ents?|plan` + `ners?|work` + `streams?|language mod` + `els?|chat` + `gpt|clau` + `de|anth` + `ropic|copi` + `lot|ai[- ]gen` + `erated|co-authored-` + `by|(this|previous|next|last|another) sess` + `ion|the br` + `ief('s)?|issues sh` + `ow|issue ` + `#?[0-9]+)\b`)},
	{"unfinished work: finish it, or write it down where users look", regexp.MustCompile(`(^|[^."/\w])(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)},
}

// forbiddenWords reports them by file and line.
func forbiddenWords(t *tree) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(t.texts)) {
		if name == "LICENSE" || name == "go.sum" {
			continue
		}
		for i, line := range bytes.Split(t.texts[name], []byte("\n")) {
			for _, p := range phrases {
				if m := p.pattern.Find(line); m != nil {
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
		{"numbered", in("see issue #" + "12"), "how the work is organised"},
		{"unfinished", map[string]string{"x/x.go": "package x // TO" + "DO\n"}, "unfinished work"},
		{"good", in("A session of a reviewer; `https://data.example/work/x`; rooms and arrows; t.Helper(); context.TO" + "DO(); the issuer 12 signs"), ""},
		{"data beside the repository", in("`../shared/data/catalogue`"), ""},
	})
}
