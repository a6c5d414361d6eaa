package publish

import "github.com/ehdsgw/ehdsgw/gateway/catalogue"

// clash takes the records out of a pass whose identifier another source publishes: the centre knows
// a dataset by its identifier, so the first source keeps it. They are quarantined.
func clash(pass *catalogue.Pass, published map[catalogue.Key]catalogue.Publication) []Item {
	owners := map[string]string{}
	for k, pub := range published {
		if k.Source != pass.Source && pub.Published() {
			owners[k.Identifier] = k.Source
		}
	}
	var kept []catalogue.Record
	var out []Item
	for _, r := range pass.Records {
		owner, taken := owners[r.Identifier]
		if !taken {
			kept = append(kept, r)
			continue
		}
		pass.Findings = append(pass.Findings, r.TakenBy(owner))
		out = append(out, itemOf(r))
	}
	pass.Records = kept
	catalogue.SortFindings(pass.Findings)
	return out
}
