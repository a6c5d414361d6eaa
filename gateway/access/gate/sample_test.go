package gate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// sharedFile reads a public sample in place; without the samples the test is skipped.
func sharedFile(t *testing.T, parts ...string) []byte {
	t.Helper()
	dir := os.Getenv("EHDSGW_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	raw, err := os.ReadFile(filepath.Join(append([]string{dir}, parts...)...))
	if err != nil {
		t.Skipf("no samples: set EHDSGW_SHARED (%v)", err)
	}
	return raw
}

var testDay = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// completeAccess is an access application that answers everything: pseudonymised data of two countries,
// an own dataset, an opt-out exception, a transfer.
func completeAccess() ehds.ApplicationBody {
	return application(ehds.DataAccessApplication, `{
	 "section1": {"datasetVariables": [{"name": "v", "datasetId": "ds-1"}]},
	 "section2": {"projectName": "P", "projectLeader": "L", "purposeForWhichDataWillBeUsed": [{"key": "e", "value": "x"}]},
	 "section3": {"applyingForDataOnBehalfOfPublicSector": {"key": "b"}, "legalOrNaturalPerson": {"key": "a"}, "legalPersonName": "O",
	  "contactPersonPhone": {"number": "1"}, "legalPersonCountry": {"key": "FI"}},
	 "section4": {"sameAsContactPerson": true},
	 "section5": {"whyTheDataIsNeeded": "w", "whatIsTheAimAndTopicOfTheProject": "a", "whichAreTheExpectedBenefits": "b",
	  "describeApplicantsQualification": "q", "formatOfTheElectronicHealthData": {"key": "b"},
	  "summaryOfResearchPlan": [{"id": "f", "name": "n", "size": 1}], "summaryOfResearchPlanLanguage": "fi"},
	 "section6": [
	  {"country_id": "FRANCE", "catalog_ids": ["c"], "timePeriodOfDataExtraction": "2019/2020", "inclusionCriteria": "i", "ethicalReviewInput": ""},
	  {"country_id": "FINLAND", "timePeriodOfDataExtraction": "2019/2020", "detailsOfHowTheStudyCohortHasBeenFormed": "d"}],
	 "section7": {"willDataBeCombinedWithDataObtained": {"key": "a"}, "providedInformationOnDataCombined": "c"},
	 "section8": {"technicalRequirementsForEnvironment": "t", "estimatedStartDatesForDataProcessing": "2027-02-01",
	  "estimatedEndDatesForDataProcessing": "2029-01-31", "optOutOfTheMechanismProvidedInTheNationalLaw": {"key": "a"}, "optOutJustification": "o",
	  "willTheDataBeTransferred": {"key": "a"}, "transferLegalArticle": "46", "complyWithDataMinimisationPrinciple": "m",
	  "peopleWhoWillBeProcessingTheData": [{"fullName": "N", "emailAddress": "n@example.org"}],
	  "protectionAndSecurityStatementsA": true, "protectionAndSecurityStatementsB": true, "protectionAndSecurityStatementsC": true,
	  "protectionAndSecurityStatementsD": true, "protectionAndSecurityStatementsE": true,
	  "legalBasisForProcessingPersonalData": [{"key": "e"}], "attachResearchPermitIfRequired": [{"id": "f", "name": "n", "size": 1}]},
	 "section9": {"additionalInformation": ""},
	 "section10": {"awareProcessingFee": true, "awareChargeFee": true, "awareInformationCorrect": true}
	}`)
}

// completeRequest is a data request that answers everything.
func completeRequest() ehds.ApplicationBody {
	return application(ehds.DataRequestApplication, `{
	 "section2": {"purposeForWhichDataWillBeUsed": [{"key": "c"}]},
	 "section3": {"applyingForDataOnBehalfOfPublicSector": {"key": "a"}, "legalOrNaturalPerson": {"key": "b"}, "naturalPersonName": "N"},
	 "section5": {"whyAreTheDataRequested": "w", "whatIsTheAimAndTopicOfTheProject": "a", "describeApplicantsQualification": "q", "legalBasis": "l"},
	 "section6": [{"country_id": "FRANCE", "tabulationPlanArray": [{"tabulationDesiredDirection": "d"}]}],
	 "section7": {"additionalInformation": "i"},
	 "section8": {"acceptHealthDataBody": true, "awareProcessingFee": true, "awareChargeFee": true, "awareInformationCorrect": true,
	  "optOutOfTheMechanismProvidedInTheNationalLaw": {"key": "a"}, "optOutJustification": "o"}
	}`)
}

func application(kind ehds.ApplicationKind, form string) ehds.ApplicationBody {
	b := ehds.ApplicationBody{ApplicationID: "A1", Kind: kind, Version: 1, Title: "T", Language: "fi", DateSubmitted: "2026-11-27T10:00:00Z",
		Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "c", Country: "FR"}, {DatasetID: "ds-2", Country: "FI"}}}
	if kind == ehds.DataRequestApplication {
		b.Datasets = b.Datasets[:1]
	}
	if err := json.Unmarshal([]byte(form), &b.Form); err != nil {
		panic(err)
	}
	return b
}

// edit changes the form of an application: f gets one section as a plain object.
func edit(t *testing.T, b ehds.ApplicationBody, name string, f func(any)) ehds.ApplicationBody {
	t.Helper()
	out := b
	out.Form = map[string]json.RawMessage{}
	for k, v := range b.Form {
		out.Form[k] = v
	}
	var v any
	if raw, ok := b.Form[name]; ok {
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
	} else {
		v = map[string]any{}
	}
	f(v)
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out.Form[name] = raw
	return out
}

// set puts a value into a section.
func set(t *testing.T, b ehds.ApplicationBody, section, name string, value any) ehds.ApplicationBody {
	t.Helper()
	return edit(t, b, section, func(v any) { v.(map[string]any)[name] = value })
}

func codes(findings []Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Code)
	}
	return out
}
