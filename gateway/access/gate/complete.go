package gate

import (
	"encoding/json"
	"maps"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Completed is an application with the answers to an information request put in (TEHDAS2 D6.4, use case
// 6): a field answered replaces the one that was there, section 6 by country. The application given is
// not changed. Answers to sections that no form has are left out.
func Completed(b ehds.ApplicationBody, answers []ehds.InfoAnswer) ehds.ApplicationBody {
	if len(answers) == 0 {
		return b
	}
	form := maps.Clone(b.Form)
	if form == nil {
		form = map[string]json.RawMessage{}
	}
	for _, a := range answers {
		name, ok := sectionName(a.Number)
		if !ok {
			continue
		}
		var put any
		if a.Number == cohortSection {
			put = completedEntries(form[name], a)
		} else {
			s, _ := as[section](form[name])
			put = withAnswer(s, a)
		}
		raw, err := json.Marshal(put)
		if err != nil {
			continue // a value that was JSON a moment ago
		}
		form[name] = raw
	}
	b.Form = form
	return b
}

// completedEntries puts an answer into the part of its country, which may be new. One that names no country
// is about the only part there is.
func completedEntries(raw json.RawMessage, a ehds.InfoAnswer) []section {
	list, ok := as[[]section](raw)
	if one, isObject := as[section](raw); !ok && isObject && one != nil {
		list = []section{one}
	}
	for i, s := range list {
		if id, _ := as[string](s["country_id"]); countryCode(id) == a.Country || a.Country == "" && len(list) == 1 {
			list[i] = withAnswer(s, a)
			return list
		}
	}
	s := section{}
	if c, known := ehds.CountryByCode(a.Country); known {
		s["country_id"] = json.RawMessage(`"` + c.Name + `"`)
	}
	return append(list, withAnswer(s, a))
}

func withAnswer(s section, a ehds.InfoAnswer) section {
	out := section{}
	maps.Copy(out, s)
	for name, value := range a.Fields {
		if raw, err := json.Marshal(value); err == nil {
			out[name] = raw
		}
	}
	return out
}
