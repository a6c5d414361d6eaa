package gate

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// requirements are the contents of Art. 67(2)(a) to (k), (4), (5) and of Art. 69(2), each with the field
// of the form that answers it (TEHDAS2 D6.4 tables, Release 7). What the law asks for "where
// applicable" is a requirement only once the applicant said that it applies. Which field answers the
// justification of pseudonymised data is an assumption; so are the points of Art. 69(2).
func requirements() []requirement {
	return slices.Concat(whoApplies(), whatFor(), whichData(), statements(), howProcessed(), consents())
}

func whoApplies() []requirement {
	return []requirement{
		{id: "applicant-kind", access: "67(2)(a)", request: "69(2)(a)", title: "whether the applicant is a legal or a natural person",
			section: 3, fields: []string{"legalOrNaturalPerson"}, mend: "say which"},
		{id: "applicant-name", access: "67(2)(a)", request: "69(2)(a)", title: "the applicant's name",
			section: 3, fields: []string{"legalPersonName"}, when: notNatural, also: natural("naturalPersonName"), mend: "name the legal person"},
		{id: "applicant-natural-name", access: "67(2)(a)", request: "69(2)(a)", title: "the applicant's name",
			section: 3, fields: []string{"naturalPersonName"}, when: isNatural, mend: "name the natural person"},
		{id: "applicant-functions", access: "67(2)(a)", request: "69(2)(a)", title: "the applicant's functions and activities",
			section: 5, fields: []string{"describeApplicantsQualification"}, mend: "describe them"},
		{id: "applicant-public", access: "53(2), 67(5)", request: "53(2)", title: "whether the applicant is a public sector body or acts for one",
			section: 3, fields: []string{"applyingForDataOnBehalfOfPublicSector"}, mend: "answer yes or no: purposes a to c are reserved to them"},
		{id: "persons", access: "67(2)(a)", title: "the natural persons who will have access",
			section: 8, fields: []string{"peopleWhoWillBeProcessingTheData"}, mend: "list them by name"},
		{id: "investigator", access: "68(10)(d)", title: "the principal investigator",
			section: 2, fields: []string{"projectLeader"}, mend: "name the person a permit would name"},
	}
}

func isNatural(x *exam) bool  { return x.form.Choice(3, "legalOrNaturalPerson") == keyNaturalPerson }
func notNatural(x *exam) bool { return !isNatural(x) }

// natural are fields of a natural person: they answer for an applicant who did not say which she is.
func natural(name string) []place { return []place{at(3, name)} }

func whatFor() []requirement {
	return []requirement{
		{id: "purposes", access: "67(2)(b)", request: "69(2)(b)", title: "the purposes of Art. 53(1)",
			section: 2, fields: []string{"purposeForWhichDataWillBeUsed"}, mend: "mark at least one"},
		{id: "use", access: "67(2)(c)", title: "the intended use of the data",
			section: 5, fields: []string{"whyTheDataIsNeeded"}, mend: "explain in detail what the data are needed for"},
		{id: "request-use", request: "69(2)(b)", title: "the intended use of the answer",
			section: 5, fields: []string{"whyAreTheDataRequested", "whyTheDataIsNeeded"}, mend: "explain in detail what the answer is needed for"},
		{id: "aim", access: "67(2)(c)", request: "69(2)(b)", title: "the aim of the project",
			section: 5, fields: []string{"whatIsTheAimAndTopicOfTheProject"}, mend: "state aim and topic"},
		{id: "benefit", access: "67(2)(c)", title: "the benefit expected from the use",
			section: 5, fields: []string{"whichAreTheExpectedBenefits"}, mend: "say what it contributes to the purposes"},
	}
}

func whichData() []requirement {
	cohort := []string{"inclusionCriteria", "detailsOfHowTheStudyCohortHasBeenFormed", "howTheStudyCohortWasObtained", "whyNeedDataOfaWholePopulation"}
	combined := []string{"providedInformationOnDataCombined", "combinedDatasetsRegistries", "combinedDatabaseRegistries", "combinedDataHolders"}
	lawful := []string{"legalBasisForProcessingPersonalData", "lawfulForProcessingPersonalData", "otherLegalBasisForProcessingPersonalData", "europeanUnionInstitution"}
	return []requirement{
		{id: "variables", access: "67(2)(d)", title: "the variables asked for", section: 1, fields: []string{"datasetVariables"},
			also: []place{at(6, "variablesToBeUsedInDataExtractionAttachment")}, mend: "select variables, or attach the list to the country's part"},
		{id: "scope", access: "67(2)(d)", title: "the scope of the data: whose they are", section: 6, fields: cohort, each: true,
			mend: "give criteria, or describe the cohort"},
		{id: "time-range", access: "67(2)(d)", title: "the time range of the data", section: 6, fields: []string{"timePeriodOfDataExtraction"}, each: true,
			mend: "give the first and the last day"},
		{id: "format", access: "67(2)(d), (e)", title: "the format of the data: anonymised or pseudonymised", section: 5,
			fields: []string{"formatOfTheElectronicHealthData"}, mend: "choose one"},
		{id: "pseudonymised-why", access: "67(2)(e)", title: "why anonymised data do not serve", section: 8,
			fields: []string{"complyWithDataMinimisationPrinciple"}, when: pseudonymised, mend: "justify the pseudonymised format (Art. 66(3))"},
		{id: "pseudonymised-lawful", access: "67(4)", title: "how the processing complies with GDPR Art. 6(1)", section: 8,
			fields: lawful, when: pseudonymised, mend: "state the point of GDPR Art. 6(1), or of Regulation (EU) 2018/1725 Art. 5(1)"},
		{id: "request-lawful", request: "69(2)(f)", title: "how the processing complies with GDPR Art. 6(1)", section: 5,
			fields: []string{"legalBasis"}, also: []place{at(8, lawful[0]), at(8, lawful[1])}, mend: "state the legal basis"},
		{id: "own-data", access: "67(2)(f)", title: "the data the applicant brings along", section: 7, fields: combined,
			when: yes(7, "willDataBeCombinedWithDataObtained"), mend: "describe the datasets to be combined"},
		{id: "statistics", request: "69(2)(d)", title: "the contents of the statistics", section: 6, fields: []string{"tabulationPlanArray"},
			also: []place{at(0, "tabulationPlanArray")}, mend: "give a tabulation plan"},
	}
}

