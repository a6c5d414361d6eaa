package cataloguetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// dataset writes one description.
func (s Synthetic) dataset(b *bytes.Buffer, i, revision int) {
	c := chooser{rand.New(rand.NewPCG(s.Seed, uint64(i)))}
	topic, place, year := c.of(topics), c.of(places), 1995+c.IntN(30)
	holder := c.IntN(4000)
	fmt.Fprintf(b, "\n<%s> a dcat:Dataset ;\n    dct:identifier %q ;\n", IRI(i), Identifier(i))
	fmt.Fprintf(b, "    dct:title %q@en, %q@fr ;\n", topic+" of "+place+", "+fmt.Sprint(year), "Données "+topic+", "+place+", "+fmt.Sprint(year))
	fmt.Fprintf(b, "    dct:description %q@en, %q@fr ;\n", describe(c.sentence(76), revision), c.sentence(70))
	fmt.Fprintf(b, "    dct:accessRights ar:%s ;\n    dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;\n", c.of(levels))
	b.WriteString("    dct:type <http://publications.europa.eu/resource/authority/dataset-type/STATISTICAL> ;\n")
	fmt.Fprintf(b, "    dct:language <http://publications.europa.eu/resource/authority/language/%s> ;\n", c.of(languages))
	fmt.Fprintf(b, "    dct:temporal [ a dct:PeriodOfTime ; dcat:startDate \"%d-01-01\"^^xsd:date ] ;\n", year)
	fmt.Fprintf(b, "    dct:provenance [ a dct:ProvenanceStatement ; rdfs:label %q@en ] ;\n", c.sentence(14))
	fmt.Fprintf(b, "    dct:publisher [ a foaf:Agent ; foaf:name %q ; cv:contactPoint [ a cv:ContactPoint ; cv:contactPage <https://holder-%04d.fr.example/data> ] ] ;\n",
		fmt.Sprintf("Exemplary holder %04d", holder), holder)
	b.WriteString("    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;\n")
	fmt.Fprintf(b, "    dcat:keyword %q@en, %q@en ;\n", c.of(vocabulary), topic)
	fmt.Fprintf(b, "    dcat:contactPoint [ a vcard:Organization ; vcard:hasEmail <mailto:data@holder-%04d.fr.example> ] ;\n", holder)
	fmt.Fprintf(b, "    healthdcatap:hdab <https://ncp.fr.example/hdab/national> ;\n    healthdcatap:healthCategory hc:%s ;\n", c.of(categories))
	fmt.Fprintf(b, "    healthdcatap:numberOfRecords \"%d\"^^xsd:nonNegativeInteger ;\n", c.IntN(90_000_000))
	c.variables(b, c.IntN(8) == 0)
	fmt.Fprintf(b, "    dcat:distribution [ a dcat:Distribution ; dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ; dcat:accessURL <https://ncp.fr.example/apply/%d> ] .\n", i)
}

// variables writes whether the data are structured, and if so how.
func (c chooser) variables(b *bytes.Buffer, structured bool) {
	fmt.Fprintf(b, "    healthdcatap:hasStructuredData %t ;\n", structured)
	if !structured {
		return
	}
	name := c.of(vocabulary)
	fmt.Fprintf(b, `    healthdcatap:hasVariables [ a csvw:TableGroup ; dct:title "Variables"@en ;
        csvw:table [ a csvw:Table ; dct:title "Records"@en ;
            csvw:column [ a csvw:Column ; csvw:name %q ; csvw:title %q@en ; csvw:datatype "string" ; dct:description %q@en ] ] ] ;
`, name, name, c.sentence(6))
}

// describe marks a revised description.
func describe(text string, revision int) string {
	if revision == 0 {
		return text
	}
	return fmt.Sprintf("%s. Revision %d.", text, revision)
}

var prologue = `@prefix cv: <http://data.europa.eu/m8g/> .
@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix healthdcatap: <http://healthdataportal.eu/ns/health#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ar: <http://publications.europa.eu/resource/authority/access-right/> .
@prefix hc: <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/> .

<https://ncp.fr.example/hdab/national> a foaf:Organization ;
    foaf:name "Exemplary health data access body"@en ;
    cv:contactPoint [ a cv:ContactPoint ; cv:email "access@hdab.fr.example" ] .
`

var (
	levels     = []string{"NON_PUBLIC", "NON_PUBLIC", "NON_PUBLIC", "RESTRICTED", "PUBLIC"}
	languages  = []string{"FRA", "ENG", "DEU", "FIN", "SWE"}
	categories = []string{"HRAD", "MRMR", "PHDR", "EHRS"}
	places     = []string{"Bretagne", "Occitanie", "Normandie", "Grand Est", "Corse", "Uusimaa", "Lappi", "Bayern", "Sachsen", "Skåne", "Dalarna", "Liguria"}
	topics     = []string{
		"hospital stays", "cancer incidence", "dispensed medicines", "laboratory results", "births", "causes of death", "emergency visits",
		"vaccinations", "dental care", "mental health care", "rare diseases", "dialysis", "stroke care", "diabetes cohort", "imaging studies",
	}
	vocabulary = []string{
		"records", "patients", "collected", "yearly", "from", "hospitals", "and", "laboratories", "with", "diagnosis", "codes", "treatment",
		"dates", "outcome", "measures", "linked", "by", "pseudonym", "to", "registers", "of", "the", "region", "age", "groups", "sex", "severity",
		"dispensed", "medicines", "dosage", "procedures", "length", "stay", "follow-up", "interviews", "samples", "consent", "quality", "checked",
		"coverage", "complete", "since", "reform", "reimbursement", "amounts", "providers", "wards", "imaging", "reports", "free", "text", "coded",
		"cohort", "participants", "exposure", "occupation", "survey", "waves", "genomic", "variants", "biobank", "aliquots", "monitoring", "devices",
	}
)
