package dispatcher

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// completed is a form with the fields the applicant completed. A system that knows only the list and the
// ZIP sees an answer nowhere else. Section 6 is a list by country; its answer goes to the country's entry.
func completed(form map[string]json.RawMessage, body ehds.InfoBody) map[string]json.RawMessage {
	out := maps.Clone(form)
	if out == nil {
		out = map[string]json.RawMessage{}
	}
	for _, s := range body.Sections {
		name := fmt.Sprintf("section%d", s.Number)
		var many []map[string]json.RawMessage
		if json.Unmarshal(out[name], &many) == nil && many != nil {
			if i := countryEntry(many, s.Country); i >= 0 {
				fill(many[i], s.Fields)
				out[name] = raw(many)
			}
			continue
		}
		one := map[string]json.RawMessage{}
		if len(out[name]) > 0 && json.Unmarshal(out[name], &one) != nil {
			continue // a section of another shape is left as it was received
		}
		fill(one, s.Fields)
		out[name] = raw(one)
	}
	return out
}

// countryEntry finds the entry of a country, by code or by name; without one, the only entry there is.
func countryEntry(list []map[string]json.RawMessage, country string) int {
	if country == "" && len(list) == 1 {
		return 0
	}
	for i, e := range list {
		var name string
		if json.Unmarshal(e["country_id"], &name) != nil {
			continue
		}
		c, ok := ehds.CountryByName(name)
		if name == country || ok && (c.Code == country || c.Name == country) {
			return i
		}
	}
	return -1
}

func fill(section map[string]json.RawMessage, fields map[string]any) {
	for k, v := range fields {
		section[k] = raw(v)
	}
}
