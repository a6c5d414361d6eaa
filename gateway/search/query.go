package search

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of a query.
const (
	MaxText    = 512    // bytes of the text
	MaxWords   = 16     // of the text
	MaxWord    = 64     // code points of a word that are looked at
	MaxValues  = 16     // of one filter
	MaxValue   = 256    // bytes of a filter's value
	MaxPage    = 100    // hits on a page
	MaxDepth   = 10_000 // hits that can be paged through
	DefaultHit = 20     // hits on a page when not said
)

// Query is a question to the index. The zero Query finds everything, the last changed first.
type Query struct {
	// Text is free words; each must be found, in any language.
	Text string
	// Filter keeps what has one of the values of each facet named.
	Filter map[Facet][]string
	// Languages are those of the reader, best first, as BCP 47 tags. Their words without meaning of
	// their own, such as articles, need not be found.
	Languages []string
	// Offset and Limit choose the page; a Limit of 0 is DefaultHit.
	Offset, Limit int
}

// Check says what is wrong with a query, as ErrQuery. An unchecked query is refused by Search alike.
func (q Query) Check() error {
	switch {
	case len(q.Text) > MaxText:
		return fmt.Errorf("%w: the text has more than %d bytes", ErrQuery, MaxText)
	case !utf8.ValidString(q.Text):
		return fmt.Errorf("%w: the text is not UTF-8", ErrQuery)
	case len(split(q.Text)) > MaxWords:
		return fmt.Errorf("%w: the text has more than %d words", ErrQuery, MaxWords)
	case q.Limit < 0 || q.Limit > MaxPage:
		return fmt.Errorf("%w: a page has 1 to %d hits", ErrQuery, MaxPage)
	case q.Offset < 0 || q.Offset+q.limit() > MaxDepth:
		return fmt.Errorf("%w: only the first %d hits can be paged through; narrow the question", ErrQuery, MaxDepth)
	}
	for facet, values := range q.Filter {
		if !known(facet) {
			return fmt.Errorf("%w: there is no facet %q", ErrQuery, string(facet))
		}
		if len(values) > MaxValues {
			return fmt.Errorf("%w: %s has more than %d values", ErrQuery, facet, MaxValues)
		}
		for _, v := range values {
			if len(v) > MaxValue || !utf8.ValidString(v) {
				return fmt.Errorf("%w: a value of %s is too long or not UTF-8", ErrQuery, facet)
			}
		}
	}
	return nil
}

func (q Query) limit() int {
	if q.Limit == 0 {
		return DefaultHit
	}
	return q.Limit
}

func known(f Facet) bool {
	for _, k := range Facets() {
		if k == f {
			return true
		}
	}
	return false
}

// must and may are the words of the text: those that have to be found, and those that only help the
// order. When nothing has meaning of its own, everything has to be found.
func (q Query) words(w *words) (must, may []word) {
	langs := []string{"en"}
	for _, l := range q.Languages {
		base, _, _ := strings.Cut(strings.ToLower(l), "-")
		langs = append(langs, base)
	}
	for _, text := range unique(split(q.Text)) {
		if w.empty(text, langs) {
			may = append(may, w.of(text))
			continue
		}
		must = append(must, w.of(text))
	}
	if len(must) == 0 {
		return may, nil
	}
	return must, may
}
