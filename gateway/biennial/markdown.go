package biennial

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Markdown writes a report for people to finish: the figures in tables by letter, first of the nation, then of
// each body. name gives the name of a body by its entity; nil, or an empty name, leaves the entity.
func Markdown(r Report, title string, name func(hdab string) string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nFrom %s to %s. Figures of Art. 59(1) of Regulation (EU) 2025/327, counted from the record of %d cases.\n",
		cell(title), r.Period.From, r.Period.To, r.Cases)
	if r.Lost > 0 {
		fmt.Fprintf(&b, "%d more were erased; what they would add is missing.\n", r.Lost)
	}
	section(&b, "All bodies", r.Figures)
	for _, body := range r.Bodies {
		section(&b, bodyName(body.HDAB, name), body.Figures)
	}
	b.WriteString("\n## How it was counted\n\n")
	for _, f := range r.Figures {
		if f.How != "" {
			fmt.Fprintf(&b, "- %s: %s.\n", words(f.Name), f.How)
		}
	}
	return []byte(b.String())
}

func section(b *strings.Builder, title string, figures []Figure) {
	fmt.Fprintf(b, "\n## %s\n\n| Letter | Figure | Value | Unit | Of which |\n|---|---|---:|---|---|\n", cell(title))
	for _, f := range figures {
		fmt.Fprintf(b, "| (%s) | %s | %s | %s | %s |\n", f.Letter, words(f.Name), f.Text(), f.Unit, cell(f.Division()))
	}
}

// Text is the value for people: an average where the article asks for one, and "not known" for none.
func (f Figure) Text() string {
	switch {
	case f.Value == nil:
		return "not known"
	case f.Average != nil:
		return strconv.FormatFloat(*f.Average, 'f', 1, 64) + " on average of " + strconv.FormatInt(*f.Over, 10)
	case f.Over != nil:
		return "none"
	}
	return strconv.FormatInt(*f.Value, 10)
}

// Division tells the parts of a figure in order, or why it is not known.
func (f Figure) Division() string {
	var parts []string
	for _, p := range slices.Sorted(maps.Keys(f.Parts)) {
		parts = append(parts, p+": "+strconv.FormatInt(f.Parts[p], 10))
	}
	if f.Unknown != "" {
		parts = append(parts, f.Unknown)
	}
	return strings.Join(parts, "; ")
}

func bodyName(hdab string, name func(string) string) string {
	if hdab == "" {
		return "Body not on record"
	}
	if name != nil && name(hdab) != "" {
		return name(hdab) + " (" + hdab + ")"
	}
	return hdab
}

// words is the name of a figure as people read it.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// cell keeps a text from breaking out of its line, its cell or into markup.
func cell(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "|", `\|`, "<", "&lt;").Replace(s)
}
