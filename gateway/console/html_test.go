package console

import (
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// targets are the pages that are looked at, with the reader's languages.
var targets = []struct{ golden, target, language string }{
	{"list", "/hub/catalogue?limit=2", "fi"},
	{"found", "/hub/catalogue?q=stays+%3Cb%3E&country=FR&country=FI", "en"},
	{"nothing", "/hub/catalogue?q=nothingness", "en"},
	{"dataset", "/hub/catalogue/datasets/own:ds:FI:set%252F1", "fi"},
	{"hostile", "/hub/catalogue/datasets/eu:b", "fr"},
	{"absent", "/hub/catalogue/datasets/eu:none", "en"},
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// elements are those of a document by tag.
func elements(doc *html.Node) map[atom.Atom][]*html.Node {
	out := map[atom.Atom][]*html.Node{}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			out[n.DataAtom] = append(out[n.DataAtom], n)
		}
	}
	return out
}

// shows R15.2.1-3
func TestPagesAsHTML(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 3)
	for _, c := range targets {
		t.Run(c.golden, func(t *testing.T) {
			rec := get(t, h, http.MethodGet, c.target, "Accept-Language", c.language)
			body := rec.Body.String()
			file := filepath.Join("testdata", c.golden+".html")
			if *update {
				if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), body); diff != "" {
				t.Errorf("the page (-want +got):\n%s", diff)
			}
			doc, err := html.Parse(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			by := elements(doc)
			if policy := rec.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self';") {
				t.Errorf("policy %q", policy)
			}
			accessible(t, doc, by)
			selfContained(t, h, doc, by)
		})
	}
}

// accessible checks what WCAG 2.1 AA asks of the structure.
func accessible(t *testing.T, doc *html.Node, by map[atom.Atom][]*html.Node) {
	t.Helper()
	if lang, _ := attr(by[atom.Html][0], "lang"); lang != "en" { // 3.1.1
		t.Errorf("language of the page %q", lang)
	}
	for _, once := range []atom.Atom{atom.Title, atom.Main, atom.H1, atom.Header, atom.Footer} { // 2.4.2, 1.3.1
		if n := len(by[once]); n != 1 || once != atom.Footer && text(by[once][0]) == "" {
			t.Errorf("%d of <%s>, or an empty one", n, once)
		}
	}
	ids := map[string]int{}
	level := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id, ok := attr(n, "id"); ok {
			ids[id]++
		}
		if m := regexp.MustCompile(`^h([1-6])$`).FindStringSubmatch(n.Data); m != nil {
			now, _ := strconv.Atoi(m[1])
			if now > level+1 { // headings do not skip a level
				t.Errorf("heading %d after %d: %q", now, level, text(n))
			}
			level = now
		}
		if i, ok := attr(n, "tabindex"); ok && i != "0" && i != "-1" {
			t.Errorf("tabindex %s changes the order of the keyboard", i)
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q is used %d times", id, n) // 4.1.1
		}
	}
	skip := by[atom.A][0]
	if to, _ := attr(skip, "href"); !strings.HasPrefix(to, "#") || ids[to[1:]] != 1 { // 2.4.1
		t.Errorf("the first link does not lead to the content: %q", to)
	}
	labels := map[string]bool{}
	for _, l := range by[atom.Label] {
		to, _ := attr(l, "for")
		labels[to] = text(l) != ""
	}
	for _, in := range slices.Concat(by[atom.Input], by[atom.Select], by[atom.Textarea]) { // 3.3.2, 4.1.2
		id, _ := attr(in, "id")
		if kind, _ := attr(in, "type"); kind != "hidden" && !labels[id] {
			t.Errorf("input %q has no label", id)
		}
	}
	names := map[string]bool{}
	for _, n := range by[atom.Nav] {
		name, _ := attr(n, "aria-label")
		if name == "" || names[name] {
			t.Errorf("navigation %q has no name of its own", name)
		}
		names[name] = true
	}
	for _, a := range slices.Concat(by[atom.A], by[atom.Button]) { // 2.4.4
		if text(a) == "" {
			t.Errorf("a link or button without text: %v", a.Attr)
		}
	}
}

