package connectortest

import (
	"encoding/json"
	"strings"
)

// WholeForm is the form of an application for data of one country from one catalogue that answers everything
// the law asks for: pseudonymised data, processed by one person from a day to another (full-dates), no
// exception. country is a name as the form has it, such as FINLAND. Persons and institutes do not exist.
func WholeForm(country, catalogue, from, to string) map[string]json.RawMessage {
	text := strings.NewReplacer("COUNTRY", country, "CATALOGUE", catalogue, "FROM", from, "TO", to).Replace(wholeForm)
	var form map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &form); err != nil {
		panic("connectortest: " + err.Error())
	}
	return form
}

const wholeForm = `{
 "section1": {"datasetVariables": [{"name": "v", "datasetId": "ds-1"}]},
 "section2": {"projectName": "P", "projectLeader": "Prof. Example", "purposeForWhichDataWillBeUsed": [{"key": "e", "value": "x"}]},
 "section3": {"applyingForDataOnBehalfOfPublicSector": {"key": "b"}, "legalOrNaturalPerson": {"key": "a"}, "legalPersonName": "O",
  "contactPersonPhone": {"number": "1"}, "legalPersonCountry": {"key": "FI"}},
 "section4": {"sameAsContactPerson": true},
 "section5": {"whyTheDataIsNeeded": "w", "whatIsTheAimAndTopicOfTheProject": "a", "whichAreTheExpectedBenefits": "b",
  "describeApplicantsQualification": "q", "formatOfTheElectronicHealthData": {"key": "b"},
  "summaryOfResearchPlan": [{"id": "f", "name": "n", "size": 1}], "summaryOfResearchPlanLanguage": "fi"},
 "section6": [{"country_id": "COUNTRY", "catalog_ids": ["CATALOGUE"], "timePeriodOfDataExtraction": "2019/2020", "inclusionCriteria": "i"}],
 "section7": {"willDataBeCombinedWithDataObtained": {"key": "b"}},
 "section8": {"nameWebsiteAddressForEnvironment": "SPE One", "technicalRequirementsForEnvironment": "t",
  "estimatedStartDatesForDataProcessing": "FROM", "estimatedEndDatesForDataProcessing": "TO",
  "optOutOfTheMechanismProvidedInTheNationalLaw": {"key": "b"},
  "willTheDataBeTransferred": {"key": "b"}, "complyWithDataMinimisationPrinciple": "m",
  "peopleWhoWillBeProcessingTheData": [{"fullName": "Test Applicant", "emailAddress": "n@example.org"}],
  "protectionAndSecurityStatementsA": true, "protectionAndSecurityStatementsB": true, "protectionAndSecurityStatementsC": true,
  "protectionAndSecurityStatementsD": true, "protectionAndSecurityStatementsE": true,
  "legalBasisForProcessingPersonalData": [{"key": "e"}], "attachResearchPermitIfRequired": [{"id": "f", "name": "n", "size": 1}]},
 "section9": {"additionalInformation": ""},
 "section10": {"awareProcessingFee": true, "awareChargeFee": true, "awareInformationCorrect": true}
}`
