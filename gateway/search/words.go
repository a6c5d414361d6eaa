package search

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/char/asciifolding"
	"github.com/blevesearch/bleve/v2/registry"
)

// stemMark begins a stem in the index, so that no stem is taken for a word, and headMark the head of a
// word of a language without a stemmer.
const (
	stemMark = "~"
	headMark = "^"
	// headLength is how many code points of a longer word stand for all its forms. Cutting off does
	// nearly as well as stemming for the inflected languages of Europe.
	headLength = 6
)

// words knows the languages. It is safe for concurrent use.
type words struct {
	stems map[string]analysis.TokenFilter // by language
	stops map[string]analysis.TokenMap
	fold  analysis.CharFilter
}

// word is a word with the forms by which it is found.
type word struct {
	exact string
	stems []string // with stemMark or headMark; sorted
}

func newWords() (*words, error) {
	w := &words{stems: map[string]analysis.TokenFilter{}, stops: map[string]analysis.TokenMap{}, fold: asciifolding.New()}
	cache := registry.NewCache()
	for _, l := range languages {
		var err error
		w.stems[l.tag] = nil
		if l.stop != "" {
			w.stops[l.tag], err = cache.TokenMapNamed(l.stop)
		}
		if err == nil && l.stemmer != "" {
			w.stems[l.tag], err = cache.TokenFilterNamed(l.stemmer)
		}
		if err != nil {
			return nil, fmt.Errorf("search: language %s: %w", l.tag, err)
		}
	}
	return w, nil
}

// split takes a text apart into lower-case words: runs of letters, digits and marks. What could be a
// pattern elsewhere only separates words here.
func split(text string) []string {
	list := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	out := list[:0]
	for _, s := range list {
		s = strings.ToLower(clip(s))
		if utf8.RuneCountInString(s) > 1 || unicode.IsDigit(rune(s[0])) {
			out = append(out, s)
		}
	}
	return out
}

// clip bounds a word.
func clip(s string) string {
	if len(s) <= MaxWord {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > MaxWord {
			return s[:i]
		}
	}
	return s
}

// folded is a word without accents and marks.
func (w *words) folded(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, string(w.fold.Filter([]byte(s))))
}

// stem is what stands for all forms of a lower-case word in a language, folded; ok is false when that is
// the word itself, or the language is not known.
func (w *words) stem(s, lang string) (string, bool) {
	f, known := w.stems[lang]
	if !known {
		return "", false
	}
	if f == nil {
		return w.head(s)
	}
	out := f.Filter(analysis.TokenStream{{Term: []byte(s), Position: 1, End: len(s)}})
	if len(out) != 1 || len(out[0].Term) == 0 {
		return "", false
	}
	return stemMark + w.folded(string(out[0].Term)), true
}

// head is the beginning of a longer word.
func (w *words) head(s string) (string, bool) {
	n := 0
	s = w.folded(s)
	for i := range s {
		if n == headLength {
			return headMark + s[:i], true
		}
		n++
	}
	return "", false
}

// of gives the forms of a word in a query, whose language is not known: its stem in every language.
func (w *words) of(s string) word {
	out := word{exact: w.folded(s)}
	for _, l := range languages {
		if stem, ok := w.stem(s, l.tag); ok {
			out.stems = append(out.stems, stem)
		}
	}
	slices.Sort(out.stems)
	out.stems = slices.Compact(out.stems)
	return out
}

// empty says whether a word has no meaning of its own in any of the languages.
func (w *words) empty(s string, langs []string) bool {
	return slices.ContainsFunc(langs, func(l string) bool { return w.stops[base(l)][s] })
}

// base is the language whose words are used for a tag.
func base(tag string) string {
	b, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if same, ok := sameAs[b]; ok {
		return same
	}
	return b
}

// analyzer gives the terms of a text in one language, for the index.
type analyzer struct {
	words *words
	lang  string
}

// Analyze gives each word as written and, in the same place, its stem.
func (a analyzer) Analyze(text []byte) analysis.TokenStream {
	list := split(string(text))
	out := make(analysis.TokenStream, 0, 2*len(list))
	for i, s := range list {
		out = append(out, &analysis.Token{Term: []byte(a.words.folded(s)), Position: i + 1})
		if stem, ok := a.words.stem(s, a.lang); ok {
			out = append(out, &analysis.Token{Term: []byte(stem), Position: i + 1})
		}
	}
	return out
}

// unique drops repeated strings and keeps the order.
func unique(list []string) []string {
	seen := make(map[string]bool, len(list))
	out := list[:0]
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