func pseudonymised(x *exam) bool { return x.form.Format() == ehds.FormatPseudonymised }

// yes makes the condition that a question was answered with yes.
func yes(section int, name string) func(*exam) bool {
	return func(x *exam) bool { return x.form.Choice(section, name) == keyYes }
}

func howProcessed() []requirement {
	private := func(x *exam) bool { return !x.public }
	public := func(x *exam) bool { return x.public }
	transfer := []string{"transferLegalArticle", "transferSafeguards", "legalBasisForTransferringTheDataOutsideEU",
		"safeguardsAreProvidedByReferringGDCP", "safeguardsAreProvidedByOtherExceptionalLegalBases",
		"whyWillDataBeTransferredOutsideEUArticle47", "whyWillDataBeTransferredOutsideEUArticle48", "whyWillDataBeTransferredOutsideEUArticle49"}
	return []requirement{
		{id: "period-start", access: "67(2)(h)", title: "the start of the processing", section: 8,
			fields: []string{"estimatedStartDatesForDataProcessing"}, when: private, mend: "give a day"},
		{id: "period-end", access: "67(2)(h)", title: "the end of the processing", section: 8,
			fields: []string{"estimatedEndDatesForDataProcessing"}, when: private, mend: "give a day, ten years after the start at the latest"},
		{id: "public-period", access: "67(5)", title: "the period of access of a public sector body", section: 8,
			fields: []string{"informationWhichDataCanAccess", "estimatedEndDatesForDataProcessing"}, when: public, mend: "say for how long the data can be accessed"},
		{id: "public-frequency", access: "67(5)", title: "the frequency of access or of updates", section: 8,
			fields: []string{"frequencyOfAccessOrDataUpdates"}, also: []place{at(6, "howOftenDoesTheDataNeedToBeExtracted")},
			when: public, mend: "say how often data are accessed or updated"},
		{id: "tools", access: "67(2)(i)", title: "the tools and computing resources needed", section: 8,
			fields: []string{"technicalRequirementsForEnvironment"}, mend: "describe what the secure processing environment must have"},
		{id: "ethics", access: "67(2)(j)", title: "the assessment of ethical aspects", section: 6,
			fields: []string{"ethicalReviewAttachment", "ethicalReviewInput"}, also: []place{at(8, "attachResearchPermitIfRequired")},
			when: func(x *exam) bool { return x.o.EthicsRequired }, mend: "attach what national law asks for"},
		{id: "opt-out-why", access: "67(2)(k), 71(4)", request: "69(2)(g), 71(4)", title: "why data of persons who opted out are needed", section: 8,
			fields: []string{"optOutJustification"}, when: yes(8, "optOutOfTheMechanismProvidedInTheNationalLaw"), mend: "give the justification that national law asks for"},
		{id: "transfer", access: "GDPR 44-49", title: "the ground for a transfer out of the Union", section: 8, fields: transfer,
			when: yes(8, "willTheDataBeTransferred"), mend: "name article and safeguards"},
	}
}

func consents() []requirement {
	of := func(id, article, title, name string) requirement {
		return requirement{id: id, access: article, title: title, section: 10, fields: []string{name}, mend: "confirm it"}
	}
	out := []requirement{
		of("fee-processing", "62(1)", "the applicant knows of the processing fee", "awareProcessingFee"),
		of("fee-charge", "62(1)", "the applicant knows what is charged for", "awareChargeFee"),
		of("correct", "67(2)", "the applicant states that the information is correct", "awareInformationCorrect"),
	}
	for _, q := range out[:3:3] { // a data request has its consents in section 8
		q.id, q.access, q.request, q.also = "request-"+q.id, "", q.access, []place{at(10, q.fields[0])}
		q.section = 8
		out = append(out, q)
	}
	out[5].request = "69(2)"
	return out
}
