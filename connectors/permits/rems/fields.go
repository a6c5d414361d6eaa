package rems

import (
	"encoding/json"
	"strconv"
	"strings"
)

// isWord says whether a field may take this besides places of the form.
func isWord(from string) bool {
	switch from {
	case "title", "application_id", "case", "version", "catalogue", "body", "language", "datasets", "form":
		return true
	}
	return false
}

// value is a field as REMS takes it.
type value struct {
	Form  int    `json:"form"`
	Field string `json:"field"`
	Value string `json:"value"`
}

// values are the fields of what is being filed.
func (m Mapping) values(t track) ([]value, error) {
	out := []value{}
	for _, f := range m.Fields {
		text, err := m.text(f.From, t)
		if err != nil {
			return nil, err
		}
		out = append(out, value{f.Form, f.Place.Field, text})
	}
	if m.Attachments != nil {
		var ids []string
		for _, f := range t.Op.Files {
			ids = append(ids, strconv.Itoa(f.REMS))
		}
		out = append(out, value{m.Attachments.Form, m.Attachments.Field, strings.Join(ids, ",")})
	}
	return out, nil
}

func (m Mapping) text(from string, t track) (string, error) {
	a := t.Op.App
	switch from {
	case "title":
		return a.Title, nil
	case "application_id":
		return a.ApplicationID, nil
	case "case":
		return t.Case, nil
	case "version":
		return strconv.Itoa(a.Version), nil
	case "catalogue":
		return t.Track.CatalogID, nil
	case "body":
		return t.Track.HDAB, nil
	case "language":
		return a.Language, nil
	case "datasets":
		var ids []string
		for _, s := range m.datasetsOf(a, t.Op.Facts, t.Track) {
			ids = append(ids, s.DatasetID)
		}
		return strings.Join(ids, "\n"), nil
	case "form":
		b, err := json.Marshal(a.Form)
		if err != nil {
			return "", broken(err)
		}
		return string(b), nil
	}
	return shown(at(a.Form, from)), nil
}

// at is what a pointer (RFC 6901) leads to in a form; nil where there is nothing.
func at(form map[string]json.RawMessage, pointer string) any {
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	var v any
	if json.Unmarshal(form[unescape.Replace(parts[0])], &v) != nil {
		return nil
	}
	for _, p := range parts[1:] {
		switch in := v.(type) {
		case map[string]any:
			v = in[unescape.Replace(p)]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// shown is a value as text: a choice by its key, several by their keys with blanks between, as a field of
// type multiselect takes them; what has other members as JSON.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		if key, ok := v["key"].(string); ok {
			return key
		}
	case []any:
		var keys []string
		for _, e := range v {
			m, isObject := e.(map[string]any)
			key, isChoice := m["key"].(string)
			text, isText := e.(string)
			switch {
			case isObject && isChoice:
				keys = append(keys, key)
			case isText:
				keys = append(keys, text)
			}
		}
		if len(keys) == len(v) {
			return strings.Join(keys, " ")
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "" // it came from JSON
	}
	return string(b)
}

// sectionField reads SECTION.FIELD.
func sectionField(text string) (section int, field string, ok bool) {
	number, field, ok := strings.Cut(text, ".")
	n, err := strconv.Atoi(number)
	return n, field, ok && err == nil && n >= 1 && n <= 10 && field != ""
}
