package gate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// answerRules are those that an answer to an information request can break by itself.
var answerRules = []string{"field-shape", "field-unknown", "choice-unknown", "form-other-kind"}

// CheckAnswers examines the answers to an information request: fields that nobody knows, values of another
// shape, keys of choices. They lead into the body of application.info. Whether the application is complete
// now, Check says of Completed.
func CheckAnswers(kind ehds.ApplicationKind, answers []ehds.InfoAnswer) []Finding {
	var out []Finding
	for i, a := range answers {
		name, ok := sectionName(a.Number)
		if !ok {
			continue // the schema has refused it
		}
		raw, err := json.Marshal(a.Fields)
		if err != nil {
			continue // a value that was JSON a moment ago
		}
		x := newExam(ehds.ApplicationBody{Kind: kind, Form: map[string]json.RawMessage{name: raw}}, Options{})
		for _, f := range x.run(func(r Rule) bool { return slices.Contains(answerRules, r.ID) }) {
			f.Pointer = fmt.Sprintf("/body/sections/%d/fields", i) + strings.TrimPrefix(f.Pointer, "/body/form/"+name)
			f.Country = a.Country
			out = append(out, f)
		}
	}
	return out
}
