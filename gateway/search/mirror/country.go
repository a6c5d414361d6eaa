package mirror

import (
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
// one only; empty when neither says.
func country(g *rdf.Graph, dataset rdf.Term) string {
	for _, c := range g.Objects(dataset, dctIsPartOf) {
		if code := only(g.Objects(c, dctSpatial)); code != "" {
			return code
		}
	}
	return only(g.Objects(dataset, dctSpatial))
}

func only(values []rdf.Term) (code string) {
	for _, v := range values {
		name, ok := strings.CutPrefix(v.Value, nsCountry)
		if !ok || alpha2[name] == "" {
			continue
		}
		if code != "" && code != alpha2[name] {
			return ""
		}
		code = alpha2[name]
	}
	return code
}
