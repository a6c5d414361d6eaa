package profile

import (
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// mandatory is what every dataset needs, whatever its access rights.
func mandatory() []Rule {
	must := func(r Rule) Rule {
		r.On, r.Levels, r.Severity = Dataset, AllLevels, catalogue.Violation
		if r.Clause == "" {
			r.Clause = clauseR8
		}
		return r
	}
	return []Rule{
		must(Rule{Properties: []string{dctTitle}, Min: 1, Kind: TextValue, Clause: clauseDCATAP + ", dcat:Dataset",
			Message: "the dataset has no title", Hint: "give a title in each language of the catalogue"}),
		must(Rule{Properties: []string{dctDescription}, Min: 1, Kind: TextValue, Clause: clauseDCATAP + ", dcat:Dataset",
			Message: "the dataset has no description", Hint: "say what the data are about, for someone who does not know them"}),
		must(Rule{Properties: []string{dctIdentifier}, Min: 1, Kind: TextValue,
			Message: "the dataset has no identifier", Hint: "give the identifier the holder will keep for this dataset, as a literal"}),
		must(Rule{Properties: []string{dctAccessRights}, Min: 1, Max: 1, Kind: IRIValue, List: accessRights,
			Message: "the dataset has no access rights; it is judged as NON_PUBLIC",
			Hint:    "use one of " + catalogue.NSAccessRight + "PUBLIC, RESTRICTED, NON_PUBLIC"}),
		must(Rule{Properties: []string{dcatapLegislation}, Min: 1, Kind: IRIValue,
			Message: "the dataset names no applicable legislation", Hint: "name <" + ehdsRegulation + ">"}),
		must(Rule{Properties: []string{dcatTheme}, Min: 1, Kind: IRIValue, List: dataThemes,
			Message: "the dataset has no theme", Hint: "add <" + themeHealth + ">"}),
		must(Rule{Properties: []string{dcatTheme}, Contains: themeHealth, Clause: clauseVocabulary,
			Message: "the theme health is not among the themes", Hint: "add <" + themeHealth + ">"}),
		must(Rule{Properties: []string{healthCategory}, Min: 1, Kind: IRIValue, List: healthCategories,
			Message: "the dataset has no health category", Hint: "name each category of Art. 51(1) the data belong to, as an IRI under " + catalogue.NSHealthCategory}),
		must(Rule{Properties: []string{healthHDAB}, Min: 1, Max: 1, Kind: NodeValue, Classes: agentClasses,
			Message: "the dataset names no health data access body", Hint: "name the body that decides on access, as an agent with a contact point"}),
		must(Rule{Properties: []string{healthStructured}, Min: 1, Max: 1, Kind: TextValue, Datatype: rdf.XSDBoolean,
			Message: "it is not said whether the data are structured", Hint: "add true or false"}),
		must(Rule{Properties: []string{healthHasVariables}, Min: 1, When: &Condition{healthStructured, []string{"true", "1"}},
			Message: "the data are structured, but no variables are described", Hint: "describe the variables as a csvw:TableGroup"}),
		must(Rule{Properties: []string{dcatDistribution}, Min: 1, Kind: NodeValue, Classes: []string{dcatDistributionClass},
			Message: "the dataset has no distribution", Hint: "describe at least where access is asked for"}),
	}
}

// forNonPublic is what non-public datasets need in addition.
func forNonPublic() []Rule {
	must := func(property string, kind Kind, message, hint string) Rule {
		return Rule{On: Dataset, Properties: []string{property}, Min: 1, Kind: kind, Levels: NonPublic,
			Severity: catalogue.Violation, Message: message, Hint: hint, Clause: clauseNonPublic}
	}
	return []Rule{
		must(dcatContactPoint, NodeValue, "the dataset has no contact point", "give a vcard:Kind with an address for questions about the data"),
		must(dcatKeyword, TextValue, "the dataset has no keyword", "give the words people search by"),
		must(dctType, NodeValue, "the dataset has no type", "use a value of "+nsOP+"dataset-type"),
		must(dctProvenance, NodeValue, "the dataset has no provenance", "say in a dct:ProvenanceStatement where the data come from"),
	}
}

// constrained is what optional properties must be like when they are there.
func constrained() []Rule {
	may := func(property string, r Rule) Rule {
		r.On, r.Properties, r.Levels = Dataset, []string{property}, AllLevels
		if r.Severity == "" {
			r.Severity = catalogue.Violation
		}
		if r.Clause == "" {
			r.Clause = clauseR8
		}
		return r
	}
	number := Rule{Max: 1, Kind: TextValue, Datatype: xsdNonNegative, Hint: `write "18"^^xsd:nonNegativeInteger`}
	oneAgent := Rule{Max: 1, Kind: NodeValue, Classes: agentClasses}
	listed := func(l *List, s catalogue.Severity) Rule {
		return Rule{Kind: IRIValue, List: l, Severity: s, Clause: clauseVocabulary}
	}
	return []Rule{
		{On: Dataset, Properties: []string{dctSource}, Kind: NodeValue, Levels: Public, Severity: catalogue.Violation, Clause: clauseR8 + ", public"},
		may(dcatapLegislation, Rule{Contains: ehdsRegulation, Severity: catalogue.Warning, Clause: "Regulation (EU) 2025/327, Art. 77",
			Message: "the regulation on the European Health Data Space is not among the applicable legislation", Hint: "add <" + ehdsRegulation + ">"}),
		may(dctPublisher, oneAgent), may(geoCustodian, oneAgent), may(healthHDABCoordinator, oneAgent),
		may(healthMinAge, number), may(healthMaxAge, number), may(healthRecords, number), may(healthIndividuals, number),
		may(dcatContactPoint, Rule{Kind: NodeValue, Classes: contactClasses, Clause: clauseDCATAP + ", ranges"}),
		may(dctAlternative, Rule{Kind: TextValue}), may(healthPopulation, Rule{Kind: TextValue}), may(healthCodeValues, Rule{Kind: TextValue}),
		may(healthRetention, Rule{Max: 1, Kind: NodeValue, Classes: []string{dctPeriodOfTime}}),
		may(healthHasVariables, Rule{Kind: NodeValue, Classes: []string{csvwTableGroup}}),
		may(admsSample, Rule{Kind: NodeValue, Classes: []string{dcatDistributionClass}}),
		may(healthAnalytics, Rule{Kind: NodeValue, Classes: []string{dcatDistributionClass}}),
		may(dpvPurpose, Rule{Kind: NodeValue, Classes: []string{dpvPurposeClass}}),
		may(dpvLegalBasis, Rule{Kind: NodeValue, Classes: []string{dpvBasisClass}}),
		may(dqvAnnotation, Rule{Kind: NodeValue, Classes: []string{dqvCertificate}}),
		may(provGeneratedBy, Rule{Kind: NodeValue, Clause: clauseVocabulary}),
		may(healthTheme, listed(healthThemes, "")), may(healthCodingSystem, listed(codingSystems, "")),
		may(dctConformsTo, listed(standards, "")), may(dctLanguage, listed(languages, "")),
		may(dctPeriodicity, listed(frequencies, "")), may(dpvPersonalData, listed(personalData, "")),
		may(dctSpatial, listed(places, catalogue.Warning)), may(dctType, listed(datasetTypes, catalogue.Warning)),
	}
}

// recommended is what the profile asks of non-public datasets without requiring it.
func recommended() []Rule {
	properties := []struct{ property, message string }{
		{healthAnalytics, "no analytics of the dataset are described"},
		{healthCodeValues, "the code values in use are not named"},
		{healthCodingSystem, "the coding systems in use are not named"},
		{dctConformsTo, "no standard is named that the data conform to"},
		{foafPage, "no documentation is linked"},
		{dctPeriodicity, "the frequency of updates is not given"},
		{healthTheme, "the dataset has no health theme"},
		{dctReferencedBy, "no publication is linked"},
		{dctLanguage, "the language of the data is not given"},
		{dpvLegalBasis, "the legal basis of the original processing is not given"},
		{healthMaxAge, "the highest typical age is not given"},
		{healthMinAge, "the lowest typical age is not given"},
		{healthRecords, "the number of records is not given"},
		{healthIndividuals, "the number of unique individuals is not given"},
		{dpvPersonalData, "the kinds of personal data are not given"},
		{healthPopulation, "the population covered is not described"},
		{dpvPurpose, "the purpose of the original collection is not given"},
		{dqvAnnotation, "no quality certificate is named"},
		{healthRetention, "the retention period is not given"},
		{admsSample, "no sample is linked"},
		{dctSource, "the dataset the data derive from is not named"},
		{dctTemporal, "the period covered is not given"},
		{dcatTemporalResolution, "the temporal resolution is not given"},
		{dcatLandingPage, "no landing page is linked"},
		{dctRelation, "no related resource is linked"},
		{geoCustodian, "the health data holder is not named as custodian"},
	}
	rules := make([]Rule, 0, len(properties))
	for _, p := range properties {
		rules = append(rules, Rule{On: Dataset, Properties: []string{p.property}, Min: 1, Levels: NonPublic,
			Severity: catalogue.Warning, Message: p.message, Clause: clauseNonPublic + ", recommended"})
	}
	return rules
}
