package fdp

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	const prefixes = `@prefix dct: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @base <https://f.example/dataset/1> .
`
	for name, c := range map[string]struct {
		doc    string
		strip  bool
		others int // statements that are kept beside
	}{
		"access rights of the server":      {`<> dct:accessRights <#accessRights> . <#accessRights> a dct:RightsStatement ; dct:description "This resource has no access restriction" .`, true, 2},
		"not described":                    {`<> dct:accessRights <#accessRights> .`, true, 0},
		"blank":                            {`<> dct:accessRights [ a dct:RightsStatement ; dct:description "This resource has no access restriction" ] .`, true, 2},
		"blank with words of its own":      {`<> dct:accessRights [ a dct:RightsStatement ; dct:description "On request" ] .`, false, 2},
		"a node that says more":            {`<> dct:accessRights <#accessRights> . <#accessRights> dct:description "x" ; dct:license <x:l> .`, false, 2},
		"the authority's code":             {`<> dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> .`, false, 0},
		"another's node":                   {`<> dct:accessRights </dataset/2#accessRights> .`, false, 0},
		"profile of the point":             {`<> dct:conformsTo </profile/2f08228e> . </profile/2f08228e> rdfs:label "Dataset Profile" .`, true, 1},
		"profile of the point, by http":    {`<> dct:conformsTo <http://f.example/profile/2f08228e> .`, true, 0},
		"profile of another":               {`<> dct:conformsTo <https://other.example/profile/2f08228e> .`, false, 0},
		"a standard":                       {`<> dct:conformsTo </standards/fhir> .`, false, 0},
		"a profile described by its maker": {`<> dct:conformsTo </profile/x> . </profile/x> rdfs:label "X" ; rdfs:seeAlso <x:y> .`, false, 2},
		"text":                             {`<> dct:conformsTo "https://f.example/profile/x" .`, false, 0},
	} {
		g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(prefixes+c.doc), rdf.ReadOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		reader, err := origin.New(origin.Options{Location: "https://f.example", HTTP: http.DefaultClient})
		if err != nil {
			t.Fatal(err)
		}
		skip := document{Graph: g}.defaults(&wire{Reader: reader})
		var stripped []string
		for tr := range g.All() {
			if skip(tr) {
				stripped = append(stripped, tr.String())
			}
		}
		if (len(stripped) == 1) != c.strip || len(stripped) > 1 || g.Len() != c.others+1 {
			t.Errorf("%s: of %d stripped %q", name, g.Len(), stripped)
		}
	}
}
