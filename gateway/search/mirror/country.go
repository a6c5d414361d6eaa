package mirror

import (
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// nsCountry is the Publications Office's list of countries, by ISO 3166-1 alpha-3 code.
const nsCountry = "http://publications.europa.eu/resource/authority/country/"

// alpha2 are the codes of the EU and the EEA in the shorter form.
var alpha2 = map[string]string{
	"AUT": "AT", "BEL": "BE", "BGR": "BG", "CYP": "CY", "CZE": "CZ", "DEU": "DE", "DNK": "DK", "EST": "EE", "ESP": "ES", "FIN": "FI",
	"FRA": "FR", "GRC": "GR", "HRV": "HR", "HUN": "HU", "IRL": "IE", "ISL": "IS", "ITA": "IT", "LIE": "LI", "LTU": "LT", "LUX": "LU",
	"LVA": "LV", "MLT": "MT", "NLD": "NL", "NOR": "NO", "POL": "PL", "PRT": "PT", "ROU": "RO", "SWE": "SE", "SVN": "SI", "SVK": "SK",
}

// country is the country of the catalogue a dataset is part of, else the one it covers when that is
// one only; empty when neither says, or the catalogue is said to be of several.
func country(said []*rdf.Graph, dataset rdf.Term) string {
	for _, g := range said {
		for _, c := range g.Objects(dataset, dctIsPartOf) {
			switch list := countries(g.Objects(c, dctSpatial)); len(list) {
			case 0:
			case 1:
				return list[0]
			default:
				return ""
			}
		}
	}
	if list := countries(said[0].Objects(dataset, dctSpatial)); len(list) == 1 {
		return list[0]
	}
	return ""
}

// countries are the codes of those values that are countries, each once.
func countries(values []rdf.Term) (list []string) {
	for _, v := range values {
		name, ok := strings.CutPrefix(v.Value, nsCountry)
		if code := alpha2[name]; ok && code != "" && !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	return list
}
