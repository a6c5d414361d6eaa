package report

import (
	"encoding/json"
	"io"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance"
)

// earlContext maps the members below to the EARL 1.0 Schema (W3C Working Group Note, 2017). It is inside the
// document, so that nothing is fetched to read it.
var earlContext = map[string]any{
	"earl": "http://www.w3.org/ns/earl#", "dct": "http://purl.org/dc/terms/", "doap": "http://usefulinc.com/ns/doap#", "xsd": "http://www.w3.org/2001/XMLSchema#",
	"assertedBy": map[string]string{"@id": "earl:assertedBy", "@type": "@id"}, "subject": map[string]string{"@id": "earl:subject", "@type": "@id"},
	"test": map[string]string{"@id": "earl:test", "@type": "@id"}, "mode": map[string]string{"@id": "earl:mode", "@type": "@id"},
	"result": "earl:result", "outcome": map[string]string{"@id": "earl:outcome", "@type": "@id"}, "info": "earl:info",
	"title": "dct:title", "description": "dct:description", "date": map[string]string{"@id": "dct:date", "@type": "xsd:dateTime"}, "version": "doap:revision",
}

// outcomesOfEARL are its outcome values. A SHOULD that does not hold has passed with a remark; the tester's
// own trouble leaves open what holds.
var outcomesOfEARL = map[conformance.Outcome]string{
	conformance.Pass: "earl:passed", conformance.Warn: "earl:passed", conformance.Fail: "earl:failed",
	conformance.Skip: "earl:untested", conformance.Err: "earl:cantTell",
}

// EARL writes the results as JSON-LD in the Evaluation and Report Language.
func EARL(w io.Writer, r conformance.Report) error {
	const assertor, subject = "urn:ehdsgw:conformance:suite", "urn:ehdsgw:conformance:target"
	graph := []map[string]any{
		{"@id": assertor, "@type": []string{"earl:Assertor", "earl:Software"}, "title": "EHDS conformance suite", "version": r.Suite.Version, "description": r.Standing},
		{"@id": subject, "@type": "earl:TestSubject", "title": r.Target.About.Name, "version": r.Target.About.Version},
	}
	for _, res := range r.Results {
		test := "urn:ehdsgw:conformance:case:" + res.ID
		graph = append(graph,
			map[string]any{"@id": test, "@type": "earl:TestCase", "title": res.Title, "description": res.Why},
			map[string]any{
				"@type": "earl:Assertion", "assertedBy": assertor, "subject": subject, "test": test, "mode": "earl:automatic",
				"result": map[string]any{
					"@type": "earl:TestResult", "outcome": outcomesOfEARL[res.Outcome], "info": clean(res.Reason), "date": r.Began.UTC().Format(time.RFC3339),
				},
			})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(map[string]any{"@context": earlContext, "@graph": graph})
}
