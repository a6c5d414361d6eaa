package desk

import (
	"encoding/json"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// form is what the desk reads of an application form. Every field is optional on the wire; choice
// fields match on their key, never on their value, which is in the applicant's language. A section
// of another shape reads as empty, so that a person looks at it.
type form struct {
	Purposes     []string // section 2
	Investigator string
	PublicSector bool   // section 3
	Format       string // section 5
	SPE          string // section 8
	Tools        string
	Start, End   string
	OptOut       bool
	OptOutReason string
	People       []ehds.PermitPerson
}

type choice struct {
	Key string `json:"key"`
}

func readForm(a ehds.ApplicationBody) form {
	var f form
	section := func(name string) map[string]json.RawMessage {
		var m map[string]json.RawMessage
		if json.Unmarshal(a.Form[name], &m) != nil {
			return nil
		}
		return m
	}
	s2, s3, s5, s8 := section("section2"), section("section3"), section("section5"), section("section8")
	for _, c := range read[[]choice](s2, "purposeForWhichDataWillBeUsed") {
		f.Purposes = append(f.Purposes, c.Key)
	}
	f.Investigator = text(s2, "projectLeader")
	f.PublicSector = read[choice](s3, "applyingForDataOnBehalfOfPublicSector").Key == "a"
	f.Format, _ = ehds.FormatOfKey(read[choice](s5, "formatOfTheElectronicHealthData").Key)
	f.SPE = text(s8, "nameWebsiteAddressForEnvironment")
	f.Tools = text(s8, "technicalRequirementsForEnvironment")
	f.Start, f.End = text(s8, "estimatedStartDatesForDataProcessing"), text(s8, "estimatedEndDatesForDataProcessing")
	f.OptOut = read[choice](s8, "optOutOfTheMechanismProvidedInTheNationalLaw").Key == "a"
	f.OptOutReason = text(s8, "optOutJustification")
	type person struct {
		FullName    string `json:"fullName"`
		Affiliation string `json:"affiliation"`
	}
	for _, p := range read[[]person](s8, "peopleWhoWillBeProcessingTheData") {
		if name := strings.TrimSpace(p.FullName); name != "" {
			f.People = append(f.People, ehds.PermitPerson{Name: name, Affiliation: strings.TrimSpace(p.Affiliation)})
		}
	}
	return f
}

// read gives a field, or the zero value when it is absent or of another shape.
func read[T any](section map[string]json.RawMessage, field string) T {
	var v, zero T
	if json.Unmarshal(section[field], &v) != nil {
		return zero
	}
	return v
}

func text(section map[string]json.RawMessage, field string) string {
	return strings.TrimSpace(read[string](section, field))
}
