package profile

import "github.com/ehdsgw/ehdsgw/gateway/catalogue"

// Judgement is a finding with the rule sets that have it.
type Judgement struct {
	catalogue.Finding
	By []string // names, in the order the rule sets were asked in
}

// Together judges a record by several rule sets. What several find alike is one judgement, in the words of
// the first that has it; what they weigh differently are several. They are in the order of place and path.
func Together(r catalogue.Record, sets ...*RuleSet) []Judgement {
	var findings []catalogue.Finding
	by := map[catalogue.Finding][]string{}
	first := map[catalogue.Finding]catalogue.Finding{} // by the finding without words
	for _, s := range sets {
		for _, f := range s.Validate(r) {
			same := f
			same.Message, same.Hint, same.Clause = "", "", ""
			told, known := first[same]
			if !known {
				told, first[same] = f, f
				findings = append(findings, f)
			}
			by[told] = append(by[told], s.Name)
		}
	}
	catalogue.SortFindings(findings)
	out := make([]Judgement, 0, len(findings))
	for _, f := range findings {
		out = append(out, Judgement{f, by[f]})
	}
	return out
}
