package fdp

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// Namespaces beside those of package rdf.
const (
	nsLDP  = "http://www.w3.org/ns/ldp#"
	nsFDPO = "https://w3id.org/fdp/fdp-o#"
	nsR3D  = "http://www.re3data.org/schema/3-0#"
)

// Terms of the walk.
var (
	rdfType   = rdf.NewIRI(rdf.RDFType)
	rdfsLabel = rdf.NewIRI(rdf.NSRDFS + "label")

	ldpContains           = rdf.NewIRI(nsLDP + "contains")
	ldpHasMemberRelation  = rdf.NewIRI(nsLDP + "hasMemberRelation")
	ldpContainer          = rdf.NewIRI(nsLDP + "Container")
	ldpBasicContainer     = rdf.NewIRI(nsLDP + "BasicContainer")
	ldpDirectContainer    = rdf.NewIRI(nsLDP + "DirectContainer")
	classDataset          = rdf.NewIRI(rdf.NSDCAT + "Dataset")
	classDatasetSeries    = rdf.NewIRI(rdf.NSDCAT + "DatasetSeries")
	classCatalog          = rdf.NewIRI(rdf.NSDCAT + "Catalog")
	classCatalogRecord    = rdf.NewIRI(rdf.NSDCAT + "CatalogRecord")
	classDistribution     = rdf.NewIRI(rdf.NSDCAT + "Distribution")
	dcatDataset           = rdf.NewIRI(rdf.NSDCAT + "dataset")
	dcatCatalog           = rdf.NewIRI(rdf.NSDCAT + "catalog")
	dcatDistribution      = rdf.NewIRI(rdf.NSDCAT + "distribution")
	dcatAccessURL         = rdf.NewIRI(rdf.NSDCAT + "accessURL")
	dctAccessRights       = rdf.NewIRI(rdf.NSDCT + "accessRights")
	dctConformsTo         = rdf.NewIRI(rdf.NSDCT + "conformsTo")
	dctDescription        = rdf.NewIRI(rdf.NSDCT + "description")
	fdpoMetadataCatalog   = rdf.NewIRI(nsFDPO + "metadataCatalog")
	r3dDataCatalog        = rdf.NewIRI(nsR3D + "dataCatalog")
	containerClasses      = []rdf.Term{ldpContainer, ldpBasicContainer, ldpDirectContainer, classCatalog, classDatasetSeries}
	apartClasses          = []rdf.Term{classDataset, classDatasetSeries, classCatalog, classCatalogRecord}
	relationsToContainers = []rdf.Term{dcatCatalog, fdpoMetadataCatalog, r3dDataCatalog}
	// relationsToDistributions are those of HealthDCAT-AP.
	relationsToDistributions = []rdf.Term{dcatDistribution, rdf.NewIRI(rdf.NSADMS + "sample"), rdf.NewIRI(rdf.NSHealthDCATAP + "analytics")}
	// relationsElsewhere lead to what is neither a dataset nor holds any.
	relationsElsewhere = []rdf.Term{
		dcatDistribution, rdf.NewIRI(rdf.NSDCAT + "service"), rdf.NewIRI(rdf.NSDCAT + "record"), rdf.NewIRI(rdf.NSDCAT + "accessService"),
		rdf.NewIRI(rdf.NSADMS + "sample"), rdf.NewIRI(rdf.NSHealthDCATAP + "analytics"),
	}
)
