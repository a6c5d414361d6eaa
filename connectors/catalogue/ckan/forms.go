package ckan

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// form makes terms of a JSON value of a package. A value that says nothing (null, an empty text) makes
// none; one of a kind nobody writes there is an error.
type form func(v any) ([]rdf.Term, error)

// each applies a form of text to a value, or to every element of a list. Lists may be written as JSON
// within a text: so CKAN keeps them where a portal has no schema for the field.
func each(f func(text string) rdf.Term) form {
	var of form
	of = func(v any) ([]rdf.Term, error) {
		switch v := v.(type) {
		case nil:
			return nil, nil
		case string:
			if list, ok := listIn(v); ok {
				return of(list)
			}
			if v = strings.TrimSpace(v); v == "" {
				return nil, nil
			}
			return []rdf.Term{f(v)}, nil
		case json.Number:
			return []rdf.Term{f(v.String())}, nil
		case bool:
			return []rdf.Term{f(fmt.Sprint(v))}, nil
		case []any:
			var out []rdf.Term
			for _, e := range v {
				if _, nested := e.([]any); nested {
					return nil, fmt.Errorf("a list within a list")
				}
				terms, err := of(e)
				if err != nil {
					return nil, err
				}
				out = append(out, terms...)
			}
			return out, nil
		}
		return nil, fmt.Errorf("text was expected, found %s", kindOf(v))
	}
	return of
}

// listIn reads a list that is written as JSON within a text.
func listIn(text string) ([]any, bool) {
	if !strings.HasPrefix(text, "[") {
		return nil, false
	}
	var list []any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	return list, dec.Decode(&list) == nil && !dec.More()
}

// words is text for people: plain, or by language.
func words(v any) ([]rdf.Term, error) {
	byLang, ok := v.(map[string]any)
	if !ok {
		return plain(v)
	}
	var out []rdf.Term
	for _, lang := range slices.Sorted(maps.Keys(byLang)) {
		if !language.MatchString(lang) {
			return nil, fmt.Errorf("text by language was expected, found the member %.20q", lang)
		}
		terms, err := each(func(text string) rdf.Term { return rdf.NewLang(text, strings.ReplaceAll(lang, "_", "-")) })(byLang[lang]) // CKAN writes pt_BR
		if err != nil {
			return nil, err
		}
		out = append(out, terms...)
	}
	return out, nil
}

// either is an IRI, or text for people.
func either(v any) ([]rdf.Term, error) {
	if _, byLang := v.(map[string]any); byLang {
		return words(v)
	}
	return each(iriOrText)(v)
}

// The forms of text.
func plain(v any) ([]rdf.Term, error)    { return each(rdf.NewString)(v) }
func mail(v any) ([]rdf.Term, error)     { return each(mailbox)(v) }
func date(v any) ([]rdf.Term, error)     { return each(dated)(v) }
func count(v any) ([]rdf.Term, error)    { return each(counted)(v) }
func duration(v any) ([]rdf.Term, error) { return each(typed(rdf.XSDDuration, durationForm))(v) }
func decimal(v any) ([]rdf.Term, error)  { return each(typed(rdf.XSDDecimal, decimalForm))(v) }
func truth(v any) ([]rdf.Term, error)    { return each(typed(rdf.XSDBoolean, truthForm))(v) }
func hex(v any) ([]rdf.Term, error)      { return each(typed(rdf.NSXSD+"hexBinary", hexForm))(v) }

var (
	language     = regexp.MustCompile(`^[a-zA-Z]{2,3}([_-][a-zA-Z0-9]{1,8})*$`)
	iriForm      = regexp.MustCompile(`^(https?|urn):[^\x00-\x20<>"{}|\\^` + "`" + `]+$`)
	countForm    = regexp.MustCompile(`^[0-9]+$`)
	durationForm = regexp.MustCompile(`^-?P[0-9YMDTHS.]+$`)
	decimalForm  = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$`)
	truthForm    = regexp.MustCompile(`^(true|false)$`)
	hexForm      = regexp.MustCompile(`^([0-9a-fA-F]{2})+$`)
	monthForm    = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)
	yearForm     = regexp.MustCompile(`^[0-9]{4}$`)
)

// isIRI says whether a text is an address or a name that may stand as an IRI.
func isIRI(text string) bool {
	if !iriForm.MatchString(text) {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && u.User == nil
}

func iriOrText(text string) rdf.Term {
	if isIRI(text) {
		return rdf.NewIRI(text)
	}
	return rdf.NewString(text)
}

func mailbox(text string) rdf.Term {
	address := strings.TrimPrefix(text, "mailto:")
	if at := strings.IndexByte(address, '@'); at < 1 || strings.ContainsAny(address, " <>\"{}|\\^`") {
		return rdf.NewString(text)
	}
	return rdf.NewIRI("mailto:" + address)
}

// counted is a number from zero, in its canonical form.
func counted(text string) rdf.Term {
	if !countForm.MatchString(text) {
		return rdf.NewString(text)
	}
	if text = strings.TrimLeft(text, "0"); text == "" {
		text = "0"
	}
	return rdf.NewTyped(text, rdf.NSXSD+"nonNegativeInteger")
}

// dated is a time with as much of it as is told. A time without a zone stays without: CKAN means UTC,
// and a holder who typed it may have meant another.
func dated(text string) rdf.Term {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if _, err := time.Parse(form, text); err == nil {
			return rdf.NewTyped(text, rdf.XSDDateTime)
		}
	}
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return rdf.NewTyped(text, rdf.XSDDate)
	}
	switch {
	case monthForm.MatchString(text):
		return rdf.NewTyped(text, rdf.NSXSD+"gYearMonth")
	case yearForm.MatchString(text):
		return rdf.NewTyped(text, rdf.NSXSD+"gYear")
	}
	return rdf.NewString(text)
}

// typed is a literal of a datatype where the text has its form, and plain text otherwise: that the
// value is wrong is for the profile to say.
func typed(datatype string, form *regexp.Regexp) func(string) rdf.Term {
	return func(text string) rdf.Term {
		if form.MatchString(text) {
			return rdf.NewTyped(text, datatype)
		}
		return rdf.NewString(text)
	}
}

// geometry is a GeoJSON object as a literal (GeoDCAT-AP).
func geometry(v any) ([]rdf.Term, error) {
	const geoJSON = "https://www.iana.org/assignments/media-types/application/vnd.geo+json"
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, nil
		}
		return []rdf.Term{rdf.NewTyped(v, geoJSON)}, nil
	case map[string]any:
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		return []rdf.Term{rdf.NewTyped(string(text), geoJSON)}, nil
	}
	return nil, fmt.Errorf("a geometry was expected, found %s", kindOf(v))
}

// kindOf names a JSON value in errors.
func kindOf(v any) string {
	switch v.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	}
	return "text"
}
