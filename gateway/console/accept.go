package console

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/register"
)

// maxRanges bounds the ranges of an Accept or Accept-Language header that are looked at.
const maxRanges = 32

// preference is one range of such a header (RFC 9110 §12.5.1, §12.5.4).
type preference struct {
	value string // lower case, without parameters
	q     float64
}

// preferences reads a header, in the order of preference.
func preferences(headers []string) (out []preference) {
	for _, part := range strings.Split(strings.Join(headers, ","), ",") {
		value, params, _ := strings.Cut(part, ";")
		value = strings.ToLower(strings.TrimSpace(value))
		if value == "" || len(out) == maxRanges {
			continue
		}
		p := preference{value, 1}
		for _, param := range strings.Split(params, ";") {
			name, text, ok := strings.Cut(strings.TrimSpace(param), "=")
			if ok && strings.EqualFold(strings.TrimSpace(name), "q") {
				q, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
				if err != nil || !(q >= 0 && q <= 1) {
					q = 0
				}
				p.q = q
			}
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b preference) int { return cmp.Compare(b.q, a.q) })
	return out
}

// form is a representation.
type form struct {
	name  string   // of ?format=
	alias []string // other names
	media string
}

// contentType is the media type with the encoding all are in; JSON and N-Quads have no parameter for it.
func (f form) contentType() string {
	if strings.HasPrefix(f.media, "text/") {
		return f.media + "; charset=utf-8"
	}
	return f.media
}

// The forms, in the order of our preference: a client that takes anything gets the first.
var (
	formHTML   = form{"html", nil, "text/html"}
	formJSON   = form{"json", nil, "application/json"}
	formTurtle = form{"turtle", []string{"ttl"}, "text/turtle"}
	formJSONLD = form{"jsonld", []string{"json-ld"}, "application/ld+json"}
	formNQuads = form{"nquads", []string{"nq"}, "application/n-quads"}
	formAtom   = form{"atom", []string{"feed"}, register.FeedType}
)

// forms lists them.
func forms() []form { return []form{formHTML, formJSON, formTurtle, formJSONLD, formNQuads} }

// registerForms are those of the public register.
func registerForms() []form { return []form{formHTML, formJSON, formAtom} }

// mediaTypes names forms.
func mediaTypes(among []form) string {
	var list []string
	for _, f := range among {
		list = append(list, f.media)
	}
	return strings.Join(list, ", ")
}

// negotiate chooses a form of the catalogue, see negotiateAmong.
func negotiate(format string, accept []string) (form, bool) {
	return negotiateAmong(forms(), format, accept)
}

// negotiateAmong chooses a form; ok is false when none is acceptable. A format named in the query decides
// alone. Without an Accept header anything is acceptable.
func negotiateAmong(among []form, format string, accept []string) (form, bool) {
	if format != "" {
		for _, f := range among {
			if f.name == format || slices.Contains(f.alias, format) {
				return f, true
			}
		}
		return form{}, false
	}
	if len(accept) == 0 {
		return formHTML, true
	}
	ranges := preferences(accept)
	best, found, quality := form{}, false, 0.0
	for _, f := range among {
		if q := f.quality(ranges); q > quality {
			best, found, quality = f, true, q
		}
	}
	return best, found
}

// quality is that of the most specific range that covers the form.
func (f form) quality(ranges []preference) float64 {
	kind, _, _ := strings.Cut(f.media, "/")
	for _, want := range []string{f.media, kind + "/*", "*/*"} {
		for _, r := range ranges {
			if r.value == want {
				return r.q
			}
		}
	}
	return 0
}

// maxTag bounds a language tag, in bytes (RFC 5646 §4.4.1: longer ones may be refused). inLanguage
// looks at every beginning of a tag, for every text.
const maxTag = 35

// languages are those of the reader, best first, as lower-case tags.
func languages(headers []string) (out []string) {
	for _, p := range preferences(headers) {
		if p.q > 0 && p.value != "*" && len(p.value) <= maxTag {
			out = append(out, p.value)
		}
	}
	return out
}

// inLanguage chooses a text: in a language of the reader, by its tag and then by what the tag begins
// with; else in English, else the one without a language, else
// the first by tag. lang is empty when it is not known.
func inLanguage(texts map[string]string, reader []string) (text, lang string) {
	for _, want := range append(slices.Clone(reader), "en") {
		for tag := want; tag != ""; {
			if t, ok := texts[tag]; ok {
				return t, tag
			}
			cut := strings.LastIndexByte(tag, '-')
			tag = tag[:max(cut, 0)]
		}
	}
	if t, ok := texts["und"]; ok {
		return t, ""
	}
	if len(texts) == 0 {
		return "", ""
	}
	lang = slices.Min(slices.Collect(maps.Keys(texts)))
	return texts[lang], lang
}
