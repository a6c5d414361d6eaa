package central

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Terms of the public catalogue.
var (
	rdfType         = rdf.NewIRI(rdf.RDFType)
	dctIdentifier   = rdf.NewIRI(rdf.NSDCT + "identifier")
	dctIsPartOf     = rdf.NewIRI(rdf.NSDCT + "isPartOf")
	dctModified     = rdf.NewIRI(rdf.NSDCT + "modified")
	dctSpatial      = rdf.NewIRI(rdf.NSDCT + "spatial")
	dctTitle        = rdf.NewIRI(rdf.NSDCT + "title")
	admsIdentifier  = rdf.NewIRI(rdf.NSADMS + "identifier")
	admsIdentifierC = rdf.NewIRI(rdf.NSADMS + "Identifier")
	skosNotation    = rdf.NewIRI(rdf.NSSKOS + "notation")
	foafTopic       = rdf.NewIRI(rdf.NSFOAF + "primaryTopic")
	dcatCatalog     = rdf.NewIRI(rdf.NSDCAT + "Catalog")
	dcatRecord      = rdf.NewIRI(rdf.NSDCAT + "record")
	dcatRecordC     = rdf.NewIRI(rdf.NSDCAT + "CatalogRecord")
	dcatDataset     = rdf.NewIRI(rdf.NSDCAT + "dataset")
)

// nsCountry is the Publications Office's list of countries, by ISO 3166-1 alpha-3 code.
const nsCountry = "http://publications.europa.eu/resource/authority/country/"

// alpha3 gives the code of that list for the ISO 3166-1 alpha-2 code a credential carries.
var alpha3 = map[string]string{
	"AT": "AUT", "BE": "BEL", "BG": "BGR", "CY": "CYP", "CZ": "CZE", "DE": "DEU", "DK": "DNK", "EE": "EST", "ES": "ESP", "FI": "FIN",
	"FR": "FRA", "GR": "GRC", "HR": "HRV", "HU": "HUN", "IE": "IRL", "IS": "ISL", "IT": "ITA", "LI": "LIE", "LT": "LTU", "LU": "LUX",
	"LV": "LVA", "MT": "MLT", "NL": "NLD", "NO": "NOR", "PL": "POL", "PT": "PRT", "RO": "ROU", "SE": "SWE", "SI": "SVN", "SK": "SVK",
}

// show adds a dataset to a graph as the centre shows it: its own identifier in dct:identifier, the
// one at origin in adms:identifier, dct:isPartOf its catalogue of the nation, and a catalogue record
// with the time of the last change. scope keeps the blank nodes of several datasets apart.
func (c *Central) show(ctx context.Context, g *rdf.Graph, d dataset, scope string) (rdf.Term, error) {
	quads, err := rdf.ReadNQuads(ctx, strings.NewReader(d.Content), rdf.ReadOptions{})
	if err != nil {
		return rdf.Term{}, fmt.Errorf("dataset %s: %w", d.CentralID, err)
	}
	apart := func(t rdf.Term) rdf.Term {
		if t.Kind == rdf.Blank {
			return rdf.NewBlank(scope + t.Value)
		}
		return t
	}
	var subject rdf.Term
	for _, q := range quads {
		if q.P == rdfType && q.O == rdf.NewIRI(rdf.NSDCAT+"Dataset") {
			subject = apart(q.S)
		}
	}
	for _, q := range quads {
		t := rdf.Triple{S: apart(q.S), P: q.P, O: apart(q.O)}
		if t.S == subject && (t.P == dctIdentifier || t.P == dctIsPartOf) {
			continue
		}
		g.Add(t)
	}
	record, nation, origin := rdf.NewIRI(c.recordURL(d.CentralID)), rdf.NewIRI(c.o.Entity+"/catalogue/nations/"+d.Nation), rdf.NewBlank(scope+"origin")
	for _, t := range []rdf.Triple{
		{S: subject, P: dctIdentifier, O: rdf.NewString(d.CentralID)},
		{S: subject, P: admsIdentifier, O: origin},
		{S: origin, P: rdfType, O: admsIdentifierC},
		{S: origin, P: skosNotation, O: rdf.NewString(d.Identifier)},
		{S: subject, P: dctIsPartOf, O: nation},
		{S: nation, P: rdfType, O: dcatCatalog},
		{S: nation, P: dctSpatial, O: rdf.NewIRI(nsCountry + alpha3[d.Nation])},
		{S: record, P: rdfType, O: dcatRecordC},
		{S: record, P: foafTopic, O: subject},
		{S: record, P: dctModified, O: rdf.NewTyped(d.Changed.UTC().Format(time.RFC3339Nano), rdf.XSDDateTime)},
	} {
		if t.O.Value == nsCountry { // a country outside the list has no value in it
			continue
		}
		g.Add(t)
	}
	return subject, nil
}

// recordURL is where one dataset is read.
func (c *Central) recordURL(id string) string { return c.o.Entity + "/catalogue/datasets/" + id }
