package connectortest

import (
	"strings"
	"testing"
)

func TestPermitsContractHolds(t *testing.T) {
	t.Parallel()
	runPermitsRules(t, ledgerWith(""))
}

// Each fault of a driver is found by the rule made for it.
func TestPermitsContractBites(t *testing.T) {
	t.Parallel()
	for fault, found := range map[string]string{
		"files forgotten":       "P1",
		"withdrawals dropped":   "P1",
		"passing is for good":   "P2",
		"failure is success":    "P2",
		"repeats":               "P2",
		"memory only":           "P2",
		"for good passes":       "P3",
		"strangers welcome":     "P3",
		"repeats information":   "P5",
		"cursor runs ahead":     "P6",
		"ids by page":           "P6",
		"newest first":          "P7",
		"repeats appeals":       "P13",
		"cancel hidden":         "P9",
		"no bound":              "P10",
		"anything is an answer": "P10",
		"key decides":           "P11",
		"key in errors":         "P12",
		"title in logs":         "P12",
	} {
		t.Run(strings.ReplaceAll(fault, " ", "-"), func(t *testing.T) {
			t.Parallel()
			for _, r := range permitsRules() {
				if r.id != found {
					continue
				}
				err := r.run(t.Context(), newPermitsRun(t, ledgerWith(fault)))
				if err == nil {
					t.Errorf("%q holds for a driver with the fault", r.name)
				}
				t.Log(err)
				return
			}
			t.Errorf("there is no rule %q", found)
		})
	}
}
