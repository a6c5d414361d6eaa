package conformance

// accessForm is a complete form of a data access application (TEHDAS2 D6.4, sections 1 to 10). Choice fields
// are matched on their key. Persons and institutes do not exist.
var accessForm = map[string]string{
	"section1": `{"datasetVariables":[]}`,
	"section2": `{"projectName":"CONFORMANCE","projectLeader":"Synthetic Leader","countryOfProjectLeader":{"key":"FI","value":"Finland"},
		"purposeForWhichDataWillBeUsed":[{"key":"e","value":"Scientific research"}],"areaOfResearch":{"key":"c","value":"Epidemiology"},
		"descriptionOfTheDataYouWillUse":"Pseudonymised records of the dataset named in section 1."}`,
	"section3": `{"applyingForDataOnBehalfOfPublicSector":{"key":"a","value":"Yes"},"legalOrNaturalPerson":{"key":"a","value":"Legal person"},
		"legalPersonName":"Synthetic Institute","legalPersonCountry":{"key":"FI","value":"Finland"},
		"contactPersonName":"Synthetic Contact","contactPersonEmail":"contact@institute.example"}`,
	"section4": `{"sameAsContactPerson":true,"nameOfTheOrganisation":"Synthetic Institute"}`,
	"section5": `{"whyTheDataIsNeeded":"The question cannot be answered with aggregated data.","whatIsTheAimAndTopicOfTheProject":"Time to treatment.",
		"formatOfTheElectronicHealthData":{"key":"b","value":"Pseudonymised"}}`,
	"section6": `[{"country_id":"FRANCE","catalog_ids":["national"],"howIsTheStudyCohortFormed":{"key":"b","value":"By diagnosis"},"timePeriodOfDataExtraction":"2018-2024"}]`,
	"section7": `{"willDataBeCombinedWithDataObtained":{"key":"b","value":"No"}}`,
	"section8": `{"technicalRequirementsForEnvironment":"R, Python","nameWebsiteAddressForEnvironment":"Synthetic environment, https://spe.example",
		"estimatedStartDatesForDataProcessing":"2027-01-01","estimatedEndDatesForDataProcessing":"2029-01-01",
		"optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"b","value":"No"},
		"peopleWhoWillBeProcessingTheData":[{"fullName":"Synthetic Analyst","emailAddress":"analyst@institute.example","affiliation":"Synthetic Institute"}],
		"legalBasisForProcessingPersonalData":[{"key":"e","value":"Public interest"}]}`,
	"section9":  `{"additionalInformation":""}`,
	"section10": `{"awareProcessingFee":true,"awareChargeFee":true,"awareInformationCorrect":true}`,
}
