package console

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// valueName is a facet's value for a reader.
func valueName(f search.Facet, value string) string {
	switch f {
	case search.ByCountry:
		return countryName(value)
	case search.ByAccess:
		return accessName(value)
	case search.ByCategory:
		return categoryName(value)
	case search.ByOrigin:
		return originName(search.Origin(value))
	}
	return value
}

// countryName is the English name of a country of the EU or the EEA.
func countryName(code string) string {
	c, ok := ehds.CountryByCode(code)
	if !ok {
		return code
	}
	words := strings.Fields(strings.ToLower(c.Name))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

func accessName(code string) string {
	switch code {
	case ehds.AccessPublic:
		return "public"
	case ehds.AccessRestricted:
		return "restricted"
	case ehds.AccessNonPublic:
		return "not public"
	}
	return code
}

func originName(o search.Origin) string {
	switch o {
	case search.Own:
		return "this contact point"
	case search.EU:
		return "other nations"
	}
	return string(o)
}
