package shacl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Wording says results to people in their language.
type Wording struct {
	lang     string // of phrases
	tag      string // as asked for
	prefixes map[string]string
}

// NewWording returns the wording in a language (BCP 47, such as fr or fr-BE). Where this package does not
// know the language it speaks English; messages of the shapes are still looked for in the language. The
// prefixes abbreviate IRIs; nil means rdf.Prefixes.
func NewWording(lang string, prefixes map[string]string) *Wording {
	if prefixes == nil {
		prefixes = rdf.Prefixes()
		prefixes["sh"] = NS
	}
	w := &Wording{lang: "en", tag: lang, prefixes: prefixes}
	primary, _, _ := strings.Cut(strings.ToLower(lang), "-")
	if _, ok := phrases[primary]; ok {
		w.lang = primary
	}
	if w.tag == "" {
		w.tag = "en"
	}
	return w
}

// Languages are those this package speaks, in alphabetical order.
func Languages() []string {
	var out []string
	for lang := range phrases {
		out = append(out, lang)
	}
	slices.Sort(out)
	return out
}

// Message says what is wrong: in the words of the shape when it has them in the reader's language, else
// in words of this package, behind which stand those of the shape in another language.
func (w *Wording) Message(r *Result) string {
	own, exact := w.declared(r)
	if exact {
		return own
	}
	said := w.phrase(r, phrases[w.lang].messages)
	if own != "" {
		said += " (" + own + ")"
	}
	return said
}

// declared is the shape's message that suits the reader best, and whether it is in their language. One
// without a language tag is taken for English.
func (w *Wording) declared(r *Result) (message string, exact bool) {
	best := -1
	for _, m := range r.Messages {
		rank := 0
		switch {
		case m.Lang != "" && languageMatches(m.Lang, w.tag), m.Lang == "" && w.lang == "en":
			rank = 3
		case m.Lang != "" && languageMatches(w.tag, m.Lang):
			rank = 2
		case m.Lang == "" || languageMatches(m.Lang, "en"):
			rank = 1
		}
		if rank > best {
			best, message = rank, m.Value
		}
	}
	return message, best >= 2
}

// Hint says what to do about a result.
func (w *Wording) Hint(r *Result) string {
	if len(r.Details) == 0 || r.Component == AndComponent || r.Component == OrComponent {
		return w.phrase(r, phrases[w.lang].hints)
	}
	first := &r.Details[0]
	hint := w.Hint(first)
	if first.want.undescribed {
		hint = strings.ReplaceAll(phrases[w.lang].undescribed, "{focus}", w.Compact(first.Focus))
	}
	if first.Line == r.Line && first.Col == r.Col && first.File == r.File {
		return w.message(first) + ": " + hint
	}
	return w.message(first) + at(first.Line, first.Col) + ": " + hint
}

// message is Message without the words of the shape in another language.
func (w *Wording) message(r *Result) string {
	if own, exact := w.declared(r); exact {
		return own
	}
	return w.phrase(r, phrases[w.lang].messages)
}

// at shows a place.
func at(line, col int) string {
	switch {
	case line == 0:
		return ""
	case col == 0:
		return " (" + strconv.Itoa(line) + ")"
	}
	return " (" + strconv.Itoa(line) + ":" + strconv.Itoa(col) + ")"
}

// phrase fills in the phrase for a result's component.
func (w *Wording) phrase(r *Result, list map[string]string) string {
	key := strings.TrimSuffix(strings.TrimPrefix(r.Component, NS), "ConstraintComponent")
	if (key == "MinCount" || key == "QualifiedMinCount") && r.want.number == 1 || key == "MaxCount" && r.want.number == 0 {
		key += strconv.Itoa(r.want.number)
	}
	if key == "NodeKind" && len(r.want.terms) > 0 {
		key += "-" + strings.TrimPrefix(r.want.terms[0].Value, NS)
	}
	text, ok := list[key]
	if !ok {
		text = list[""]
	}
	if r.Path.IsZero() {
		text = strings.NewReplacer(phrases[w.lang].node...).Replace(text)
	}
	return strings.NewReplacer(
		"{path}", r.Path.Compact(w.prefixes), "{want}", w.wanted(r), "{n}", strconv.Itoa(r.want.number), "{text}", r.want.text,
		"{component}", w.Compact(rdf.NewIRI(r.Component)),
	).Replace(text)
}

// maxListed is how many permitted values a hint lists.
const maxListed = 12

func (w *Wording) wanted(r *Result) string {
	var out []string
	for i, t := range r.want.terms {
		if i == maxListed {
			out = append(out, "… ("+strconv.Itoa(len(r.want.terms))+")")
			break
		}
		if t.Kind == rdf.Blank {
			return phrases[w.lang].shape
		}
		out = append(out, w.Compact(t))
	}
	return strings.Join(out, ", ")
}

// Compact renders a term: an IRI abbreviated, a literal as in Turtle.
func (w *Wording) Compact(t rdf.Term) string {
	switch {
	case t.Kind == rdf.IRI:
		return compactIRI(t.Value, w.prefixes)
	case t.Kind == rdf.Literal && t.Lang == "" && t.Datatype != rdf.XSDString:
		return rdf.NewString(t.Value).String() + "^^" + compactIRI(t.Datatype, w.prefixes)
	}
	return t.String()
}
