package register

import (
	"cmp"
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// FeedType is the media type of the feed.
const FeedType = "application/atom+xml"

// atomFeed is a feed of RFC 4287, in pages by RFC 5005 §3.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomPerson  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Updated   string      `xml:"updated"`
	Published string      `xml:"published"`
	Author    *atomPerson `xml:"author,omitempty"`
	Links     []atomLink  `xml:"link"`
	Category  struct {
		Term string `xml:"term,attr"`
	} `xml:"category"`
	Summary string `xml:"summary"`
}

// FeedHead is what a feed says of itself.
type FeedHead struct {
	Base  string // address of the register
	Title string
	Self  string // address of this page of the feed
	// First, Previous and Next are addresses of other pages; empty where there is none.
	First, Previous, Next string
}

// Feed writes a page of entries as an Atom feed. A feed without entries was never updated: it bears the
// date on which the Regulation entered into force.
func Feed(h FeedHead, p Page) ([]byte, error) {
	f := atomFeed{
		Lang: "en", ID: h.Base, Title: h.Title, Author: atomPerson{h.Title}, Updated: instant(inForce()),
		Links: []atomLink{{Rel: "self", Type: FeedType, Href: h.Self}, {Rel: "alternate", Type: "text/html", Href: h.Base}},
	}
	for _, l := range []struct{ rel, to string }{{"first", h.First}, {"previous", h.Previous}, {"next", h.Next}} {
		if l.to != "" {
			f.Links = append(f.Links, atomLink{Rel: l.rel, Type: FeedType, Href: l.to})
		}
	}
	if len(p.Entries) > 0 {
		f.Updated = instant(p.Entries[0].Updated)
	}
	for _, e := range p.Entries {
		at := EntryPath(h.Base, e.ID)
		x := atomEntry{
			ID: at, Title: Headline(e), Updated: instant(e.Updated), Published: instant(e.Date), Summary: Summary(e),
			Links: []atomLink{{Rel: "alternate", Type: "text/html", Href: at}},
		}
		x.Category.Term = string(e.Kind)
		if e.Body != nil {
			x.Author = &atomPerson{cmp.Or(english(e.Body.Name), e.Body.Entity)}
		}
		f.Entries = append(f.Entries, x)
	}
	out, err := xml.MarshalIndent(f, "", " ")
	return append([]byte(xml.Header), append(out, '\n')...), err
}

// EntryPath is the address of an entry below that of the register.
func EntryPath(base, id string) string { return base + "/entries/" + url.PathEscape(id) }

func instant(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// inForce is the day on which Regulation (EU) 2025/327 entered into force (Art. 105).
func inForce() time.Time { return time.Date(2025, 3, 26, 0, 0, 0, 0, time.UTC) }

// Headline is an entry in a line.
func Headline(e Entry) string {
	what := map[Kind]string{
		KindApplication: "Application", KindDecision: "Decision", KindPermit: "Permit " + e.Permit, KindResult: "Result", KindMeasure: "Measure",
	}[e.Kind]
	switch {
	case e.Kind == KindDecision && e.Outcome == ehds.Negative:
		what = "Refusal"
	case e.Kind == KindDecision && e.Outcome == ehds.Positive:
		what = "Decision in favour"
	}
	if e.Erased {
		return what + ": " + cmp.Or(e.Application, e.ID) + ", erased"
	}
	return what + ": " + cmp.Or(e.Title, e.Application, MeasureName(e.Measure), e.ID)
}

// Summary is what an entry says in a few words: who, which data, what for.
func Summary(e Entry) string {
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+": "+text)
		}
	}
	add("User", UserName(e.User))
	var sets []string
	for _, d := range e.Datasets {
		sets = append(sets, cmp.Or(english(d.Title), d.ID))
	}
	add("Datasets", strings.Join(sets, "; "))
	var purposes []string
	for _, key := range e.Purposes {
		purposes = append(purposes, PurposeName(key))
	}
	add("Purposes", strings.Join(purposes, "; "))
	add("Status", StatusName(e.Status))
	add("Replaced by", e.ReplacedBy)
	add("Measure", MeasureName(e.Measure))
	add("Reasons", cmp.Or(e.Reasons, e.Summary))
	return strings.Join(parts, ". ")
}

// UserName names a user: a legal person by name, a natural one as such; empty when it is not known.
func UserName(u *User) string {
	switch {
	case u == nil:
		return ""
	case u.Natural:
		return "a natural person"
	}
	return u.Name
}

// PurposeName is a purpose in words, with its point of Art. 53(1).
func PurposeName(key string) string {
	p, ok := ehds.Purpose(key)
	if !ok {
		return key
	}
	return p.Name + " (Art. 53(1)(" + key + "))"
}

// StatusName is a status in words.
func StatusName(status string) string {
	s := strings.ToLower(strings.ReplaceAll(status, "_", " "))
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// MeasureName is a measure in words.
func MeasureName(code string) string {
	switch code {
	case "PERMIT_REVOCATION":
		return "permit revoked (Art. 63(2))"
	case "PROCESSING_STOP":
		return "processing stopped (Art. 63(2))"
	case "EXCLUSION_USER":
		return "user excluded (Art. 63(2))"
	case "PERIODIC_PENALTY_HOLDER":
		return "periodic penalty payment of a holder (Art. 63(4))"
	case "EXCLUSION_HOLDER":
		return "holder excluded from applications (Art. 63(4))"
	case "ADMIN_FINE":
		return "administrative fine (Art. 64)"
	}
	return code
}

// english is a text in English, else the first by language.
func english(texts map[string]string) string {
	out := texts["en"]
	for _, l := range slices.Sorted(maps.Keys(texts)) {
		out = cmp.Or(out, texts[l])
	}
	return out
}
