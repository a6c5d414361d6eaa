package ckan

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// shape says what a JSON object of a package means: classes of its node, statements about it, and the
// nodes it leads to. The fields are those of ckanext-dcat's schemas (dcat_ap_full, health_dcat_ap).
type shape struct {
	classes []string
	says    []says
	leads   []leads
	always  bool // a node also when the object says nothing
}

// says is a statement: the first of the fields that is filled.
type says struct {
	fields    []string
	predicate string
	as        form
}

// leads is a list of objects; most bounds how many count, 0 for all.
type leads struct {
	field, predicate string
	to               *shape
	most             int
}

func say(predicate string, as form, fields ...string) says { return says{fields, predicate, as} }

// datasetShape is a package.
func datasetShape() *shape {
	d := dateRange()
	return &shape{
		classes: []string{rdf.NSDCAT + "Dataset"}, always: true,
		says: []says{
			say(rdf.NSDCT+"title", words, "title_translated", "title"),
			say(rdf.NSDCT+"description", words, "notes_translated", "notes"),
			say(rdf.NSDCAT+"landingPage", either, "url"),
			say(rdf.NSDCT+"identifier", plain, "identifier", "guid", "id"), // a literal (DCAT-AP 3.0), by which the centre knows it
			say(rdf.NSDCAT+"version", words, "version", "dcat_version"),
			say(rdf.NSADMS+"versionNotes", words, "version_notes"),
			say(rdf.NSDCT+"accrualPeriodicity", either, "frequency"),
			say(rdf.NSDCT+"type", either, "dcat_type"),
			say(rdf.NSDCT+"accessRights", either, "access_rights"),
			say(rdf.NSDCT+"issued", date, "issued", "metadata_created"),
			say(rdf.NSDCT+"modified", date, "modified", "metadata_modified"),
			say(rdf.NSDCT+"language", either, "language"),
			say(rdf.NSDCAT+"theme", either, "theme"),
			say(rdf.NSDCT+"conformsTo", either, "conforms_to"),
			say(rdf.NSFOAF+"page", either, "documentation"),
			say(rdf.NSDCT+"relation", either, "related_resource"),
			say(rdf.NSDCAT+"hasVersion", either, "has_version"),
			say(rdf.NSDCT+"isVersionOf", either, "is_version_of"),
			say(rdf.NSDCT+"source", either, "source"),
			say(rdf.NSADMS+"sample", either, "sample"),
			say(rdf.NSDCT+"isReferencedBy", either, "is_referenced_by"),
			say(rdf.NSDCATAP+"applicableLegislation", either, "applicable_legislation"),
			say(rdf.NSDCATAP+"hvdCategory", either, "hvd_category"),
			say(rdf.NSDCAT+"temporalResolution", duration, "temporal_resolution"),
			say(rdf.NSDCAT+"spatialResolutionInMeters", decimal, "spatial_resolution_in_meters"),
			say(rdf.NSHealthDCATAP+"analytics", either, "analytics"),
			say(rdf.NSHealthDCATAP+"hasCodeValues", either, "code_values"),
			say(rdf.NSHealthDCATAP+"hasCodingSystem", either, "coding_system"),
			say(rdf.NSHealthDCATAP+"healthCategory", either, "health_category"),
			say(rdf.NSHealthDCATAP+"healthTheme", either, "health_theme"), // ckanext-dcat makes it a category
			say(rdf.NSHealthDCATAP+"populationCoverage", words, "population_coverage"),
			say(rdf.NSHealthDCATAP+"publisherNote", words, "publisher_note"),
			say(rdf.NSHealthDCATAP+"publisherType", either, "publisher_type"),
			say(rdf.NSHealthDCATAP+"trustedDataHolder", truth, "trusted_data_holder"),
			say(rdf.NSHealthDCATAP+"minTypicalAge", count, "min_typical_age"),
			say(rdf.NSHealthDCATAP+"maxTypicalAge", count, "max_typical_age"),
			say(rdf.NSHealthDCATAP+"numberOfRecords", count, "number_of_records"),
			say(rdf.NSHealthDCATAP+"numberOfUniqueIndividuals", count, "number_of_unique_individuals"),
			say(rdf.NSDPV+"hasLegalBasis", either, "legal_basis"),
			say(rdf.NSDPV+"hasPersonalData", either, "personal_data"),
			say(rdf.NSDPV+"hasPurpose", either, "purpose"),
		},
		leads: []leads{
			{"tags", rdf.NSDCAT + "keyword", nil, 0}, // texts: see keywords
			{"contact", rdf.NSDCAT + "contactPoint", contactShape(), 0},
			{"publisher", rdf.NSDCT + "publisher", agentShape(), 1},
			{"creator", rdf.NSDCT + "creator", agentShape(), 0},
			{"hdab", rdf.NSHealthDCATAP + "hdab", agentShape(), 0},
			{"temporal_coverage", rdf.NSDCT + "temporal", d, 0},
			{"retention_period", rdf.NSHealthDCATAP + "retentionPeriod", d, 0},
			{"spatial_coverage", rdf.NSDCT + "spatial", locationShape(), 0},
			{"provenance", rdf.NSDCT + "provenance", labelled(rdf.NSDCT+"ProvenanceStatement", rdf.NSRDFS+"label"), 0},
			{"alternate_identifier", rdf.NSADMS + "identifier", labelled(rdf.NSADMS+"Identifier", rdf.NSSKOS+"notation"), 0},
			{"qualified_relation", rdf.NSDCAT + "qualifiedRelation", relationShape(), 0},
			{"qualified_attribution", rdf.NSPROV + "qualifiedAttribution", attributionShape(), 0},
			{"quality_annotation", rdf.NSDQV + "hasQualityAnnotation", annotationShape(), 0},
			{"provenance_activity", rdf.NSPROV + "wasGeneratedBy", activityShape(), 0},
			{"resources", rdf.NSDCAT + "distribution", distributionShape(), 0},
		},
	}
}

