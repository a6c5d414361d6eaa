package cases

import "github.com/ehdsgw/ehdsgw/conformance"

// All lists every case, by group and number.
func All() []conformance.Case {
	var all []conformance.Case
	for _, group := range [][]conformance.Case{meta(), resilience(), privacy(), performance()} {
		all = append(all, group...)
	}
	return all
}
