package profile

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// Properties and classes the migrations speak of. What the rules speak of is in the shapes.
const (
	dctTitle              = rdf.NSDCT + "title"
	dctDescription        = rdf.NSDCT + "description"
	dctIdentifier         = rdf.NSDCT + "identifier"
	dctPublisher          = rdf.NSDCT + "publisher"
	dctType               = rdf.NSDCT + "type"
	dcatContactPoint      = rdf.NSDCAT + "contactPoint"
	geoCustodian          = rdf.NSGeoDCATAP + "custodian"
	healthHDAB            = rdf.NSHealthDCATAP + "hdab"
	healthHDABCoordinator = rdf.NSHealthDCATAP + "hdabCoordinator"
	healthStructured      = rdf.NSHealthDCATAP + "hasStructuredData"
	healthHasVariables    = rdf.NSHealthDCATAP + "hasVariables"
	healthCodeValues      = rdf.NSHealthDCATAP + "hasCodeValues"
	healthCodingSystem    = rdf.NSHealthDCATAP + "hasCodingSystem"
	healthMinAge          = rdf.NSHealthDCATAP + "minTypicalAge"
	healthMaxAge          = rdf.NSHealthDCATAP + "maxTypicalAge"
	healthRecords         = rdf.NSHealthDCATAP + "numberOfRecords"
	cvContactPoint        = rdf.NSCV + "contactPoint"
	cvContactClass        = rdf.NSCV + "ContactPoint"
	cvEmail               = rdf.NSCV + "email"
	cvContactPage         = rdf.NSCV + "contactPage"
	cvTelephone           = rdf.NSCV + "telephone"
	vcardURL              = rdf.NSVCard + "hasURL"
	vcardEmail            = rdf.NSVCard + "hasEmail"
	csvwTableGroup        = rdf.NSCSVW + "TableGroup"
	csvwTableClass        = rdf.NSCSVW + "Table"
	csvwTitle             = rdf.NSCSVW + "title"
	dpvPersonalData       = rdf.NSDPV + "hasPersonalData"
)
