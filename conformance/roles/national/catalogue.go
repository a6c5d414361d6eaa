package national

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"text/template"
)

// Dataset is a description in the national catalogue. Left alone it meets Release 8.
type Dataset struct {
	Identifier string // at origin
	Title      string
	Body       string // agent of the body: FirstBody or SecondBody
	Rights     string // PUBLIC, RESTRICTED or NON_PUBLIC
	Without    string // a property left out, by its name in the template: "title", "theme", …
	Extra      string // further Turtle, whole statements
}

// IRI is the dataset's subject.
func (d Dataset) IRI() string { return "https://catalogue.example/dataset/" + d.Identifier }

// Put adds or replaces a description.
func (s *System) Put(d Dataset) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.datasets[d.Identifier] = d
}

// Remove takes a description out.
func (s *System) Remove(identifier string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.datasets, identifier)
}

// ServeRaw serves these bytes instead of the catalogue; empty ends it.
func (s *System) ServeRaw(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = raw
}

// Fail answers every reading with a status; 0 ends it.
func (s *System) Fail(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = status
}

// Reads is how often the catalogue was read.
func (s *System) Reads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

func (s *System) serveCatalogue(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.fail != 0 {
		w.WriteHeader(s.fail)
		return
	}
	w.Header().Set("Content-Type", MediaType)
	if s.raw != "" {
		_, _ = w.Write([]byte(s.raw)) // the target is gone: nothing to mend
		return
	}
	var b bytes.Buffer
	b.WriteString(prefixes)
	for _, id := range slices.Sorted(maps.Keys(s.datasets)) {
		if err := datasetTemplate.Execute(&b, s.datasets[id]); err != nil {
			http.Error(w, fmt.Sprintf("a description cannot be written: %v", err), http.StatusInternalServerError)
			return
		}
	}
	_, _ = w.Write(b.Bytes())
}

const prefixes = `@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix cv: <http://data.europa.eu/m8g/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix healthdcatap: <http://healthdataportal.eu/ns/health#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

`

// datasetTemplate is a synthetic description of a register that does not exist.
var datasetTemplate = template.Must(template.New("dataset").Parse(`<{{.IRI}}> a dcat:Dataset ;
{{if ne .Without "identifier"}}    dct:identifier "{{.Identifier}}" ;
{{end}}{{if ne .Without "title"}}    dct:title "{{.Title}}"@en ;
{{end}}{{if ne .Without "description"}}    dct:description "A synthetic register, made for a conformance run."@en ;
{{end}}{{if ne .Without "accessRights"}}    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/{{.Rights}}> ;
{{end}}{{if ne .Without "applicableLegislation"}}    dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;
{{end}}{{if ne .Without "theme"}}    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
{{end}}    dct:type <http://publications.europa.eu/resource/authority/dataset-type/STATISTICAL> ;
    dct:provenance [ a dct:ProvenanceStatement ; rdfs:label "Made by a program."@en ] ;
    dcat:keyword "conformance"@en, "synthetic"@en ;
    dcat:contactPoint [ a vcard:Kind ; vcard:hasEmail <mailto:data@holder.example> ; vcard:hasURL <https://holder.example/> ] ;
    dct:publisher <https://catalogue.example/agents/holder> ;
{{if ne .Without "hdab"}}    healthdcatap:hdab <{{.Body}}> ;
{{end}}{{if ne .Without "healthCategory"}}    healthdcatap:healthCategory <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/PHDR> ;
{{end}}    healthdcatap:healthTheme <https://hdeu-dcat.data.health.europa.eu/resource/authority/health-theme/RESPIRATORY_DISEASES> ;
{{if ne .Without "hasStructuredData"}}    healthdcatap:hasStructuredData false ;
{{end}}    dcat:distribution [ a dcat:Distribution ; dct:title "Extract"@en ;
        dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ; dcat:accessURL <https://holder.example/apply> ] .
<{{.Body}}> a foaf:Organization ; foaf:name "A health data access body"@en ;
    cv:contactPoint <{{.Body}}#contact> .
<{{.Body}}#contact> a cv:ContactPoint ; cv:email "permits@body.example" .
<https://catalogue.example/agents/holder> a foaf:Organization ; foaf:name "A data holder"@en ;
    dct:type <https://hdeu-dcat.data.health.europa.eu/resource/authority/publisher-type/public-health-institute> ;
    cv:contactPoint <https://catalogue.example/agents/holder#contact> .
<https://catalogue.example/agents/holder#contact> a cv:ContactPoint ; cv:email "data@holder.example" .
{{.Extra}}
`))
