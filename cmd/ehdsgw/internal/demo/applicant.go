package demo

import (
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// choice is a choice field of the form: key is matched, value is for the applicant's eyes.
type choice struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// protocolName and protocolText are the one attachment of the application.
const (
	protocolName = "research-plan.txt"
	protocolText = `Research plan (demonstration)

Aim: compare time from diagnosis to first treatment between France and Finland, 2018 to 2024.
Method: retrospective cohort, aggregated results only leave the secure processing environment.
`
)

// cohort is section 6 of one country.
func cohort(country string) map[string]any {
	return map[string]any{
		"country_id": country, "catalog_ids": []string{"national"},
		"howIsTheStudyCohortFormed": choice{"b", "Diagnoosin perusteella"}, "timePeriodOfDataExtraction": "2018-2024",
	}
}

// filing is what the centre's front office takes; it adds id, version and date.
type filing struct {
	Kind            ehds.ApplicationKind       `json:"kind"`
	Title           string                     `json:"title"`
	Language        string                     `json:"language"`
	User            string                     `json:"user"`
	ApplicantNation string                     `json:"applicant_nation"`
	Datasets        []ehds.ApplicationDataset  `json:"datasets"`
	Form            map[string]json.RawMessage `json:"form"`
}

// application is what a Finnish institute files for French and Finnish datasets, with the field names of
// the common application form (Release 7). One field is empty: France will ask for it.
func application(now time.Time, datasets ...Published) (filing, error) {
	start := now.Format(time.DateOnly) // so that the permit's period has begun when it is verified
	end := now.AddDate(2, 0, 0).Format(time.DateOnly)
	form := map[string]any{
		"section1": map[string]any{"datasetVariables": []any{}},
		"section2": map[string]any{
			"projectName":                    "TREAT-TIME",
			"projectLeader":                  "Aino Esimerkki",
			"countryOfProjectLeader":         choice{"FI", "Suomi"},
			"purposeForWhichDataWillBeUsed":  []choice{{"e", "Tieteellinen tutkimus"}},
			"areaOfResearch":                 choice{"c", "Epidemiologia"},
			"descriptionOfTheDataYouWillUse": "Pseudonymised records of the dataset named in section 1.",
		},
		"section3": map[string]any{
			"applyingForDataOnBehalfOfPublicSector": choice{"a", "Kyllä"},
			"legalOrNaturalPerson":                  choice{"a", "Oikeushenkilö"},
			"legalPersonName":                       "Esimerkkilaitos",
			"legalPersonCountry":                    choice{"FI", "Suomi"},
			"contactPersonName":                     "Aino Esimerkki",
			"contactPersonEmail":                    "aino@example.org",
		},
		"section4": map[string]any{"sameAsContactPerson": true, "nameOfTheOrganisation": "Esimerkkilaitos"},
		"section5": map[string]any{
			"whyTheDataIsNeeded":               "The question cannot be answered with aggregated data.",
			"whatIsTheAimAndTopicOfTheProject": "Time to treatment.",
			"formatOfTheElectronicHealthData":  choice{"b", "Pseudonymisoitu"},
			"summaryOfResearchPlan":            []map[string]any{{"id": "att-1", "name": protocolName, "size": len(protocolText)}},
		},
		"section6": []map[string]any{cohort("FRANCE"), cohort("FINLAND")},
		"section7": map[string]any{"willDataBeCombinedWithDataObtained": choice{"b", "Ei"}},
		"section8": map[string]any{
			"technicalRequirementsForEnvironment":          "R, Python",
			"nameWebsiteAddressForEnvironment":             "Example secure environment, https://spe.example.org",
			"estimatedStartDatesForDataProcessing":         start,
			"estimatedEndDatesForDataProcessing":           end,
			"optOutOfTheMechanismProvidedInTheNationalLaw": choice{"b", "Ei"},
			"peopleWhoWillBeProcessingTheData": []map[string]string{
				{"fullName": "Aino Esimerkki", "emailAddress": "aino@example.org", "affiliation": "Esimerkkilaitos"},
				{"fullName": "Väinö Malli", "emailAddress": "vaino@example.org", "affiliation": "Esimerkkilaitos"},
			},
			"legalBasisForProcessingPersonalData": []choice{{"e", "Yleinen etu"}},
		},
		"section9":  map[string]any{"additionalInformation": ""},
		"section10": map[string]any{"awareProcessingFee": true, "awareChargeFee": true, "awareInformationCorrect": true},
	}
	f := filing{
		Kind: ehds.DataAccessApplication, Title: "Time to treatment in France and Finland", Language: "fi",
		User: "applicant-fi-0001", ApplicantNation: "FI", Form: map[string]json.RawMessage{},
	}
	for _, d := range datasets {
		if d.CentralID != "" {
			f.Datasets = append(f.Datasets, ehds.ApplicationDataset{
				DatasetID: d.CentralID, CatalogID: "national", Title: map[string]string{"en": d.Title}, Country: d.Nation,
			})
		}
	}
	for section, fields := range form {
		raw, err := json.Marshal(fields)
		if err != nil {
			return f, err
		}
		f.Form[section] = raw
	}
	return f, nil
}
