package profile

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// Dublin Core terms.
const (
	dctTitle        = rdf.NSDCT + "title"
	dctDescription  = rdf.NSDCT + "description"
	dctAlternative  = rdf.NSDCT + "alternative"
	dctIdentifier   = rdf.NSDCT + "identifier"
	dctAccessRights = rdf.NSDCT + "accessRights"
	dctPublisher    = rdf.NSDCT + "publisher"
	dctType         = rdf.NSDCT + "type"
	dctProvenance   = rdf.NSDCT + "provenance"
	dctLanguage     = rdf.NSDCT + "language"
	dctSpatial      = rdf.NSDCT + "spatial"
	dctTemporal     = rdf.NSDCT + "temporal"
	dctFormat       = rdf.NSDCT + "format"
	dctConformsTo   = rdf.NSDCT + "conformsTo"
	dctPeriodicity  = rdf.NSDCT + "accrualPeriodicity"
	dctReferencedBy = rdf.NSDCT + "isReferencedBy"
	dctRelation     = rdf.NSDCT + "relation"
	dctSource       = rdf.NSDCT + "source"
	dctPeriodOfTime = rdf.NSDCT + "PeriodOfTime"
)

// DCAT, DCAT-AP, ADMS and GeoDCAT-AP.
const (
	dcatDistribution       = rdf.NSDCAT + "distribution"
	dcatDistributionClass  = rdf.NSDCAT + "Distribution"
	dcatAccessURL          = rdf.NSDCAT + "accessURL"
	dcatTheme              = rdf.NSDCAT + "theme"
	dcatKeyword            = rdf.NSDCAT + "keyword"
	dcatContactPoint       = rdf.NSDCAT + "contactPoint"
	dcatLandingPage        = rdf.NSDCAT + "landingPage"
	dcatTemporalResolution = rdf.NSDCAT + "temporalResolution"
	dcatMediaType          = rdf.NSDCAT + "mediaType"
	dcatCompressFormat     = rdf.NSDCAT + "compressFormat"
	dcatPackageFormat      = rdf.NSDCAT + "packageFormat"
	dcatapLegislation      = rdf.NSDCATAP + "applicableLegislation"
	dcatapAvailability     = rdf.NSDCATAP + "availability"
	admsSample             = rdf.NSADMS + "sample"
	admsStatus             = rdf.NSADMS + "status"
	geoCustodian           = rdf.NSGeoDCATAP + "custodian"
)

// HealthDCAT-AP.
const (
	healthHDAB            = rdf.NSHealthDCATAP + "hdab"
	healthHDABCoordinator = rdf.NSHealthDCATAP + "hdabCoordinator"
	healthCategory        = rdf.NSHealthDCATAP + "healthCategory"
	healthTheme           = rdf.NSHealthDCATAP + "healthTheme"
	healthStructured      = rdf.NSHealthDCATAP + "hasStructuredData"
	healthHasVariables    = rdf.NSHealthDCATAP + "hasVariables"
	healthAnalytics       = rdf.NSHealthDCATAP + "analytics"
	healthCodeValues      = rdf.NSHealthDCATAP + "hasCodeValues"
	healthCodingSystem    = rdf.NSHealthDCATAP + "hasCodingSystem"
	healthMinAge          = rdf.NSHealthDCATAP + "minTypicalAge"
	healthMaxAge          = rdf.NSHealthDCATAP + "maxTypicalAge"
	healthRecords         = rdf.NSHealthDCATAP + "numberOfRecords"
	healthIndividuals     = rdf.NSHealthDCATAP + "numberOfUniqueIndividuals"
	healthPopulation      = rdf.NSHealthDCATAP + "populationCoverage"
	healthRetention       = rdf.NSHealthDCATAP + "retentionPeriod"
)

// Agents, contact points, variables, purposes, quality.
const (
	foafAgent        = rdf.NSFOAF + "Agent"
	foafPage         = rdf.NSFOAF + "page"
	cvContactPoint   = rdf.NSCV + "contactPoint"
	cvContactClass   = rdf.NSCV + "ContactPoint"
	cvEmail          = rdf.NSCV + "email"
	cvContactPage    = rdf.NSCV + "contactPage"
	cvTelephone      = rdf.NSCV + "telephone"
	cvOpeningHours   = rdf.NSCV + "openingHours"
	cvSpecialHours   = rdf.NSCV + "specialOpeningHoursSpecification"
	cvFrequency      = rdf.NSCV + "frequency"
	timeEntity       = rdf.NSTime + "TemporalEntity"
	vcardURL         = rdf.NSVCard + "hasURL"
	vcardEmail       = rdf.NSVCard + "hasEmail"
	csvwTableGroup   = rdf.NSCSVW + "TableGroup"
	csvwTable        = rdf.NSCSVW + "table"
	csvwTableClass   = rdf.NSCSVW + "Table"
	csvwColumn       = rdf.NSCSVW + "column"
	csvwColumnClass  = rdf.NSCSVW + "Column"
	csvwName         = rdf.NSCSVW + "name"
	csvwTitle        = rdf.NSCSVW + "title"
	csvwDatatype     = rdf.NSCSVW + "datatype"
	csvwURL          = rdf.NSCSVW + "url"
	csvwPropertyURL  = rdf.NSCSVW + "propertyUrl"
	dpvPurpose       = rdf.NSDPV + "hasPurpose"
	dpvPurposeClass  = rdf.NSDPV + "Purpose"
	dpvLegalBasis    = rdf.NSDPV + "hasLegalBasis"
	dpvBasisClass    = rdf.NSDPV + "LegalBasis"
	dpvPersonalData  = rdf.NSDPV + "hasPersonalData"
	dqvAnnotation    = rdf.NSDQV + "hasQualityAnnotation"
	dqvCertificate   = rdf.NSDQV + "QualityCertificate"
	provGeneratedBy  = rdf.NSPROV + "wasGeneratedBy"
	xsdNonNegative   = rdf.NSXSD + "nonNegativeInteger"
	ehdsRegulation   = "http://data.europa.eu/eli/reg/2025/327/oj"
	themeHealth      = nsOP + "data-theme/HEAL"
	clauseR8         = "HealthDCAT-AP Release 8, dcat:Dataset"
	clauseNonPublic  = "HealthDCAT-AP Release 8, dcat:Dataset, non-public"
	clauseVocabulary = "HealthDCAT-AP Release 8, controlled vocabularies"
	clauseDCATAP     = "DCAT-AP 3.0"
)

// agentClasses are foaf:Agent and its subclasses.
var agentClasses = []string{foafAgent, rdf.NSFOAF + "Organization", rdf.NSFOAF + "Person", rdf.NSFOAF + "Group"}

// contactClasses are vcard:Kind and its subclasses.
var contactClasses = []string{rdf.NSVCard + "Kind", rdf.NSVCard + "Organization", rdf.NSVCard + "Individual", rdf.NSVCard + "Group", rdf.NSVCard + "Location"}