// labelled is a node for what is one text in CKAN.
func labelled(class, predicate string) *shape {
	return &shape{classes: []string{class}, says: []says{say(predicate, words, textField)}}
}

// text says whether the shape is one of texts.
func (s *shape) text() bool { return len(s.says) == 1 && s.says[0].fields[0] == textField }

func dateRange() *shape {
	return &shape{classes: []string{rdf.NSDCT + "PeriodOfTime"}, says: []says{
		say(rdf.NSDCAT+"startDate", date, "start"), say(rdf.NSDCAT+"endDate", date, "end"), say(rdf.NSRDFS+"comment", words, "comment"),
	}}
}

func contactShape() *shape {
	return &shape{classes: []string{rdf.NSVCard + "Kind"}, says: []says{
		say(rdf.NSVCard+"fn", words, "name"), say(rdf.NSVCard+"hasEmail", mail, "email"),
		say(rdf.NSVCard+"hasUID", either, "identifier"), say(rdf.NSVCard+"hasURL", either, "url"),
	}}
}

// agentShape says mail and page twice: as ckanext-dcat does, and at the contact point that HealthDCAT-AP
// release 8 asks of publishers and access bodies.
func agentShape() *shape {
	return &shape{
		classes: []string{rdf.NSFOAF + "Agent"},
		says: []says{
			say(rdf.NSFOAF+"name", words, "name"), say(rdf.NSVCard+"hasEmail", mail, "email"), say(rdf.NSFOAF+"homepage", either, "url", "homepage"),
			say(rdf.NSDCT+"type", either, "type"), say(rdf.NSDCT+"identifier", plain, "identifier"),
		},
		leads: []leads{{selfField, rdf.NSCV + "contactPoint", &shape{classes: []string{rdf.NSCV + "ContactPoint"}, says: []says{
			say(rdf.NSCV+"email", plain, "email"), say(rdf.NSCV+"contactPage", either, "url", "homepage"),
		}}, 1}},
	}
}

func locationShape() *shape {
	return &shape{classes: []string{rdf.NSDCT + "Location"}, always: true, says: []says{
		say(rdf.NSSKOS+"prefLabel", words, "text"), say("http://www.w3.org/ns/locn#geometry", geometry, "geom"),
		say(rdf.NSDCAT+"bbox", geometry, "bbox"), say(rdf.NSDCAT+"centroid", geometry, "centroid"),
	}}
}

func relationShape() *shape {
	return &shape{classes: []string{rdf.NSDCAT + "Relationship"}, says: []says{
		say(rdf.NSDCT+"relation", either, "relation"), say(rdf.NSDCAT+"hadRole", either, "role"),
	}}
}

