package documents

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/ehdsgw/ehdsgw/gateway/documents/pdf"
)

//go:embed templates/*.json
var templates embed.FS

// fallback is the language of a document whose case has another than there are templates for.
const fallback = "en"

// languages lists those there are templates for.
func languages() []string { return []string{"en", "fr", "fi", "sv", "de"} }

// block is one part of a document: a heading, a paragraph, fields.
type block struct {
	Heading string
	Text    string
	Fields  []struct{ Field, Article string }
}

// words are a language's texts.
type words struct {
	Language string
	Date     string
	FirstDay string `json:"first_day"` // how the first of a month is written, where that differs
	Months   []string
	Articles []string // article, with paragraph, with paragraph and point
	Page     string
	Titles, Intros, Texts, Headings,
	Labels, Values, Purposes map[string]string
}

// Templates are the layouts, languages and fonts, read once.
type Templates struct {
	layout map[Kind][]block
	words  map[string]words
	fonts  fonts
}

// NewTemplates reads the templates of this package. An error is a defect of the program.
func NewTemplates() (*Templates, error) {
	t := &Templates{layout: map[Kind][]block{}, words: map[string]words{}}
	var layout struct {
		Parts map[string]block
		Kinds map[Kind][]string // the parts of each, in order
	}
	if err := read("layout", &layout); err != nil {
		return nil, err
	}
	for kind, names := range layout.Kinds {
		for _, name := range names {
			part, ok := layout.Parts[name]
			if !ok {
				return nil, fmt.Errorf("document template layout: no part %s", name)
			}
			t.layout[kind] = append(t.layout[kind], part)
		}
	}
	for _, l := range languages() {
		var w words
		if err := read(l, &w); err != nil {
			return nil, err
		}
		t.words[l] = w
	}
	var err error
	if t.fonts.regular, err = pdf.ParseFont("Go-Regular", goregular.TTF); err != nil {
		return nil, fmt.Errorf("document font: %w", err)
	}
	if t.fonts.bold, err = pdf.ParseFont("Go-Bold", gobold.TTF); err != nil {
		return nil, fmt.Errorf("document font: %w", err)
	}
	return t, nil
}

func read(name string, to any) error {
	text, err := templates.ReadFile("templates/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		return fmt.Errorf("document template %s: %w", name, err)
	}
	return nil
}

// in gives the words of the language of a tag, or of the fallback.
func (t *Templates) in(tag string) (w words, ok bool) {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if w, ok := t.words[base]; ok {
		return w, true
	}
	return t.words[fallback], false
}

// day writes a date.
func (w words) day(t time.Time) string {
	d := strconv.Itoa(t.Day())
	if t.Day() == 1 && w.FirstDay != "" {
		d = w.FirstDay
	}
	return strings.NewReplacer("{d}", d, "{month}", w.Months[t.Month()-1], "{y}", strconv.Itoa(t.Year())).Replace(w.Date)
}

// fullDate writes an RFC 3339 full-date; what is none is left as it is.
func (w words) fullDate(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return w.day(t)
}

// article writes a reference "68.10.a".
func (w words) article(ref string) string {
	parts := strings.SplitN(ref, ".", 3)
	if ref == "" || len(parts) > len(w.Articles) {
		return ""
	}
	names := []string{"{a}", "{p}", "{q}"}
	var pairs []string
	for i, p := range parts {
		pairs = append(pairs, names[i], p)
	}
	return strings.NewReplacer(pairs...).Replace(w.Articles[len(parts)-1])
}

// value is the word for a fixed value; an unknown one is shown as it is.
func (w words) value(key string) string {
	if v, ok := w.Values[key]; ok {
		return v
	}
	return key
}

// filled puts values into a text.
func filled(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
