package rdf

// Namespaces of the health data catalogue: HealthDCAT-AP, DCAT-AP and what
// they build on.
const (
	NSRDF          = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	NSRDFS         = "http://www.w3.org/2000/01/rdf-schema#"
	NSXSD          = "http://www.w3.org/2001/XMLSchema#"
	NSOWL          = "http://www.w3.org/2002/07/owl#"
	NSDCAT         = "http://www.w3.org/ns/dcat#"
	NSDCT          = "http://purl.org/dc/terms/"
	NSDCATAP       = "http://data.europa.eu/r5r/"
	NSHealthDCATAP = "http://healthdataportal.eu/ns/health#"
	NSGeoDCATAP    = "http://data.europa.eu/930/"
	NSADMS         = "http://www.w3.org/ns/adms#"
	NSFOAF         = "http://xmlns.com/foaf/0.1/"
	NSVCard        = "http://www.w3.org/2006/vcard/ns#"
	NSSKOS         = "http://www.w3.org/2004/02/skos/core#"
	NSCV           = "http://data.europa.eu/m8g/"
	NSDPV          = "https://w3id.org/dpv#"
	NSDQV          = "http://www.w3.org/ns/dqv#"
	NSCSVW         = "http://www.w3.org/ns/csvw#"
	NSPROV         = "http://www.w3.org/ns/prov#"
	NSELI          = "http://data.europa.eu/eli/ontology#"
	NSSPDX         = "http://spdx.org/rdf/terms#"
	NSOA           = "http://www.w3.org/ns/oa#"
	NSTime         = "http://www.w3.org/2006/time#"
)

// Names of the RDF vocabulary and the XML Schema datatypes that the readers
// and writers themselves use, and those callers ask for most.
const (
	RDFType       = NSRDF + "type"
	RDFFirst      = NSRDF + "first"
	RDFRest       = NSRDF + "rest"
	RDFNil        = NSRDF + "nil"
	RDFLangString = NSRDF + "langString"
	XSDString     = NSXSD + "string"
	XSDBoolean    = NSXSD + "boolean"
	XSDInteger    = NSXSD + "integer"
	XSDDecimal    = NSXSD + "decimal"
	XSDDouble     = NSXSD + "double"
	XSDDate       = NSXSD + "date"
	XSDDateTime   = NSXSD + "dateTime"
	XSDDuration   = NSXSD + "duration"
	XSDAnyURI     = NSXSD + "anyURI"
)

// Prefixes returns a new map from the customary prefix of each namespace to
// the namespace, for WriteTurtle.
func Prefixes() map[string]string {
	return map[string]string{
		"rdf": NSRDF, "rdfs": NSRDFS, "xsd": NSXSD, "owl": NSOWL,
		"dcat": NSDCAT, "dct": NSDCT, "dcatap": NSDCATAP,
		"healthdcatap": NSHealthDCATAP, "geodcatap": NSGeoDCATAP,
		"adms": NSADMS, "foaf": NSFOAF, "vcard": NSVCard, "skos": NSSKOS,
		"cv": NSCV, "dpv": NSDPV, "dqv": NSDQV, "csvw": NSCSVW,
		"prov": NSPROV, "eli": NSELI, "spdx": NSSPDX, "oa": NSOA, "time": NSTime,
	}
}