func attributionShape() *shape {
	return &shape{
		classes: []string{rdf.NSPROV + "Attribution"}, says: []says{say(rdf.NSDCAT+"hadRole", either, "role")},
		leads: []leads{{"agent", rdf.NSPROV + "agent", agentShape(), 0}},
	}
}

func annotationShape() *shape {
	return &shape{classes: []string{rdf.NSOA + "Annotation"}, says: []says{
		say(rdf.NSOA+"hasBody", either, "body"), say(rdf.NSOA+"hasTarget", either, "target"), say(rdf.NSOA+"motivatedBy", either, "motivated_by"),
	}}
}

func activityShape() *shape {
	agent := agentShape()
	agent.classes = []string{rdf.NSPROV + "Agent"}
	agent.leads = append(agent.leads, leads{"actedOnBehalfOf", rdf.NSPROV + "actedOnBehalfOf", agentShape(), 0})
	return &shape{
		classes: []string{rdf.NSPROV + "Activity"},
		says: []says{
			say(rdf.NSRDFS+"label", words, "label"), say(rdf.NSRDFS+"seeAlso", either, "seeAlso"), say(rdf.NSDCT+"type", either, "dct_type"),
			say(rdf.NSPROV+"startedAtTime", date, "startedAtTime"), say(rdf.NSPROV+"endedAtTime", date, "endedAtTime"),
		},
		leads: []leads{{"wasAssociatedWith", rdf.NSPROV + "wasAssociatedWith", agent, 0}},
	}
}

func distributionShape() *shape {
	return &shape{
		classes: []string{rdf.NSDCAT + "Distribution"}, always: true,
		says: []says{
			say(rdf.NSDCT+"title", words, "name_translated", "name"),
			say(rdf.NSDCT+"description", words, "description_translated", "description"),
			say(rdf.NSDCAT+"accessURL", either, "access_url", "url"),
			say(rdf.NSDCAT+"downloadURL", either, "download_url"),
			say(rdf.NSDCT+"issued", date, "issued", "created"),
			say(rdf.NSDCT+"modified", date, "modified", "metadata_modified"),
			say(rdf.NSADMS+"status", either, "status"),
			say(rdf.NSDCT+"license", either, "license"),
			say(rdf.NSDCT+"rights", either, "rights"),
			say(rdf.NSDCT+"language", either, "language"),
			say(rdf.NSFOAF+"page", either, "documentation"),
			say(rdf.NSDCT+"conformsTo", either, "conforms_to"),
			say(rdf.NSDCT+"format", either, "format"),
			say(rdf.NSDCAT+"mediaType", either, "mimetype"),
			say(rdf.NSDCAT+"compressFormat", either, "compress_format"),
			say(rdf.NSDCAT+"packageFormat", either, "package_format"),
			say(rdf.NSDCAT+"byteSize", count, "size"),
			say(rdf.NSDCATAP+"availability", either, "availability"),
			say(rdf.NSDCATAP+"applicableLegislation", either, "applicable_legislation"),
			say(rdf.NSDCAT+"temporalResolution", duration, "temporal_resolution"),
			say(rdf.NSDCAT+"spatialResolutionInMeters", decimal, "spatial_resolution_in_meters"),
		},
		leads: []leads{
			{selfField, rdf.NSSPDX + "checksum", &shape{classes: []string{rdf.NSSPDX + "Checksum"}, says: []says{
				say(rdf.NSSPDX+"checksumValue", hex, "hash"), say(rdf.NSSPDX+"algorithm", either, "hash_algorithm"),
			}}, 1},
			{"retention_period", rdf.NSHealthDCATAP + "retentionPeriod", dateRange(), 0},
			{"access_services", rdf.NSDCAT + "accessService", serviceShape(), 0},
		},
	}
}

func serviceShape() *shape {
	return &shape{classes: []string{rdf.NSDCAT + "DataService"}, says: []says{
		say(rdf.NSDCT+"title", words, "title"), say(rdf.NSDCT+"description", words, "description"),
		say(rdf.NSDCAT+"endpointURL", either, "endpoint_url"), say(rdf.NSDCAT+"endpointDescription", either, "endpoint_description"),
		say(rdf.NSDCAT+"servesDataset", either, "serves_dataset"), say(rdf.NSDCT+"license", either, "license"),
		say(rdf.NSDCT+"accessRights", either, "access_rights"), say(rdf.NSDCATAP+"availability", either, "availability"),
	}}
}
