package rdf

import (
	"embed"
	"slices"
)

// contextFiles are the bundled contexts, written for this project.
//
//go:embed contexts/*.jsonld
var contextFiles embed.FS

// HealthDCATAPContext names the bundled context of HealthDCAT-AP Release 8: the
// customary prefixes, and the properties whose values are IRIs or numbers.
// None is published under an IRI of its own.
const HealthDCATAPContext = "urn:ehdsgw:context:healthdcat-ap"

// bundled are the files of contextFiles by the IRIs that documents name. That
// of DCAT-AP reads as the published one does, term for term, which a test
// checks; that of Hydra has the part about collections and their pages.
var bundled = map[string]string{
	"https://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld": "dcat-ap-3.0.1.jsonld",
	"http://www.w3.org/ns/hydra/context.jsonld":                               "hydra.jsonld",
	"https://www.w3.org/ns/hydra/context.jsonld":                              "hydra.jsonld",
	HealthDCATAPContext: "healthdcat-ap.jsonld",
}

// BundledContexts lists the IRIs of the JSON-LD contexts that are known
// without being given, in code point order.
func BundledContexts() []string {
	iris := make([]string, 0, len(bundled))
	for iri := range bundled {
		iris = append(iris, iri)
	}
	slices.Sort(iris)
	return iris
}

// bundledContext returns a bundled context document.
func bundledContext(iri string) ([]byte, bool) {
	name, ok := bundled[iri]
	if !ok {
		return nil, false
	}
	doc, err := contextFiles.ReadFile("contexts/" + name)
	return doc, err == nil
}
