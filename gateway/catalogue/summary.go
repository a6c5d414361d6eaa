package catalogue

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds of a summary. What is beyond them is left out: a summary is for finding and listing, the
// description itself is whole.
const (
	maxSummaryText   = 16 << 10 // bytes of one text
	maxSummaryTexts  = 64       // languages, and keywords of one language
	maxSummaryValues = 64       // themes, categories, identifiers
)

// Properties read into a summary, besides those of a record.
var (
	dctDescription    = rdf.NewIRI(rdf.NSDCT + "description")
	dctModified       = rdf.NewIRI(rdf.NSDCT + "modified")
	dctPublisher      = rdf.NewIRI(rdf.NSDCT + "publisher")
	dcatKeyword       = rdf.NewIRI(rdf.NSDCAT + "keyword")
	healthTheme       = rdf.NewIRI(rdf.NSHealthDCATAP + "healthTheme")
	skosNotation      = rdf.NewIRI(rdf.NSSKOS + "notation")
	themesAuthorities = []string{
		"http://publications.europa.eu/resource/authority/data-theme/", "https://hdeu-dcat.data.health.europa.eu/resource/authority/health-theme/",
	}
)

// Summary is what a description is found and listed by.
type Summary struct {
	IRI        string
	Identifier string   // the smallest dct:identifier
	Origins    []string // identifiers elsewhere: the notations of adms:identifier
	// Title and Description are by lower-case language tag, Keywords too, sorted; "und" without one.
	Title       map[string]string
	Description map[string]string
	Keywords    map[string][]string
	Categories  []string // codes of Art. 51(1)
	Themes      []string // codes of the lists of themes, else IRIs
	Access      string   // PUBLIC, RESTRICTED or NON_PUBLIC
	Publisher   string   // name
	HDAB        string   // name, else IRI
	Modified    time.Time
}

// Summarise reads a summary of the dataset a graph describes at subject.
func Summarise(g *rdf.Graph, subject rdf.Term) Summary {
	r := Record{Subject: subject, Graph: g}
	r.name()
	r.describe()
	s := Summary{
		IRI: r.IRI, Identifier: r.Identifier, Title: clipped(r.Title), Description: clipped(titles(g.Objects(subject, dctDescription))),
		Keywords: keywordsOf(g.Objects(subject, dcatKeyword)), Categories: first(slices.Compact(r.Categories)), Access: r.AccessRights,
		Publisher: agentName(g, subject, dctPublisher), HDAB: agentName(g, subject, healthHDAB), Modified: modified(g.Objects(subject, dctModified)),
	}
	for _, v := range append(r.Theme, iris(g.Objects(subject, healthTheme))...) {
		for _, a := range themesAuthorities {
			v = strings.TrimPrefix(v, a)
		}
		s.Themes = append(s.Themes, v)
	}
	slices.Sort(s.Themes)
	s.Themes = first(slices.Compact(s.Themes))
	for _, id := range g.Objects(subject, admsIdentifier) {
		if n := smallestLiteral(g, id, skosNotation); n != "" {
			s.Origins = append(s.Origins, n)
		}
	}
	slices.Sort(s.Origins)
	s.Origins = first(slices.Compact(s.Origins))
	return s
}

// agentName names the agent a property leads to: its smallest name, else its IRI.
func agentName(g *rdf.Graph, s, p rdf.Term) string {
	var names []string
	for _, a := range g.Objects(s, p) {
		if n := smallestLiteral(g, a, foafName); n != "" {
			names = append(names, clip(n))
		}
	}
	if len(names) > 0 {
		return slices.Min(names)
	}
	if named := iris(g.Objects(s, p)); len(named) > 0 {
		return clip(named[0])
	}
	return ""
}

func keywordsOf(values []rdf.Term) map[string][]string {
	out := map[string][]string{}
	for _, v := range values {
		if v.Kind != rdf.Literal || v.Value == "" {
			continue
		}
		lang := strings.ToLower(v.Lang)
		if lang == "" {
			lang = undeterminedLang
		}
		if len(out[lang]) < maxSummaryTexts && (len(out[lang]) > 0 || len(out) < maxSummaryTexts) {
			out[lang] = append(out[lang], clip(v.Value))
		}
	}
	for lang := range out {
		slices.Sort(out[lang])
	}
	return out
}

// modified is the latest xsd:date or xsd:dateTime; zero when there is none.
func modified(values []rdf.Term) (latest time.Time) {
	for _, v := range values {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
			if at, err := time.Parse(layout, v.Value); err == nil && at.After(latest) {
				latest = at.UTC()
			}
		}
	}
	return latest
}

// clipped bounds texts by language.
func clipped(texts map[string]string) map[string]string {
	out := make(map[string]string, len(texts))
	langs := make([]string, 0, len(texts))
	for lang := range texts {
		langs = append(langs, lang)
	}
	slices.Sort(langs)
	for _, lang := range langs[:min(len(langs), maxSummaryTexts)] {
		out[lang] = clip(texts[lang])
	}
	return out
}

// clip cuts a text between two characters.
func clip(s string) string {
	if len(s) <= maxSummaryText {
		return s
	}
	at := maxSummaryText
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return s[:at]
}

func first(list []string) []string { return list[:min(len(list), maxSummaryValues)] }