// selfContained checks that a page loads nothing from elsewhere and runs nothing, and that its own
// links lead somewhere.
func selfContained(t *testing.T, h http.Handler, doc *html.Node, by map[atom.Atom][]*html.Node) {
	t.Helper()
	for _, tag := range []atom.Atom{atom.Script, atom.Style, atom.Img, atom.Iframe, atom.Object, atom.Embed, atom.Base, atom.Svg, atom.Video, atom.Audio} {
		if len(by[tag]) > 0 {
			t.Errorf("the page has <%s>", tag)
		}
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "srcset" {
				t.Errorf("<%s %s>", n.Data, a.Key)
			}
		}
	}
	for _, l := range slices.Concat(by[atom.A], by[atom.Link], by[atom.Form]) {
		to, ok := attr(l, "href")
		if l.DataAtom == atom.Form {
			to, ok = attr(l, "action")
		}
		u, err := url.Parse(to)
		switch {
		case !ok || err != nil:
			t.Errorf("<%s> leads nowhere: %q, %v", l.Data, to, err)
		case strings.HasPrefix(to, "#"):
		case u.Scheme == "" && u.Host == "" && strings.HasPrefix(to, "/"):
			if rec := get(t, h, http.MethodGet, to); rec.Code != http.StatusOK {
				t.Errorf("%s: status %d", to, rec.Code)
			}
		case l.DataAtom != atom.A || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || strings.Contains(u.Host, "evil"):
			t.Errorf("<%s> leads to %q", l.Data, to)
		}
	}
}

// TestHostileIsShown: hostile text is there to be read, as text.
// shows R16.0.1
func TestHostileIsShown(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 0)
	doc, err := html.Parse(strings.NewReader(get(t, h, http.MethodGet, "/hub/catalogue/datasets/eu:b", "Accept-Language", "fr").Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	by := elements(doc)
	if got := text(by[atom.H1][0]); got != `<script>alert('stays')</script>" onmouseover="x` {
		t.Errorf("title %q", got)
	}
	if lang, _ := attr(by[atom.H1][0], "lang"); lang != "fr" {
		t.Errorf("language of the title %q", lang)
	}
	page := text(by[atom.Main][0])
	for _, want := range []string{"javascript:alert(2)", "https://user:pw@evil.example/", "</p><img src=//evil.example/x>", "{{.Root}}", "a node described elsewhere"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not shown", want)
		}
	}
	var links []string
	for _, a := range by[atom.A] {
		if rel, _ := attr(a, "rel"); strings.Contains(rel, "nofollow") {
			to, _ := attr(a, "href")
			links = append(links, to)
		}
	}
	if !slices.Contains(links, "https://good.example/?a=1&b=%22") || slices.Contains(links, "https://plain.example/") {
		t.Errorf("links %q", links)
	}
}

// luminance is that of a colour "#rrggbb" (WCAG 2.1, relative luminance).
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	var rgb [3]int
	if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		t.Fatalf("%q: %v", colour, err)
	}
	out := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(rgb[i]) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		out += weight * c
	}
	return out
}

// TestContrast: text on its background has at least 4.5 to 1 (WCAG 2.1, 1.4.3).
// shows R15.2.4
func TestContrast(t *testing.T) {
	t.Parallel()
	rule := regexp.MustCompile(`([^{}]+)\{([^}]*)\}`)
	colour := regexp.MustCompile(`(?:^|[;\s])(color|background):\s*(#[0-9a-f]{6})`)
	checked := 0
	for _, m := range rule.FindAllStringSubmatch(string(style), -1) {
		front, back := "", "#ffffff"
		for _, c := range colour.FindAllStringSubmatch(m[2], -1) {
			if c[1] == "color" {
				front = c[2]
			} else {
				back = c[2]
			}
		}
		if front == "" {
			continue
		}
		a, b := luminance(t, front), luminance(t, back)
		if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
			t.Errorf("%s: %s on %s has %.1f to 1", strings.TrimSpace(m[1]), front, back, ratio)
		}
		checked++
	}
	if checked < 4 || strings.Contains(string(style), "url(") || strings.Contains(string(style), "@import") {
		t.Errorf("%d colours were looked at, or the style loads something", checked)
	}
}
