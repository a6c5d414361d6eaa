package profile

import "github.com/ehdsgw/ehdsgw/gateway/catalogue"

// on makes a rule about a part of the description, at every level.
func on(s Shape, property string, r Rule) Rule {
	r.On, r.Levels = s, AllLevels
	r.Properties = append([]string{property}, r.Properties...)
	if r.Severity == "" {
		r.Severity = catalogue.Violation
	}
	if r.Clause == "" {
		r.Clause = "HealthDCAT-AP Release 8, " + string(s)
	}
	return r
}

// distributions rules distributions, samples and analytics.
func distributions() []Rule {
	listed := func(property string, l *List, s catalogue.Severity) Rule {
		return on(Distribution, property, Rule{Kind: IRIValue, List: l, Severity: s, Clause: clauseVocabulary})
	}
	return []Rule{
		on(Distribution, dcatapLegislation, Rule{Min: 1, Kind: IRIValue,
			Message: "the distribution names no applicable legislation", Hint: "name <" + ehdsRegulation + ">"}),
		on(Distribution, dcatAccessURL, Rule{Min: 1, Kind: NodeValue, Clause: clauseDCATAP + ", dcat:Distribution",
			Message: "the distribution has no access URL", Hint: "link the page where access is asked for or given"}),
		listed(dctFormat, fileTypes, ""), listed(dctLanguage, languages, ""),
		listed(admsStatus, statuses, ""), listed(dcatapAvailability, availabilities, ""),
		listed(dcatMediaType, mediaTypes, catalogue.Warning),
		listed(dcatCompressFormat, mediaTypes, catalogue.Warning),
		listed(dcatPackageFormat, mediaTypes, catalogue.Warning),
	}
}

// agents rules bodies, holders and publishers, and how to reach them and the dataset's contact.
func agents() []Rule {
	return []Rule{
		on(Agent, cvContactPoint, Rule{Min: 1, Max: 1, Kind: NodeValue, Classes: []string{cvContactClass},
			Message: "the agent has no contact point", Hint: "give exactly one cv:ContactPoint with an email or a contact page"}),
		on(Publisher, dctDescription, Rule{Max: 1, Kind: TextValue}),
		on(Publisher, dctType, Rule{Kind: IRIValue, List: publisherTypes, Clause: clauseVocabulary}),
		on(ContactPoint, cvEmail, Rule{Min: 1, Properties: []string{cvContactPage},
			Message: "the contact point has neither an email nor a contact page", Hint: "give a cv:email or a cv:contactPage"}),
		on(ContactPoint, cvEmail, Rule{Kind: TextValue, Hint: "write the address as a literal, without mailto:"}),
		on(ContactPoint, cvContactPage, Rule{Kind: IRIValue}),
		on(ContactPoint, cvTelephone, Rule{Kind: TextValue}),
		on(ContactPoint, cvOpeningHours, Rule{Kind: NodeValue, Classes: []string{timeEntity}}),
		on(ContactPoint, cvSpecialHours, Rule{Kind: NodeValue, Classes: []string{timeEntity}}),
		on(Hours, dctDescription, Rule{Min: 1, Kind: TextValue, Message: "the opening hours are not described"}),
		on(Hours, cvFrequency, Rule{Kind: IRIValue, List: frequencies, Clause: clauseVocabulary}),
		on(Contact, vcardEmail, Rule{Min: 1, Properties: []string{vcardURL},
			Message: "the contact point has neither an email nor a URL", Hint: "give a vcard:hasEmail <mailto:…> or a vcard:hasURL"}),
		on(Contact, vcardEmail, Rule{Max: 1, Kind: IRIValue, Hint: "write the address as <mailto:…>"}),
		on(Contact, vcardURL, Rule{Max: 1, Kind: IRIValue}),
		on(Activity, dctType, Rule{Kind: IRIValue, List: healthActivities, Clause: clauseVocabulary}),
	}
}

// variables rules the description of variables.
func variables() []Rule {
	return []Rule{
		on(VariableGroup, dctTitle, Rule{Min: 1, Kind: TextValue, Message: "the group of variables has no title"}),
		on(VariableGroup, csvwTable, Rule{Min: 1, Kind: NodeValue, Classes: []string{csvwTableClass}, Message: "the group of variables has no table"}),
		on(Table, dctTitle, Rule{Min: 1, Kind: TextValue, Message: "the table has no title"}),
		on(Table, csvwURL, Rule{Max: 1, Kind: IRIValue}),
		on(Table, dcatKeyword, Rule{Kind: TextValue}),
		on(Table, csvwColumn, Rule{Min: 1, Kind: NodeValue, Classes: []string{csvwColumnClass}, Message: "the table has no column"}),
		on(Column, csvwName, Rule{Min: 1, Max: 1, Kind: TextValue, Message: "the variable has no name"}),
		on(Column, csvwTitle, Rule{Min: 1, Kind: TextValue, Message: "the variable has no title"}),
		on(Column, dctDescription, Rule{Min: 1, Kind: TextValue, Message: "the variable has no description"}),
		on(Column, csvwDatatype, Rule{Min: 1, Max: 1, Kind: TextValue, Message: "the variable has no datatype"}),
		on(Column, csvwPropertyURL, Rule{Max: 1, Kind: IRIValue}),
	}
}
