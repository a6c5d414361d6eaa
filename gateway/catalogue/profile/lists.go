package profile

import (
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Namespaces of the lists: the Publications Office's authority tables and the Commission's health
// lists.
const (
	nsOP     = "http://publications.europa.eu/resource/authority/"
	nsHealth = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
)

// Lists of codes. The names are this project's.
var (
	accessRights = &List{"access rights", []string{catalogue.NSAccessRight},
		[]string{ehds.AccessPublic, ehds.AccessRestricted, ehds.AccessNonPublic}}
	healthCategories = &List{"health data categories of Art. 51(1)", []string{catalogue.NSHealthCategory}, categoryCodes()}
	healthThemes     = &List{"health themes", []string{nsHealth + "health-theme/"}, []string{
		"RESPIRATORY_DISEASES", "LIFECOURSE_HEALTH", "CANCER_DISEASE", "IMMUNIZATION_DISEASES", "TROPICAL_DISEASES",
		"REPRODUCTIVE_HEALTH", "BLOOD_INFECTIONS", "MENTAL_HEALTH", "NONCOMMUNICABLE_DISEASES", "ENVIRONMENTAL_HEALTH",
		"SENSORY_HEALTH", "VECTOR_DISEASES", "NUTRITION_SECURITY", "ENTERIC_INFECTIONS", "CLIMATE_HEALTH", "HEALTH_SYSTEMS",
		"HEALTH_PRODUCTS", "INJURY_PREVENTION", "EMERGENCY_SETTINGS", "ANTIMICROBIAL_CONTROL",
	}}
	publisherTypes = &List{"types of publisher", []string{nsHealth + "publisher-type/"}, []string{
		"public-health-institute", "administrative-institution", "national-authority", "public-health-registry",
		"outpatient-institution", "pathology-registry", "primary-care-org", "municipality-or-other-area",
		"research-academic-org", "healthcare-providers", "private-company", "laboratory", "public-health-org",
		"other-government-agency", "research-institute-org", "national-cancer-institute", "other-company",
		"software-manufacturer", "pharmacy", "quality-registry", "other-public-institute", "non-gov-org",
		"private-sector-entities", "not-for-profit-org", "university", "inpatient-institute",
		"health-insurance-company-org", "biobank", "regional-authority", "pharma-company", "mental-health-org",
		"gov-public-sector-org", "private-health-insurance", "research-infra", "health-technology-manufacturer", "stat-agency",
	}}
	healthActivities = &List{"activities that generate health data", []string{nsHealth + "health-activity/"}, []string{
		"HEALTH_REGISTRIES", "HEALTHCARE_VISIT", "PROBABILITY_SURVEY", "HEALTH_SURVEY", "ADMISSION_DISCHARGE",
		"GEOSPATIAL_MONITORING", "LABORATORY_TESTS", "PATIENT_OUTCOMES", "MEDICAL_DEVICES", "CENSUS_DATA", "ROUTINE_RECORDS",
		"DISEASE_MONITORING", "BIOBANK_COLLECTION", "MODELS_SIMULATIONS", "RESEARCH_DATABASE", "EHEALTH_APPLICATION",
		"INSURANCE_CLAIMS", "CLINICAL_TRIAL", "PRESCRIBING_DISPENSING", "MUNICIPAL_REPOSITORY", "MEDICAL_REGISTRY",
		"RESEARCH_PROJECT", "AUTOMATIC_GENERATION", "OBSERVATIONAL_DATA", "QUALITY_REGISTRIES", "SAMPLE_COLLECTIONS",
		"NONMEDICAL_APPLICATION", "QUALITY_REGISTRY", "ADMINISTRATIVE_PROCESSES", "MEASUREMENTS", "HEALTH_SURVEILLANCE",
		"SURVEILLANCE", "HOSPITAL_RECORDS", "COHORT",
	}}
	standards = &List{"health data standards", []string{nsHealth + "standard/"}, []string{
		"FAIRSHARING", "INFORMATION-MODEL", "TERMINOLOGY-ONTOLOGY-STANDARD", "ECRIN-CRMDR", "CDA", "MESSAGING-STANDARD",
		"IHE-XDS.b", "CDISC-SDTM", "ISO-13940", "ISO-13606-1", "API", "FHIR", "IEEE-11073-20702", "HL7", "DICOM", "PHIRI",
		"DOCUMENT-FORMAT", "OMOP-CDM", "OPENEHR", "IDMP", "HL7-CCOW", "INSPIRE", "MIABIS", "BEACON", "MEDDRA",
	}}
	codingSystems = &List{"coding systems", []string{nsHealth + "coding-system/"}, []string{
		"ATC", "ICF", "EMA-SPOR", "OHDSI-VOCAB", "ORPHACODE", "ICD-O", "UCUM", "EDQM", "NCIT", "UMLS", "PROC-CODES-NAT",
		"HGNC", "ICD-9-CM", "RXNORM", "MESH", "ORDO", "EMDN", "GMDN", "NPU", "ICPC-3", "OPS", "SNOMED-CT", "ICPC-2",
		"DICOM-CT", "WHODRUG", "ICD-11", "ICD-10", "ICHI", "ICD-10-NAT", "HPO", "LOINC", "MEDDRA",
	}}
)

// Lists recognised by their namespace.
var (
	dataThemes     = &List{"data themes", []string{nsOP + "data-theme/"}, nil}
	datasetTypes   = &List{"dataset types", []string{nsOP + "dataset-type/"}, nil}
	languages      = &List{"languages", []string{nsOP + "language/"}, nil}
	frequencies    = &List{"frequencies", []string{nsOP + "frequency/"}, nil}
	fileTypes      = &List{"file types", []string{nsOP + "file-type/"}, nil}
	statuses       = &List{"statuses of a distribution", []string{nsOP + "distribution-status/"}, nil}
	availabilities = &List{"planned availabilities", []string{nsOP + "planned-availability/"}, nil}
	places         = &List{"countries and places", []string{nsOP + "country/", nsOP + "place/", nsOP + "continent/",
		"http://sws.geonames.org/", "https://sws.geonames.org/"}, nil}
	mediaTypes   = &List{"IANA media types", []string{"http://www.iana.org/assignments/media-types/", "https://www.iana.org/assignments/media-types/"}, nil}
	personalData = &List{"kinds of personal data", []string{"https://w3id.org/dpv/dpv-pd#"}, nil}
)

func categoryCodes() []string {
	var codes []string
	for _, c := range ehds.Categories() {
		codes = append(codes, c.Code)
	}
	return codes
}
